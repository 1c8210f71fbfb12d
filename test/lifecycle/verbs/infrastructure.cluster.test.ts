/** `infrastructure` with real helm 3 and 4, on a cluster of its own: operators are cluster-wide. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { run } from '../../../generator/cli/main.ts';
import { isObject, type JsonObject } from '../../../generator/model/json.ts';
import { parseYaml } from '../../../generator/model/yaml.ts';
import { type ChartServer, serveRegistry, serveRepository } from '../../support/charts.ts';
import { waitFor } from '../../support/cluster.ts';
import {
  allComponents,
  type ControlPlane,
  requireControlPlane,
  startControlPlane,
} from '../../support/control-plane.ts';
import { fakeIo, type Ran, runCli } from '../../support/fake-io.ts';
import { findTool, requireTool, runTool, type ToolName } from '../../support/find-tool.ts';
import { tells } from '../../support/findings.ts';
import { charts, type Operator, playOperator, withHelm } from '../../support/infrastructure.ts';
import { type Deployment, makeDeployment, secretValues } from '../../support/lifecycle.ts';
import { program } from '../../support/program.ts';

let plane: ControlPlane;
let operator: Operator;
let repository: ChartServer;
let registry: ChartServer;
let certificate: string;

const tools: readonly ToolName[] = ['helm-3', 'helm-4'];

function isMissing(t: TestContext): boolean {
  return !requireControlPlane(t, allComponents) || tools.some((tool) => !requireTool(t, tool));
}

before(async () => {
  if (tools.some((tool) => findTool(tool) === undefined)) return;
  [repository, registry, plane] = await Promise.all([
    serveRepository(charts),
    serveRegistry(charts, true),
    startControlPlane({ components: allComponents }),
  ]);
  operator = playOperator(plane);
});

after(async () => {
  await operator?.stop();
  await Promise.all([repository?.close(), registry?.close(), plane?.stop()]);
});

/** Chart sources of one server; versions where a test asks for others than the defaults. */
function from(url: string, versions: { readonly [chart: string]: string } = {}): JsonObject {
  const source = (chart: string) => ({
    repository: url,
    ...(versions[chart] === undefined ? {} : { version: versions[chart] }),
  });
  return { operator: source('operator'), bitnami: source('bitnami') };
}

/** The environment's `spec` with a database. */
function database(
  more: JsonObject = {},
  versions: { readonly [chart: string]: string } = {},
  url = repository.url,
): JsonObject {
  return { postgresql: { enabled: true, charts: from(url, versions), ...more } };
}

/** Runs the command in this process, with a helm. */
async function infrastructure(of: Deployment, tool: ToolName = 'helm-3', ...argv: string[]): Promise<Ran> {
  return runCli(['infrastructure', 'test', ...argv], { cwd: of.folder, env: withHelm(of, tool).env });
}

/** The release that helm itself sees. */
async function releaseOf(
  of: Deployment,
  name: string,
  namespace = of.namespace,
): Promise<JsonObject | undefined> {
  const args = ['list', '--all', '--namespace', namespace, '--filter', `^${name}$`, '-o', 'json'];
  const { stdout, stderr, exitCode } = await runTool(findTool('helm-3') ?? '', args, { env: { ...of.env } });
  assert.equal(exitCode, 0, stderr);
  return (JSON.parse(stdout) as JsonObject[])[0];
}

async function get(path: string): Promise<JsonObject> {
  const { status, body } = await plane.request('GET', path);
  assert.equal(status, 200, path);
  return body as JsonObject;
}

const clusterPath = (of: Deployment) =>
  `/apis/postgresql.cnpg.io/v1/namespaces/${of.namespace}/clusters/glyphoxa-postgresql`;

const statefulSetPath = (of: Deployment) =>
  `/apis/apps/v1/namespaces/${of.namespace}/statefulsets/glyphoxa-postgresql`;

/** A deployment whose database is Bitnami's chart, with the Secret and the volume that it needs. */
async function bitnamiDeployment(
  t: TestContext,
  versions: { readonly [chart: string]: string } = {},
): Promise<Deployment> {
  const of = await makeDeployment(t, plane, { spec: database({ provider: 'bitnami' }, versions) });
  const values = { 'postgres-password': 'kSecretDb42', password: 'kSecretDb42' };
  await of.request('POST', '/secrets', { metadata: { name: 'glyphoxa-postgresql' }, stringData: values });
  await makeVolume(of);
  return of;
}

