/** One run at a time on one release, on a real API server. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { dig } from '../../../generator/model/json.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { type Deployment, makeDeployment } from '../../support/lifecycle.ts';
import { startSession } from '../../support/voice-session.ts';

/** Within so many milliseconds a killed run must have lost its lease. */
const lostAfterMs = 15_000;

/** A release with a voice session that does not end: a drain of it surely runs while others come. */
async function withSession(t: TestContext): Promise<Deployment> {
  const of = await makeDeployment(t, await testCluster());
  const { exitCode, stderr } = await of.run('apply', 'test');
  assert.equal(exitCode, 0, stderr);
  await startSession(of, 'aaaa1111');
  return of;
}

describe('of two runs on one release', { concurrency: true }, () => {
  it('the second is told who is at it, and goes on within 15 seconds once that one is killed', async (t) => {
    if (!requireCluster(t)) return;
    const of = await withSession(t);
    const first = of.spawn('stop', 'test', '--drain');
    await first.says(/voice sessions: 1 left/);
    const second = await of.run('stop', 'test');
    assert.equal(second.exitCode, 1);
    const holder = new RegExp(
      `error lease-held: .* by \\S+@\\S+ \\(stop --drain, process ${first.child.pid}, run`,
    );
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
    const of = await withSession(t);
    const runs = await Promise.all([1, 2].map(() => of.run('stop', 'test', '--drain', '--timeout=20s')));
    const codes = runs.map(({ stderr }) => /error (lease-held|timeout):/.exec(stderr)?.[1]);
    assert.deepEqual(codes.sort(), ['lease-held', 'timeout'], runs.map(({ stderr }) => stderr).join('\n\n'));
  });

  it('the first stops where somebody else has taken its lease, and leaves it to them', async (t) => {
    if (!requireCluster(t)) return;
    const of = await withSession(t);
    const first = of.spawn('stop', 'test', '--drain');
    await first.says(/voice sessions: 1 left/);
    const lease = '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle';
    const taken = { spec: { holderIdentity: 'ann@laptop (stop)' } };
    await of.request('PATCH', lease, taken, 'application/merge-patch+json');
    const { code, stderr } = await first.ended;
    assert.equal(code, 1);
    assert.match(stderr, /error lease-lost: the lease of glyphoxa was taken by another run/);
    assert.equal(dig(await of.request('GET', lease), ['spec', 'holderIdentity']), taken.spec.holderIdentity);
  });
});
