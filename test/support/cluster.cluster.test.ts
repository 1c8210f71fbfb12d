import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../generator/model/json.ts';
import { freshNamespace, kubeconfigFor, requireCluster, testCluster, waitFor } from './cluster.ts';
import { requireControlPlane, startControlPlane } from './control-plane.ts';
import { folderOf } from './folder.ts';
import { requireTool, runTool } from './tools.ts';

interface Pod {
  metadata: { name: string; namespace: string };
  status: {
    phase: string;
    podIP?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { started?: boolean; restartCount: number; state: State; lastState?: State }[];
  };
}

interface State {
  waiting?: { reason: string; message: string };
  terminated?: { exitCode: number; reason: string };
}

/** A pod's template within the restricted level. */
function template(fate: string | undefined, labels: JsonObject, restartPolicy: string): JsonObject {
  const env = [
    { name: 'KEY', valueFrom: { secretKeyRef: { name: 'tavern-secrets', key: 'admin-key' } } },
  ] as JsonObject[];
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  return {
    metadata: { labels, annotations: fate === undefined ? {} : { 'test.glyphoxa.io/fate': fate } },
    spec: {
      restartPolicy,
      securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'main', image: 'registry.example/a:1', env, securityContext }],
    },
  };
}

const deployment = (fate?: string) => ({
  resource: 'apps/v1/deployments',
  spec: { selector: { matchLabels: { app: 'a' } }, template: template(fate, { app: 'a' }, 'Always') },
});

const job = (fate?: string, labels: JsonObject = {}) => ({
  resource: 'batch/v1/jobs',
  spec: { backoffLimit: 0, template: template(fate, labels, 'Never') },
});

const session = { 'glyphoxa.io/session-id': 'a' };

/** Makes a workload in a namespace of its own, and waits until its pod is as wanted. */
async function podOf(
  workload: { resource: string; spec: JsonObject },
  wanted: (pod: Pod) => boolean | undefined,
): Promise<Pod> {
  const cluster = await testCluster();
  const namespace = await freshNamespace(cluster);
  const url = `/apis/${workload.resource.replace(/\w+$/, `namespaces/${namespace}/$&`)}`;
  const made = await cluster.request('POST', url, { metadata: { name: 'a' }, spec: workload.spec });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return waitFor('the pod', async () => {
    const { body } = await cluster.request('GET', `/api/v1/namespaces/${namespace}/pods`);
    return (body as { items: Pod[] }).items.find(wanted);
  });
}

const stateOf = ({ status }: Pod) => status.containerStatuses?.[0];
const isReady = ({ status }: Pod) =>
  status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
const waits = (reason: string) => (pod: Pod) => stateOf(pod)?.state.waiting?.reason === reason;
const phase = (name: string) => (pod: Pod) => pod.status.phase === name;

/** A test of pods, skipped where there is no cluster. */
function pods(promise: string, run: () => Promise<void>): void {
  it(promise, async (t) => {
    if (requireCluster(t)) await run();
  });
}

