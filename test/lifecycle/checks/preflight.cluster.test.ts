/** What `apply` finds before it touches anything. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Permission } from '../../../generator/lifecycle/api/access-review.ts';
import { knownType } from '../../../generator/lifecycle/api/resources.ts';
import { neededPermissions } from '../../../generator/lifecycle/rights/permissions.ts';
import { loadTarget } from '../../../generator/lifecycle/session/target.ts';
import { podTemplatesOf } from '../../../generator/lifecycle/state/pod-templates.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { writeYaml } from '../../../generator/model/yaml-writer.ts';
import { kubeconfigFor, requireCluster, testCluster, waitFor, waitForRight } from '../../support/cluster.ts';
import { runCli } from '../../support/fake-io.ts';
import { tells } from '../../support/findings.ts';
import { type Deployment, makeDeployment, secretValues } from '../../support/lifecycle.ts';
import { written } from '../../support/live-objects.ts';

interface Told {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly hint: string;
}

/** What an apply finds; the exit code, and everything that it writes. */
async function applied(of: Deployment, { target = 'test', env = of.env, flags = ['--no-wait'] } = {}) {
  const argv = ['apply', target, '-o', 'json', ...flags];
  const { exitCode, stdout, stderr } = await runCli(argv, { cwd: of.folder, env });
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told & { type: string; [field: string]: unknown });
  const findings = events.filter(({ type }) => type === 'finding');
  return {
    exitCode,
    text: stdout + stderr,
    events,
    findings,
    codes: findings.map(({ code }) => code).sort(),
  };
}

/** Every object of the namespace that an apply could touch, as it was written. */
async function versions(of: Deployment): Promise<{ [object: string]: unknown }> {
  const kinds = [
    '/configmaps',
    '/secrets',
    '/services',
    '/serviceaccounts',
    '/pods',
    '/apis/apps/v1/deployments',
    '/apis/batch/v1/jobs',
    '/apis/rbac.authorization.k8s.io/v1/roles',
    '/apis/rbac.authorization.k8s.io/v1/rolebindings',
    '/apis/networking.k8s.io/v1/networkpolicies',
    '/apis/coordination.k8s.io/v1/leases',
  ];
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const { items } = await of.request('GET', kind);
      return (items as KubernetesObject[]).map(
        (item) => [`${kind}/${item.metadata.name}`, written(item)] as const,
      );
    }),
  );
  return Object.fromEntries(lists.flat());
}

/** Waits until a quota is counted. */
async function addQuota(of: Deployment, name: string, spec: JsonObject): Promise<void> {
  await of.request('POST', '/resourcequotas', { metadata: { name }, spec });
  await waitFor(`the quota ${name}`, async () => {
    const { status } = await of.request('GET', `/resourcequotas/${name}`);
    return (status as JsonObject | undefined)?.used === undefined ? undefined : true;
  });
}

/** A kustomization over the environment with an object of its own. */
function addOverlay(of: Deployment, object: JsonObject): string {
  const folder = path.join(of.folder, 'clusters', 'eu');
  mkdirSync(folder, { recursive: true });
  const resources = ['../../overlays/test', 'object.yaml'];
  writeFileSync(path.join(folder, 'kustomization.yaml'), writeYaml({ resources }));
  writeFileSync(path.join(folder, 'object.yaml'), writeYaml(object));
  return 'clusters/eu';
}

const unsafePod: JsonObject = { podPatch: { spec: { hostPID: true } } };

