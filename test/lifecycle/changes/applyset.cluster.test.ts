/** `kubectl apply --prune --applyset` and `apply` work on one set, and neither notices the other. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { applySetId } from '../../../generator/lifecycle/state/inventory.ts';
import { isObject, type Json, type JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { freshNamespace, requireCluster, type TestCluster, testCluster } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { type Deployment, environment, makeDeployment, writeTop } from '../../support/lifecycle.ts';
import { objectsOf, uids, verbs, versions, written } from '../../support/live-objects.ts';
import { requireTool, runTool, type ToolName } from '../../support/tools.ts';

const inventory = 'configmap/glyphoxa-inventory';
const memberLabel = 'applyset.kubernetes.io/part-of';
const server = 'deployment.apps/glyphoxa-mcp-gateway';
const merge = 'application/merge-patch+json';
const withoutServer: JsonObject = { mcpGateway: { enabled: false } };

/** Applies the environment with kubectl, as a member of the same set and under the same name. */
function theirs(of: Deployment, kubectl: string, ...flags: string[]): Promise<string> {
  return theirsOf(of, join('overlays', environment), kubectl, ...flags);
}

async function theirsOf(of: Deployment, folder: string, kubectl: string, ...flags: string[]) {
  const set = ['--field-manager=glyphoxa-kustomize', '--prune', '--applyset=configmaps/glyphoxa-inventory'];
  const args = [
    'apply',
    '--server-side',
    ...(flags.length > 0 ? flags : set),
    '-n',
    of.namespace,
    '-k',
    join(of.folder, folder),
  ];
  const { exitCode, stdout, stderr } = await runTool(kubectl, args, {
    env: { ...of.env, KUBECTL_APPLYSET: 'true' },
  });
  assert.equal(exitCode, 0, stderr);
  assert.doesNotMatch(stderr, /conflict/i);
  return stdout;
}

function ours(of: Deployment, ...flags: string[]): Promise<{ [object: string]: string }> {
  return oursOf(of, environment, ...flags);
}

async function oursOf(of: Deployment, word: string, ...flags: string[]) {
  const { exitCode, stdout, stderr } = await of.run('apply', word, '--no-wait', ...flags);
  assert.equal(exitCode, 0, stderr);
  return verbs(stdout);
}

function isUnchanged(said: { [object: string]: string }): void {
  assert.deepEqual(new Set(Object.values(said)), new Set(['unchanged']));
}

/** What was written of the objects. The inventory left out. */
async function settled(of: Deployment): Promise<JsonObject> {
  const { [inventory]: _, ...rest } = versions(await objectsOf(of));
  return rest;
}

async function kindsInSet(of: Deployment): Promise<string> {
  const { metadata } = (await of.request('GET', '/configmaps/glyphoxa-inventory')) as KubernetesObject;
  return String((metadata.annotations as JsonObject)['applyset.kubernetes.io/contains-group-kinds']);
}

for (const name of ['kubectl-1.30', 'kubectl-1.33', 'kubectl-1.36'] as const satisfies ToolName[]) {
  describe(`an ApplySet of ${name} and ours`, () => {
    it('changes nothing on the other turn, and each prunes what the other has created', async (t) => {
      const kubectl = requireTool(t, name);
      if (!requireCluster(t) || kubectl === undefined) return;
      const of = await makeDeployment(t, await testCluster());
      await theirs(of, kubectl);
      const first = await settled(of);
      isUnchanged(await ours(of));
      assert.deepEqual(await settled(of), first);
      const kinds = await kindsInSet(of);

      await of.configure(withoutServer);
      assert.equal((await ours(of))[server], 'pruned', 'theirs by us');
      assert.ok(!(await objectsOf(of)).has(server));
      await of.configure({});
      assert.equal((await ours(of))[server], 'created');
      assert.equal(await kindsInSet(of), kinds);
      const second = await settled(of);
      await theirs(of, kubectl);
      assert.deepEqual(await settled(of), second);
      assert.equal(await kindsInSet(of), kinds);

      await of.configure(withoutServer);
      assert.match(
        await theirs(of, kubectl),
        /deployment\.apps\/glyphoxa-mcp-gateway pruned/,
        'ours by them',
      );
      const third = await settled(of);
      assert.ok(!Object.hasOwn(third, server));
      isUnchanged(await ours(of));
      assert.deepEqual(await settled(of), third);
    });
  });
}

