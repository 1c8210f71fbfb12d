/** `destroy` on a real API server with real controllers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run as runProgram } from '../../../generator/cli/main.ts';
import { dig, isObject, type JsonObject, maps } from '../../../generator/model/json.ts';
import {
  freshNamespace,
  kubeconfigFor,
  requireCluster,
  type TestCluster,
  testCluster,
  waitFor,
  waitForRight,
} from '../../support/cluster.ts';
import { operatorDefinitions, otherDefinitions } from '../../support/database-definitions.ts';
import { fakeIo } from '../../support/fake-io.ts';
import { tells } from '../../support/findings.ts';
import {
  type Deployment,
  type DeploymentOptions,
  makeDeployment,
  writeTop,
} from '../../support/lifecycle.ts';
import { findTool, runTool } from '../../support/tools.ts';
import { startSession } from '../../support/voice-session.ts';

const merge = 'application/merge-patch+json';
const claims = '/persistentvolumeclaims';
const clusters = '/apis/postgresql.cnpg.io/v1/clusters';
const databases = '/apis/postgresql.cnpg.io/v1/databases';
const scheduledBackups = '/apis/postgresql.cnpg.io/v1/scheduledbackups';
const objectStores = '/apis/barmancloud.cnpg.io/v1/objectstores';
const podMonitors = '/apis/monitoring.coreos.com/v1/podmonitors';

async function applied(t: Parameters<typeof makeDeployment>[0], options: DeploymentOptions = {}) {
  const of = await makeDeployment(t, await testCluster(), options);
  const { exitCode, stderr } = await of.run('apply', 'test');
  assert.equal(exitCode, 0, stderr);
  return of;
}

/** Every kind in a namespace that can be listed, by discovery. Events come and go by themselves. */
async function listedKinds({ request }: TestCluster): Promise<{ path: string; plural: string }[]> {
  const groups = maps(dig((await request('GET', '/apis')).body as JsonObject, ['groups']));
  const versions = groups.map((group) => `/apis/${dig(group, ['preferredVersion', 'groupVersion'])}`);
  const found = await Promise.all(
    ['/api/v1', ...versions].map(async (path) => {
      const { body } = await request('GET', path);
      return maps(dig(body as JsonObject, ['resources']))
        .filter(
          ({ namespaced, verbs }) => namespaced === true && Array.isArray(verbs) && verbs.includes('list'),
        )
        .map(({ name }) => ({ path, plural: String(name) }));
    }),
  );
  return found.flat().filter(({ plural }) => plural !== 'events');
}

/** Everything in the namespace: `plural/name`, sorted. */
async function everything({ cluster, namespace }: Deployment): Promise<string[]> {
  const kinds = await listedKinds(cluster);
  const lists = await Promise.all(
    kinds.map(async ({ path, plural }) => {
      const { body } = await cluster.request('GET', `${path}/namespaces/${namespace}/${plural}`);
      return maps(isObject(body) ? body.items : []).map(
        (item) => `${plural}/${dig(item, ['metadata', 'name'])}`,
      );
    }),
  );
  return lists.flat().sort();
}

/** What is left once the controllers have cleared up. */
async function leftOf(of: Deployment, expected: readonly string[]): Promise<void> {
  let left: string[] = [];
  await waitFor('the controllers to clear up', async () => {
    left = await everything(of);
    return left.length <= expected.length || undefined;
  }).catch(() => {});
  assert.deepEqual(left, [...expected].sort());
}

async function names(of: Deployment, path: string): Promise<string[]> {
  const { items } = await of.request('GET', path);
  return maps(items).map((item) => String(dig(item, ['metadata', 'name'])));
}

/** Runs a command line with somebody at the terminal, who types an answer. */
async function runTyping(of: Deployment, answer: string, ...argv: string[]) {
  const { io, printed } = fakeIo({ cwd: of.folder, env: { ...of.env, TERM: 'dumb' }, stdin: `${answer}\n` });
  const exitCode = await runProgram(argv, { ...io, isTTY: true });
  return { ...printed(), exitCode };
}

