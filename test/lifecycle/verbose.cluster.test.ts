/** What commands on a cluster say with `--verbose`: each step, and no value of a secret. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { requireCluster, testCluster } from '../support/cluster.ts';
import { makeDeployment, secretValues } from '../support/lifecycle.ts';

const canaries = Object.values(secretValues).flatMap((value) => [
  value,
  Buffer.from(value).toString('base64'),
  encodeURIComponent(value),
]);

describe('-v', () => {
  it('says what is done on the cluster, and shows no secret', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), {
      secret: false,
      spec: {
        gateway: { adminKey: { fromEnv: 'ADMIN' } },
        database: { dsn: { fromEnv: 'DSN' } },
        secrets: { provider: 'kubernetes' },
      },
    });
    const lines = Object.entries(secretValues).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(path.join(of.folder, 'overlays/test/secrets.env'), lines.join(''), { mode: 0o600 });
    for (const argv of [
      ['diff', 'test'],
      ['apply', 'test', '--dry-run'],
      ['apply', 'test'],
      ['apply', 'test', '-o', 'json'],
      ['status', 'test'],
      ['secrets', 'status', 'test', '--cluster'],
      ['restart', 'test'],
      ['stop', 'test'],
      ['start', 'test'],
      ['destroy', 'test', '--yes'],
    ]) {
      const { stdout, stderr, exitCode } = await of.run(...argv, '-v');
      assert.ok(exitCode === 0 || argv[0] !== 'apply', stderr);
      assert.match(stderr, /^· /m, `${argv.join(' ')} says its steps`);
      for (const canary of canaries)
        assert.ok(!(stdout + stderr).includes(canary), `${argv.join(' ')} shows a secret`);
    }
    const { stringData, data } = await of
      .request('GET', '/secrets/glyphoxa-secrets')
      .catch(() => ({}) as never);
    assert.equal(stringData ?? data, undefined, 'all of it was really done: the Secret is gone again');
  });
});
