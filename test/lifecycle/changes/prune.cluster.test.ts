/** What an apply does not list any more goes last, and only where no pod that runs needs it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dig, type JsonObject, maps } from '../../../generator/model/json.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { type Deployment, makeDeployment, writeTop } from '../../support/lifecycle.ts';

/** A Secret of the user's, as kustomize's generators make it: a new one, under a new name, for each value. */
const secret = (name: string, namespace: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  stringData: { note: name },
});

/** The environment whose gateway reads a Secret, and whose pods fare as is said. */
async function configure(of: Deployment, name: string, fate?: string, more: JsonObject = {}): Promise<void> {
  const annotations = fate === undefined ? {} : { annotations: { 'test.glyphoxa.io/fate': fate } };
  const container = { name: 'gateway', envFrom: [{ secretRef: { name, optional: true } }] };
  const podPatch = { metadata: annotations, spec: { containers: [container] } };
  await of.configure({ gateway: { podPatch }, ...more });
  writeTop(of, [secret(name, of.namespace)]);
}

async function secrets(of: Deployment): Promise<string[]> {
  const { items } = await of.request('GET', '/secrets');
  return maps(items).map((item) => String(dig(item, ['metadata', 'name'])));
}

describe('what is not listed any more', { concurrency: true }, () => {
  it('is pruned once the new pods run, and stays where they do not', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    await configure(of, 'note-1');
    const first = await of.run('apply', 'top');
    assert.equal(first.exitCode, 0, first.stderr);
    await configure(of, 'note-2', 'crash-loop');
    const dry = await of.run('apply', 'top', '--dry-run');
    assert.match(dry.stdout, /^secret\/note-1 pruned$/m);
    assert.match(dry.stderr, /\bnew pods\b.*\bpruned\b/);
    const failed = await of.run('apply', 'top');
    assert.equal(failed.exitCode, 1);
    assert.match(failed.stderr, /error rollout-crash-loop/);
    assert.ok((await secrets(of)).includes('note-1'), 'the old pods can start again');
    await configure(of, 'note-3');
    const { exitCode, stdout, stderr } = await of.run('apply', 'top');
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^secret\/note-1 pruned$/m);
    assert.match(stdout, /^secret\/note-2 pruned$/m);
    assert.deepEqual((await secrets(of)).sort(), ['glyphoxa-secrets', 'note-3']);
  });

  it('stays as long as a pod names it, and goes with a later apply', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    await configure(of, 'note-1');
    assert.equal((await of.run('apply', 'top')).exitCode, 0);
    // the old pods run on meanwhile
    await configure(of, 'note-2', 'never-ready', { mcpGateway: { enabled: false } });
    const first = await of.run('apply', 'top', '--no-wait');
    assert.equal(first.exitCode, 0, first.stderr);
    assert.match(first.stdout, /^secret\/note-1 kept$/m);
    assert.match(first.stderr, /\bsecret\/note-1 .*: pod\/glyphoxa-gateway-\S+ /);
    // whose own pods go with it
    assert.match(first.stdout, /^configmap\/glyphoxa-mcp-gateway pruned$/m);
    assert.match(first.stdout, /^deployment.apps\/glyphoxa-mcp-gateway pruned$/m);
    await configure(of, 'note-2', undefined, { mcpGateway: { enabled: false } });
    const second = await of.run('apply', 'top');
    assert.equal(second.exitCode, 0, second.stderr);
    assert.match(second.stdout, /^secret\/note-1 pruned$/m);
  });
});

describe('a rollout that hangs', { concurrency: true }, () => {
  it('keeps nobody from going back, and is then told that another run has changed it', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    await configure(of, 'note-1');
    assert.equal((await of.run('apply', 'top')).exitCode, 0);
    await configure(of, 'note-2', 'never-ready');
    const hanging = of.spawn('apply', 'top');
    await hanging.says(/glyphoxa-gateway: 0 of|glyphoxa-gateway: 1 of/);
    await configure(of, 'note-1');
    const back = await of.run('apply', 'top');
    assert.equal(back.exitCode, 0, back.stderr);
    assert.match(back.stdout, /^secret\/note-2 pruned$/m);
    const { code, stdout, stderr } = await hanging.ended;
    assert.equal(code, 1, stdout);
    assert.match(stderr, /error rollout-superseded: deployment\.apps\/glyphoxa-gateway/);
    assert.ok((await secrets(of)).includes('note-1'));
  });

  it('can be stopped by somebody else', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    await configure(of, 'note-1', 'never-ready');
    const hanging = of.spawn('apply', 'top');
    await hanging.says(/glyphoxa-gateway: 0 of/);
    const stopped = await of.run('stop', 'top');
    assert.equal(stopped.exitCode, 0, stopped.stderr);
    const { code, stderr } = await hanging.ended;
    assert.equal(code, 1);
    assert.match(stderr, /error rollout-superseded/);
  });
});
