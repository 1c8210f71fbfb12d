/** Waiting for rollouts on a real API server with real controllers; kwok's stages make the pods' fates. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { openClient } from '../../../generator/lifecycle/api/client.ts';
import { findCluster } from '../../../generator/lifecycle/api/kube-config.ts';
import { waitForRollouts } from '../../../generator/lifecycle/rollout/wait.ts';
import type { Session } from '../../../generator/lifecycle/session/session.ts';
import { Failure, type Finding, failure } from '../../../generator/model/finding.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { freshNamespace, requireCluster, testCluster, waitFor } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { makeDeployment } from '../../support/lifecycle.ts';

/** What a Deployment of these tests is like. */
interface Fate {
  readonly fate?: string;
  readonly replicas?: number;
  /** Merged into the pod's spec. */
  readonly pod?: JsonObject;
  /** Merged into the container. */
  readonly container?: JsonObject;
}

function manifest(name: string, { fate, replicas = 2, pod = {}, container = {} }: Fate): JsonObject {
  const labels = { app: name };
  const main: JsonObject = {
    name: 'main',
    image: 'registry.example/a:1',
    env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'tavern', key: 'admin-key' } } }],
    readinessProbe: { httpGet: { path: '/readyz', port: 9090 } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    ...container,
  };
  const metadata = { labels, annotations: fate === undefined ? {} : { 'test.glyphoxa.io/fate': fate } };
  const securityContext = { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } };
  const template = { metadata, spec: { securityContext, containers: [main], ...pod } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

/** A namespace with a way to wait in it. */
async function room() {
  const cluster = await testCluster();
  const namespace = await freshNamespace(cluster);
  const progress: string[] = [];
  const request = async (method: string, path: string, body?: unknown, contentType?: string) => {
    const [, api = '/api/v1', rest = path] = /^(\/apis\/[^/]+\/[^/]+)(\/.*)$/.exec(path) ?? [];
    const answer = await cluster.request(method, `${api}/namespaces/${namespace}${rest}`, body, contentType);
    assert.ok(answer.status < 400, JSON.stringify(answer.body));
    return answer.body as JsonObject;
  };
  const wait = async (names: readonly string[], timeoutMs = 120_000): Promise<readonly Finding[]> => {
    const controller = new AbortController();
    const events = { lost() {}, back() {}, warning() {} };
    const access = findCluster({ kubeconfig: cluster.kubeconfig, env: {}, cwd: '/' });
    const client = openClient(access, events, { signal: controller.signal });
    const say = (text: string) => progress.push(text);
    const report = { say, progress: (key: string, text: string) => say(`${key}: ${text}`) };
    const session = { client, report, signal: controller.signal, target: { namespace } };
    const timer = setTimeout(() => controller.abort(failure('timeout', 'not done', 'wait')), timeoutMs);
    try {
      await waitForRollouts(session as unknown as Session, names);
      return [];
    } catch (error) {
      if (error instanceof Failure) return error.findings;
      throw error;
    } finally {
      clearTimeout(timer);
      client.close();
    }
  };
  const deploy = (name: string, fate: Fate) =>
    request('POST', '/apis/apps/v1/deployments', manifest(name, fate));
  return { namespace, request, wait, deploy, progress };
}

const secret = {
  metadata: { name: 'tavern' },
  stringData: { 'admin-key': 'kSecretAdminKey42', other: 'connection refused' },
};

/** A Deployment whose rollout cannot succeed says so, with its cause. */
function cause(
  promise: string,
  fate: Fate,
  check: (findings: readonly Finding[]) => void,
  prepare: unknown[][] = [],
) {
  it(promise, async (t: TestContext) => {
    if (!requireCluster(t)) return;
    const { wait, deploy, request } = await room();
    await request('POST', '/secrets', secret);
    for (const [path, body] of prepare) await request('POST', String(path), body);
    // A quota that is not counted yet refuses in other words.
    await waitFor('quotas to be counted', async () => {
      const { items } = (await request('GET', '/resourcequotas')) as { items: JsonObject[] };
      return items.every(({ status }) => (status as JsonObject | undefined)?.used !== undefined) || undefined;
    });
    await deploy('a', fate);
    const findings = await wait(['a']);
    assert.ok(
      findings.every(({ code }) => code !== 'timeout'),
      JSON.stringify(findings),
    );
    check(findings);
  });
}

/** One finding of a code, with these words. */
function one(code: string, words: RegExp): (findings: readonly Finding[]) => void {
  return (findings) => {
    assert.deepEqual(
      findings.map((finding) => finding.code),
      [code],
    );
    assert.match(findings[0]?.message ?? '', words);
    assert.ok(findings[0]?.hint);
  };
}

describe('waiting for rollouts', { concurrency: true }, () => {
  describe('a rollout that cannot succeed', { concurrency: true }, () => {
    cause(
      'names the image that cannot be pulled, with what the registry said',
      { fate: 'image-pull' },
      one(
        'rollout-image',
        /^deployment\.apps\/a: .* registry\.example\/a:1 .*\(ImagePullBackOff: .*: not found\) \(pod a-\S+ .*\b1 .*\b2\)$/,
      ),
    );

    cause(
      'names the exit code of a crash loop, and shows its log without secrets',
      { fate: 'crash-loop' },
      (findings) => {
        one('rollout-crash-loop', /^deployment\.apps\/a: .*\bmain .*\b4 .*\b1 \(pod a-/)(findings);
        const log = findings[0]?.details ?? [];
        assert.match(log.join('\n'), /level=ERROR msg="connect[^"]*" err="\(hidden\)"$/);
        assert.doesNotMatch(JSON.stringify(findings), /connection refused/);
      },
    );

    cause(
      'names the key that a Secret lacks',
      { fate: 'missing-secret-key' },
      one('rollout-missing-secret', /: couldn't find key admin-key in Secret test-\w+\/tavern \(pod a-/),
    );

    cause(
      'says what the scheduler says of pods that no node takes',
      { pod: { nodeSelector: { 'test.glyphoxa.io/no-such': 'node' } } },
      one('rollout-unschedulable', /: 0\/\d+ nodes are /),
    );

    cause(
      'names the quota that does not let its pods in',
      { replicas: 2 },
      one(
        'rollout-quota',
        /pods "a-\S+" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1$/,
      ),
      [['/resourcequotas', { metadata: { name: 'small' }, spec: { hard: { pods: '1' } } }]],
    );

    it('does not fail for a quota as long as another may leave room in it', async (t) => {
      if (!requireCluster(t)) return;
      const { wait, deploy, request } = await room();
      const hard = { metadata: { name: 'small' }, spec: { hard: { pods: '2' } } };
      await request('POST', '/resourcequotas', hard);
      await deploy('a', { replicas: 1 });
      assert.deepEqual(await wait(['a']), []);
      const template = { metadata: { annotations: { 'test.glyphoxa.io/fate': 'never-ready' } } };
      const merge = 'application/merge-patch+json';
      await request('PATCH', '/apis/apps/v1/deployments/a', { spec: { template } }, merge);
      await waitFor('the new pod', async () => {
        const { items } = (await request('GET', '/pods')) as { items: JsonObject[] };
        return items.length === 2 ? true : undefined;
      });
      await deploy('b', { replicas: 1 });
      const findings = await wait(['a', 'b'], 18_000);
      assert.deepEqual(
        findings.map(({ code }) => code),
        ['timeout', 'rollout-not-ready', 'rollout-quota'],
      );
    });

    cause(
      'says what Pod Security does not let in',
      { container: { securityContext: { privileged: true } } },
      one('rollout-pod-security', /violates PodSecurity "restricted:latest": privileged/),
    );

    cause(
      'names a ServiceAccount that is not there',
      { pod: { serviceAccountName: 'nobody' } },
      one('rollout-refused', /serviceaccount "nobody" not found$/),
    );

    it('is told with all others that cannot, and with those that run', async (t) => {
      if (!requireCluster(t)) return;
      const { wait, deploy, progress } = await room();
      await Promise.all([
        deploy('bad', { fate: 'image-pull' }),
        deploy('worse', { fate: 'crash-loop' }),
        deploy('fine', {}),
      ]);
      const findings = await wait(['fine', 'bad', 'worse']);
      assert.deepEqual(
        findings.map(({ code }) => code),
        ['rollout-image', 'rollout-crash-loop'],
      );
      assert.ok(progress.includes('deployment.apps/fine runs: 2 of 2 pods ready'), progress.join('\n'));
    });

    it('shows the way to the log where the Secrets may have been others when it was written', async (t) => {
      if (!requireCluster(t)) return;
      const { wait, deploy, request, namespace } = await room();
      // one pod: another could end its runs after the Secret was written, and its log may be shown
      await deploy('a', { replicas: 1, fate: 'crash-loop' });
      await waitFor('the crash', async () => {
        const { items } = await request('GET', '/pods');
        return JSON.stringify(items).includes('CrashLoopBackOff') || undefined;
      });
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await request('POST', '/secrets', secret);
      const findings = await wait(['a']);
      one('rollout-crash-loop', /exit code 1/)(findings);
      const shown = new RegExp(
        `^its log is not shown, .*: "kubectl -n ${namespace} logs a-\\S+ -c main --previous"$`,
      );
      assert.match(findings[0]?.details?.join('\n') ?? '', shown);
    });
  });

  describe('waiting', { concurrency: true }, () => {
    it('ends when all pods run the newest template, and is done at once with no pods', async (t) => {
      if (!requireCluster(t)) return;
      const { wait, deploy, request, progress } = await room();
      await Promise.all([deploy('a', { replicas: 3 }), deploy('none', { replicas: 0, fate: 'image-pull' })]);
      assert.deepEqual(await wait(['a', 'none']), []);
      assert.equal(
        progress.filter((line) => line.startsWith('deployment.apps/a')).at(-1),
        'deployment.apps/a: 3 of 3 pods ready',
      );
      const merge = 'application/merge-patch+json';
      const template = { metadata: { annotations: { again: '1' } } };
      await request('PATCH', '/apis/apps/v1/deployments/a', { spec: { template } }, merge);
      assert.deepEqual(await wait(['a']), []);
      const { items } = (await request('GET', '/pods')) as { items: { metadata: JsonObject }[] };
      const running = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      assert.equal(running.length, 3);
      for (const { metadata } of running) assert.equal((metadata.annotations as JsonObject).again, '1');
    });

    it('looks at the newest pods alone: a new image ends the trouble with the old one', async (t) => {
      if (!requireCluster(t)) return;
      const { wait, deploy, request } = await room();
      await deploy('a', { fate: 'image-pull' });
      one('rollout-image', /ImagePullBackOff/)(await wait(['a']));
      const patch = { spec: { template: { metadata: { annotations: { 'test.glyphoxa.io/fate': null } } } } };
      await request('PATCH', '/apis/apps/v1/deployments/a', patch, 'application/merge-patch+json');
      assert.deepEqual(await wait(['a']), []);
    });

    it('names what each was waiting for when the time is up', async (t) => {
      if (!requireCluster(t)) return;
      const { wait, deploy, request } = await room();
      await request('POST', '/secrets', secret);
      await deploy('a', { fate: 'never-ready' });
      const [timeout, unready, ...more] = await wait(['a'], 12_000);
      assert.equal(timeout?.code, 'timeout');
      assert.equal(unready?.code, 'rollout-not-ready');
      assert.match(
        unready?.message ?? '',
        /: .*\bmain .*\breadiness .*\(GET \/readyz .*\b9090\) \(pod a-\S+ .*\b1 .*\b2\)$/,
      );
      assert.deepEqual(unready?.details, ['Readiness probe failed: HTTP probe failed with statuscode: 503']);
      assert.deepEqual(more, []);
    });

    it('fails for a Deployment that somebody has deleted', async (t) => {
      if (!requireCluster(t)) return;
      const { wait } = await room();
      one('rollout-gone', /^deployment\.apps\/a /)(await wait(['a']));
    });
  });

  describe('apply', { concurrency: true }, () => {
    it('fails with the cause, and succeeds once it is mended', async (t) => {
      if (!requireCluster(t)) return;
      const podPatch = { metadata: { annotations: { 'test.glyphoxa.io/fate': 'image-pull' } } };
      const of = await makeDeployment(t, await testCluster(), { spec: { gateway: { podPatch } } });
      const failed = await of.run('apply', 'test');
      assert.equal(failed.exitCode, 1);
      tells(failed.stderr, 'error rollout-image', 'deployment.apps/glyphoxa-gateway');
      assert.match(
        failed.stderr,
        /^deployment\.apps\/glyphoxa-gateway: 0 of 3 pods ready, 3 starting \(\w+\)$/m,
      );
      await of.configure({});
      const mended = await of.run('apply', 'test');
      assert.equal(mended.exitCode, 0, mended.stderr);
      assert.match(mended.stderr, /^deployment\.apps\/glyphoxa-gateway: 3 of 3 pods ready$/m);
    });
  });
});