describe('a pod on a fake node', () => {
  pods('gets ready, and has a log', async () => {
    const { metadata } = await podOf(deployment(), isReady);
    const { request } = await testCluster();
    const log = await request('GET', `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log`);
    assert.equal(log.status, 200);
    assert.match(String(log.body), /level=ERROR msg="connect /);
  });

  pods('cannot have its image', async () => {
    const pod = await podOf(deployment('image-pull'), waits('ImagePullBackOff'));
    assert.match(stateOf(pod)?.state.waiting?.message ?? '', /registry\.example\/a:1: not found$/);
  });

  pods('crashes again and again', async () => {
    const pod = await podOf(deployment('crash-loop'), waits('CrashLoopBackOff'));
    assert.equal(stateOf(pod)?.restartCount, 3);
    const { exitCode, reason } = stateOf(pod)?.lastState?.terminated ?? {};
    assert.deepEqual([exitCode, reason], [1, 'Error']);
  });

  pods('lacks its Secret, or a key of it, in the words of the kubelet', async () => {
    const messages = ['missing-secret', 'missing-secret-key'].map(
      async (fate) =>
        stateOf(await podOf(deployment(fate), waits('CreateContainerConfigError')))?.state.waiting?.message,
    );
    const [secret, key] = await Promise.all(messages);
    assert.equal(secret, 'secret "tavern-secrets" not found');
    assert.match(key ?? '', /^couldn't find key admin-key in Secret test-\w+\/tavern-secrets$/);
  });

  pods('runs and never gets ready', async () => {
    assert.equal(isReady(await podOf(deployment('never-ready'), phase('Running'))), false);
  });

  pods('of a Job completes, fails, or as a voice session runs on', async () => {
    const [runs] = await Promise.all([
      podOf(job(undefined, session), (pod) => stateOf(pod)?.started),
      podOf(job(), phase('Succeeded')),
      podOf(job('complete', session), phase('Succeeded')),
      podOf(job('fail', session), phase('Failed')),
    ]);
    assert.ok(runs.status.podIP);
    const { request } = await testCluster();
    const { namespace, name } = runs.metadata;
    const { body } = await request('GET', `/api/v1/namespaces/${namespace}/pods/${name}`);
    assert.equal((body as Pod).status.phase, 'Running');
  });
});

describe('a namespace for tests', () => {
  it('refuses pods beyond the restricted level, and warns of them', async (t) => {
    if (!requireCluster(t)) return;
    const cluster = await testCluster();
    const namespace = await freshNamespace(cluster, { 'test.glyphoxa.io/a': 'b' });
    const spec = { containers: [{ name: 'a', image: 'a' }] };
    const pod = await cluster.request('POST', `/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: 'a' },
      spec,
    });
    assert.equal(pod.status, 403);
    const made = await cluster.request('POST', `/apis/batch/v1/namespaces/${namespace}/jobs?dryRun=All`, {
      metadata: { name: 'a' },
      spec: { template: { spec: { ...spec, restartPolicy: 'Never' } } },
    });
    assert.equal(made.status, 201);
    assert.match(made.warnings.join(), /^would violate PodSecurity "restricted:latest"/);
  });

  it('has accounts whose kubeconfig is theirs alone', async (t) => {
    const kubectl = requireCluster(t) && requireTool(t, 'kubectl-1.36');
    if (!kubectl) return;
    const cluster = await testCluster();
    const namespace = await freshNamespace(cluster);
    const kubeconfig = await kubeconfigFor(cluster, { serviceAccount: 'default', namespace });
    const run = (file: string, ...args: string[]) =>
      runTool(kubectl, ['--kubeconfig', file, '--context=test', ...args]);
    const who = await run(kubeconfig, 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}');
    assert.equal(who.stdout, `system:serviceaccount:${namespace}:default`, who.stderr);
    assert.equal((await run(kubeconfig, 'auth', 'can-i', 'list', 'pods')).stdout, 'no\n');
    assert.equal((await run(cluster.kubeconfig, 'auth', 'can-i', '*', '*')).stdout, 'yes\n');
  });
});

describe('a control plane of its own', () => {
  it('comes back with its data and on its port after its API server was away', async (t) => {
    if (!requireControlPlane(t, ['apiserver'])) return;
    const plane = await startControlPlane({ components: ['apiserver'] });
    t.after(() => plane.stop());
    const made = await plane.request('POST', '/api/v1/namespaces', { metadata: { name: 'kept' } });
    assert.equal(made.status, 201);
    await plane.stopApiServer();
    await assert.rejects(plane.request('GET', '/version'));
    await plane.startApiServer();
    assert.equal((await plane.request('GET', '/api/v1/namespaces/kept')).status, 200);
    await plane.restartApiServer();
    assert.equal((await plane.request('GET', '/api/v1/namespaces/kept')).status, 200);
  });

  it('ends with a process that forgets it, and leaves no file', async (t) => {
    if (!requireControlPlane(t, ['apiserver'])) return;
    const module = fileURLToPath(new URL('control-plane.ts', import.meta.url));
    const script = path.join(folderOf(t, {}), 'forgets.mts');
    writeFileSync(
      script,
      `import { startControlPlane } from ${JSON.stringify(module)};
      const plane = await startControlPlane({ components: ['apiserver'] });
      console.log(JSON.stringify([plane.server, plane.kubeconfig]));`,
    );
    const { stdout, stderr, exitCode } = await runTool(process.execPath, ['--import=tsx', script]);
    assert.equal(exitCode, 0, stderr);
    const [server, kubeconfig] = JSON.parse(stdout);
    await assert.rejects(fetch(`${server}/version`), /fetch failed/);
    assert.ok(!existsSync(path.dirname(kubeconfig)));
  });
});
