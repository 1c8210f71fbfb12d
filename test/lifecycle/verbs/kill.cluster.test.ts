/** Commands that are killed at random moments: whatever they left behind, the same command goes on from there. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { isObject, type JsonObject } from '../../../generator/model/json.ts';
import { Chance } from '../../support/chance.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { draws } from '../../support/draws.ts';
import { type Deployment, makeDeployment } from '../../support/lifecycle.ts';

/** So many commands are killed while they work, at least. */
const wantedKills = draws(20);

/** So many deployments at once. */
const lanes = 3;

/** A seed fails again with GLYPHOXA_SEED. */
const seed = Number(process.env.GLYPHOXA_SEED ?? Math.floor(Math.random() * 2 ** 31));

const deployments = '/apis/apps/v1/deployments';
const lease = '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle';
const role = '/apis/rbac.authorization.k8s.io/v1/roles/glyphoxa-job-manager';

async function replicasOf(of: Deployment): Promise<{ [name: string]: number }> {
  const { items } = await of.request('GET', deployments);
  const list = items as { metadata: { name: string }; spec: { replicas: number } }[];
  return Object.fromEntries(list.map(({ metadata, spec }) => [metadata.name, spec.replicas]));
}

async function inventoryData(of: Deployment): Promise<JsonObject> {
  const { data } = await of.request('GET', '/configmaps/glyphoxa-inventory');
  return isObject(data) ? data : {};
}

async function isConverged(of: Deployment): Promise<void> {
  const { exitCode, stdout, stderr } = await of.run('diff', 'test');
  assert.equal(exitCode, 0, stdout + stderr);
}

const [few, many]: [JsonObject, JsonObject] = [
  { gateway: { replicaCount: 2 }, mcpGateway: { enabled: false } },
  { gateway: { replicaCount: 3 }, config: { server: { log_level: 'debug' } } },
];

interface Step {
  readonly words: readonly string[];
  readonly before?: (of: Deployment) => Promise<unknown>;
  /** What must hold once the command has gone through. */
  readonly holds: (of: Deployment) => Promise<void>;
}

/** The life of a deployment; each command is killed once. */
const life: readonly Step[] = [
  {
    words: ['apply', 'test'],
    before: (of) => of.configure(few),
    holds: async (of) => {
      assert.deepEqual(await replicasOf(of), { 'glyphoxa-gateway': 2 });
      await isConverged(of);
    },
  },
  {
    words: ['apply', 'test'],
    before: (of) => of.configure(many),
    holds: async (of) => {
      assert.deepEqual(await replicasOf(of), { 'glyphoxa-gateway': 3, 'glyphoxa-mcp-gateway': 2 });
      await isConverged(of);
    },
  },
  {
    words: ['stop', 'test'],
    holds: async (of) => {
      assert.deepEqual(await replicasOf(of), { 'glyphoxa-gateway': 0, 'glyphoxa-mcp-gateway': 0 });
      assert.notEqual((await inventoryData(of)).stopped, undefined);
    },
  },
  {
    words: ['start', 'test'],
    holds: async (of) => {
      assert.deepEqual(await replicasOf(of), { 'glyphoxa-gateway': 3, 'glyphoxa-mcp-gateway': 2 });
      assert.equal((await inventoryData(of)).stopped, undefined);
      await isConverged(of);
    },
  },
  { words: ['restart', 'test'], holds: isConverged },
  {
    words: ['stop', 'test', '--drain'],
    holds: async (of) => {
      assert.deepEqual(await replicasOf(of), { 'glyphoxa-gateway': 0, 'glyphoxa-mcp-gateway': 0 });
    },
  },
  {
    words: ['start', 'test'],
    holds: async (of) => {
      assert.match(JSON.stringify((await of.request('GET', role)).rules), /"create"/);
      await isConverged(of);
    },
  },
  {
    words: ['apply', 'test'],
    before: (of) => of.configure(few),
    holds: async (of) => {
      assert.deepEqual(await replicasOf(of), { 'glyphoxa-gateway': 2 });
      await isConverged(of);
    },
  },
  {
    words: ['destroy', 'test', '--yes'],
    holds: async (of) => {
      assert.deepEqual((await of.request('GET', deployments)).items, []);
      await assert.rejects(of.request('GET', '/configmaps/glyphoxa-inventory'), /404/);
      await assert.rejects(of.request('GET', lease), /404/);
    },
  },
];

/** Starts a command and kills it at a random moment of its work; tells whether it still ran. */
async function killed(of: Deployment, words: readonly string[], chance: Chance): Promise<boolean> {
  const signal = chance.pick(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGINT', 'SIGTERM'] as const);
  const run = of.spawn(...words);
  await run.says(/ glyphoxa .*\bnamespace\b/);
  const timer = setTimeout(() => run.child.kill(signal), (chance.below(1_000) / 1_000) ** 2 * 2_000);
  if (run.child.exitCode === null && run.child.signalCode === null) await once(run.child, 'exit');
  clearTimeout(timer);
  const { code } = await run.ended;
  return code !== 0;
}

/** Lets the lease of a killed command run out; state/lease.cluster.test.ts waits for one. */
async function outdateLease(of: Deployment): Promise<void> {
  const merge = 'application/merge-patch+json';
  const renewTime = new Date(Date.now() - 60_000).toISOString().replace('Z', '000Z');
  await of.request('PATCH', lease, { spec: { renewTime } }, merge).catch((error: Error) => {
    assert.match(error.message, / 404 /);
  });
}

async function live(t: TestContext, lane: number, count: { kills: number }): Promise<void> {
  const chance = new Chance(seed + lane);
  const of = await makeDeployment(t, await testCluster());
  while (count.kills < wantedKills) {
    for (const { words, before, holds } of life) {
      await before?.(of);
      if (await killed(of, words, chance)) count.kills++;
      await outdateLease(of);
      const { exitCode, stdout, stderr } = await of.run(...words);
      assert.equal(exitCode, 0, `lane ${lane}, ${words.join(' ')}: ${stdout}${stderr}`);
      await holds(of);
    }
  }
}

describe('a command that is killed', () => {
  it('is gone on with by the same command, at random moments', async (t) => {
    if (!requireCluster(t)) return;
    t.diagnostic(`GLYPHOXA_SEED=${seed}`);
    const count = { kills: 0 };
    await Promise.all(Array.from({ length: lanes }, (_, lane) => live(t, lane, count)));
    t.diagnostic(`${count.kills} kills`);
    assert.ok(count.kills >= wantedKills);
  });
});
