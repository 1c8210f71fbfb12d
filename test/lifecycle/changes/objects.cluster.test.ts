/** What API servers say of every object that a configuration can lead to. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Config } from '../../../generator/config/schema/resource.ts';
import { isObject, type JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { objectId } from '../../../generator/model/object.ts';
import { parseYaml } from '../../../generator/model/yaml.ts';
import { namesOf } from '../../../generator/objects/names.ts';
import { find } from '../../objects/samples.ts';
import { waitFor } from '../../support/cluster.ts';
import {
  type Answer,
  type ControlPlane,
  hasControlPlane,
  requireControlPlane,
  startControlPlane,
} from '../../support/control-plane.ts';
import { operatorDefinitions, otherDefinitions } from '../../support/database-definitions.ts';
import { allObjects, configOf, configurations } from './configurations/configurations.ts';
import { customResources } from './configurations/custom-resources.ts';
import { settableValues, valuesSet } from './configurations/schema-coverage.ts';

/** How many configurations are applied at once. */
const LANES = 6;

/** What can only be an error: the program supports one port only, and no gRPC by TLS. */
const impossible = ['.spec.worker.ports.grpc', '.spec.grpcTls.secretName', '.spec.grpcTls.clientAuth'];

const all = configurations('games');

describe('the configurations', () => {
  it('set every option of the schema, and every choice of it, to something else than the default', () => {
    const set = new Set(all.flatMap(({ resource }) => [...valuesSet(resource)]));
    assert.deepEqual(
      settableValues().filter((value) => !set.has(value)),
      impossible,
    );
    const [first] = all;
    assert.throws(
      () => configOf({ ...first?.resource, spec: { worker: { ports: { grpc: 50052 } } } }),
      /worker-grpc-port/,
    );
  });

  it('lead to every kind of object', () => {
    const kinds = new Set(all.flatMap(({ config }) => allObjects(config)).map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), [
      'Cluster',
      'ConfigMap',
      'Database',
      'Deployment',
      'ExternalSecret',
      'HorizontalPodAutoscaler',
      'Ingress',
      'Namespace',
      'NetworkPolicy',
      'ObjectStore',
      'PodDisruptionBudget',
      'PodMonitor',
      'Role',
      'RoleBinding',
      'ScheduledBackup',
      'SealedSecret',
      'Secret',
      'Service',
      'ServiceAccount',
      'ServiceMonitor',
    ]);
  });
});