describe('destroy', { concurrency: 6 }, () => {
  it('leaves nothing but what it lists as kept, and is no error the second time', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    // somebody else's, one of them under a name of the release
    await of.request('POST', '/configmaps', {
      metadata: { name: 'glyphoxa-mcp-gateway' },
      data: { note: 'mine' },
    });
    await of.request('POST', '/configmaps', { metadata: { name: 'other' } });
    const before = await everything(of);
    assert.ok(before.includes('secrets/glyphoxa-secrets'));
    const apply = await of.run('apply', 'test', '--force-conflicts');
    assert.equal(apply.exitCode, 0, apply.stderr);
    await startSession(of, 'aaaa1111');
    await startSession(of, 'bbbb2222');
    assert.ok((await everything(of)).length > before.length + 20);

    const { exitCode, stdout, stderr } = await of.run('destroy', 'test', '--yes');
    assert.equal(exitCode, 0, stderr);
    await leftOf(of, before);
    const kept = stdout.split('\n').filter((line) => line.endsWith(' kept'));
    assert.deepEqual(kept.sort(), [
      'configmap/glyphoxa-mcp-gateway kept',
      `namespace/${of.namespace} kept`,
      'secret/glyphoxa-secrets kept',
    ]);
    assert.match(stderr, / aaaa1111 .*\btavern, .*\d+ min/);
    const found = await of.request('GET', '/configmaps/glyphoxa-mcp-gateway');
    assert.doesNotMatch(JSON.stringify(dig(found, ['metadata', 'labels']) ?? {}), /applyset/);
    assert.equal(dig(found, ['data', 'note']), 'mine');
    assert.doesNotMatch(JSON.stringify(dig(found, ['metadata', 'managedFields'])), /"manager":"glyphoxa/);

    const again = await of.run('destroy', 'test');
    assert.equal(again.exitCode, 0, again.stderr);
    assert.doesNotMatch(again.stdout, / deleted$/m);
    assert.match(again.stderr, /secret\/glyphoxa-secrets: /);
    await leftOf(of, before);
  });

  it('deletes what applies created in other namespaces and in none, and nothing of others there', async (t) => {
    if (!requireCluster(t)) return;
    const cluster = await testCluster();
    const [of, other] = [await makeDeployment(t, cluster), await freshNamespace(cluster)];
    const path = `/api/v1/namespaces/${other}/configmaps`;
    const map = (name: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: other },
    });
    const role = (name: string) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `${of.namespace}-${name}` },
    });
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
    t.after(() => cluster.request('DELETE', `${roles}/${of.namespace}-theirs`));
    await cluster.request('POST', roles, role('theirs'));
    await cluster.request('POST', path, map('theirs'));
    writeTop(of, [map('theirs'), map('ours'), role('theirs'), role('ours')]);
    assert.equal((await of.run('apply', 'top', '--no-wait')).exitCode, 0);
    // also what the environment does not list any more
    writeTop(of, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: other } },
      map('theirs'),
      role('theirs'),
    ]);
    const { exitCode, stdout, stderr } = await of.run('destroy', 'top', '--yes');
    assert.equal(exitCode, 0, stderr);
    for (const kind of ['configmap/', `clusterrole.rbac.authorization.k8s.io/${of.namespace}-`]) {
      assert.ok(stdout.includes(`${kind}ours deleted\n`), kind);
      assert.ok(stdout.includes(`${kind}theirs kept\n`), kind);
    }
    assert.ok(stdout.includes(`namespace/${other} kept\n`));
    const urls = ['ours', 'theirs'].flatMap((name) => [
      `${path}/${name}`,
      `${roles}/${of.namespace}-${name}`,
    ]);
    const answers = await Promise.all(urls.map((url) => cluster.request('GET', url)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 200, 200],
    );
  });

  it('fails where the release runs on, since somebody else created it, until it was adopted', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const kubectl = findTool('kubectl-1.36') as string;
    const apply = ['apply', '--server-side', '-k', 'overlays/test'];
    const theirs = await runTool(kubectl, apply, { cwd: of.folder, env: of.env });
    assert.equal(theirs.exitCode, 0, theirs.stderr);
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    for (const flag of ['--dry-run', '--yes', '--yes']) {
      const { exitCode, stderr } = await of.run('destroy', 'test', flag);
      assert.equal(exitCode, 1, stderr);
      tells(stderr, 'error runs-on', 'deployment.apps/glyphoxa-gateway', 'apply test --adopt');
      assert.doesNotMatch(stderr, /is destroyed/);
      assert.deepEqual((await names(of, '/apis/apps/v1/deployments')).length, 2);
    }
    const adopted = await of.run('apply', 'test', '--adopt');
    assert.equal(adopted.exitCode, 0, adopted.stderr);
    const { exitCode, stderr } = await of.run('destroy', 'test', '--yes');
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await names(of, '/apis/apps/v1/deployments'), []);
  });

  it('asks for environment and namespace, and does nothing without the answer', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const before = await everything(of);
    const silent = await of.run('destroy', 'test');
    assert.equal(silent.exitCode, 1);
    tells(silent.stderr, 'error not-confirmed', '--yes');
    const wrong = await runTyping(of, 'yes', 'destroy', 'test');
    assert.equal(wrong.exitCode, 1);
    assert.ok(wrong.stderr.includes(`Type "test ${of.namespace}" to continue: `), wrong.stderr);
    tells(wrong.stderr, 'error not-confirmed', `"test ${of.namespace}"`);
    const dry = await of.run('destroy', 'test', '--dry-run', '-o', 'json');
    assert.equal(dry.exitCode, 0, dry.stderr);
    const events = dry.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const results = events.filter(({ type }) => type === 'result');
    assert.ok(
      results.some(({ verb, object }) => verb === 'deleted' && object === 'deployment.apps/glyphoxa-gateway'),
    );
    assert.ok(results.every(({ dryRun }) => dryRun === true));
    assert.deepEqual(await everything(of), before);
    const right = await runTyping(of, `test ${of.namespace}`, 'destroy', 'test');
    assert.equal(right.exitCode, 0, right.stderr);
    assert.deepEqual(await names(of, '/apis/apps/v1/deployments'), []);
  });

  it('that is cut off is gone on with, also of a stopped release whose environment has changed', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const before = await everything(of);
    await of.configure({ autoscaling: { enabled: true } });
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    assert.equal((await of.run('stop', 'test')).exitCode, 0);
    await of.configure({ mcpGateway: { enabled: false } });
    const role = '/apis/rbac.authorization.k8s.io/v1/roles/glyphoxa-job-manager';
    const finalizers = (value: string[]) =>
      of.request('PATCH', role, { metadata: { finalizers: value } }, merge);
    await finalizers(['test.glyphoxa.io/holds']);
    const cut = of.spawn('destroy', 'test', '--yes');
    await cut.says(/deletion: .*role\.rbac\.authorization\.k8s\.io\/glyphoxa-job-manager /);
    cut.child.kill('SIGINT');
    assert.equal((await cut.ended).code, 130);
    assert.ok((await everything(of)).includes('configmaps/glyphoxa-inventory'));
    await finalizers([]);
    const { exitCode, stderr } = await of.run('destroy', 'test', '--yes');
    assert.equal(exitCode, 0, stderr);
    await leftOf(of, before);
  });

  it('lets others apply the release while it waits, and leaves it to them', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const job = `/apis/batch/v1/jobs/${await startSession(of, 'aaaa1111')}`;
    const finalizers = (value: string[]) =>
      of.request('PATCH', job, { metadata: { finalizers: value } }, merge);
    await finalizers(['test.glyphoxa.io/holds']);
    const destroying = of.spawn('destroy', 'test', '--yes');
    await destroying.says(/worker Jobs: waiting for/);
    const apply = await of.run('apply', 'test');
    assert.equal(apply.exitCode, 0, apply.stderr);
    await finalizers([]);
    const { code, stderr } = await destroying.ended;
    assert.equal(code, 1, stderr);
    tells(stderr, 'error changed-meanwhile', 'deployment.apps/glyphoxa-gateway');
    assert.doesNotMatch(stderr, /is destroyed/);
    const diff = await of.run('diff', 'test');
    assert.equal(diff.exitCode, 0, diff.stdout);
  });

  it('is told at once of names that nothing can have, before anything is asked', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const { exitCode, stdout, stderr } = await of.run(
      'destroy',
      'test',
      '-n',
      'No_Such',
      '--release',
      '../x',
    );
    assert.equal(exitCode, 1);
    assert.equal(stdout, '');
    tells(stderr, 'error namespace-name', '--namespace', '"No_Such"');
    tells(stderr, 'error release-name', '--release', '"../x"');
    const diff = await of.run('diff', 'test', '-n', '');
    tells(diff.stderr, 'error namespace-name', '--namespace');
  });

  it('and an apply that waits for what it deletes come one after the other', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    const service = '/services/glyphoxa-gateway';
    const finalizers = (value: string[]) =>
      of.request('PATCH', service, { metadata: { finalizers: value } }, merge);
    await finalizers(['test.glyphoxa.io/holds']);
    const destroying = of.spawn('destroy', 'test', '--yes');
    await destroying.says(/deletion: .*service\/glyphoxa-gateway/);
    const applying = of.spawn('apply', 'test');
    await applying.says(/deletion: .*service\/glyphoxa-gateway/);
    await finalizers([]);
    const [destroyed, apply] = await Promise.all([destroying.ended, applying.ended]);
    assert.equal(apply.code, 0, apply.stderr);
    assert.ok(destroyed.code === 0 || /error changed-meanwhile/.test(destroyed.stderr), destroyed.stderr);
    const diff = await of.run('diff', 'test');
    assert.equal(diff.exitCode, 0, diff.stdout);
  });

  it('deletes the database and its volumes only where they are named, and says what is lost', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    await installDatabaseKinds(of.cluster);
    const { metadata } = await of.request('POST', clusters, {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata: { name: 'glyphoxa-postgresql' },
      spec: { instances: 2 },
      status: { phase: 'Cluster in healthy state', readyInstances: 2 },
    });
    await of.request('POST', databases, {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Database',
      metadata: { name: 'glyphoxa-postgresql' },
      spec: { cluster: { name: 'glyphoxa-postgresql' }, name: 'glyphoxa', owner: 'glyphoxa' },
    });
    const around: [string, string, string, JsonObject][] = [
      [
        scheduledBackups,
        'postgresql.cnpg.io/v1',
        'ScheduledBackup',
        { cluster: { name: 'glyphoxa-postgresql' }, schedule: '0 0 3 * * *' },
      ],
      [
        objectStores,
        'barmancloud.cnpg.io/v1',
        'ObjectStore',
        { configuration: { destinationPath: 's3://backups' } },
      ],
      [podMonitors, 'monitoring.coreos.com/v1', 'PodMonitor', { selector: {} }],
    ];
    for (const [path, apiVersion, kind, spec] of around) {
      for (const name of ['glyphoxa-postgresql', 'other']) {
        await of.request('POST', path, { apiVersion, kind, metadata: { name }, spec });
      }
    }
    const owner = {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      name: 'glyphoxa-postgresql',
      uid: String(dig(metadata, ['uid'])),
      controller: true,
    };
    // as CloudNativePG makes them; beside them one of somebody else
    await of.request(
      'POST',
      claims,
      claim('glyphoxa-postgresql-1', { 'cnpg.io/cluster': 'glyphoxa-postgresql' }, [owner]),
    );
    await of.request('POST', claims, claim('other', {}));
    assert.equal((await of.run('apply', 'test')).exitCode, 0);

    const plain = await of.run('destroy', 'test', '--yes');
    assert.equal(plain.exitCode, 0, plain.stderr);
    assert.match(
      plain.stderr,
      /cluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql: .*--delete-database deletes it/,
    );
    assert.match(plain.stderr, /persistentvolumeclaim\/glyphoxa-postgresql-1: .*--delete-volumes deletes it/);
    assert.deepEqual(await names(of, clusters), ['glyphoxa-postgresql']);
    assert.deepEqual(await names(of, databases), ['glyphoxa-postgresql']);
    for (const [path, , kind] of around) {
      assert.deepEqual(await names(of, path), ['glyphoxa-postgresql', 'other']);
      const kept = new RegExp(`${kind.toLowerCase()}\\.\\S+/glyphoxa-postgresql: it belongs to the database`);
      assert.match(plain.stderr, kept);
    }

    const inUse = await of.run('destroy', 'test', '--yes', '--delete-volumes');
    assert.equal(inUse.exitCode, 1);
    assert.match(inUse.stderr, /error volumes-in-use: .*\n.*--delete-database/);
    const released = await runTyping(of, `test ${of.namespace}`, 'destroy', 'test', '--delete-database');
    tells(released.stderr, 'error not-confirmed', `"test ${of.namespace} database"`);
    const database = await runTyping(
      of,
      `test ${of.namespace} database`,
      'destroy',
      'test',
      '--delete-database',
    );
    assert.equal(database.exitCode, 0, database.stderr);
    assert.match(
      database.stderr,
      /^ .*cluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql .*\b2 instances.* persistentvolumeclaim\/glyphoxa-postgresql-1/m,
    );
    assert.deepEqual(await names(of, clusters), []);
    assert.deepEqual(await names(of, databases), []);
    for (const [path] of around) assert.deepEqual(await names(of, path), ['other']);
    const deleted = [
      ...`${database.stdout}${database.stderr}`.matchAll(/(\w+)\.\S+\/glyphoxa-postgresql deleted/g),
    ];
    const order = deleted.map(([, kind]) => kind);
    assert.deepEqual(order.slice(-2), ['cluster', 'objectstore']);
    assert.deepEqual(order.slice(0, -2).sort(), ['database', 'podmonitor', 'scheduledbackup']);
    // what it owned would go in the background
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert.deepEqual(await names(of, claims), ['glyphoxa-postgresql-1', 'other']);

    const volumes = await of.run('destroy', 'test', '--yes', '--delete-volumes');
    assert.equal(volumes.exitCode, 0, volumes.stderr);
    assert.match(volumes.stderr, /^ .*persistentvolumeclaim\/glyphoxa-postgresql-1 .*\b10Gi: /m);
    assert.deepEqual(await names(of, claims), ['other']);
  });

  it('deletes the StatefulSet of the other chart with its pods, and its volumes after them', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    await of.request('POST', '/apis/apps/v1/statefulsets', statefulSet);
    await waitFor('its volume', async () => ((await names(of, claims)).length > 0 ? true : undefined));
    const { exitCode, stderr } = await of.run(
      'destroy',
      'test',
      '--yes',
      '--delete-database',
      '--delete-volumes',
    );
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await names(of, '/apis/apps/v1/statefulsets'), []);
    assert.deepEqual(await names(of, '/pods'), []);
    assert.deepEqual(await names(of, claims), []);
  });

  it('deletes the namespace only where it is named with all that it holds', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    await of.request('POST', '/configmaps', { metadata: { name: 'other' } });
    await of.request('POST', claims, claim('data-glyphoxa-postgresql-0', {}));
    const unnamed = await of.run('destroy', 'test', '--yes', '--delete-namespace');
    assert.equal(unnamed.exitCode, 1);
    assert.match(
      unnamed.stderr,
      /error namespace-holds: persistentvolumeclaim\/data-glyphoxa-postgresql-0 .*\n.*--delete-volumes/,
    );
    assert.equal(unnamed.stdout, '');
    const flags = ['--delete-namespace', '--delete-volumes'];
    const { exitCode, stdout, stderr } = await of.run('destroy', 'test', '--yes', ...flags);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, new RegExp(`namespace/${of.namespace}, and everything in it: .*ConfigMap other`));
    assert.match(stdout, new RegExp(`^namespace/${of.namespace} deleted$`, 'm'));
    assert.doesNotMatch(stdout + stderr, / kept$|these stay/m);
    const { status } = await of.cluster.request('GET', `/api/v1/namespaces/${of.namespace}`);
    assert.equal(status, 404);
    const again = await of.run('destroy', 'test', '--yes', ...flags);
    assert.equal(again.exitCode, 0, again.stderr);
  });
});

