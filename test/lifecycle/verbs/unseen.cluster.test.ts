/** Environments with what only others can build or decrypt, on a real API server. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { makeDeployment, writeTop } from '../../support/lifecycle.ts';

const sops = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'enc' },
  stringData: { 'admin-key': 'ENC[AES256_GCM,data:abc=,iv:abc=,tag:abc=,type:str]' },
  sops: { mac: 'ENC[AES256_GCM,data:x=]', version: '3.8.1' },
};

describe('an environment that holds an encrypted Secret', () => {
  it('is compared, shown, stopped and started without it, and not applied', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    writeTop(of, [sops]);
    const said = ['warning encrypted-unseen', 'Secret enc', 'SOPS'] as const;
    const diff = await of.run('diff', 'top');
    assert.equal(diff.exitCode, 0, diff.stderr);
    tells(diff.stderr, ...said);
    const status = await of.run('status', 'top', '--strict', '-o', 'json');
    assert.equal(status.exitCode, 0, status.stderr);
    assert.deepEqual(JSON.parse(status.stdout).drift, { missing: [], different: [], extra: [] });
    const apply = await of.run('apply', 'top');
    assert.equal(apply.exitCode, 1);
    assert.match(apply.stderr, /error encrypted-unseen/);
    for (const verb of ['stop', 'start']) {
      const { exitCode, stderr } = await of.run(verb, 'top');
      assert.equal(exitCode, 0, stderr);
      tells(stderr, ...said);
    }
  });

  it('is shown and stopped where it cannot be built at all', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    writeTop(of, []);
    writeFileSync(
      path.join(of.folder, 'top/kustomization.yaml'),
      'resources: [../overlays/test, gone.yaml]\n',
    );
    const status = await of.run('status', 'top', '-o', 'json');
    assert.equal(status.exitCode, 0, status.stderr);
    tells(status.stderr, 'warning build', 'gone.yaml');
    const { health, unknown, workloads } = JSON.parse(status.stdout);
    assert.deepEqual(
      [health, unknown],
      ['healthy', [{ part: 'drift', why: 'the environment cannot be built' }]],
    );
    assert.equal(workloads.length, 3);
    const stop = await of.run('stop', 'top');
    assert.equal(stop.exitCode, 0, stop.stderr);
    assert.match(stop.stdout, /^deployment\.apps\/glyphoxa-gateway scaled$/m);
    assert.equal((await of.run('diff', 'top')).exitCode, 2);
  });
});
