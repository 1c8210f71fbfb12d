/** What is said to be applied already is so for a real API server, and nothing else is sent to it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Client } from '../../../generator/lifecycle/api/client.ts';
import { ApiError } from '../../../generator/lifecycle/api/errors.ts';
import { apiPath, knownType } from '../../../generator/lifecycle/api/resources.ts';
import { applyObject } from '../../../generator/lifecycle/api/server-side-apply.ts';
import { applyStep } from '../../../generator/lifecycle/changes/apply-step.ts';
import { isApplied } from '../../../generator/lifecycle/state/applied.ts';
import { readLive } from '../../../generator/lifecycle/state/live.ts';
import { clone, equal, isObject, type Json, type JsonObject } from '../../../generator/model/json.ts';
import { type KubernetesObject, objectId } from '../../../generator/model/object.ts';
import { Chance } from '../../support/chance.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { makeDeployment } from '../../support/lifecycle.ts';
import { sessionOf } from '../../support/session.ts';
import { allObjects, configurations } from '../changes/configurations/configurations.ts';

/** A seed fails again with GLYPHOXA_SEED. */
const seed = Number(process.env.GLYPHOXA_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** So many changes of each object are shown to the API server. */
const changes = 6;

const known = [
  ...['ServiceAccount', 'ConfigMap', 'Secret', 'Service'].map((kind) => knownType('v1', kind)),
  knownType('apps/v1', 'Deployment'),
  knownType('networking.k8s.io/v1', 'NetworkPolicy'),
  ...['Role', 'RoleBinding'].map((kind) => knownType('rbac.authorization.k8s.io/v1', kind)),
  knownType('autoscaling/v2', 'HorizontalPodAutoscaler'),
  knownType('policy/v1', 'PodDisruptionBudget'),
];

function typeOf({ kind }: KubernetesObject) {
  return known.find((type) => type.kind === kind);
}

/** Objects of some configurations, each version of an object under a name of its own. */
function samples(namespace: string): KubernetesObject[] {
  const objects = configurations('games')
    .slice(0, 12)
    .flatMap(({ config }) => allObjects(config))
    .filter((object) => typeOf(object) !== undefined);
  const distinct = new Map(
    objects.map((object) => [JSON.stringify({ ...object, metadata: object.kind }), object]),
  );
  return [...distinct.values()].map((object, index) => ({
    ...object,
    metadata: { ...object.metadata, namespace, name: `${object.metadata.name}-${index}` },
  }));
}

/** A change of an object. */
interface Change {
  readonly what: (typeof ways)[number];
  readonly make: () => unknown;
}

const ways = ['remove', 'change', 'add', 'reverse'] as const;

/** Every change that can be made in a value. */
function changesOf(value: Json): Change[] {
  if (Array.isArray(value)) {
    const below = value.flatMap((item, index): Change[] => [
      { what: 'remove', make: () => value.splice(index, 1) },
      { what: 'change', make: () => value.splice(index, 1, changed(item)) },
      { what: 'add', make: () => value.push(clone(item)) },
      ...changesOf(item),
    ]);
    return value.length > 1 ? [{ what: 'reverse', make: () => value.reverse() }, ...below] : below;
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]): Change[] => {
    const below = changesOf(item);
    if (['apiVersion', 'kind', 'metadata', 'name', 'namespace'].includes(key)) return below;
    return [
      { what: 'remove', make: () => delete value[key] },
      { what: 'change', make: () => Object.assign(value, { [key]: changed(item) }) },
      { what: 'add', make: () => Object.assign(value, { [`${key}-more`]: clone(item) }) },
      ...below,
    ];
  });
}

function changed(value: Json): Json {
  if (typeof value === 'string') return `${value}x`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return Array.isArray(value) ? [] : {};
}

/** What the API server would do: nothing, something, or refuse; and to what. */
async function effect(client: Client, object: KubernetesObject, read: () => Promise<KubernetesObject>) {
  const type = typeOf(object) as NonNullable<ReturnType<typeof typeOf>>;
  for (;;) {
    const live = await read();
    try {
      const after = await applyObject(client, type, object, { dryRun: true, force: true });
      // a controller has written in between
      if (after.metadata.resourceVersion !== live.metadata.resourceVersion) continue;
      return { live, result: equal(timeless(after), timeless(live)) ? 'nothing' : 'something' } as const;
    } catch (error) {
      if (error instanceof ApiError) return { live, result: 'refused' } as const;
      throw error;
    }
  }
}