for (const version of ['1.33', '1.34', '1.36']) {
  describe(`Kubernetes ${version}`, () => {
    let plane: ControlPlane | undefined;

    before(async () => {
      if (!hasControlPlane(['apiserver'])) return;
      plane = await startControlPlane({ components: ['apiserver'], emulatedVersion: version });
      await prepare(plane);
    });
    after(() => plane?.stop());

    const running = (t: TestContext) => (requireControlPlane(t, ['apiserver']) ? plane : undefined);

    it('takes every object, and every pod within the restricted level, without a warning', async (t) => {
      const cluster = running(t);
      if (cluster === undefined) return;
      const { body } = await cluster.request('GET', '/version');
      assert.equal((body as JsonObject).emulationMinor, version.replace('1.', ''));
      const problems: string[] = [];
      let asked = 0;
      const queue = all.values();
      const lane = async () => {
        for (const { name, config } of queue) {
          await makeNamespace(cluster, config);
          const requests = requestsFor(config, allObjects(config));
          for (const request of requests) problems.push(...(await problemsOf(cluster, request, name)));
          asked += requests.length;
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      assert.deepEqual(problems, []);
      assert.ok(asked > 15 * all.length, `${asked} requests`);
    });

    it('refuses unknown fields, in custom resources too, and warns of pods beyond the level', async (t) => {
      const cluster = running(t);
      if (cluster === undefined) return;
      const config = configOf({
        apiVersion: 'deploy.glyphoxa.io/v1alpha1',
        kind: 'Glyphoxa',
        metadata: { name: 'wrong', namespace: 'wrong' },
        spec: { postgresql: { enabled: true } },
      });
      await makeNamespace(cluster, config);
      const objects = structuredClone(allObjects(config));
      for (const { kind, spec } of objects) {
        if (!isObject(spec)) continue;
        if (kind === 'Service' || kind === 'Database') spec.unknown = 1;
        if (kind === 'Deployment')
          delete (spec as { template: { spec: JsonObject } }).template.spec.securityContext;
      }
      const requests = requestsFor(config, objects);
      const problems = await Promise.all(requests.map((request) => problemsOf(cluster, request, '')));
      const found = problems.flat().join('\n');
      assert.match(found, /Service wrong\/wrong-gateway.*unknown/);
      assert.match(found, /Database wrong\/wrong-postgresql.*unknown/);
      assert.match(found, /Deployment wrong\/wrong-gateway: warning: would violate PodSecurity/);
      assert.match(found, /Pod wrong\/wrong-gateway: HTTP 403.*violates PodSecurity/);
    });
  });
}

/** One request of what a configuration leads to. */
interface Request {
  readonly object: KubernetesObject;
  readonly method: 'PATCH' | 'POST';
  readonly dryRun: boolean;
}

/** Its objects by server-side apply; the worker's Job, and the pod of each workload, as dry runs. */
function requestsFor(config: Config, objects: readonly KubernetesObject[]): Request[] {
  const { data } = find(objects, 'ConfigMap', namesOf(config).jobTemplate) as { data?: JsonObject };
  const text = data?.['job-template.yaml'];
  const job = parseYaml(String(text).replaceAll('SESSION_ID', '0a1b2c3d'))[0] as KubernetesObject;
  job.metadata.namespace = config.metadata.namespace;
  const workloads = [job, ...objects.filter(({ kind }) => kind === 'Deployment')];
  return [
    ...objects.map((object) => ({ object, method: 'PATCH' as const, dryRun: false })),
    { object: job, method: 'PATCH', dryRun: true },
    ...workloads.map((workload) => ({ object: podOf(workload), method: 'POST' as const, dryRun: true })),
  ];
}

/** The pod that a workload's controller would make. */
function podOf({ metadata, spec }: KubernetesObject): KubernetesObject {
  const { template } = spec as { template: JsonObject };
  const { name, namespace } = metadata;
  return {
    ...template,
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...(template.metadata as object), name, ...(namespace === undefined ? {} : { namespace }) },
  };
}

/** Sends a request and tells what is wrong with the answer. */
async function problemsOf(cluster: ControlPlane, request: Request, name: string): Promise<string[]> {
  const { object, method, dryRun } = request;
  const query = `fieldManager=test&fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`;
  const url = `${urlOf(object)}${method === 'PATCH' ? `/${object.metadata.name}` : ''}?${query}`;
  const type = method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json';
  const { status, body, warnings } = await cluster.request(method, url, object, type);
  const message = isObject(body) ? body.message : body;
  return [
    ...(status === 200 || status === 201 ? [] : [`HTTP ${status}: ${message}`]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].map((problem) => `${name} ${objectId(object)}: ${problem}`);
}

function urlOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const plural = `${kind.toLowerCase().replace(/y$/, 'ie').replace(/s$/, 'se')}s`;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { namespace } = metadata;
  return `${root}${typeof namespace === 'string' ? `/namespaces/${namespace}` : ''}/${plural}`;
}

/** Makes what pods of some configurations ask for, and the custom resources. */
async function prepare(cluster: ControlPlane): Promise<void> {
  const metadata = { name: 'high' };
  await made(cluster.request('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata, value: 1 }));
  const runtime = { metadata: { name: 'gvisor' }, handler: 'runsc' };
  await made(cluster.request('POST', '/apis/node.k8s.io/v1/runtimeclasses', runtime));
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const known = [...operatorDefinitions, ...otherDefinitions, ...customResources];
  const byName = new Map(known.map((definition) => [JSON.stringify(definition.metadata), definition]));
  for (const definition of byName.values()) {
    await made(cluster.request('POST', definitions, definition));
    const { group, versions, names } = definition.spec as {
      group: string;
      versions: { name: string }[];
      names: { plural: string };
    };
    const url = `/apis/${group}/${versions[0]?.name}/${names.plural}`;
    await waitFor(url, async () => (await cluster.request('GET', url)).status === 200 || undefined);
  }
}

/** Makes a restricted namespace with the accounts that controllers and operators would make. */
async function makeNamespace(cluster: ControlPlane, config: Config): Promise<void> {
  const { namespace } = config.metadata;
  const level = ['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']);
  const metadata = { name: namespace, labels: Object.fromEntries(level) };
  await made(cluster.request('POST', '/api/v1/namespaces', { metadata }));
  const { create, name } = config.spec.gateway.serviceAccount;
  for (const account of ['default', ...(create ? [] : [name])]) {
    const url = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await made(cluster.request('POST', url, { metadata: { name: account } }));
  }
}

async function made(answer: Promise<Answer>): Promise<void> {
  const { status, body } = await answer;
  assert.equal(status, 201, JSON.stringify(body));
}
