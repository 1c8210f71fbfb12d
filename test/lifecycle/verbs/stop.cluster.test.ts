/** `stop` and `start` on a real API server with real controllers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dig, type Json, type JsonObject } from '../../../generator/model/json.ts';
import { kubeconfigFor, requireCluster, testCluster, waitFor } from '../../support/cluster.ts';
import { findTool, runTool } from '../../support/find-tool.ts';
import { codesIn, tells } from '../../support/findings.ts';
import { type Deployment, type DeploymentOptions, makeDeployment } from '../../support/lifecycle.ts';
import {
  asGateway,
  endSession,
  jobsOf,
  podsOf,
  sessionJob,
  startSession,
} from '../../support/voice-session.ts';

const deployments = '/apis/apps/v1/deployments';
const role = '/apis/rbac.authorization.k8s.io/v1/roles/glyphoxa-job-manager';
const gatewayPods = 'app.kubernetes.io/component=gateway';
const merge = 'application/merge-patch+json';

async function replicas(of: Deployment): Promise<{ [name: string]: Json | undefined }> {
  const { items } = await of.request('GET', deployments);
  return Object.fromEntries(
    (items as JsonObject[]).map((each) => [
      String(dig(each, ['metadata', 'name'])).replace('glyphoxa-', ''),
      dig(each, ['spec', 'replicas']),
    ]),
  );
}

/** What the inventory remembers of a stop; undefined where nothing. */
async function remembered(of: Deployment): Promise<JsonObject | undefined> {
  const { data } = await of.request('GET', '/configmaps/glyphoxa-inventory');
  const text = dig(data, ['stopped']);
  return text === undefined ? undefined : JSON.parse(String(text));
}

/** A deployment that is applied and runs. */
async function applied(t: Parameters<typeof makeDeployment>[0], options: DeploymentOptions = {}) {
  const of = await makeDeployment(t, await testCluster(), options);
  const { exitCode, stderr } = await of.run('apply', 'test');
  assert.equal(exitCode, 0, stderr);
  return of;
}

/** Runs a target that must succeed; gives its result lines, object by object. */
async function run(of: Deployment, ...argv: string[]) {
  const { exitCode, stdout, stderr } = await of.run(...argv);
  assert.equal(exitCode, 0, `${argv.join(' ')}: ${stderr}`);
  const verbs = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ') as [string, string]),
  );
  return { verbs, stdout, stderr };
}

async function applyChangesNothing(of: Deployment): Promise<void> {
  const { verbs } = await run(of, 'apply', 'test');
  assert.deepEqual([...new Set(Object.values(verbs))], ['unchanged']);
}

/** What others may do meanwhile. */
function kubectlApply({ folder, env }: Deployment) {
  const kubectl = findTool('kubectl-1.36');
  assert.ok(kubectl !== undefined, 'missing tool kubectl-1.36 (get it: node scripts/tools.mjs kubectl-1.36)');
  return runTool(kubectl, ['apply', '--server-side', '-k', 'overlays/test'], { cwd: folder, env });
}

const rulesOf = async (of: Deployment) => (await of.request('GET', role)).rules;

const refusesJobs = (
  client: { request: Deployment['cluster']['request'] },
  of: Deployment,
  body: JsonObject,
) =>
  client
    .request('POST', `/apis/batch/v1/namespaces/${of.namespace}/jobs?dryRun=All`, body)
    .then(({ status }) => status);

