/** One run at a time on one release, on a real API server. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { dig } from '../../../generator/model/json.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { type Deployment, makeDeployment } from '../../support/lifecycle.ts';

/** Within so many milliseconds a killed run must have lost its lease. */
const lostAfterMs = 15_000;

async function applied(t: TestContext): Promise<Deployment> {
  const of = await makeDeployment(t, await testCluster());
  const { exitCode, stderr } = await of.run('apply', 'test');
  assert.equal(exitCode, 0, stderr);
  return of;
}

describe('of two runs on one release', { concurrency: true }, () => {
  it('the second is told who is at it, and goes on within 15 seconds once that one is killed', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const first = await of.hold('apply');
    const second = await of.run('stop', 'test');
    assert.equal(second.exitCode, 1);
    const holder = new RegExp(`error lease-held: .* by \\S+@\\S+ \\(apply, process ${first.child.pid}, run`);
    assert.match(second.stderr, holder);
    first.child.kill('SIGKILL');
    await first.ended;
    const killed = Date.now();
    const third = await of.run('stop', 'test', '-o', 'json');
    assert.equal(third.exitCode, 0, third.stdout);
    const events = third.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; time: string });
    const [begun] = events.filter(({ type }) => type === 'result');
    assert.ok(Date.parse(begun?.time ?? '') - killed < lostAfterMs, begun?.time);
  });

  it('one works, also where they have the same words and the same number, as in containers', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const held = await Promise.allSettled([1, 2].map(() => of.hold('apply')));
    const refused = held.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
    assert.equal(refused.length, 1, 'one of them does not get it');
    tells(refused[0] ?? '', 'error lease-held');
  });

  it('the first stops where somebody else has taken its lease, and leaves it to them', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const first = await of.hold('apply');
    const lease = '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle';
    const taken = { spec: { holderIdentity: 'ann@laptop (stop)' } };
    await of.request('PATCH', lease, taken, 'application/merge-patch+json');
    const { code, stderr } = await first.ended;
    assert.equal(code, 1);
    tells(stderr, 'error lease-lost');
    assert.equal(dig(await of.request('GET', lease), ['spec', 'holderIdentity']), taken.spec.holderIdentity);
  });
});