function timeless(object: KubernetesObject): JsonObject {
  return JSON.parse(JSON.stringify(object, (key, value) => (key === 'time' ? undefined : value)));
}

async function inEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: 6 }, lane));
}

async function room(t: TestContext) {
  const deployment = await makeDeployment(t, await testCluster());
  return { deployment, session: await sessionOf(t, deployment) };
}

test('an object is as listed once it is applied, and with every change only where the API server finds none', async (t) => {
  if (!requireCluster(t)) return;
  t.diagnostic(`GLYPHOXA_SEED=${seed}`);
  const { deployment, session } = await room(t);
  const { client } = session;
  const chance = new Chance(seed);
  const uncertain: string[] = [];
  const seen = { nothing: 0, something: 0, refused: 0 };
  const objects = samples(deployment.namespace);
  await inEach(objects, async (object) => {
    // no pods: they would only take room
    if (object.kind === 'Deployment')
      object.spec = { ...(object.spec as JsonObject), paused: true, replicas: 0 };
    const type = typeOf(object) as NonNullable<ReturnType<typeof typeOf>>;
    await applyObject(client, type, object);
    const added = { ...object, metadata: { ...object.metadata, labels: { 'example.com/others': 'label' } } };
    const { apiVersion, kind, metadata } = added;
    await applyObject(client, type, { apiVersion, kind, metadata }, { manager: 'somebody' });
    const path = apiPath(type, deployment.namespace, object.metadata.name);
    const read = async () => (await client.get(path)) as KubernetesObject;
    if (!isApplied(object, await read())) uncertain.push(objectId(object));
    for (let count = 0; count < changes; count++) {
      const other = clone(object);
      const way = chance.pick(ways);
      const possible = changesOf(other).filter(({ what }) => what === way);
      if (possible.length > 0) chance.pick(possible).make();
      const { live, result } = await effect(client, other, read);
      seen[result]++;
      if (isApplied(other, live)) assert.equal(result, 'nothing', JSON.stringify([object, other]));
    }
  });
  // pod patches with what the server writes otherwise or completes
  assert.ok(uncertain.length < objects.length / 10, uncertain.join());
  assert.ok(seen.something > 50 && seen.refused > 20, JSON.stringify(seen));
});

test('an apply of what has not changed asks the API server to change nothing', async (t) => {
  if (!requireCluster(t)) return;
  const { deployment, session } = await room(t);
  await deployment.run('apply', 'test', '--no-wait');
  const sent: string[] = [];
  const send: Client['send'] = (method, path, options) => {
    if (method !== 'GET') sent.push(`${method} ${path}`);
    return session.client.send(method, path, options);
  };
  const watched = { ...session, client: { ...session.client, send } };
  const choices = { forceConflicts: false, adopt: false, prune: true };
  await applyStep(watched, await readLive(session), choices);
  assert.deepEqual(sent, []);

  const gateway = '/apis/apps/v1/deployments/glyphoxa-gateway';
  const body = { spec: { template: { spec: { terminationGracePeriodSeconds: 7 } }, replicas: 9 } };
  await deployment.request('PATCH', `${gateway}?fieldManager=somebody`, body, 'application/merge-patch+json');
  await applyStep(watched, await readLive(session), { ...choices, forceConflicts: true });
  assert.deepEqual(sent, [
    `PATCH ${apiPath(knownType('apps/v1', 'Deployment'), deployment.namespace, 'glyphoxa-gateway')}`,
  ]);
});

test('an apply takes the replicas back though a controller writes into the Deployment at the same time', async (t) => {
  if (!requireCluster(t)) return;
  const { deployment } = await room(t);
  const gateway = '/apis/apps/v1/deployments/glyphoxa-gateway';
  const patch = (path: string, body: unknown) =>
    deployment.request('PATCH', path, body, 'application/merge-patch+json');
  await deployment.run('apply', 'test', '--no-wait');
  // from here on the number is held for the scaler
  await deployment.configure({ autoscaling: { enabled: true } });
  await deployment.run('apply', 'test', '--no-wait');
  await deployment.configure({ gateway: { replicaCount: 2 } });
  const session = await sessionOf(t, deployment);
  const live = await readLive(session);
  await patch(`${gateway}?fieldManager=somebody`, { metadata: { annotations: { 'example.com/a': 'b' } } });
  await applyStep(session, live, { forceConflicts: false, adopt: false, prune: true });
  const { spec } = (await deployment.request('GET', gateway)) as { spec: JsonObject };
  assert.equal(spec.replicas, 2);
});
