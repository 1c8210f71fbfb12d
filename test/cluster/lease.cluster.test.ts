/** One run at a time on one release, on a real API server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dig } from '../../generator/tree/check/release.ts';
import { requireCluster, testCluster } from '../support/cluster.ts';
import { makeDeployment } from '../support/lifecycle.ts';

/** Within so many milliseconds a killed run must have lost its lease. */
const lostAfterMs = 15_000;

/** Pods that are never ready: an apply of them surely runs while others come. */
const fate = { metadata: { annotations: { 'test.glyphoxa.io/fate': 'never-ready' } } };
const spec = { gateway: { podPatch: fate } };

describe('of two runs on one release', { concurrency: true }, () => {
  it('the second is told who is at it, and goes on within 15 seconds once that one is killed', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), { spec });
    const first = of.spawn('apply', 'test');
    await first.says(/glyphoxa-gateway: 0 of/);
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
    const of = await makeDeployment(t, await testCluster(), { spec });
    const runs = await Promise.all([1, 2].map(() => of.run('apply', 'test', '--timeout=20s')));
    const codes = runs.map(({ stderr }) => /error (lease-held|timeout):/.exec(stderr)?.[1]);
    assert.deepEqual(codes.sort(), ['lease-held', 'timeout'], runs.map(({ stderr }) => stderr).join('\n\n'));
  });

  it('the first stops where somebody else has taken its lease, and leaves it to them', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), { spec });
    const first = of.spawn('apply', 'test');
    await first.says(/glyphoxa-gateway: 0 of/);
    const lease = '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle';
    const taken = { spec: { holderIdentity: 'ann@laptop (stop)' } };
    await of.request('PATCH', lease, taken, 'application/merge-patch+json');
    const { code, stderr } = await first.ended;
    assert.equal(code, 1);
    assert.match(stderr, /error lease-lost: the lease of glyphoxa was taken by another run/);
    assert.equal(dig(await of.request('GET', lease), ['spec', 'holderIdentity']), taken.spec.holderIdentity);
  });
});