describe('pruning', () => {
  it('leaves what somebody else created, label or not, and lets go of it', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), { spec: withoutServer });
    const url = { url: 'http://glyphoxa-mcp-gateway:8080/mcp' };
    await of.request('POST', '/configmaps?fieldManager=somebody', {
      metadata: { name: 'glyphoxa-mcp-gateway' },
      data: url,
    });
    await of.configure({});
    const first = await ours(of);
    assert.equal(first['configmap/glyphoxa-mcp-gateway'], 'configured');
    const labels = { [memberLabel]: applySetId('glyphoxa-inventory', of.namespace) };
    const byHand = { metadata: { name: 'glyphoxa-by-hand', labels }, data: { a: 'b' } };
    await of.request('POST', '/configmaps?fieldManager=somebody', byHand);
    const before = uids(await objectsOf(of));
    await of.configure(withoutServer);
    // whose it is, is not forgotten before it is let go
    await ours(of, '--no-prune');
    const said = await ours(of);
    assert.equal(said[server], 'pruned');
    assert.equal(said['configmap/glyphoxa-mcp-gateway'], 'left');
    assert.equal(said['configmap/glyphoxa-by-hand'], 'left');
    const after = await objectsOf(of);
    for (const id of ['configmap/glyphoxa-mcp-gateway', 'configmap/glyphoxa-by-hand']) {
      assert.equal(after.get(id)?.metadata.uid, before[id]);
      assert.doesNotMatch(JSON.stringify(after.get(id)?.metadata), /applyset|"manager":"glyphoxa-kustomize"/);
    }
    assert.deepEqual(after.get('configmap/glyphoxa-mcp-gateway')?.data, url);
    isUnchanged(await ours(of));
    // and so it stays where it is met again
    await of.configure({});
    await ours(of);
    await of.configure(withoutServer);
    assert.equal((await ours(of))['configmap/glyphoxa-mcp-gateway'], 'left');
  });

  it('reaches other namespaces and what is in none, and lets go of what holds data', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (!requireCluster(t) || kubectl === undefined) return;
    const cluster = await testCluster();
    const [of, other] = [await makeDeployment(t, cluster), await freshNamespace(cluster)];
    const { namespace } = of;
    const role = (name: string) => clusterRole(t, cluster, `${namespace}-${name}`);
    const own = [map('ours', other), role('ours')];
    writeTop(of, own);
    assert.equal((await oursOf(of, 'top'))['configmap/ours'], 'created');
    writeTop(of, []);
    const said = await theirsOf(of, 'top', kubectl);
    assert.match(said, /^configmap\/ours pruned$/m);
    assert.match(said, /-ours pruned$/m);

    const path = `/api/v1/namespaces/${other}/configmaps`;
    await cluster.request('POST', path, map('theirs', other));
    writeTop(of, [...own, map('theirs', other), role('theirs'), claim]);
    await cluster.request('POST', clusterRoles, role('theirs'));
    await oursOf(of, 'top');
    writeTop(of, []);
    const pruned = await oursOf(of, 'top');
    const roles = ['ours', 'theirs'].map(
      (name) => `clusterrole.rbac.authorization.k8s.io/${namespace}-${name}`,
    ) as [string, string];
    const fates = ['configmap/ours', roles[0], 'configmap/theirs', roles[1], 'persistentvolumeclaim/data'];
    assert.deepEqual(
      fates.map((id) => pruned[id]),
      ['pruned', 'pruned', 'left', 'left', 'left'],
    );
    const statuses = [`${path}/ours`, `${clusterRoles}/${namespace}-ours`, `${path}/theirs`];
    const answers = await Promise.all(
      [...statuses, `${clusterRoles}/${namespace}-theirs`].map((url) => cluster.request('GET', url)),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 200, 200],
    );
    const { metadata } = (await of.request('GET', '/persistentvolumeclaims/data')) as KubernetesObject;
    assert.doesNotMatch(JSON.stringify(metadata), /applyset|"manager":"glyphoxa-kustomize"/);
    isUnchanged(await oursOf(of, 'top'));
  });

  it('reaches what kubectl has added there', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (!requireCluster(t) || kubectl === undefined) return;
    const cluster = await testCluster();
    const [of, other] = [await makeDeployment(t, cluster), await freshNamespace(cluster)];
    writeTop(of, [map('ours', other)]);
    await oursOf(of, 'top');
    const role = clusterRole(t, cluster, `${of.namespace}-theirs`);
    writeTop(of, [role]);
    await theirsOf(of, 'top', kubectl);
    // with the namespace in its context kubectl adds to others too
    const path = `/api/v1/namespaces/${other}/configmaps/theirs`;
    const labels = { [memberLabel]: applySetId('glyphoxa-inventory', of.namespace) };
    const theirs = { ...map('theirs', other), metadata: { name: 'theirs', labels } };
    const apply = `${path}?fieldManager=glyphoxa-kustomize`;
    await cluster.request('PATCH', apply, theirs, 'application/apply-patch+yaml');
    const annotations = { 'applyset.kubernetes.io/additional-namespaces': other };
    await of.request('PATCH', '/configmaps/glyphoxa-inventory', { metadata: { annotations } }, merge);
    const said = await ours(of);
    assert.equal(said['configmap/theirs'], 'pruned');
    assert.equal(said[`clusterrole.rbac.authorization.k8s.io/${of.namespace}-theirs`], 'pruned');
    isUnchanged(await ours(of));
  });

  it('waits with --no-prune, and forgets nothing meanwhile', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), { spec: { autoscaling: { enabled: true } } });
    await ours(of);
    const scaler = 'horizontalpodautoscaler.autoscaling/glyphoxa-gateway';
    assert.ok((await objectsOf(of)).has(scaler));
    await of.configure(withoutServer);
    assert.equal((await ours(of, '--no-prune'))[server], undefined);
    const kept = await objectsOf(of);
    assert.ok(kept.has(server) && kept.has(scaler));
    const said = await ours(of);
    assert.deepEqual([said[server], said[scaler]], ['pruned', 'pruned']);
    const left = await objectsOf(of);
    assert.ok(!left.has(server) && !left.has(scaler));
    assert.doesNotMatch(await kindsInSet(of), /HorizontalPodAutoscaler/);
  });
});