describe('stop', { concurrency: 7 }, () => {
  it('names the voice sessions, ends them after the gateway, and start makes it all as it was', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const jobs = [await startSession(of, 'Ab12-cd34-ef56'), await startSession(of, 'ffff0000')];
    const foreign = await sessionJob(of, 'other000');
    Object.assign(foreign.metadata as JsonObject, { name: 'other-worker-other000' });
    Object.assign(dig(foreign, ['metadata', 'labels']) as JsonObject, {
      'app.kubernetes.io/instance': 'other',
    });
    Object.assign(foreign.spec as JsonObject, { suspend: true });
    await of.request('POST', '/apis/batch/v1/jobs', foreign);
    const dry = await run(of, 'stop', 'test', '--dry-run');
    assert.equal(dry.verbs[`job.batch/${jobs[0]}`], 'deleted');
    assert.doesNotMatch(dry.stdout, /other/);
    assert.deepEqual(await replicas(of), { gateway: 3, 'mcp-gateway': 2 });
    assert.equal(await remembered(of), undefined);

    let watching = true;
    // also where the test fails
    t.after(() => {
      watching = false;
    });
    let early = 0;
    const watch = (async () => {
      while (watching) {
        const before = (await jobsOf(of)).filter((job) => jobs.includes(job)).length;
        const gateways = await podsOf(of, gatewayPods);
        if (before < 2 && gateways.some((pod) => dig(pod, ['metadata', 'deletionTimestamp']) === undefined))
          early++;
      }
    })();
    const { stderr, verbs } = await run(of, 'stop', 'test');
    watching = false;
    await watch;
    assert.equal(early, 0, 'a Job went while a gateway lived');
    assert.match(stderr, / Ab12-cd34-ef56 .*\btavern, .*\d+ min/);
    assert.match(stderr, / ffff0000 .*\btavern\b/);
    assert.equal(verbs[`job.batch/${jobs[1]}`], 'deleted');
    assert.deepEqual(await replicas(of), { gateway: 0, 'mcp-gateway': 0 });
    assert.deepEqual(
      await jobsOf(of),
      ['other-worker-other000'],
      'the other release of the namespace goes on',
    );
    assert.deepEqual(await podsOf(of, ''), []);
    assert.deepEqual((await remembered(of))?.replicas, { 'glyphoxa-gateway': 3, 'glyphoxa-mcp-gateway': 2 });
    const again = await run(of, 'stop', 'test', '--drain', '--dry-run');
    assert.deepEqual([...new Set(Object.values(again.verbs))], ['unchanged']);

    const refused = await of.run('apply', 'test');
    assert.equal(refused.exitCode, 1);
    tells(refused.stderr, 'error stopped', 'glyphoxa-kustomize start test');
    const other = await kubectlApply(of);
    assert.notEqual(other.exitCode, 0);
    assert.match(other.stderr, /conflict with "glyphoxa-kustomize-hold".*\.spec\.replicas/);
    assert.deepEqual(await replicas(of), { gateway: 0, 'mcp-gateway': 0 });

    const would = await run(of, 'start', 'test', '--dry-run');
    const both = {
      'deployment.apps/glyphoxa-gateway': 'scaled',
      'deployment.apps/glyphoxa-mcp-gateway': 'scaled',
    };
    assert.deepEqual(would.verbs, both);
    assert.deepEqual(await replicas(of), { gateway: 0, 'mcp-gateway': 0 });

    await run(of, 'start', 'test');
    assert.deepEqual(await replicas(of), { gateway: 3, 'mcp-gateway': 2 });
    assert.equal(await remembered(of), undefined);
    assert.equal((await podsOf(of, gatewayPods)).length, 3);
    await applyChangesNothing(of);
    assert.deepEqual((await run(of, 'start', 'test')).verbs, {});
  });

  it('remembers what ran, also when it is cut off half-way and the environment changes meanwhile', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t, { spec: { gateway: { replicaCount: 4 } } });
    const job = await startSession(of, 'aaaa1111');
    const finalizers = (value: string[]) =>
      of.request('PATCH', `/apis/batch/v1/jobs/${job}`, { metadata: { finalizers: value } }, merge);
    await finalizers(['test.glyphoxa.io/holds']);
    const cut = of.spawn('stop', 'test');
    await cut.says(/worker Jobs: waiting for/);
    cut.child.kill('SIGTERM');
    assert.equal((await cut.ended).code, 143);
    assert.equal((await replicas(of)).gateway, 0);
    await finalizers([]);
    await of.configure({ gateway: { replicaCount: 2 }, mcpGateway: { enabled: false } });
    await run(of, 'stop', 'test');
    assert.deepEqual(await replicas(of), { gateway: 0, 'mcp-gateway': 0 });
    await run(of, 'start', 'test');
    assert.deepEqual(await replicas(of), { gateway: 4, 'mcp-gateway': 2 });
    const { verbs } = await run(of, 'apply', 'test');
    assert.equal(verbs['deployment.apps/glyphoxa-gateway'], 'configured');
    assert.equal(verbs['deployment.apps/glyphoxa-mcp-gateway'], 'pruned');
    assert.deepEqual(await replicas(of), { gateway: 2 });
  });

  it('is not undone by a scaler, and start gives the scaler its number back', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t, { spec: { autoscaling: { enabled: true, minReplicas: 2 } } });
    // as the scaler does, once it has metrics
    const scale = `${deployments}/glyphoxa-gateway/scale?fieldManager=kube-controller-manager`;
    await of.request('PATCH', scale, { spec: { replicas: 5 } }, merge);
    await run(of, 'stop', 'test');
    const scaler = '/apis/autoscaling/v2/horizontalpodautoscalers/glyphoxa-gateway';
    await waitFor('the scaler to see it', async () => {
      const { status } = await of.request('GET', scaler);
      const conditions = (dig(status, ['conditions']) ?? []) as JsonObject[];
      return conditions.some(({ reason }) => reason === 'ScalingDisabled') || undefined;
    });
    assert.deepEqual(await replicas(of), { gateway: 0, 'mcp-gateway': 2 - 2 });
    const { stdout } = await of.run('status', 'test');
    assert.match(
      stdout,
      /^autoscaling +glyphoxa-gateway: 2 to \d+; .*rests/m,
      'no numbers of its last decision',
    );
    assert.equal(dig(await remembered(of), ['replicas', 'glyphoxa-gateway']), 5);
    await run(of, 'start', 'test');
    assert.deepEqual(await replicas(of), { gateway: 5, 'mcp-gateway': 2 });
    await applyChangesNothing(of);
    await of.request('PATCH', scale, { spec: { replicas: 4 } }, merge);
    await applyChangesNothing(of);
    assert.equal((await replicas(of)).gateway, 4);
  });

  it('--drain keeps new voice sessions out, lets the last one end, and start gives the right back', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const rules = await rulesOf(of);
    const job = await startSession(of, 'aaaa1111');
    const gateway = await asGateway(of);
    const fresh = await sessionJob(of, 'bbbb2222');
    await waitFor('the right', async () => (await refusesJobs(gateway, of, fresh)) === 201 || undefined);
    const dry = await run(of, 'stop', 'test', '--drain', '--dry-run');
    assert.equal(dry.verbs['role.rbac.authorization.k8s.io/glyphoxa-job-manager'], 'configured');
    assert.deepEqual(await rulesOf(of), rules);
    const draining = of.spawn('stop', 'test', '--drain');
    await draining.says(/voice sessions: 1 left: aaaa1111/);
    await waitFor('the refusal', async () => (await refusesJobs(gateway, of, fresh)) === 403 || undefined);
    const jobsPath = `/apis/batch/v1/namespaces/${of.namespace}/jobs`;
    assert.equal((await gateway.request('GET', jobsPath)).status, 200);
    await assert.rejects(
      of.request('GET', '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle'),
      /404/,
      'a drain that waits holds nobody up',
    );
    const apply = await of.run('apply', 'test');
    tells(apply.stderr, 'error stopped');
    assert.deepEqual(await replicas(of), { gateway: 3, 'mcp-gateway': 2 });
    await endSession(of, job);
    const { code, stdout, stderr } = await draining.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`job\\.batch/${job} ended`));
    assert.deepEqual(await replicas(of), { gateway: 0, 'mcp-gateway': 0 });
    await run(of, 'start', 'test');
    assert.deepEqual(await rulesOf(of), rules);
    assert.deepEqual(await replicas(of), { gateway: 3, 'mcp-gateway': 2 });
    await applyChangesNothing(of);
    gateway.close();
  });

  it('--drain gives the right back where it is interrupted or its time is up, and has stopped nothing', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const rules = await rulesOf(of);
    await startSession(of, 'aaaa1111');
    const isAsBefore = async () => {
      assert.deepEqual(await rulesOf(of), rules);
      assert.equal(await remembered(of), undefined);
      assert.deepEqual(await replicas(of), { gateway: 3, 'mcp-gateway': 2 });
      assert.deepEqual(await jobsOf(of), ['glyphoxa-worker-aaaa1111']);
      await assert.rejects(
        of.request('GET', '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle'),
        /404/,
      );
    };
    for (const [signal, exit] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      const draining = of.spawn('stop', 'test', '--drain');
      await draining.says(/voice sessions: 1 left/);
      assert.notDeepEqual(await rulesOf(of), rules);
      draining.child.kill(signal);
      const { code, stderr } = await draining.ended;
      assert.equal(code, exit, stderr);
      assert.match(stderr, /^interrupted; .*; /m);
      assert.match(stderr, /\bnothing .*: 1 voice session .*, and new\b/);
      await isAsBefore();
    }
    const late = await of.run('stop', 'test', '--drain', '--timeout=10s');
    assert.equal(late.exitCode, 1);
    assert.match(late.stderr, /\bnothing .*: 1 voice session\b/);
    tells(late.stderr, 'error timeout', '10 s');
    await isAsBefore();
    await applyChangesNothing(of);
  });

  it('--drain that was killed is gone on with, and start gives the right back all the same', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const rules = await rulesOf(of);
    const job = await startSession(of, 'aaaa1111');
    const kill = async () => {
      const draining = of.spawn('stop', 'test', '--drain');
      await draining.says(/voice sessions: 1 left/);
      draining.child.kill('SIGKILL');
      await draining.ended;
      assert.notDeepEqual(await rulesOf(of), rules);
    };
    await kill();
    await run(of, 'start', 'test');
    assert.deepEqual(await rulesOf(of), rules);
    assert.equal(await remembered(of), undefined);
    assert.deepEqual(await jobsOf(of), [job]);
    await kill();
    await endSession(of, job);
    await run(of, 'stop', 'test', '--drain');
    assert.deepEqual(await replicas(of), { gateway: 0, 'mcp-gateway': 0 });
    await run(of, 'start', 'test');
    assert.deepEqual(await rulesOf(of), rules);
    await applyChangesNothing(of);
  });

  it('--drain lets others work while it waits, and ends where they have started the release', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const rules = await rulesOf(of);
    await startSession(of, 'aaaa1111');
    const draining = of.spawn('stop', 'test', '--drain');
    await draining.says(/voice sessions: 1 left/);
    await run(of, 'start', 'test');
    await of.configure({ gateway: { replicaCount: 2 } });
    await run(of, 'apply', 'test');
    const { code, stderr } = await draining.ended;
    assert.equal(code, 1, stderr);
    tells(stderr, 'error stop-superseded');
    assert.doesNotMatch(stderr, /\bnothing was\b/);
    assert.deepEqual(await rulesOf(of), rules);
    assert.deepEqual(await replicas(of), { gateway: 2, 'mcp-gateway': 2 });
    assert.deepEqual(await jobsOf(of), ['glyphoxa-worker-aaaa1111']);
    await applyChangesNothing(of);
  });

  it('--drain goes on with another run that stops the release at once', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    await startSession(of, 'aaaa1111');
    const draining = of.spawn('stop', 'test', '--drain');
    await draining.says(/voice sessions: 1 left/);
    await run(of, 'stop', 'test');
    const { code, stderr } = await draining.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /glyphoxa is stopped/);
    assert.deepEqual(await replicas(of), { gateway: 0, 'mcp-gateway': 0 });
    await run(of, 'start', 'test');
    await applyChangesNothing(of);
  });

  it('warns of the GitOps controller that looks after the gateway, and of no other mark', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const annotate = (annotations: JsonObject) =>
      of.request('PATCH', `${deployments}/glyphoxa-gateway`, { metadata: { annotations } }, merge);
    const id = `voice:apps/Deployment:${of.namespace}/glyphoxa-gateway`;
    for (const [annotations, warns] of [
      [{ 'argocd.argoproj.io/sync-wave': '1' }, false],
      [{ 'argocd.argoproj.io/tracking-id': `${id}-of-another` }, false],
      [{ 'argocd.argoproj.io/tracking-id': id }, true],
    ] as const) {
      await annotate(annotations);
      const { stderr } = await run(of, 'stop', 'test', '--dry-run');
      assert.equal(codesIn(stderr).includes('gitops'), warns, stderr);
      if (warns) tells(stderr, 'warning gitops', 'Argo CD', 'deployment.apps');
    }
  });

  it('lets others start the release while it waits for pods that do not end', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const job = await startSession(of, 'aaaa1111');
    const finalizers = (value: string[]) =>
      of.request('PATCH', `/apis/batch/v1/jobs/${job}`, { metadata: { finalizers: value } }, merge);
    await finalizers(['test.glyphoxa.io/holds']);
    const stopping = of.spawn('stop', 'test');
    await stopping.says(/worker Jobs: waiting for/);
    await run(of, 'start', 'test');
    const { code, stderr } = await stopping.ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /error stop-superseded: /);
    await finalizers([]);
    assert.deepEqual(await replicas(of), { gateway: 3, 'mcp-gateway': 2 });
    await applyChangesNothing(of);
  });

  it('--drain takes nothing where the right cannot be taken, or not be given back', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const rules = await rulesOf(of);
    const all = (apiGroup: string, resources: string[], verbs = ['*']) => ({
      apiGroups: [apiGroup],
      resources,
      verbs,
    });
    const roles = 'rbac.authorization.k8s.io';
    const watching = all('batch', ['jobs'], ['get', 'list', 'watch', 'delete']);
    const most = [
      all('', ['*']),
      all('apps', ['*']),
      all('coordination.k8s.io', ['*']),
      all(roles, ['roles'], ['get']),
    ];
    for (const [name, rights, [code, ...names]] of [
      [
        'reader',
        [...most, watching, all('batch', ['jobs'], ['create'])],
        ['permission-missing', `system:serviceaccount:${of.namespace}:reader`, 'roles'],
      ],
      ['taker', [...most, watching, all(roles, ['roles'], ['patch'])], ['cannot-give-back', 'Jobs']],
    ] as const) {
      await of.request('POST', '/serviceaccounts', { metadata: { name } });
      await of.request('POST', `/apis/${roles}/v1/roles`, { metadata: { name }, rules: rights as never });
      const subjects = [{ kind: 'ServiceAccount', name, namespace: of.namespace }];
      const roleRef = { apiGroup: roles, kind: 'Role', name };
      await of.request('POST', `/apis/${roles}/v1/rolebindings`, { metadata: { name }, subjects, roleRef });
      const account = await kubeconfigFor(of.cluster, { serviceAccount: name, namespace: of.namespace });
      await waitFor('its rights', async () => {
        const dry = await of.run('stop', 'test', '--dry-run', `--kubeconfig=${account}`);
        return dry.exitCode === 0 || undefined;
      });
      const { exitCode, stderr } = await of.run('stop', 'test', '--drain', `--kubeconfig=${account}`);
      assert.equal(exitCode, 1, stderr);
      tells(stderr, `error ${code}`, ...names);
      assert.doesNotMatch(stderr, /\bkept out\b/);
      assert.deepEqual(await rulesOf(of), rules);
      assert.equal(await remembered(of), undefined);
    }
    await applyChangesNothing(of);
    await of.request('DELETE', role);
    const { exitCode, stderr } = await of.run('stop', 'test', '--drain');
    assert.equal(exitCode, 1);
    tells(stderr, 'error no-right-to-take', 'Role', 'Jobs');
    assert.equal(await remembered(of), undefined);
    assert.deepEqual(await replicas(of), { gateway: 3, 'mcp-gateway': 2 });
  });

  it('works on what others applied, says so, and leaves it to them', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const nothing = await of.run('stop', 'test');
    assert.equal(nothing.exitCode, 1);
    tells(nothing.stderr, 'error not-deployed', 'Deployment');
    assert.equal((await kubectlApply(of)).exitCode, 0);
    const { stderr } = await run(of, 'stop', 'test');
    tells(stderr, 'warning not-ours', 'deployment.apps/glyphoxa-gateway');
    assert.deepEqual(await replicas(of), { gateway: 0, 'mcp-gateway': 0 });
    await run(of, 'start', 'test');
    assert.deepEqual(await replicas(of), { gateway: 3, 'mcp-gateway': 2 });
    await assert.rejects(remembered(of), /404/);
    await of.configure({ gateway: { replicaCount: 2 } });
    const again = await kubectlApply(of);
    assert.equal(again.exitCode, 0, again.stderr);
    assert.deepEqual(await replicas(of), { gateway: 2, 'mcp-gateway': 2 });
    // what is forgotten with a stopped release is given back first
    const rules = await rulesOf(of);
    await run(of, 'stop', 'test', '--drain');
    assert.notDeepEqual(await rulesOf(of), rules);
    const { verbs } = await run(of, 'destroy', 'test', '--yes');
    assert.equal(verbs['deployment.apps/glyphoxa-gateway'], 'kept');
    assert.deepEqual(await rulesOf(of), rules);
    const last = await kubectlApply(of);
    assert.equal(last.exitCode, 0, last.stderr);
    assert.deepEqual(await replicas(of), { gateway: 2, 'mcp-gateway': 2 });
  });
});
