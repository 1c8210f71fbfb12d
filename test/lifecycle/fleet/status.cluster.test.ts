/** `tenant status` on a real API server: of many tenants by few requests, also for those who may read their namespaces alone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { TenantStatus } from '../../../generator/lifecycle/verbs/status/fleet.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { parseYaml } from '../../../generator/model/yaml.ts';
import {
  kubeconfigFor,
  requireCluster,
  type TestCluster,
  testCluster,
  waitFor,
} from '../../support/cluster.ts';
import { makeFleet, type TestFleet } from '../../support/fleet.ts';
import { secretValues } from '../../support/lifecycle.ts';

/** Small, so that many of them fit on the nodes of the tests. */
const small = { mcpGateway: { enabled: false } };

/** How many tenants are asked for; the figure in docs/performance.md is of 200. */
const many = Number(process.env.GLYPHOXA_FLEET_TENANTS || 20);

/** How long it may take on a machine that does other things, too, in milliseconds; the goal is 5 seconds. */
const mostMs = 15_000;

interface FleetDocument {
  health: string;
  tenants: TenantStatus[];
}

async function statusOf(of: TestFleet, ...words: string[]): Promise<FleetDocument & { code: number }> {
  const { exitCode, stdout, stderr } = await of.run('tenant', 'status', '-o', 'json', ...words);
  for (const value of Object.values(secretValues)) assert.ok(!(stdout + stderr).includes(value));
  assert.notEqual(stdout, '', stderr);
  return { code: exitCode, ...(JSON.parse(stdout) as FleetDocument) };
}

function statesOf({ tenants }: FleetDocument): { [id: string]: string } {
  return Object.fromEntries(tenants.map(({ tenant, state }) => [tenant, state]));
}