const rbac = '/apis/rbac.authorization.k8s.io/v1';

describe('destroy by somebody who may not delete all of it', () => {
  it('says what, and deletes nothing', async (t) => {
    if (!requireCluster(t)) return;
    const of = await applied(t);
    await of.request('POST', '/serviceaccounts', { metadata: { name: 'half' } });
    const all = { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'create', 'update', 'patch'] };
    const some = { apiGroups: ['*'], resources: ['deployments', 'configmaps', 'leases'], verbs: ['delete'] };
    await of.request('POST', `${rbac}/roles`, { metadata: { name: 'half' }, rules: [all, some] });
    await of.request('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'half' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'half' },
      subjects: [{ kind: 'ServiceAccount', name: 'half', namespace: of.namespace }],
    });
    const account = { serviceAccount: 'half', namespace: of.namespace };
    await waitForRight(of.cluster, account, { verb: 'get', group: '', resource: 'configmaps' });
    const kubeconfig = await kubeconfigFor(of.cluster, account);
    const before = await everything(of);
    const flags = ['--yes', '--delete-namespace', `--kubeconfig=${kubeconfig}`];
    const { exitCode, stdout, stderr } = await of.run('destroy', 'test', ...flags);
    assert.deepEqual({ exitCode, stdout }, { exitCode: 1, stdout: '' }, stderr);
    const refused = [...stderr.matchAll(/^error forbidden: (\S+) /gm)].map(([, name]) => name);
    const isAllowed = (name: string | undefined) => /^(?:deployment|configmap)/.test(name ?? '');
    assert.ok(refused.includes(`namespace/${of.namespace}`), stderr);
    assert.ok(refused.includes('service/glyphoxa-gateway'), stderr);
    assert.deepEqual(refused.filter(isAllowed), []);
    assert.deepEqual(await everything(of), before);
  });
});