/** The volume of Bitnami's StatefulSet, which nobody provisions here. */
async function makeVolume(of: Deployment): Promise<void> {
  const claimRef = { namespace: of.namespace, name: 'data-glyphoxa-postgresql-0' };
  await plane.request('POST', '/api/v1/persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: of.namespace },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/tmp' },
      claimRef,
    },
  });
}

const uidOf = ({ metadata }: JsonObject) => (metadata as { uid: string }).uid;

/** Every object that a run could change, by its version. */
async function snapshot(of: Deployment): Promise<JsonObject> {
  const lists = await Promise.all(
    [
      `/api/v1/namespaces/${of.namespace}/secrets`,
      '/api/v1/namespaces/cnpg-system/secrets',
      '/apis/apps/v1/namespaces/cnpg-system/deployments',
      `/apis/postgresql.cnpg.io/v1/namespaces/${of.namespace}/databases`,
      `/apis/postgresql.cnpg.io/v1/namespaces/${of.namespace}/clusters`,
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    ].map(async (path) =>
      ((await get(path)).items as JsonObject[]).map(({ metadata }) => metadata as JsonObject),
    ),
  );
  return Object.fromEntries(
    lists
      .flat()
      .map(
        ({ uid, generation, managedFields, name }) =>
          [
            String(uid),
            [name ?? '', generation ?? 0, JSON.stringify(managedFields ?? []).replace(/"time":"[^"]*"/g, '')],
          ] as [string, (string | number)[]],
      )
      .map(([uid, value]) => [uid, value.join(' ')]),
  );
}

/** The charts that the tree asks kustomize to inflate for the environment. */
function treeCharts(of: Deployment): JsonObject[] {
  const folder = path.join(of.folder, 'infrastructure');
  return readdirSync(folder)
    .filter((name) => name.endsWith('-test'))
    .flatMap((name) => parseYaml(readFileSync(path.join(folder, name, 'kustomization.yaml'), 'utf8')))
    .flatMap((value) => (isObject(value) ? ((value.helmCharts ?? []) as JsonObject[]) : []));
}

/** Makes the folder that this process takes for temporary files one of the deployment's, until the test ends. */
function ownTemporary(t: TestContext, { folder }: Deployment): string {
  const { TMPDIR } = process.env;
  const own = path.join(folder, 'tmp');
  mkdirSync(own);
  process.env.TMPDIR = own;
  t.after(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  return own;
}

/**
 * Starts the command as a process of its own, waits until helm has made the StatefulSet, and kills both; or interrupts the
 * command alone, which then has to end helm.
 */
async function cutWhilePending(
  of: Deployment,
  tool: ToolName,
  signal: 'SIGKILL' | 'SIGINT' = 'SIGKILL',
): Promise<JsonObject> {
  const revisionsBefore = Number((await releaseOf(of, 'glyphoxa'))?.revision ?? 0);
  await of.request('POST', '/configmaps', { metadata: { name: 'hold' } });
  const child = spawn(program.command, [...program.words, 'infrastructure', 'test'], {
    cwd: of.folder,
    env: withHelm(of, tool, { TMPDIR: of.folder }).env,
    stdio: 'ignore',
  });
  await waitFor('a pending release', async () => {
    const release = await releaseOf(of, 'glyphoxa');
    const isPending =
      Number(release?.revision) > revisionsBefore && String(release?.status).startsWith('pending-');
    const job = await plane.request('GET', `/apis/batch/v1/namespaces/${of.namespace}/jobs/hold`);
    return isPending && job.status === 200 ? true : undefined;
  });
  const helms = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  assert.equal(helms.length, 1);
  const ended = once(child, 'exit');
  for (const pid of [child.pid, ...(signal === 'SIGKILL' ? helms : [])]) process.kill(pid as number, signal);
  const [code] = await ended;
  assert.equal(code, signal === 'SIGKILL' ? null : 130);
  await waitFor('helm to end', async () => !helms.some((pid) => existsSync(`/proc/${pid}/exe`)) || undefined);
  await of.request('DELETE', '/configmaps/hold');
  return get(statefulSetPath(of));
}

describe('infrastructure', () => {
  it('says where nothing is asked for, and needs no helm then', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane);
    const { exitCode, stderr, stdout } = await of.run('infrastructure', 'test');
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /^postgresql-operator: .*spec\.postgresql\.enabled/m);
    assert.match(stderr, /^sealed-secrets: .*spec\.sealedSecrets\.enabled/m);
    assert.equal(stdout, '');
  });

  it('names a helm that is missing, and touches nothing', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    const { exitCode, stderr } = await of.run('infrastructure', 'test');
    assert.equal(exitCode, 1);
    tells(stderr, 'error no-helm', 'install helm');
    assert.equal((await plane.request('GET', '/api/v1/namespaces/cnpg-system')).status, 404);
  });

  it('tells of every chart that cannot be had before it installs any', async (t) => {
    if (isMissing(t)) return;
    const spec = {
      ...database({}, { operator: '9.9.9' }),
      sealedSecrets: { enabled: true, chart: { repository: 'http://127.0.0.1:9/none' } },
    };
    const of = await makeDeployment(t, plane, { spec });
    for (const tool of tools) {
      const { exitCode, stderr } = await infrastructure(of, tool);
      assert.equal(exitCode, 1);
      assert.match(stderr, /error chart-version: .*9\.9\.9/, tool);
      assert.match(stderr, /error chart-unreachable: .*127\.0\.0\.1:9/, tool);
      assert.equal((await plane.request('GET', '/api/v1/namespaces/cnpg-system')).status, 404);
    }
  });

  it('says with --dry-run what it would do, and does nothing', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    const { exitCode, stdout, stderr } = await infrastructure(of, 'helm-3', '--dry-run');
    assert.equal(exitCode, 0, stderr);
    assert.equal(
      stdout,
      'release.helm.sh/cnpg created\ncluster.postgresql.cnpg.io/glyphoxa-postgresql created\ndatabase.postgresql.cnpg.io/glyphoxa-postgresql created\n',
    );
    assert.equal((await plane.request('GET', '/api/v1/namespaces/cnpg-system')).status, 404);
    const around = path.join(of.folder, 'around');
    mkdirSync(around);
    const kustomization = 'namespace: default\nresources: [../overlays/test]\n';
    writeFileSync(path.join(around, 'kustomization.yaml'), kustomization);
    const { env } = withHelm(of, 'helm-3');
    const argv = ['infrastructure', 'around', '--dry-run', '-o', 'json'];
    const moved = await runCli(argv, { cwd: of.folder, env });
    assert.match(moved.stdout, /"cluster.postgresql.cnpg.io\/glyphoxa-postgresql","namespace":"default"/);
  });

  it('installs operators, then the database, by the charts of the tree; the second run changes nothing', async (t) => {
    if (isMissing(t)) return;
    const spec = {
      ...database({ instances: 2 }, { operator: '0.28.0' }),
      sealedSecrets: { enabled: true, chart: { repository: repository.url } },
    };
    const of = await makeDeployment(t, plane, { spec });
    const helm = withHelm(of, 'helm-3', { HELM_KUBECONTEXT: 'nowhere', HELM_NAMESPACE: 'nowhere' });
    const run = () => runCli(['infrastructure', 'test'], { cwd: of.folder, env: helm.env });
    const temporary = ownTemporary(t, of);
    const first = await run();
    assert.equal(first.exitCode, 0, first.stderr);
    assert.deepEqual(first.stdout.trim().split('\n'), [
      'namespace/cnpg-system created',
      'release.helm.sh/cnpg created',
      'release.helm.sh/sealed-secrets created',
      'cluster.postgresql.cnpg.io/glyphoxa-postgresql created',
      'database.postgresql.cnpg.io/glyphoxa-postgresql created',
    ]);
    assert.match(
      first.stderr,
      /cluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql: 0 of 2 instances ready, /,
    );
    assert.match(first.stderr, /cluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql: 2 of 2 instances ready/);
    const asked = treeCharts(of);
    assert.equal(asked.length, 2);
    for (const { name, version, releaseName, namespace, valuesInline } of asked) {
      const release = await releaseOf(of, String(releaseName), String(namespace));
      assert.equal(release?.chart, `${name}-${version}`);
      assert.equal(release?.status, 'deployed');
      const args = ['get', 'values', String(releaseName), '--namespace', String(namespace), '-o', 'json'];
      const { stdout } = await runTool(findTool('helm-3') ?? '', args, { env: { ...of.env } });
      assert.deepEqual(JSON.parse(stdout), valuesInline);
    }
    const calls = readFileSync(helm.calls, 'utf8');
    const seen = await snapshot(of);
    const second = await run();
    assert.equal(second.exitCode, 0, second.stderr);
    assert.match(second.stdout, /^(?:\S+ unchanged\n){4}$/);
    assert.deepEqual(await snapshot(of), seen);
    assert.equal(readFileSync(helm.calls, 'utf8'), calls, 'helm is not even run');
    const told = [first, second].map(({ stdout, stderr }) => stdout + stderr);
    const noted = [helm.calls, helm.input, helm.variables].map((file) => readFileSync(file, 'utf8'));
    assert.match(noted[1] ?? '', /fullnameOverride/, 'values are noted');
    const words = [...Object.values(secretValues), plane.token];
    const traces = words.flatMap((word) => [
      word,
      Buffer.from(word).toString('base64'),
      encodeURIComponent(word),
    ]);
    for (const text of [...told, ...noted])
      assert.deepEqual(
        traces.filter((trace) => text.includes(trace)),
        [],
      );
    assert.deepEqual(readdirSync(temporary), []);
  });

  it('takes charts from a registry with helm 4, and upgrades what differs', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, {
      spec: database({}, { operator: '0.28.0' }, registry.url),
    });
    certificate = path.join(of.folder, 'registry.pem');
    writeFileSync(certificate, registry.certificate ?? '');
    const helm = withHelm(of, 'helm-4', { SSL_CERT_FILE: certificate });
    const run = (...argv: string[]) =>
      runCli(['infrastructure', 'test', ...argv], { cwd: of.folder, env: helm.env });
    const first = await run();
    assert.equal(first.exitCode, 0, first.stderr);
    assert.match(
      first.stdout,
      /release\.helm\.sh\/cnpg unchanged\ncluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql created/,
    );
    const before = await get(clusterPath(of));
    await of.configure(database({ storage: { size: '20Gi' } }, { operator: '0.29.0' }, registry.url));
    const dry = await run('--dry-run');
    assert.match(dry.stderr, /^postgresql-operator: .*0\.28\.0 .*0\.29\.0/m);
    assert.match(dry.stdout, /cluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql configured/);
    const second = await run('-o', 'json');
    assert.equal(second.exitCode, 0, second.stdout);
    const events = second.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
    const results = events
      .filter(({ type }) => type === 'result')
      .map(({ verb, object }) => `${object} ${verb}`);
    assert.deepEqual(results, [
      'release.helm.sh/cnpg configured',
      'cluster.postgresql.cnpg.io/glyphoxa-postgresql configured',
      'database.postgresql.cnpg.io/glyphoxa-postgresql unchanged',
    ]);
    const live = await get(clusterPath(of));
    assert.equal(((live.spec as JsonObject).storage as JsonObject).size, '20Gi');
    assert.equal(uidOf(live), uidOf(before));
  });
});

