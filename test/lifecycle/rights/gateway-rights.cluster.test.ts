/** What the gateway may do on a cluster: all that the program does there, and nothing else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it, type TestContext } from 'node:test';
import type { JsonObject } from '../../../generator/model/json.ts';
import { parseYaml } from '../../../generator/model/yaml.ts';
import { generate } from '../../../generator/objects/generate.ts';
import { configOf } from '../../objects/samples.ts';
import {
  freshNamespace,
  kubeconfigFor,
  requireCluster,
  type TestCluster,
  testCluster,
  waitFor,
} from '../../support/cluster.ts';
import { type Answer, type Client, clientOf } from '../../support/control-plane/client.ts';

/** What the program needs, each right as `VERB GROUP/RESOURCE` and, where it is bound to one, the name. */
const needed = [
  ...['create', 'get', 'list', 'watch', 'delete'].map((verb) => `${verb} batch/jobs`),
  ...['get', 'list', 'watch'].flatMap((verb) => [`${verb} /pods`, `${verb} /pods/log`]),
  'get /configmaps tavern-worker-job-template',
];

/** A release's objects in a namespace, and clients of two accounts there. */
interface World {
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly gateway: Client;
  /** An account without any binding. */
  readonly nobody: Client;
}

let world: Promise<World> | undefined;

after(async () => {
  const { gateway, nobody } = (await world?.catch(() => undefined)) ?? {};
  gateway?.close();
  nobody?.close();
});

/** The world of all tests here; undefined where there is no cluster, and then the test is skipped. */
async function worldOf(t: TestContext): Promise<World | undefined> {
  if (!requireCluster(t)) return undefined;
  world ??= makeWorld();
  return world;
}

