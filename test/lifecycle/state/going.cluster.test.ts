/** A namespace that is being deleted, on a real API server. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { makeDeployment } from '../../support/lifecycle.ts';

it('every command tells of a namespace that is being deleted, and waits for nothing', async (t) => {
  if (!requireCluster(t)) return;
  const of = await makeDeployment(t, await testCluster());
  assert.equal((await of.run('apply', 'test')).exitCode, 0);
  const hold = (finalizers: string[] | null) =>
    of.request('PATCH', '/configmaps/hold', { metadata: { finalizers } }, 'application/merge-patch+json');
  await of.request('POST', '/configmaps', { metadata: { name: 'hold' } });
  await hold(['example.com/hold']);
  t.after(() => hold(null));
  await of.cluster.request('DELETE', `/api/v1/namespaces/${of.namespace}`);
  const commands = [
    ['diff'],
    ['apply'],
    ['apply', '--dry-run'],
    ['stop'],
    ['stop', '--drain', '--dry-run'],
    ['start'],
    ['restart'],
    ['destroy', '--yes'],
    ['destroy', '--dry-run'],
  ];
  for (const [command = '', ...flags] of commands) {
    const { exitCode, stderr } = await of.run(command, 'test', ...flags, '--timeout=20s');
    assert.equal(exitCode, command === 'diff' ? 2 : 1, `${command}: ${stderr}`);
    tells(stderr, 'error namespace-going', of.namespace);
  }
  const { exitCode, stdout } = await of.run('status', 'test');
  assert.equal(exitCode, 1, stdout);
  assert.ok(stdout.includes(of.namespace), stdout);
});