describe('infrastructure where the operators are there', { concurrency: true }, () => {
  it('refuses to downgrade a database or to shrink it, all at once, and leaves a newer operator alone', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    assert.equal((await infrastructure(of)).exitCode, 0);
    const seen = await snapshot(of);
    await of.configure(
      database(
        { storage: { size: '1Gi' }, image: 'ghcr.io/cloudnative-pg/postgresql:16-standard-trixie' },
        { operator: '0.28.0' },
      ),
    );
    const { exitCode, stderr } = await infrastructure(of);
    assert.equal(exitCode, 1);
    assert.match(stderr, /error postgresql-downgrade: .*PostgreSQL 17.*16-standard/);
    assert.match(stderr, /error storage-shrink: .*10Gi.*1Gi/);
    assert.match(stderr, /warning operator-newer: .*0\.29\.0.*0\.28\.0/);
    assert.deepEqual(await snapshot(of), seen);
    await of.configure(database({}, { operator: '0.28.0' }));
    const kept = await infrastructure(of);
    assert.equal(kept.exitCode, 0, kept.stderr);
    assert.match(kept.stdout, /release\.helm\.sh\/cnpg kept/);
    assert.deepEqual(await snapshot(of), seen);
  });

  for (const tool of tools) {
    it(`takes the database of the chart over in place, and Helm lets go of it (${tool})`, async (t) => {
      if (isMissing(t)) return;
      const of = await makeDeployment(t, plane, { spec: database({ instances: 2 }) });
      const { env } = withHelm(of, tool);
      const helm = (...args: string[]) =>
        runTool(findTool(tool) ?? '', [...args, '-n', of.namespace], { env });
      const values = [
        'fullnameOverride=glyphoxa-postgresql,cluster.instances=2,cluster.storage.size=10Gi',
        'cluster.imageName=ghcr.io/cloudnative-pg/postgresql:17-standard-trixie',
        'cluster.initdb.database=glyphoxa,cluster.initdb.owner=glyphoxa,cluster.priorityClassName=high',
      ].flatMap((value) => ['--set', value]);
      const from = ['--repo', repository.url, '--version', '0.8.1'];
      const installed = await helm('install', 'glyphoxa-postgresql', 'cluster', ...from, ...values);
      assert.equal(installed.exitCode, 0, installed.stderr);
      const patch = (spec: JsonObject) =>
        plane.request('PATCH', clusterPath(of), { spec }, 'application/merge-patch+json');
      await patch({ walStorage: { size: '1Gi' }, backup: { retentionPolicy: '30d' } });
      const lossy = await infrastructure(of, tool);
      assert.equal(lossy.exitCode, 1);
      assert.match(lossy.stderr, /error cluster-volumes: .*error cluster-backup: /s);
      // the stand-in writes one that the real chart has only when it is switched on
      await patch({ walStorage: null, backup: null });
      const before = await get(clusterPath(of));
      const dry = await infrastructure(of, tool, '--dry-run');
      assert.match(dry.stdout, /cluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql adopted/);
      assert.deepEqual((await get(clusterPath(of))).spec, before.spec);

      const { exitCode, stdout, stderr } = await infrastructure(of, tool);
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /cluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql adopted/);
      assert.match(stderr, /warning values-go: .*priorityClassName/);
      const live = await get(clusterPath(of));
      assert.equal(uidOf(live), uidOf(before));
      const { initdb, priorityClassName, instances } = live.spec as JsonObject;
      assert.deepEqual([initdb, priorityClassName, instances], [undefined, undefined, 2]);
      assert.notEqual((await helm('uninstall', 'glyphoxa-postgresql')).exitCode, 0);
      assert.equal(uidOf(await get(clusterPath(of))), uidOf(before));
      const again = await infrastructure(of, tool);
      assert.match(again.stdout, /^(?:\S+ unchanged\n){3}$/);
      const destroyed = await of.run('destroy', 'test', '--yes');
      assert.equal(destroyed.exitCode, 0, destroyed.stderr);
      assert.equal(uidOf(await get(clusterPath(of))), uidOf(before));
    });
  }

  it('refuses a Cluster of another chart, and one that somebody has set otherwise', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    const { env } = withHelm(of, 'helm-3');
    const helm = (...args: string[]) =>
      runTool(findTool('helm-3') ?? '', [...args, '-n', of.namespace], { env });
    const from = ['--repo', repository.url, '--version', '2.19.1', '--set', 'fullnameOverride=other'];
    assert.equal((await helm('install', 'umbrella', 'sealed-secrets', ...from)).exitCode, 0);
    const annotations = {
      'meta.helm.sh/release-name': 'umbrella',
      'meta.helm.sh/release-namespace': of.namespace,
    };
    const head = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster' };
    const metadata = { name: 'glyphoxa-postgresql', annotations };
    await plane.request('POST', path.dirname(clusterPath(of)), { ...head, metadata, spec: { instances: 3 } });
    const other = await infrastructure(of);
    assert.equal(other.exitCode, 1);
    tells(other.stderr, 'error other-chart', 'umbrella', 'sealed-secrets', 'cluster');
    await plane.request(
      'PATCH',
      clusterPath(of),
      { metadata: { annotations: null } },
      'application/merge-patch+json',
    );
    const before = await get(clusterPath(of));
    const foreign = await infrastructure(of);
    assert.equal(foreign.exitCode, 1);
    assert.match(
      foreign.stderr,
      /error conflict: cluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql: .*instances/,
    );
    assert.deepEqual((await get(clusterPath(of))).spec, before.spec);
  });

  it('leaves a Cluster that was restored as it was made', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    const bootstrap = { recovery: { source: 'origin', database: 'glyphoxa', owner: 'glyphoxa' } };
    const head = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster' };
    const restored = {
      ...head,
      metadata: { name: 'glyphoxa-postgresql' },
      spec: { instances: 1, bootstrap },
    };
    await plane.request('POST', path.dirname(clusterPath(of)), restored);
    const { exitCode, stderr } = await infrastructure(of);
    assert.equal(exitCode, 0, stderr);
    const live = await get(clusterPath(of));
    assert.deepEqual((live.spec as JsonObject).bootstrap, bootstrap);
  });

  it('runs the Bitnami chart once its Secret is there, and knows what a StatefulSet cannot do', async (t) => {
    if (isMissing(t)) return;
    const bitnami = (more: JsonObject = {}) => database({ provider: 'bitnami', ...more });
    const of = await makeDeployment(t, plane, { spec: bitnami() });
    const missing = await infrastructure(of);
    assert.equal(missing.exitCode, 1);
    const make = `kubectl -n ${of.namespace} create secret generic glyphoxa-postgresql`;
    tells(missing.stderr, 'error secret-missing', 'password, postgres-password', make);
    const metadata = { name: 'glyphoxa-postgresql' };
    await of.request('POST', '/secrets', { metadata, stringData: { password: 'kSecretDb42' } });
    const half = await infrastructure(of);
    tells(half.stderr, 'error secret-key-missing', 'postgres-password');
    await of.request(
      'PATCH',
      '/secrets/glyphoxa-postgresql',
      { stringData: { 'postgres-password': 'kSecretDb42' } },
      'application/merge-patch+json',
    );
    await makeVolume(of);
    const installed = await infrastructure(of);
    assert.equal(installed.exitCode, 0, installed.stderr);
    assert.match(installed.stderr, /warning vector-unchecked/);
    assert.match(installed.stderr, /^postgresql-operator: .*spec\.postgresql\.provider/m);
    assert.match(installed.stderr, /statefulset\.apps\/glyphoxa-postgresql: 1 of 1 pods ready/);
    const again = await infrastructure(of);
    assert.equal(again.stdout, 'release.helm.sh/glyphoxa unchanged\n');
    await of.configure(
      bitnami({ storage: { size: '20Gi' }, image: 'registry.example.com/postgresql:18.1.0' }),
    );
    const refused = await infrastructure(of);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /error storage-fixed: /);
    await of.configure(bitnami({ image: 'registry.example.com/postgresql:18.1.0' }));
    assert.match((await infrastructure(of)).stderr, /error postgresql-upgrade: .*PostgreSQL 17.*18/);
    // a database of the same release and chart under another name, as its replication has it
    const { env } = withHelm(of, 'helm-3');
    const args = ['upgrade', 'glyphoxa', 'postgresql', '--repo', repository.url, '--version', '16.4.11'];
    const other = [
      '--reuse-values',
      '--set',
      'fullnameOverride=glyphoxa-postgresql-primary',
      '-n',
      of.namespace,
    ];
    const moved = await runTool(findTool('helm-3') ?? '', [...args, ...other], { env });
    assert.equal(moved.exitCode, 0, moved.stderr);
    await of.configure(bitnami());
    const replaced = await infrastructure(of);
    assert.equal(replaced.exitCode, 1);
    assert.match(replaced.stderr, /error database-renamed: .*glyphoxa-postgresql-primary/);
    for (const { stderr, stdout } of [missing, half, installed, again, refused])
      assert.ok(!(stdout + stderr).includes('kSecretDb42'));
  });

  it('asks for a namespace that is missing, and makes the one that the environment has', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    const other = `${of.namespace}-x`;
    const file = path.join(of.folder, 'overlays/test/config.yaml');
    const text = readFileSync(file, 'utf8').replace(`namespace: ${of.namespace}`, `namespace: ${other}`);
    writeFileSync(file, text);
    assert.equal((await of.run('generate')).exitCode, 0);
    const missing = await infrastructure(of);
    assert.equal(missing.exitCode, 1);
    tells(missing.stderr, 'error namespace-missing', `kubectl create namespace ${other}`);
    writeFileSync(file, text.replace('spec:\n', 'spec:\n  core: {createNamespace: true}\n'));
    assert.equal((await of.run('generate')).exitCode, 0);
    const made = await infrastructure(of);
    assert.equal(made.exitCode, 0, made.stderr);
    assert.match(made.stdout, new RegExp(`^namespace/${other} created`));
    const cluster = clusterPath({ ...of, namespace: other });
    assert.ok(uidOf(await get(cluster)));
  });
  for (const tool of tools) {
    it(`goes on from an install that was killed, and loses no database (${tool})`, async (t) => {
      if (isMissing(t)) return;
      const of = await bitnamiDeployment(t);
      const before = await cutWhilePending(of, tool);
      const { exitCode, stderr } = await infrastructure(of, tool);
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /\(pending-install\)/);
      assert.equal(uidOf(await get(statefulSetPath(of))), uidOf(before));
      assert.equal((await releaseOf(of, 'glyphoxa'))?.status, 'deployed');
      assert.match((await infrastructure(of, tool)).stdout, /^(?:\S+ unchanged\n){1}$/);
    });

    it(`goes on from an upgrade that was killed (${tool})`, async (t) => {
      if (isMissing(t)) return;
      const of = await bitnamiDeployment(t);
      assert.equal((await infrastructure(of, tool)).exitCode, 0);
      await of.configure(database({ provider: 'bitnami' }, { bitnami: '16.4.12' }));
      const before = await cutWhilePending(of, tool);
      const { exitCode, stderr } = await infrastructure(of, tool);
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /\(pending-upgrade\)/);
      const release = await releaseOf(of, 'glyphoxa');
      assert.equal(`${release?.chart} ${release?.status}`, 'postgresql-16.4.12 deployed');
      assert.equal(uidOf(await get(statefulSetPath(of))), uidOf(before));
    });
  }

  it('ends its helm where it is interrupted, holds nothing up, and goes on the next time', async (t) => {
    if (isMissing(t)) return;
    const of = await bitnamiDeployment(t);
    const before = await cutWhilePending(of, 'helm-3', 'SIGINT');
    assert.deepEqual((await of.request('GET', '/apis/coordination.k8s.io/v1/leases')).items, []);
    const { exitCode, stderr } = await infrastructure(of);
    assert.equal(exitCode, 0, stderr);
    assert.equal(uidOf(await get(statefulSetPath(of))), uidOf(before));
    assert.equal((await releaseOf(of, 'glyphoxa'))?.status, 'deployed');
  });

  it('does not go between a helm of somebody else that is at work', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    await of.request('POST', '/configmaps', { metadata: { name: 'hold' } });
    const args = [
      'install',
      'glyphoxa-postgresql',
      'cluster',
      '--repo',
      repository.url,
      '--version',
      '0.8.1',
      '-n',
      of.namespace,
      '--set',
      'fullnameOverride=glyphoxa-postgresql,cluster.instances=1',
    ];
    const helm = spawn(findTool('helm-3') ?? '', args, { env: { ...of.env }, stdio: 'ignore' });
    t.after(() => helm.kill('SIGKILL'));
    await waitFor('a pending release', async () =>
      (await releaseOf(of, 'glyphoxa-postgresql'))?.status === 'pending-install' ? true : undefined,
    );
    const { exitCode, stderr } = await infrastructure(of);
    assert.equal(exitCode, 1);
    tells(stderr, 'error helm-busy', 'glyphoxa-postgresql');
  });

  it('says what the operator says about a database that it cannot make', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    const message = 'ERROR: extension "vector" is not available (SQLSTATE 0A000)';
    operator.databases.set(of.namespace, { applied: false, message });
    const { exitCode, stderr } = await infrastructure(of);
    assert.equal(exitCode, 1);
    tells(stderr, 'error database-refused', '"vector"', 'spec.postgresql.image');
  });

  it('holds no lease while it waits for the database', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    operator.clusters.set(of.namespace, { phase: 'Setting up primary', readyInstances: 0 });
    const running = infrastructure(of);
    await waitFor('the Cluster', async () => {
      const { status } = await plane.request('GET', clusterPath(of));
      return status === 200 || undefined;
    });
    const lease = '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle';
    await waitFor('the lease to be free', async () => {
      const held = await of.request('GET', lease).catch(() => undefined);
      return held === undefined || undefined;
    });
    operator.clusters.delete(of.namespace);
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /glyphoxa-postgresql: 0 of 1 .*Setting up primary/);
  });

  it('waits for a webhook that does not answer yet', async (t) => {
    if (isMissing(t)) return;
    const of = await makeDeployment(t, plane, { spec: database() });
    const name = `w.${of.namespace}.example.com`;
    const base = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const rules = [
      {
        apiGroups: ['postgresql.cnpg.io'],
        apiVersions: ['v1'],
        operations: ['CREATE'],
        resources: ['clusters'],
      },
    ];
    const webhook = {
      name,
      rules,
      clientConfig: { service: { namespace: of.namespace, name: 'nobody', path: '/' } },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': of.namespace } },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    };
    await plane.request('POST', base, { metadata: { name }, webhooks: [webhook] });
    const { io, printed } = fakeIo({ cwd: of.folder, env: withHelm(of, 'helm-3').env });
    const running = run(['infrastructure', 'test'], io);
    await waitFor('the webhook', async () => (/trying again/.test(printed().stderr) ? true : undefined));
    await plane.request('DELETE', `${base}/${name}`);
    assert.equal(await running, 0, printed().stderr);
    assert.match(printed().stderr, /\bwebhook "w\..*; trying again/);
  });

  it('tells why an operator does not run, and leaves one alone that came in another way', async (t) => {
    if (isMissing(t)) return;
    const chart = { repository: repository.url, version: '2.20.0' };
    const of = await makeDeployment(t, plane, { spec: { sealedSecrets: { enabled: true, chart } } });
    const failed = await infrastructure(of);
    assert.equal(failed.exitCode, 1);
    assert.match(failed.stderr, /error rollout-image: .*sealed-secrets-controller/);
    const definition = await get(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com',
    );
    const { names } = definition.spec as { names: JsonObject };
    assert.deepEqual(names.shortNames, ['later'], 'definitions are upgraded with the chart');
    const { env } = withHelm(of, 'helm-3');
    const uninstall = ['uninstall', 'sealed-secrets', '-n', 'kube-system', '--wait'];
    assert.equal((await runTool(findTool('helm-3') ?? '', uninstall, { env })).exitCode, 0);
    const labels = { 'app.kubernetes.io/name': 'sealed-secrets' };
    const template = {
      metadata: { labels },
      spec: { containers: [{ name: 'it', image: 'registry.example.com/it:1' }] },
    };
    await plane.request('POST', '/apis/apps/v1/namespaces/default/deployments', {
      metadata: { name: 'own-controller', labels },
      spec: { selector: { matchLabels: labels }, template },
    });
    const kept = await infrastructure(of);
    assert.equal(kept.exitCode, 0, kept.stderr);
    assert.equal(kept.stdout, 'release.helm.sh/sealed-secrets kept\n');
    assert.match(kept.stderr, /^sealed-secrets: .*deployment\.apps\/own-controller in default/m);
  });
});

describe('infrastructure on an API server that goes away', () => {
  it('waits for it, and goes on', async (t) => {
    if (isMissing(t)) return;
    const of = await bitnamiDeployment(t);
    const { calls } = withHelm(of, 'helm-3');
    const running = infrastructure(of);
    await waitFor('helm', async () => (/^upgrade /m.test(readFileSync(calls, 'utf8')) ? true : undefined));
    await plane.stopApiServer();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await plane.startApiServer();
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /^the API server .*; waiting /m);
    assert.equal((await releaseOf(of, 'glyphoxa'))?.status, 'deployed');
  });
});