async function makeWorld(): Promise<World> {
  const cluster = await testCluster();
  const namespace = await freshNamespace(cluster);
  const objects = generate(configOf({}, { name: 'tavern', namespace }), new Map());
  const kinds = ['ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap'];
  for (const object of objects.filter(({ kind }) => kinds.includes(kind))) {
    const root = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`;
    const url = `${root}/namespaces/${namespace}/${object.kind.toLowerCase()}s`;
    expect(201, await cluster.request('POST', url, object));
  }
  const account = { metadata: { name: 'nobody' } };
  expect(201, await cluster.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, account));
  const secret = { metadata: { name: 'tavern-secrets' }, stringData: { 'admin-key': 'a' } };
  expect(201, await cluster.request('POST', `/api/v1/namespaces/${namespace}/secrets`, secret));
  const [gateway, nobody] = await Promise.all(
    ['tavern-gateway', 'nobody'].map((serviceAccount) => clientAs(cluster, { serviceAccount, namespace })),
  );
  const template = `/api/v1/namespaces/${namespace}/configmaps/tavern-worker-job-template`;
  // The API server's authorizer hears of a new binding a moment later.
  await waitFor('the binding', async () =>
    (await (gateway as Client).request('GET', template)).status === 200 ? true : undefined,
  );
  return { cluster, namespace, gateway: gateway as Client, nobody: nobody as Client };
}

async function clientAs(
  cluster: TestCluster,
  user: { serviceAccount: string; namespace: string },
): Promise<Client> {
  const kubeconfig = JSON.parse(readFileSync(await kubeconfigFor(cluster, user), 'utf8'));
  return clientOf({ ...cluster, token: kubeconfig.users[0].user.token });
}

function expect(status: number, answer: Answer): JsonObject {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body as JsonObject;
}

/** The events that a watch sent before it ended. */
function eventsOf({ status, body }: Answer): { type: string; object: JsonObject }[] {
  assert.equal(status, 200, JSON.stringify(body));
  // One line is one event, and a body of one line was read as JSON.
  if (typeof body !== 'string') return [body as { type: string; object: JsonObject }];
  return body
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe("the gateway's account", () => {
  it('may do every call of a voice session, from the template to the end of its Job', async (t) => {
    const of = await worldOf(t);
    if (of === undefined) return;
    const { gateway, namespace } = of;
    const core = `/api/v1/namespaces/${namespace}`;
    const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;

    const { data } = expect(
      200,
      await gateway.request('GET', `${core}/configmaps/tavern-worker-job-template`),
    );
    const text = (data as { [key: string]: string })['job-template.yaml'] ?? '';
    const job = parseYaml(text)[0] as unknown as Job;
    job.metadata.name = job.metadata.name.replaceAll('SESSION_ID', '0a1b2c3d');
    const labels = { 'glyphoxa.io/session-id': '0a1b2c3d-4e5f', 'glyphoxa.io/tenant-id': 'one' };
    for (const { metadata } of [job, job.spec.template]) metadata.labels = { ...metadata.labels, ...labels };
    job.spec.template.spec.containers[0]?.env.push({ name: 'GLYPHOXA_SESSION_ID', value: '0a1b2c3d-4e5f' });
    const { name } = job.metadata;
    const created = await gateway.request('POST', jobs, job);
    expect(201, created);
    assert.deepEqual(created.warnings, []);

    const ofJob = `labelSelector=job-name%3D${name}`;
    const pod = await waitFor('the pod of the session', async () => {
      const { items } = expect(200, await gateway.request('GET', `${core}/pods?${ofJob}`));
      return (items as unknown as Pod[]).find(
        ({ status }) => status.phase === 'Running' && status.podIP && status.containerStatuses?.[0]?.started,
      );
    });
    assert.equal(pod.metadata.labels['glyphoxa.io/tenant-id'], 'one');
    expect(200, await gateway.request('GET', `${core}/pods/${pod.metadata.name}`));
    assert.equal((await gateway.request('GET', `${core}/pods/${pod.metadata.name}/log`)).status, 200);
    const watched = await gateway.request('GET', `${core}/pods?${ofJob}&watch=true&timeoutSeconds=1`);
    assert.ok(
      eventsOf(watched).some(({ object }) => (object as unknown as Pod).metadata.name === pod.metadata.name),
    );

    const sessions = 'labelSelector=glyphoxa.io%2Fsession-id';
    const { items } = expect(200, await gateway.request('GET', `${jobs}?${sessions}`));
    assert.deepEqual(
      (items as unknown as Job[]).map(({ metadata }) => metadata.name),
      [name],
    );
    const { type } =
      eventsOf(await gateway.request('GET', `${jobs}?${sessions}&watch=true&timeoutSeconds=1`))[0] ?? {};
    assert.equal(type, 'ADDED');
    expect(200, await gateway.request('GET', `${jobs}/${name}`));

    const background = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
    expect(200, await gateway.request('DELETE', `${jobs}/${name}`, background));
    await waitFor('the end of the pod', async () => {
      const { items } = expect(200, await gateway.request('GET', `${core}/pods?${ofJob}`));
      return (items as unknown[]).length === 0 ? true : undefined;
    });
    expect(404, await gateway.request('GET', `${jobs}/${name}`));
  });

  it('has the rules of those calls on top of what every account has, and no other', async (t) => {
    const of = await worldOf(t);
    if (of === undefined) return;
    const [own, common] = await Promise.all([rulesOf(of.gateway, of), rulesOf(of.nobody, of)]);
    assert.deepEqual(
      [...own.resources].filter((right) => !common.resources.has(right)).sort(),
      needed.toSorted(),
    );
    assert.deepEqual(
      [...common.resources].filter((right) => !own.resources.has(right)),
      [],
    );
    // the server lists them in any order
    const sorted = (rules: unknown[]) => rules.map((rule) => JSON.stringify(rule)).sort();
    assert.deepEqual(sorted(own.others), sorted(common.others));
    assert.ok(common.resources.size > 0);
  });

  it('is allowed nothing else on any resource of the API, in its namespace or elsewhere', async (t) => {
    const of = await worldOf(t);
    if (of === undefined) return;
    const resources = await resourcesOf(of.cluster);
    for (const known of ['/secrets', '/pods/exec', 'batch/jobs/status', 'apps/deployments']) {
      assert.ok(resources.includes(known), known);
    }
    const asked = resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`));
    const named = [
      ...verbs.map((verb) => `${verb} /configmaps tavern-worker-job-template`),
      ...verbs.map((verb) => `${verb} /configmaps tavern-config`),
      ...verbs.map((verb) => `${verb} /secrets tavern-secrets`),
      ...verbs.map((verb) => `${verb} rbac.authorization.k8s.io/roles tavern-job-manager`),
    ];
    const here = await allowed(of.gateway, [...asked, ...named], of.namespace);
    const common = await allowed(of.nobody, [...asked, ...named], of.namespace);
    // A right without a name holds for every name.
    const expected = new Set([...needed, ...common]);
    assert.deepEqual([...here].sort(), [...expected].sort());
    const elsewhere = await allowed(of.gateway, asked, undefined);
    assert.deepEqual(elsewhere, await allowed(of.nobody, asked, undefined));
    const inDefault = await allowed(of.gateway, needed, 'default');
    assert.deepEqual(inDefault, []);
  });

  it('is refused where it tries', async (t) => {
    const of = await worldOf(t);
    if (of === undefined) return;
    const core = `/api/v1/namespaces/${of.namespace}`;
    const jobs = `/apis/batch/v1/namespaces/${of.namespace}/jobs`;
    const metadata = { name: 'a' };
    const attempts: [string, string, object?, string?][] = [
      ['GET', `${core}/secrets/tavern-secrets`],
      ['GET', `${core}/secrets`],
      ['GET', `${core}/configmaps`],
      ['GET', `${core}/configmaps/tavern-config`],
      ['POST', `${core}/configmaps`, { metadata }],
      ['POST', `${core}/pods`, { metadata, spec: { containers: [{ name: 'a', image: 'a' }] } }],
      ['DELETE', `${core}/pods/a`],
      ['POST', `${core}/pods/a/exec?command=a`],
      ['POST', `${core}/serviceaccounts/default/token`, { spec: {} }],
      ['PATCH', `${jobs}/a`, { spec: { suspend: true } }, 'application/merge-patch+json'],
      ['DELETE', jobs],
      ['GET', '/apis/batch/v1/namespaces/default/jobs'],
      ['GET', '/apis/batch/v1/jobs'],
      ['GET', `/apis/apps/v1/namespaces/${of.namespace}/deployments`],
      ['GET', `/apis/rbac.authorization.k8s.io/v1/namespaces/${of.namespace}/roles`],
      ['GET', '/api/v1/namespaces'],
      ['GET', '/api/v1/nodes'],
    ];
    for (const [method, url, body, type] of attempts) {
      const { status } = await of.gateway.request(method, url, body, type);
      assert.equal(status, 403, `${method} ${url}`);
    }
  });
});

