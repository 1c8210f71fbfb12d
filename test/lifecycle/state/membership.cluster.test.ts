/** What belongs to a release is known also where its set was lost. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { dig, maps } from '../../../generator/model/json.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { type Deployment, makeDeployment } from '../../support/lifecycle.ts';
import { findTool, runTool } from '../../support/tools.ts';

const deployments = '/apis/apps/v1/deployments';
const server = 'deployment.apps/glyphoxa-mcp-gateway';

async function applied(t: TestContext): Promise<Deployment> {
  const of = await makeDeployment(t, await testCluster());
  const { exitCode, stderr } = await of.run('apply', 'test');
  assert.equal(exitCode, 0, stderr);
  return of;
}

/** As a colleague does it who does not know of the set. */
async function applyWithoutSet(of: Deployment): Promise<void> {
  const argv = ['apply', '--server-side', '--field-manager=glyphoxa-kustomize', '-k', 'overlays/test'];
  const { exitCode, stderr } = await runTool(findTool('kubectl-1.36') as string, argv, {
    cwd: of.folder,
    env: of.env,
  });
  assert.equal(exitCode, 0, stderr);
  const sets = maps((await of.request('GET', deployments)).items).map((each) =>
    dig(each, ['metadata', 'labels', 'applyset.kubernetes.io/part-of']),
  );
  assert.deepEqual(sets, [undefined, undefined]);
}

describe('a release whose objects have lost their set', { concurrency: true }, () => {
  it('is pruned as before, after a word about it, and has its set again', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    await applyWithoutSet(of);
    await of.configure({ mcpGateway: { enabled: false } });
    const status = await of.run('status', 'test');
    assert.match(status.stdout, /^members +.* applyset/m);
    const diff = await of.run('diff', 'test');
    tells(diff.stderr, 'warning membership-lost', 'applyset.kubernetes.io/part-of');
    assert.ok(diff.stdout.includes(`- ${server}\n`), diff.stdout);
    const { exitCode, stdout, stderr } = await of.run('apply', 'test');
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /warning membership-lost: /);
    assert.ok(stdout.includes(`${server} pruned\n`), stdout);
    const again = await of.run('apply', 'test');
    assert.doesNotMatch(again.stderr, /membership-lost/);
    assert.doesNotMatch(again.stdout, /configured|pruned/);
  });

  it('is stopped and destroyed with all that it has', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    await applyWithoutSet(of);
    await of.configure({ mcpGateway: { enabled: false } });
    const stop = await of.run('stop', 'test', '--dry-run');
    assert.ok(stop.stdout.includes(`${server} scaled\n`), stop.stdout);
    const { exitCode, stdout, stderr } = await of.run('destroy', 'test', '--yes');
    assert.equal(exitCode, 0, stderr);
    assert.ok(stdout.includes(`${server} deleted\n`), stdout);
    assert.deepEqual((await of.request('GET', deployments)).items, []);
  });

  it('is known without its inventory too', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    await of.request('DELETE', '/configmaps/glyphoxa-inventory');
    await of.configure({ mcpGateway: { enabled: false } });
    const { exitCode, stdout, stderr } = await of.run('apply', 'test');
    assert.equal(exitCode, 0, stderr);
    tells(stderr, 'warning membership-lost', 'configmap/glyphoxa-inventory');
    assert.ok(stdout.includes(`${server} pruned\n`), stdout);
    await of.request('DELETE', '/configmaps/glyphoxa-inventory');
    assert.equal((await of.run('destroy', 'test', '--yes')).exitCode, 0);
    assert.deepEqual((await of.request('GET', deployments)).items, []);
  });
});