const clusterRoles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';

/** A ClusterRole that goes with the test. */
function clusterRole(t: TestContext, { request }: TestCluster, name: string): JsonObject {
  t.after(() => request('DELETE', `${clusterRoles}/${name}`));
  const rules = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }];
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules };
}

function map(name: string, namespace: string): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { a: 'b' } };
}

const claim: JsonObject = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: '',
    resources: { requests: { storage: '1Gi' } },
  },
};

describe('an object of another set', () => {
  it('is told before anything is touched', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const labels = { [memberLabel]: 'applyset-somebodys-v1' };
    await of.request('POST', '/services', {
      metadata: { name: 'glyphoxa-gateway', labels },
      spec: { ports: [{ name: 'admin', port: 8081 }], selector: { app: 'other' } },
    });
    const before = versions(await objectsOf(of));
    const { exitCode, stderr, stdout } = await of.run('apply', environment, '--force-conflicts');
    assert.equal(exitCode, 1);
    assert.equal(stdout, '');
    tells(stderr, 'error other-applyset', 'service/glyphoxa-gateway', 'ApplySet', 'applyset-somebodys-v1');
    assert.deepEqual(versions(await objectsOf(of)), before);
  });
});

const configurations: { readonly [name: string]: JsonObject } = {
  defaults: {},
  'all that needs no other Secret': {
    core: { runAsUser: 1000 },
    // as many as a Deployment begins with: a scaler has nothing to do on either side
    autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 4 },
    gateway: {
      ports: { observe: 9191 },
      serviceAccount: { annotations: { 'iam.example.com/role': 'gateway' } },
      podPatch: {
        metadata: { annotations: { 'linkerd.io/inject': 'disabled' } },
        spec: {
          containers: [{ name: 'gateway', env: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }] }],
        },
      },
    },
    worker: { ports: { observe: 9191 }, podPatch: { spec: { terminationGracePeriodSeconds: 60 } } },
    mcpGateway: { ports: { observe: 9191 } },
    config: {
      server: { log_level: 'debug' },
      mcp: {
        servers: [{ name: 'dice', transport: 'streamable-http', url: 'https://dice.example.com:8443/mcp' }],
      },
    },
  },
};

describe('kubectl apply --server-side -k and apply', () => {
  for (const [name, spec] of Object.entries(configurations)) {
    it(`lead to the same objects: ${name}`, async (t) => {
      const kubectl = requireTool(t, 'kubectl-1.36');
      if (!requireCluster(t) || kubectl === undefined) return;
      const cluster = await testCluster();
      const [a, b] = await Promise.all([
        makeDeployment(t, cluster, { spec }),
        makeDeployment(t, cluster, { spec }),
      ]);
      await Promise.all([ours(a), theirs(b, kubectl, '--field-manager=kubectl')]);
      const [left, right] = await Promise.all([objectsOf(a), objectsOf(b)]);
      left.delete(inventory);
      assert.deepEqual([...left.keys()].sort(), [...right.keys()].sort());
      for (const [id, object] of left) {
        assert.equal(isMember(object), id !== 'secret/glyphoxa-secrets', id);
        assert.deepEqual(
          normalised(object, a.namespace),
          normalised(right.get(id) as KubernetesObject, b.namespace),
          id,
        );
      }
    });
  }
});

function isMember({ metadata }: KubernetesObject): boolean {
  return isObject(metadata.labels) && memberLabel in metadata.labels;
}

/** An object without what differs from one object to the next, the set's label and the names of managers. */
function normalised(object: KubernetesObject, namespace: string): Json {
  const { metadata, spec, ...rest } = written(object) as KubernetesObject;
  const { uid: _, creationTimestamp: __, managedFields, labels, ...kept } = metadata;
  const { [memberLabel]: ___, ...others } = isObject(labels) ? labels : {};
  const { clusterIP: ____, clusterIPs: _____, ...own } = isObject(spec) ? spec : {};
  const owners = managedFields as { operation: string }[];
  const text = JSON.stringify({
    ...rest,
    metadata: { ...kept, labels: others, generation: 1 },
    spec: own,
    applied: owners.filter(({ operation }) => operation === 'Apply').length,
  });
  return JSON.parse(text.replaceAll(namespace, 'NAMESPACE')) as Json;
}