interface Job {
  metadata: { name: string; labels: { [label: string]: string } };
  spec: {
    template: {
      metadata: { labels: { [label: string]: string } };
      spec: { containers: { env: object[] }[] };
    };
  };
}

interface Pod {
  metadata: { name: string; labels: { [label: string]: string } };
  status: { phase: string; podIP?: string; containerStatuses?: { started?: boolean }[] };
}

/** The rules of an account in the namespace, each right by itself. */
async function rulesOf(client: Client, { namespace }: World) {
  const review = { spec: { namespace } };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
  const { status } = expect(201, await client.request('POST', path, review)) as unknown as {
    status: { incomplete: boolean; resourceRules: Rule[]; nonResourceRules: object[] };
  };
  assert.equal(status.incomplete, false);
  const rights = status.resourceRules.flatMap(({ verbs, apiGroups, resources, resourceNames = [] }) =>
    verbs.flatMap((verb) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => {
          const right = `${verb} ${group}/${resource}`;
          return resourceNames.length > 0 ? resourceNames.map((name) => `${right} ${name}`) : [right];
        }),
      ),
    ),
  );
  return { resources: new Set(rights), others: status.nonResourceRules };
}

interface Rule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
}

/** Verbs of requests, and those that rules may grant beside them. */
const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'].concat([
  'bind',
  'escalate',
  'impersonate',
  'use',
]);

/** Every resource and subresource that the API server serves, as `GROUP/RESOURCE`. */
async function resourcesOf({ request }: TestCluster): Promise<string[]> {
  const { groups } = expect(200, await request('GET', '/apis')) as unknown as {
    groups: { versions: { groupVersion: string }[] }[];
  };
  const versions = groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion));
  const lists = ['/api/v1', ...versions.map((version) => `/apis/${version}`)].map(async (url) => {
    const { body } = await request('GET', url);
    const group = url === '/api/v1' ? '' : url.split('/')[2];
    // Another test may have just removed a custom resource.
    const { resources = [] } = body as { resources?: { name: string }[] };
    return resources.map(({ name }) => `${group}/${name}`);
  });
  return [...new Set((await Promise.all(lists)).flat())].sort();
}

/** Those of the rights that an account has, by access reviews; without a namespace, in the whole cluster. */
async function allowed(client: Client, rights: readonly string[], namespace: string | undefined) {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const found = await Promise.all(
    rights.map(async (right) => {
      const [verb = '', resources = '', name] = right.split(' ');
      const [group = '', resource = '', subresource] = resources.split('/');
      const resourceAttributes = {
        verb,
        group,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        ...(name === undefined ? {} : { name }),
        ...(namespace === undefined ? {} : { namespace }),
      };
      const review = expect(201, await client.request('POST', path, { spec: { resourceAttributes } }));
      return (review.status as JsonObject).allowed === true ? [right] : [];
    }),
  );
  return found.flat();
}