describe('apply, before it touches anything', () => {
  it('finds nothing where all is there', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    // 3 gateways and 2 MCP gateways of 250m to 1 and 256Mi to 512Mi, and room for one worker
    const hard = { pods: '6', 'limits.cpu': '7', 'requests.cpu': '1750m', 'limits.memory': '3328Mi' };
    await addQuota(of, 'tight', { hard });
    await addQuota(of, 'other-pods', { hard: { pods: '0' }, scopes: ['BestEffort'] });
    const first = await applied(of, { flags: [] });
    assert.deepEqual([first.codes, first.exitCode], [[], 0], first.text);
    const second = await applied(of);
    assert.deepEqual([second.codes, second.exitCode], [[], 0], second.text);
  });

  it("warns where the gateway's policies keep the API server's port shut", async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), {
      spec: { networkPolicy: { apiServerPorts: [443, 6443] } },
    });
    const shut = await applied(of, { flags: ['--dry-run'] });
    assert.deepEqual([shut.codes, shut.exitCode], [['api-server-port'], 0], shut.text);
    const port = new URL(of.cluster.server).port;
    assert.match(
      shut.findings[0]?.hint ?? '',
      new RegExp(`add ${port} to spec.networkPolicy.apiServerPorts`),
    );
    await of.configure({ networkPolicy: { apiServerPorts: [443, Number(port)] } });
    assert.deepEqual((await applied(of, { flags: ['--dry-run'] })).codes, []);
  });

  it('warns of a quota that is used up', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await applied(of, { flags: [] })).exitCode, 0);
    await waitFor('the pods', async () => {
      const { items } = (await of.request('GET', '/pods')) as { items: unknown[] };
      return items.length === 5 ? true : undefined;
    });
    await addQuota(of, 'brim', { hard: { pods: '5' } });
    await of.configure({ core: { image: { tag: 'build-18' } } });
    const { findings, exitCode, text } = await applied(of, { flags: ['--dry-run'] });
    assert.equal(exitCode, 0, text);
    const messages = findings.filter(({ code }) => code === 'quota').map(({ message }) => message);
    assert.match(messages.join('\n'), / brim .*\bpods 5 of 5;/);
    assert.match(messages.join('\n'), / deployment\.apps\/glyphoxa-gateway .*exceeded quota: brim/);
    assert.ok(findings.every(({ severity }) => severity === 'warning'));
  });

  it('tells all at once in a hopeless namespace, and leaves it as it is', async (t) => {
    if (!requireCluster(t)) return;
    const postgresql = { enabled: true, provider: 'bitnami', existingSecret: 'glyphoxa-db' };
    const spec = { gateway: unsafePod, worker: unsafePod, postgresql };
    const of = await makeDeployment(t, await testCluster(), { secret: false, spec });
    const target = addOverlay(of, {
      apiVersion: 'nowhere.example/v1',
      kind: 'Thing',
      metadata: { name: 'thing', namespace: of.namespace },
    });
    const before = await versions(of);
    const { codes, findings, exitCode, text } = await applied(of, { target });
    assert.equal(exitCode, 1, text);
    assert.deepEqual(codes, [
      'database-missing',
      'no-such-kind',
      'pod-security',
      'pod-security',
      'secret-missing',
      'secret-missing',
    ]);
    const message = (code: string) =>
      findings.filter((each) => each.code === code).map((each) => each.message);
    assert.match(message('no-such-kind')[0] ?? '', /Thing .*\bnowhere\.example\/v1/);
    assert.match(message('database-missing')[0] ?? '', /statefulset\.apps\/glyphoxa-postgresql /);
    assert.match(message('pod-security').join('\n'), /deployment\.apps\/glyphoxa-gateway .*hostPID/);
    assert.match(message('pod-security').join('\n'), /\bworker template .*hostPID/);
    assert.match(message('secret-missing').join('\n'), /glyphoxa-db .* keys? postgres-password/);
    assert.match(message('secret-missing').join('\n'), /glyphoxa-secrets .*its key admin-key/);
    assert.ok(findings.every(({ hint }) => hint !== undefined && hint !== ''));
    assert.deepEqual(await versions(of), before);
  });

  it('refuses an image of the other generation, wherever it was set', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const target = addOverlay(of, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine' } });
    const name = 'registry.example.com/glyphoxa';
    const images = `images:\n- name: ${name}\n  newName: ghcr.io/mrwong99/glyphoxa\n  newTag: v0.4.0\n`;
    appendFileSync(path.join(of.folder, target, 'kustomization.yaml'), images);
    const before = await versions(of);
    const { codes, exitCode, text } = await applied(of, { target });
    assert.ok(codes.includes('other-generation'), text);
    assert.equal(exitCode, 1, text);
    assert.deepEqual(await versions(of), before);
  });

  it('leaves what runs as it is where the next version cannot run', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await applied(of, { flags: [] })).exitCode, 0);
    await of.configure({ gateway: { replicaCount: 2, ...unsafePod } });
    const before = await versions(of);
    const { codes, exitCode, text } = await applied(of);
    assert.deepEqual([codes, exitCode], [['pod-security'], 1], text);
    assert.deepEqual(await versions(of), before);
  });

  it('names the keys that a Secret lacks, never a value, and asks for none that is optional', async (t) => {
    if (!requireCluster(t)) return;
    const items = ['tls.crt', 'tls.key', 'ca.crt'].map((key) => ({ key, path: key }));
    const podPatch = { spec: { volumes: [{ name: 'tls', secret: { secretName: 'tls', items } }] } };
    const of = await makeDeployment(t, await testCluster(), {
      spec: {
        core: { imagePullSecrets: [{ name: 'registry' }] },
        gateway: { podPatch },
        worker: { podPatch },
      },
    });
    const tls = { metadata: { name: 'tls' }, stringData: { 'tls.crt': 'kSecretCert42', 'ca.crt': '' } };
    await of.request('POST', '/secrets', tls);
    const { findings, exitCode, text } = await applied(of);
    assert.equal(exitCode, 1);
    const told = findings.map(({ code, severity, message }) => `${severity} ${code}: ${message}`).sort();
    const who = 'deployment.apps/glyphoxa-gateway and the worker template';
    assert.deepEqual(told, [
      `error secret-key-missing: the Secret tls in ${of.namespace} lacks the key tls.key; ${who} need it`,
      `warning pull-secret-missing: the image pull secret registry of deployment.apps/glyphoxa-gateway, deployment.apps/glyphoxa-mcp-gateway and the worker template is not there in ${of.namespace}`,
      `warning secret-key-empty: the Secret tls in ${of.namespace} has no value under the key ca.crt`,
    ]);
    for (const value of ['kSecretCert42', ...Object.values(secretValues)]) {
      assert.ok(!text.includes(value) && !text.includes(Buffer.from(value).toString('base64')));
    }
  });

  it('wants a database in the cluster to be ready', async (t) => {
    if (!requireCluster(t)) return;
    const postgresql = { enabled: true, provider: 'bitnami', existingSecret: 'glyphoxa-secrets' };
    const of = await makeDeployment(t, await testCluster(), { spec: { postgresql } });
    await of.request(
      'PATCH',
      '/secrets/glyphoxa-secrets',
      { stringData: { 'postgres-password': 'x' } },
      mergePatch,
    );
    const labels = { app: 'db' };
    const name = 'glyphoxa-postgresql';
    await of.request('POST', '/apis/apps/v1/statefulsets', {
      metadata: { name },
      spec: {
        replicas: 0,
        serviceName: name,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: safePod },
      },
    });
    assert.deepEqual((await applied(of)).codes, ['database-not-ready']);
    await of.request('PATCH', `/apis/apps/v1/statefulsets/${name}`, { spec: { replicas: 1 } }, mergePatch);
    await waitFor('the database', async () => {
      const { status } = await of.request('GET', `/apis/apps/v1/statefulsets/${name}`);
      return (status as JsonObject).readyReplicas === 1 ? true : undefined;
    });
    const { codes, text } = await applied(of, { flags: ['--dry-run'] });
    assert.deepEqual(codes, [], text);
    assert.doesNotMatch(text, /unchecked/);
  });

  it('wants a namespace, unless it is among the objects', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const other = `${of.namespace}-other`;
    const spec = { secrets: { provider: 'existing' } };
    const write = async (core: JsonObject) => {
      const head = {
        apiVersion: 'deploy.glyphoxa.io/v1alpha1',
        kind: 'Glyphoxa',
        metadata: { namespace: other },
      };
      writeFileSync(
        path.join(of.folder, 'overlays/test/config.yaml'),
        writeYaml({ ...head, spec: { ...spec, core } }),
      );
      assert.equal((await of.run('generate')).exitCode, 0);
      return applied(of, { flags: ['--dry-run'] });
    };
    assert.deepEqual((await write({ environment: 'production' })).codes, [
      'namespace-missing',
      'secret-missing',
    ]);
    assert.deepEqual((await write({ createNamespace: true })).codes, ['secret-missing']);
  });

  it('tells of a namespace that is being deleted once, and not that rights are missing', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const { namespace, cluster } = of;
    const own = `/api/v1/namespaces/${namespace}`;
    const metadata = { name: 'hold', finalizers: ['example.com/hold'] };
    await of.request('POST', '/configmaps', { metadata });
    t.after(() =>
      of.request(
        'PATCH',
        '/configmaps/hold',
        { metadata: { finalizers: null } },
        'application/merge-patch+json',
      ),
    );
    await cluster.request('DELETE', own);
    const { codes } = await applied(of);
    assert.deepEqual(codes, ['namespace-going']);
    const diff = await of.run('diff', 'test');
    assert.equal(diff.exitCode, 2);
    tells(diff.stderr, 'error namespace-going');
  });

  it('does not blame the environment for a webhook that is down', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const { namespace, cluster } = of;
    const base = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const webhook = {
      name: `down.${namespace}.example.com`,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      rules: [
        {
          apiGroups: ['', 'batch'],
          apiVersions: ['v1'],
          operations: ['CREATE'],
          resources: ['pods', 'jobs'],
        },
      ],
    };
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await of.request('PATCH', '', { metadata: { labels } }, 'application/merge-patch+json');
    await cluster.request('POST', base, { metadata: { name: namespace }, webhooks: [webhook] });
    t.after(() => cluster.request('DELETE', `${base}/${namespace}`));
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } };
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'probe' }, spec: { template } };
    await waitFor('the webhook', async () => {
      const path = `/apis/batch/v1/namespaces/${namespace}/jobs?dryRun=All`;
      const { body } = await cluster.request('POST', path, job);
      return JSON.stringify(body).includes('failed calling webhook') || undefined;
    });
    const { findings } = await applied(of);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['worker-template-refused', 'pod-refused', 'pod-refused', 'pod-refused'],
    );
    for (const { message, hint } of findings) {
      assert.match(message, /\bwebhook "down\./);
      assert.match(hint, /\bcluster\b/);
    }
  });

  it('puts nothing into a new namespace that does not let the pods in', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const namespace = `${of.namespace}-new`;
    const spec = {
      core: { createNamespace: true },
      secrets: { provider: 'kubernetes' },
      gateway: { adminKey: { fromEnv: 'KEY' } },
      database: { dsn: { fromEnv: 'DSN' } },
    };
    const config = {
      apiVersion: 'deploy.glyphoxa.io/v1alpha1',
      kind: 'Glyphoxa',
      metadata: { namespace },
      spec,
    };
    writeFileSync(path.join(of.folder, 'overlays/test/config.yaml'), writeYaml(config));
    const { exitCode, stderr } = await of.run('generate');
    assert.equal(exitCode, 0, stderr);
    const lines = 'admin-key=kSecretAdminKey42\ndatabase-dsn=postgres://u:kSecretPw42@db.example/g\n';
    writeFileSync(path.join(of.folder, 'overlays/test/secrets.env'), lines);
    // A pod patch would be refused before.
    const target = 'clusters/unsafe';
    const patch = '[{"op": "add", "path": "/spec/template/spec/hostPID", "value": true}]';
    const patches = [{ target: { kind: 'Deployment', name: 'glyphoxa-gateway' }, patch }];
    mkdirSync(path.join(of.folder, target), { recursive: true });
    const kustomization = writeYaml({ resources: ['../../overlays/test'], patches });
    writeFileSync(path.join(of.folder, target, 'kustomization.yaml'), kustomization);
    t.after(() => of.cluster.request('DELETE', `/api/v1/namespaces/${namespace}`));
    const dry = await applied(of, { target, flags: ['--dry-run'] });
    assert.deepEqual(
      [dry.codes.filter((code) => code !== 'literal-secret'), dry.exitCode],
      [[], 0],
      dry.text,
    );
    assert.match(dry.text, /"[^"]*-new [^"]*; [^"]*"/);
    const real = await applied(of, { target });
    assert.deepEqual([real.codes, real.exitCode], [['pod-security'], 1], real.text);
    assert.match(real.text, /glyphoxa-gateway are refused: .*hostPID/);
    const results = real.events.filter(({ type }) => type === 'result').map(({ object }) => object);
    assert.deepEqual(results, [`namespace/${namespace}`]);
    const mended = await applied(of);
    assert.deepEqual([mended.codes, mended.exitCode], [[], 0], mended.text);
  });

  it('tells why pods are refused for something else than their security', async (t) => {
    if (!requireCluster(t)) return;
    const spec = { gateway: { serviceAccount: { create: false, name: 'somebody' } } };
    const of = await makeDeployment(t, await testCluster(), { spec });
    const limits = [{ type: 'Container', max: { cpu: '1500m' } }];
    await of.request('POST', '/limitranges', { metadata: { name: 'small' }, spec: { limits } });
    const { findings, text } = await applied(of);
    assert.deepEqual(
      findings.map(({ severity, code }) => `${severity} ${code}`),
      ['error service-account-missing', 'error pod-refused'],
      text,
    );
    assert.match(findings[0]?.message ?? '', /\bsomebody .*deployment\.apps\/glyphoxa-gateway/);
    assert.match(findings[1]?.message ?? '', /\bworker template .*\bcpu\b/);
  });

  it('takes the worker template for the Job that it becomes', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const { stdout } = await of.run('build', 'overlays/test');
    const job = /^ {4}(?:apiVersion: batch[\s\S]*?)(?=^\S|^ {0,3}\S)/m.exec(stdout)?.[0] ?? '';
    const text = job.replace(/^ {4}/gm, '').replace('parallelism: 1', 'paralellism: 1');
    assert.match(text, /paralellism/);
    const folder = path.join(of.folder, 'clusters', 'odd');
    mkdirSync(folder, { recursive: true });
    const patch = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'glyphoxa-worker-job-template', namespace: of.namespace },
      data: { 'job-template.yaml': text },
    };
    writeFileSync(path.join(folder, 'patch.yaml'), writeYaml(patch));
    const resources = ['../../overlays/test'];
    writeFileSync(
      path.join(folder, 'kustomization.yaml'),
      writeYaml({ resources, patches: [{ path: 'patch.yaml' }] }),
    );
    const { codes, findings, text: all } = await applied(of, { target: 'clusters/odd' });
    assert.deepEqual(codes, ['worker-template-refused'], all);
    assert.match(findings[0]?.message ?? '', /unknown field "spec\.paralellism"/);
  });

  it('gives the words of the server where a quota refuses pods, Jobs and objects', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    await addQuota(of, 'small', { hard: { 'limits.cpu': '1500m' }, scopes: ['NotBestEffort'] });
    const { findings, text } = await applied(of, { flags: ['--dry-run'] });
    assert.deepEqual(
      findings.map(({ severity, code }) => `${severity} ${code}`),
      ['warning quota'],
      text,
    );
    assert.match(findings[0]?.message ?? '', /\bworker template .*exceeded quota: small/);
    await of.request('DELETE', '/resourcequotas/small');
    await addQuota(of, 'jobs', { hard: { 'count/jobs.batch': '0' } });
    const jobs = await applied(of, { flags: ['--dry-run'] });
    assert.equal(jobs.exitCode, 0, jobs.text);
    assert.match(jobs.text, /\bJob .*exceeded quota: jobs/);
    await of.request('DELETE', '/resourcequotas/jobs');
    await addQuota(of, 'services', { hard: { services: '0' } });
    const more = await applied(of, { flags: ['--dry-run'] });
    const refused = more.findings.find(({ code }) => code === 'forbidden');
    assert.match(
      `${refused?.message} ${refused?.hint}`,
      /service\/.* exceeded quota: services.*have the Res/,
    );
  });
});