const claim = (name: string, labels: JsonObject, ownerReferences: JsonObject[] = []) => ({
  metadata: { name, labels, ownerReferences },
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: '',
    resources: { requests: { storage: '10Gi' } },
  },
});

const labels = { 'app.kubernetes.io/name': 'postgresql', 'app.kubernetes.io/instance': 'glyphoxa' };

const statefulSet = {
  metadata: { name: 'glyphoxa-postgresql', labels },
  spec: {
    serviceName: 'glyphoxa-postgresql',
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'postgresql',
            image: 'example.org/postgresql:1',
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
    volumeClaimTemplates: [{ ...claim('data', {}), metadata: { name: 'data' } }],
  },
};

/** CloudNativePG's kinds. Others may install them at the same time. */
async function installDatabaseKinds({ request }: TestCluster): Promise<void> {
  const definitions = [...operatorDefinitions, ...otherDefinitions];
  for (const definition of definitions) {
    const { status } = await request(
      'POST',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      definition,
    );
    assert.ok(status === 201 || status === 409, String(status));
  }
  for (const definition of definitions) {
    const path = `/apis/${dig(definition, ['spec', 'group'])}/v1/${dig(definition, ['spec', 'names', 'plural'])}`;
    await waitFor(path, async () => {
      const { status } = await request('GET', path);
      return status === 200 || undefined;
    });
  }
}