/** A way to the API server that counts: a connection carries one request at a time. */
async function counting(t: TestContext, cluster: TestCluster, of: TestFleet) {
  const server = new URL(cluster.server);
  const open = new Set<Socket>();
  const seen = { most: 0 };
  const proxy = createServer((socket) => {
    open.add(socket);
    seen.most = Math.max(seen.most, open.size);
    const onward = connect(Number(server.port), server.hostname);
    socket.pipe(onward).pipe(socket);
    for (const each of [socket, onward])
      each
        .on('error', () => each.destroy())
        .on('close', () => {
          open.delete(socket);
          socket.destroy();
          onward.destroy();
        });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const file = path.join(of.folder, 'counted');
  const text = readFileSync(cluster.kubeconfig, 'utf8');
  writeFileSync(file, text.replaceAll(cluster.server, `https://127.0.0.1:${port}`), { mode: 0o600 });
  return { file, seen };
}

describe('tenant status', () => {
  it('tells of each tenant whether it runs, is stopped, not deployed, or has errors, and why', async (t) => {
    if (!requireCluster(t)) return;
    const crash = { podPatch: { metadata: { annotations: { 'test.glyphoxa.io/fate': 'crash-loop' } } } };
    const fine = { fine: { wave: 'canary' }, stopped: null, absent: null };
    const of = await makeFleet(t, await testCluster(), {
      tenants: { ...fine, crashing: { spec: { gateway: crash } } },
      more: { waves: ['canary', 'rest'] },
      spec: small,
    });
    for (const id of ['fine', 'stopped', 'crashing'])
      assert.equal((await of.run('apply', '--tenant', id, '--no-wait')).exitCode, 0);
    const canary = await waitFor('fine', async () => {
      const status = await statusOf(of, '--wave', 'canary');
      return status.code === 0 ? status : undefined;
    });
    assert.deepEqual(statesOf(canary), { fine: 'healthy' });
    await of.run('apply', '--tenant', 'stopped');
    assert.equal((await of.run('stop', 'tenants/stopped')).exitCode, 0);
    await waitFor(
      'a crash',
      async () => /CrashLoop/.test((await of.run('status', '--all')).stdout) || undefined,
    );
    const file = path.join(of.folder, 'tenants.yaml');
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}  broken: { spec: { gateway: { replicaCount: -1 } } }\n`,
    );
    const all = await statusOf(of);
    assert.equal(all.code, 1);
    assert.equal(all.health, 'unhealthy');
    assert.deepEqual(statesOf(all), {
      fine: 'healthy',
      stopped: 'stopped',
      absent: 'not deployed',
      crashing: 'unhealthy',
      broken: 'unknown',
    });
    const { stdout, stderr, exitCode } = await of.run('status', '--all');
    assert.equal(exitCode, 1);
    assert.match(stdout, /^TENANT +WAVE +STATE +VERSION +READY +WHY$/m);
    assert.match(stdout, /^fine +canary +healthy +build-17 +1\/1$/m);
    assert.match(stdout, /^crashing +rest +unhealthy +build-17 +0\/1 +glyphoxa-gateway: .*CrashLoopBackOff/m);
    assert.match(stdout, /^absent +rest +not deployed +none → build-17 .*apply tenants\/absent/m);
    assert.match(stdout, /^broken +rest +unknown .*\s-1 /m);
    assert.match(
      stderr,
      /^1 healthy, 1 unhealthy \(crashing\), 1 stopped \(stopped\), 1 not deployed \(absent\), /m,
    );
    const yaml = await of.run('tenant', 'status', '-o', 'yaml');
    assert.equal((parseYaml(yaml.stdout)[0] as JsonObject).health, 'unhealthy');
  });

  it('asks namespace by namespace where nothing else may be read, and says what may not', async (t) => {
    if (!requireCluster(t)) return;
    const cluster = await testCluster();
    const of = await makeFleet(t, cluster, { tenants: { a: null, b: null, c: null }, spec: small });
    assert.equal((await of.run('apply', '--all')).exitCode, 0);
    const home = of.namespaceOf('a');
    await of.request('a', 'POST', '/serviceaccounts', { metadata: { name: 'looker' } });
    for (const id of ['a', 'b']) {
      await of.request(id, 'POST', '/apis/rbac.authorization.k8s.io/v1/rolebindings', {
        metadata: { name: 'looker' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'ServiceAccount', name: 'looker', namespace: home }],
      });
    }
    const kubeconfig = await kubeconfigFor(cluster, { serviceAccount: 'looker', namespace: home });
    const seen = await waitFor('the rights', async () => {
      const status = await statusOf(of, '--kubeconfig', kubeconfig);
      return statesOf(status).b === 'healthy' ? status : undefined;
    });
    assert.equal(seen.code, 2);
    assert.deepEqual(statesOf(seen), { a: 'healthy', b: 'healthy', c: 'unknown' });
    assert.deepEqual(
      seen.tenants[2]?.unknown.map(({ part }) => part),
      ['workloads', 'inventory'],
    );
  });

  it(`of ${many} tenants takes few seconds, and at most 16 requests at a time`, async (t) => {
    if (!requireCluster(t)) return;
    const cluster = await testCluster();
    const ids = Array.from({ length: many }, (_, i) => `t${i}`);
    const tenants = Object.fromEntries(
      ids.map((id, i) => [id, i % 5 === 0 ? { labels: { plan: 'gold' } } : null]),
    );
    const of = await makeFleet(t, cluster, { tenants, spec: small });
    const { file, seen } = await counting(t, cluster, of);
    const applied = await of.run('apply', '--all', '--no-wait', '--parallel=32', '--kubeconfig', file);
    assert.equal(applied.exitCode, 0, applied.stderr);
    assert.ok(seen.most <= 16, `${seen.most} connections`);
    await waitFor('all of them', async () => (await statusOf(of)).code === 0 || undefined);
    const program = async () => {
      const start = performance.now();
      const { code, stdout } = await of.spawn('tenant', 'status', '-o', 'json', '--kubeconfig', file).ended;
      assert.equal(code, 0);
      assert.equal((JSON.parse(stdout) as FleetDocument).tenants.length, many);
      return performance.now() - start;
    };
    const ms = Math.min(await program(), await program(), await program());
    t.diagnostic(`status of ${many} tenants: ${Math.round(ms)} ms, ${seen.most} requests at a time`);
    assert.ok(ms < mostMs, `${ms} ms`);
    assert.ok(seen.most > 1 && seen.most <= 16, `${seen.most} connections`);
    const again = performance.now();
    const second = await of.run('apply', '--all', '--kubeconfig', file);
    assert.equal(second.stdout.match(/^\S+: (?!applied|failed)/gm)?.length, many);
    t.diagnostic(`apply --all, all up to date: ${Math.round(performance.now() - again)} ms`);
  });
});