const mergePatch = 'application/merge-patch+json';

const safePod = {
  securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'main',
      image: 'example.org/db:1',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
};

describe('a deployer with few rights', () => {
  /** Gives a new account of the namespace rights, in it and of the whole cluster; gives the environment with it. */
  async function deployer(of: Deployment, permissions: readonly Permission[]) {
    await of.request('POST', '/serviceaccounts', { metadata: { name: 'deployer' } });
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const subjects = [{ kind: 'ServiceAccount', name: 'deployer', namespace: of.namespace }];
    for (const place of new Set(permissions.map(({ namespace = of.namespace }) => namespace))) {
      const name = place === of.namespace ? 'deployer' : of.namespace;
      const here = permissions.filter(({ namespace = of.namespace }) => namespace === place);
      const rules = here.map(({ verb, group, resource, name: one }) => ({
        verbs: [verb],
        apiGroups: [group],
        resources: [resource],
        ...(one === undefined ? {} : { resourceNames: [one] }),
      }));
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
      const post = (kind: string, object: JsonObject) =>
        of.cluster.request('POST', `${rbac}/namespaces/${place}/${kind}`, { metadata: { name }, ...object });
      await post('roles', { rules });
      await post('rolebindings', { subjects, roleRef });
    }
    const account = { serviceAccount: 'deployer', namespace: of.namespace };
    const [first] = permissions;
    if (first !== undefined) await waitForRight(of.cluster, account, first);
    return { ...of.env, KUBECONFIG: await kubeconfigFor(of.cluster, account) };
  }

  /** What an apply of the environment needs. */
  async function neededBy(of: Deployment) {
    const context = {
      cwd: of.folder,
      env: of.env,
      texts: new Map(),
      namespace: { asked: undefined, fallback: undefined },
    };
    const { target } = await loadTarget('test', context);
    const { release, namespace, objects } = target;
    const members = objects.map((object) => ({ object, type: knownType(object.apiVersion, object.kind) }));
    return neededPermissions({ release, namespace, members, templates: podTemplatesOf(target) });
  }

  it('is told which rights are missing, one finding for each kind, and what could not be looked at', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), { secret: false });
    const before = await versions(of);
    const env = await deployer(of, [{ verb: 'get', group: '', resource: 'configmaps' }]);
    const { findings, exitCode, text } = await applied(of, { env });
    assert.equal(exitCode, 1, text);
    const required = findings.filter(({ code }) => code === 'permission-missing');
    const user = `system:serviceaccount:${of.namespace}:deployer`;
    const kinds = required.map(({ message }) =>
      message.replace(`${user} may not `, '').replace(/,? which .*/, ''),
    );
    const at = ` in ${of.namespace}`;
    assert.ok(kinds.includes(`get, patch, create, list, delete deployments.apps${at}`), kinds.join('\n'));
    assert.ok(kinds.includes(`patch, create, list, delete configmaps${at}`), kinds.join('\n'));
    assert.ok(
      kinds.includes(`create, get, update, delete leases.coordination.k8s.io${at}`),
      kinds.join('\n'),
    );
    assert.equal(new Set(kinds).size, kinds.length);
    const limited = findings
      .filter(({ code }) => code === 'permission-limited')
      .map(({ message }) => message);
    assert.match(limited.join('\n'), /\bget secrets \(glyphoxa-secrets\)/);
    assert.ok(!findings.some(({ code }) => code === 'secret-missing'));
    const after = await versions(of);
    for (const key of Object.keys(after)) if (key.endsWith('/deployer')) delete after[key];
    assert.deepEqual(after, before);
  });

  it('can apply, wait and prune with what is listed as needed, and no finding', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const env = await deployer(of, await neededBy(of));
    const first = await applied(of, { env, flags: [] });
    assert.deepEqual([first.codes, first.exitCode], [[], 0], first.text);
    await of.configure({ mcpGateway: { enabled: false } });
    const second = await applied(of, { env, flags: [] });
    assert.deepEqual([second.codes, second.exitCode], [[], 0], second.text);
    assert.match(second.text, /pruned/);
  });

  it('may list nothing where nothing is pruned, and is told where something is', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const needed = await neededBy(of);
    const env = await deployer(
      of,
      needed.filter(({ purpose }) => purpose !== 'prune'),
    );
    for (const expected of ['created', 'unchanged']) {
      const { exitCode, text } = await applied(of, { env, flags: ['--no-wait', '--no-prune'] });
      assert.equal(exitCode, 0, text);
      assert.match(text, new RegExp(`"${expected}","object":"deployment.apps/glyphoxa-gateway"`));
    }
    const { codes, exitCode, text } = await applied(of, { env });
    assert.deepEqual([new Set(codes), exitCode], [new Set(['permission-missing']), 1], text);
  });

  it('is told what it cannot give away: the Role is refused, and so is its binding', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const needed = await neededBy(of);
    const env = await deployer(
      of,
      needed.filter(({ purpose, resource }) => purpose !== 'grant' && resource !== 'jobs'),
    );
    const { findings, exitCode, text } = await applied(of, { env });
    assert.equal(exitCode, 1, text);
    const errors = findings.filter(({ severity }) => severity === 'error');
    assert.deepEqual(errors.map(({ code }) => code).sort(), ['forbidden', 'role-not-grantable'], text);
    for (const { hint } of errors) assert.match(hint, / glyphoxa-job-manager .*"escalate" .*"bind"/);
    assert.match(text, /: create, get, list, watch, delete jobs\.batch/);
  });

  it('may lack what only looks: then it is warned, and the apply goes on', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const needed = await neededBy(of);
    const env = await deployer(
      of,
      needed.filter(({ required }) => required),
    );
    const { findings, exitCode, text } = await applied(of, { env, flags: [] });
    assert.equal(exitCode, 0, text);
    assert.deepEqual(new Set(findings.map(({ code }) => code)), new Set(['permission-limited']));
    const all = findings.map(({ message }) => message).join('\n');
    for (const kind of ['secrets', 'pods', 'resourcequotas', 'events'])
      assert.match(all, new RegExp(` ${kind} `));
  });
});
