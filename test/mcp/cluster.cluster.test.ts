/** `mcp --allow-cluster` on a real API server: what is changed is asked before, and done behind a yes alone. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { dig, type JsonObject, maps } from '../../generator/model/json.ts';
import { requireCluster, testCluster } from '../support/cluster.ts';
import { type Deployment, makeDeployment, secretValues } from '../support/lifecycle.ts';
import { type ClientOptions, eras, startMcp, startRaw } from '../support/mcp-client.ts';

const environment = 'test';
const gateway = '/apis/apps/v1/deployments/glyphoxa-gateway';

const yes = { action: 'accept', content: { confirm: true } } as const;

async function start(t: TestContext, of: Deployment, options: ClientOptions, ...words: string[]) {
  const mcp = await startMcp(t, of.folder, ['--allow-cluster', ...words], { env: of.env, ...options });
  return mcp;
}

const replicas = async (of: Deployment) => dig(await of.request('GET', gateway), ['spec', 'replicas']);

async function isDeployed(of: Deployment): Promise<boolean> {
  const { items } = await of.request('GET', '/apis/apps/v1/deployments');
  return maps(items).length > 0;
}

describe('the tools for a cluster', { concurrency: 4 }, () => {
  for (const era of eras)
    it(`apply, restart and stop behind a yes to what they would do, by the protocol of ${era}`, async (t) => {
      if (!requireCluster(t)) return;
      const of = await makeDeployment(t, await testCluster());
      const asked: string[] = [];
      const answer = (message: string) => {
        asked.push(message);
        return yes;
      };
      const { ok, heard } = await start(t, of, { era, answer });
      const { objects, summary } = await ok('cluster_diff', { environment });
      assert.match(String(summary), /would be created/);
      assert.ok(maps(objects).some(({ object }) => object === 'deployment.apps/glyphoxa-gateway'));
      assert.equal(await isDeployed(of), false, 'a diff changes nothing');

      const applied = await ok('cluster_apply', { environment });
      assert.equal(applied.done, true);
      assert.equal(asked.length, 1);
      assert.match(asked[0] ?? '', /^Apply test: release glyphoxa in namespace \S+ of \S+ \(https:/);
      assert.match(asked[0] ?? '', /\n\+ deployment\.apps\/glyphoxa-gateway\n/);
      assert.equal(await isDeployed(of), true);
      assert.equal((await ok('cluster_status', { environment })).health, 'healthy');

      await ok('cluster_restart', { environment });
      assert.match(asked[1] ?? '', /deployment\.apps\/glyphoxa-gateway restarted/);
      const stopped = await ok('cluster_stop', { environment });
      assert.match(asked[2] ?? '', /deployment\.apps\/glyphoxa-gateway scaled/);
      assert.ok(JSON.stringify(stopped.lines).includes('glyphoxa-gateway'));
      assert.equal(await replicas(of), 0);
      assert.equal(asked.length, 3);
      for (const secret of Object.values(secretValues)) assert.ok(!heard().includes(secret));
    });

  it('do nothing where the user says no, cancels, or does not tick the box', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const answers = [
      { action: 'decline' },
      { action: 'cancel' },
      { action: 'accept', content: { confirm: false } },
    ] as const;
    for (const era of eras)
      for (const given of answers) {
        const { call } = await start(t, of, { era, answer: () => ({ ...given }) });
        const { isError, codes } = await call('cluster_apply', { environment });
        assert.deepEqual([isError, codes], [true, ['not-confirmed']], `${era} ${given.action}`);
      }
    assert.equal(await isDeployed(of), false);
  });

  it('are refused to a client that cannot ask its user, whatever it hands in', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    for (const era of eras) {
      const { call, ok } = await start(t, of, { era });
      for (const name of ['cluster_apply', 'cluster_restart', 'cluster_stop'])
        assert.deepEqual((await call(name, { environment })).codes, ['no-elicitation'], `${era} ${name}`);
      assert.match(String((await ok('cluster_diff', { environment })).summary), /created/);
    }
  });

  it('take a yes for the question that was asked alone, and once', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const { ask } = startRaw(t, of.folder, ['--allow-cluster'], of.env);
    const call = async (name: string, more: object = {}) => {
      const params = { name, arguments: { environment }, ...more };
      return (await ask('tools/call', params, { elicitation: {} })) as {
        result: JsonObject;
        error?: unknown;
      };
    };
    const inputResponses = { confirm: yes };
    const forged = await call('cluster_apply', { inputResponses });
    assert.equal(forged.result.resultType, 'input_required', 'a yes that nobody was asked for');
    const { requestState } = forged.result;
    assert.equal(await isDeployed(of), false);
    const tampered = await call('cluster_apply', { inputResponses, requestState: `${requestState}x` });
    assert.ok(tampered.error !== undefined);
    const other = await call('cluster_stop', { inputResponses, requestState });
    assert.notEqual(other.result?.done, true);
    assert.equal(await isDeployed(of), false);
    const done = await call('cluster_apply', { inputResponses, requestState });
    assert.notEqual(done.result.isError, true, JSON.stringify(done));
    assert.equal(await isDeployed(of), true);
    const again = await call('cluster_apply', { inputResponses, requestState });
    assert.equal(again.result.resultType, 'input_required', 'the same yes a second time');
  });

  it('ask again where something else would be done by the time of the yes', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const asked: string[] = [];
    const { ok } = await start(t, of, {
      answer: async (message) => {
        asked.push(message);
        if (asked.length === 1) await of.configure({ gateway: { replicaCount: 4 } });
        return yes;
      },
    });
    await ok('cluster_apply', { environment });
    assert.equal(asked.length, 2);
    assert.notEqual(asked[0], asked[1]);
    assert.equal(await replicas(of), 4);
  });

  it('see what is saved, and neither change anything for a reader nor leave the environments', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const { call, ok } = await start(t, of, { answer: () => yes });
    await ok('set_values', { environment, values: [{ path: 'gateway.replicaCount', value: 2 }] });
    for (const name of ['cluster_diff', 'cluster_apply'])
      assert.deepEqual((await call(name, { environment })).codes, ['unsaved']);
    await ok('save');
    const layer = path.join(of.folder, 'overlays/test/config.yaml');
    assert.match(readFileSync(layer, 'utf8'), /replicaCount: 2/);
    for (const name of ['../overlays/test', '/etc', 'overlays/test', ''])
      assert.deepEqual((await call('cluster_diff', { environment: name })).codes, ['no-environment'], name);
    const reader = await start(t, of, { answer: () => yes }, '--read-only');
    await assert.rejects(reader.client.callTool({ name: 'cluster_apply', arguments: { environment } }));
    // a tree that is out of date
    writeFileSync(layer, readFileSync(layer, 'utf8').replace('replicaCount: 2', 'replicaCount: 3'));
    assert.ok((await call('cluster_apply', { environment })).isError);
    assert.equal(await isDeployed(of), false);
  });
});
