/** An environment whose release was renamed or whose namespace moved, on a real API server. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { dig, maps } from '../../../generator/model/json.ts';
import { freshNamespace, requireCluster, testCluster } from '../../support/cluster.ts';
import { type Deployment, makeDeployment, secretValues } from '../../support/lifecycle.ts';

const kind = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };

async function deployments(of: Deployment, namespace = of.namespace): Promise<string[]> {
  const { body } = await of.cluster.request('GET', `/apis/apps/v1/namespaces/${namespace}/deployments`);
  return maps(dig(body as never, ['items'])).map((item) => String(dig(item, ['metadata', 'name'])));
}

/** Writes one of the tree's files anew, and the tree from it. */
async function write(of: Deployment, file: string, metadata: object): Promise<void> {
  writeFileSync(join(of.folder, file), JSON.stringify({ ...kind, metadata, spec: {} }));
  const { exitCode, stderr } = await of.run('generate');
  assert.equal(exitCode, 0, stderr);
}

describe('an environment that runs elsewhere', { concurrency: true }, () => {
  it('is found after its namespace has moved, and removed there', async (t) => {
    if (!requireCluster(t)) return;
    const cluster = await testCluster();
    const of = await makeDeployment(t, cluster);
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    const moved = await freshNamespace(cluster);
    const secret = { metadata: { name: 'glyphoxa-secrets' }, stringData: secretValues };
    await cluster.request('POST', `/api/v1/namespaces/${moved}/secrets`, secret);
    await write(of, 'overlays/test/config.yaml', { namespace: moved });
    const removal = `glyphoxa-kustomize destroy test -n ${of.namespace}`;
    for (const [command, code] of [
      ['diff', 2],
      ['apply', 1],
    ] as const) {
      const { exitCode, stderr } = await of.run(command, 'test');
      assert.equal(exitCode, code, stderr);
      assert.match(stderr, /error runs-elsewhere: /);
      assert.ok(stderr.includes(`"${removal}"`), stderr);
    }
    assert.deepEqual(await deployments(of, moved), []);
    const status = await of.run('status', 'test');
    assert.equal(status.exitCode, 1);
    assert.ok(status.stdout.replace(/\s+/g, ' ').includes(`"${removal}" removes that`), status.stdout);
    const destroyed = await of.run('destroy', 'test', '-n', of.namespace, '--yes');
    assert.equal(destroyed.exitCode, 0, destroyed.stderr);
    assert.match(destroyed.stderr, /secret\/glyphoxa-secrets: /);
    assert.deepEqual(await deployments(of), []);
    const { exitCode, stderr } = await of.run('apply', 'test');
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual((await deployments(of, moved)).length, 2);
  });

  it('is found after its release was renamed, may stay with --beside, and is removed alone', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    await of.request('POST', '/secrets', { metadata: { name: 'voice-secrets' }, stringData: secretValues });
    await write(of, 'glyphoxa.yaml', { name: 'voice' });
    const refused = await of.run('apply', 'test');
    assert.equal(refused.exitCode, 1);
    const removal = `destroy test -n ${of.namespace} --release glyphoxa`;
    assert.ok(refused.stderr.includes(`"glyphoxa-kustomize ${removal}"`), refused.stderr);
    assert.doesNotMatch((await of.run('diff', 'test', '--beside')).stderr, /runs-elsewhere/);
    const both = await of.run('apply', 'test', '--beside');
    assert.equal(both.exitCode, 0, both.stderr);
    // it is remembered
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    assert.equal((await of.run('status', 'test')).exitCode, 0);
    assert.equal((await deployments(of)).length, 4);
    const asked = await of.run(...removal.split(' '));
    assert.match(asked.stderr, /error not-confirmed/);
    const { exitCode, stderr } = await of.run(...removal.split(' '), '--yes');
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await deployments(of), ['voice-gateway', 'voice-mcp-gateway']);
  });
});
