/** `restart` on a real API server with real controllers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dig, type JsonObject } from '../../../generator/model/json.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { type Deployment, makeDeployment } from '../../support/lifecycle.ts';
import { jobsOf, podsOf, startSession } from '../../support/voice-session.ts';

const deployments = '/apis/apps/v1/deployments';

/** The uids of a workload's pods, but for those on their way out. */
async function podIds(of: Deployment, component: string): Promise<unknown[]> {
  const pods = await podsOf(of, `app.kubernetes.io/component=${component}`);
  return pods
    .filter((pod) => dig(pod, ['metadata', 'deletionTimestamp']) === undefined)
    .map((pod) => dig(pod, ['metadata', 'uid']))
    .sort();
}

async function restartedAt(of: Deployment, name: string): Promise<unknown> {
  const path = ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'];
  return dig(await of.request('GET', `${deployments}/glyphoxa-${name}`), path);
}

async function applied(t: Parameters<typeof makeDeployment>[0]): Promise<Deployment> {
  const of = await makeDeployment(t, await testCluster());
  const { exitCode, stderr } = await of.run('apply', 'test');
  assert.equal(exitCode, 0, stderr);
  return of;
}

describe('restart', { concurrency: 4 }, () => {
  it('gives each Deployment new pods, the gateway last, and no apply gives them others', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const job = await startSession(of, 'aaaa1111');
    const before = [...(await podIds(of, 'gateway')), ...(await podIds(of, 'mcp-gateway'))];
    const dry = await of.run('restart', 'test', '--dry-run');
    assert.equal(dry.exitCode, 0, dry.stderr);
    assert.equal(await restartedAt(of, 'gateway'), undefined);
    const { exitCode, stdout, stderr } = await of.run('restart', 'test');
    assert.equal(exitCode, 0, stderr);
    const lines = [
      'deployment.apps/glyphoxa-mcp-gateway restarted',
      'deployment.apps/glyphoxa-gateway restarted',
    ];
    assert.deepEqual(stdout.trim().split('\n'), lines);
    assert.equal(dry.stdout, stdout);
    const now = [...(await podIds(of, 'gateway')), ...(await podIds(of, 'mcp-gateway'))];
    assert.deepEqual(
      now.filter((uid) => before.includes(uid)),
      [],
    );
    assert.equal(now.length, 5);
    assert.deepEqual(await jobsOf(of), [job]);

    const stamp = await restartedAt(of, 'gateway');
    const again = await of.run('apply', 'test');
    assert.equal(again.exitCode, 0, again.stderr);
    assert.doesNotMatch(again.stdout, /configured|created/);
    await of.configure({ core: { image: { tag: 'build-18' } } });
    const changed = await of.run('apply', 'test');
    assert.equal(changed.exitCode, 0, changed.stderr);
    assert.match(changed.stdout, /deployment\.apps\/glyphoxa-gateway configured/);
    assert.equal(await restartedAt(of, 'gateway'), stamp);
    const forced = await of.run('apply', 'test', '--force-conflicts');
    assert.equal(forced.exitCode, 0, forced.stderr);
    assert.equal(await restartedAt(of, 'gateway'), stamp);
  });

  it('leaves the gateway alone where the pods before it do not run', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const before = await podIds(of, 'gateway');
    const quota = { metadata: { name: 'full' }, spec: { hard: { pods: '5' } } };
    await of.request('POST', '/resourcequotas', quota);
    const { exitCode, stdout, stderr } = await of.run('restart', 'test', '--timeout=60s');
    assert.equal(exitCode, 1);
    assert.equal(stdout.trim(), 'deployment.apps/glyphoxa-mcp-gateway restarted');
    assert.match(stderr, /quota/);
    assert.deepEqual(await podIds(of, 'gateway'), before);
    assert.equal(await restartedAt(of, 'gateway'), undefined);
    await of.request('DELETE', '/resourcequotas/full');
    const again = await of.run('restart', 'test');
    assert.equal(again.exitCode, 0, again.stderr);
  });

  it('refuses what is stopped, paused or not there, and names the way', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const missing = await of.run('restart', 'test');
    assert.equal(missing.exitCode, 1);
    tells(missing.stderr, 'error not-deployed', 'glyphoxa-kustomize apply test');
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    const path = `${deployments}/glyphoxa-mcp-gateway`;
    const pause = (paused: boolean) =>
      of.request('PATCH', path, { spec: { paused } } as JsonObject, 'application/merge-patch+json');
    await pause(true);
    const paused = await of.run('restart', 'test');
    assert.equal(paused.exitCode, 1);
    tells(paused.stderr, 'error paused', 'deployment.apps/glyphoxa-mcp-gateway');
    await pause(false);
    assert.equal((await of.run('stop', 'test')).exitCode, 0);
    const stopped = await of.run('restart', 'test');
    assert.equal(stopped.exitCode, 1);
    tells(stopped.stderr, 'error stopped', 'glyphoxa-kustomize start test');
    assert.equal(stopped.stdout, '');
    assert.deepEqual(await podsOf(of, ''), []);
  });
});
