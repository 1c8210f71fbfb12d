import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { planTree } from '../../generator/tree/plan.ts';
import { type Chart, type ChartServer, serveRegistry, serveRepository, standIn } from '../support/charts.ts';
import {
  findTool,
  type Kustomizer,
  requireKustomizers,
  requireTool,
  type ToolName,
} from '../support/tools.ts';
import { configOf } from './law.ts';

const charts: readonly Chart[] = [
  standIn('cloudnative-pg', '0.29.0'),
  standIn('cluster', '0.8.1'),
  standIn('postgresql', '16.4.11'),
  standIn('sealed-secrets', '2.19.1'),
];

const temporary = mkdtempSync(path.join(tmpdir(), 'infrastructure-'));
let repository: ChartServer;
let registry: ChartServer;
let secureRegistry: ChartServer;
let env: Record<string, string>;

before(async () => {
  repository = await serveRepository(charts);
  registry = await serveRegistry(charts, false);
  secureRegistry = await serveRegistry(charts, true);
  const certificate = path.join(temporary, 'registry.pem');
  writeFileSync(certificate, secureRegistry.certificate ?? '');
  env = { SSL_CERT_FILE: certificate, HOME: path.join(temporary, 'home') };
});

after(async () => {
  await Promise.all([repository, registry, secureRegistry].map((server) => server.close()));
  rmSync(temporary, { recursive: true, force: true });
});

const identity = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };

/** A resource with a database and the controller, whose charts all come from one server. */
function resourceOf(url: string, spec: JsonObject = {}): JsonObject {
  const { postgresql = {}, ...rest } = spec;
  const from = { repository: url };
  return {
    ...identity,
    metadata: { name: 'glyphoxa', namespace: 'voices' },
    spec: {
      sealedSecrets: { enabled: true, chart: from },
      postgresql: {
        enabled: true,
        charts: { operator: from, cluster: from, bitnami: from },
        ...(isObject(postgresql) ? postgresql : {}),
      },
      ...rest,
    },
  };
}

/** Writes the tree of a resource and its environments. */
function writeTree(resource: JsonObject, environments: { [name: string]: JsonObject } = {}): string {
  const root = mkdtempSync(path.join(temporary, 'tree-'));
  const configs = Object.entries(environments).map(([name, environment]) => ({
    name,
    config: configOf(resource, { ...identity, ...environment }),
  }));
  for (const { folder, files } of planTree(configOf(resource), configs)) {
    for (const [file, text] of files) {
      const target = path.join(root, folder, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }
  return root;
}

async function build(kustomize: Kustomizer, helm: ToolName, folder: string): Promise<KubernetesObject[]> {
  const { stdout, stderr, exitCode } = await kustomize.build(folder, { helm: findTool(helm) ?? helm, env });
  assert.equal(exitCode, 0, `${kustomize.name} with ${helm}: ${stderr}`);
  return parseYaml(stdout) as KubernetesObject[];
}

const ids = (objects: readonly KubernetesObject[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'}/${metadata.name}`).sort();

const operators = [
  'ClusterRoleBinding -/operator',
  'CustomResourceDefinition -/clusters.postgresql.cnpg.io',
  'CustomResourceDefinition -/databases.postgresql.cnpg.io',
  'CustomResourceDefinition -/sealedsecrets.bitnami.com',
  'Deployment cnpg-system/cnpg-cloudnative-pg',
  'Deployment kube-system/sealed-secrets-controller',
  'Namespace -/cnpg-system',
];
const database = ['Cluster voices/glyphoxa-postgresql', 'Database voices/glyphoxa-postgresql'];

/** Builds both overlays and holds their objects and namespaces. */
async function holds(kustomize: Kustomizer, helm: ToolName, url: string): Promise<void> {
  const root = writeTree(resourceOf(url));
  const [first, second] = await Promise.all(
    ['operators', 'database'].map((name) =>
      build(kustomize, helm, path.join(root, 'overlays/infrastructure', name)),
    ),
  );
  assert.deepEqual(ids(first ?? []), operators);
  assert.deepEqual(ids(second ?? []), database);
  const binding = first?.find(({ kind }) => kind === 'ClusterRoleBinding');
  assert.deepEqual(binding?.subjects, [
    { kind: 'ServiceAccount', name: 'operator', namespace: 'cnpg-system' },
  ]);
}

/** The kustomize inside each kubectl. */
const kustomizeVersions: { [name: string]: string } = {
  'kubectl-1.27': '5.0.1',
  'kubectl-1.28': '5.0.4',
  'kubectl-1.29': '5.0.4',
  'kubectl-1.30': '5.0.4',
  'kubectl-1.31': '5.4.2',
  'kubectl-1.32': '5.5.0',
  'kubectl-1.33': '5.6.0',
  'kubectl-1.34': '5.7.1',
  'kubectl-1.35': '5.7.1',
  'kubectl-1.36': '5.8.1',
  kustomize: '5.8.1',
};
const isAtLeast = ({ name }: Kustomizer, minor: number) =>
  Number((kustomizeVersions[name] ?? '4.0').split('.')[1]) >= minor && name !== 'kustomize-4.5.4';

test('the infrastructure builds with helm from HTTP repositories and OCI registries', async (t) => {
  const all = requireKustomizers(t);
  if (all === undefined || !requireTool(t, 'helm-3') || !requireTool(t, 'helm-4')) return;
  for (const kustomize of all.filter((each) => isAtLeast(each, 0))) {
    await t.test(`${kustomize.name}, helm 3, HTTP`, () => holds(kustomize, 'helm-3', repository.url));
  }
  for (const kustomize of all.filter((each) => isAtLeast(each, 2))) {
    await t.test(`${kustomize.name}, helm 3, OCI`, () => holds(kustomize, 'helm-3', registry.url));
  }
  for (const kustomize of all.filter((each) => isAtLeast(each, 8))) {
    await t.test(`${kustomize.name}, helm 4, HTTP`, () => holds(kustomize, 'helm-4', repository.url));
    await t.test(`${kustomize.name}, helm 4, OCI`, () => holds(kustomize, 'helm-4', secureRegistry.url));
  }
});

test('every option of the database reaches its chart by a documented value', async (t) => {
  const kustomize = requireKustomizers(t)?.at(-1);
  if (kustomize === undefined || !requireTool(t, 'helm-3')) return;
  const common = {
    database: 'memories',
    storage: { size: '20Gi', storageClass: 'fast' },
    resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } },
  };
  const charts = { cluster: { repository: repository.url }, bitnami: { repository: repository.url } };
  const rendered = async (postgresql: JsonObject) => {
    const resource = resourceOf(repository.url, { postgresql: { ...common, charts, ...postgresql } });
    const objects = await build(
      kustomize,
      'helm-3',
      path.join(writeTree(resource), 'overlays/infrastructure/database'),
    );
    assert.ok(
      objects.every(({ kind }) => kind !== 'Secret'),
      'the chart draws no password',
    );
    return objects.find(({ kind }) => kind === 'Cluster' || kind === 'StatefulSet')?.spec as JsonObject;
  };
  const image = 'registry.example.com/team/postgres:17.2-vector';
  const persistenceDefaults = { enabled: true, accessModes: ['ReadWriteOnce'] };

  const cluster = await rendered({ instances: 3, image });
  assert.equal(cluster.instances, 3);
  assert.equal(cluster.imageName, image);
  assert.deepEqual(cluster.storage, common.storage);
  assert.deepEqual(cluster.resources, common.resources);
  assert.deepEqual(cluster.initdb, { database: 'memories', owner: 'memories' });

  const { values } = (await rendered({ provider: 'bitnami', existingSecret: 'passwords' })) as {
    values: { [key: string]: JsonObject };
  };
  assert.equal(values.auth?.existingSecret, 'passwords');
  assert.equal(values.auth?.database, 'memories');
  assert.deepEqual(values.image?.repository, 'bitnamilegacy/postgresql');
  assert.deepEqual(values.primary?.persistence, { ...common.storage, ...persistenceDefaults });
  assert.deepEqual(values.primary?.resources, common.resources);
  assert.deepEqual(values.global?.security, { allowInsecureImages: true });

  const own = (await rendered({ provider: 'bitnami', image })) as { values: { image: JsonObject } };
  const { registry: host, repository: name, tag } = own.values.image;
  assert.deepEqual([host, name, tag], ['registry.example.com', 'team/postgres', '17.2-vector']);
});

test('the stand-in charts refuse a value that is not documented', async (t) => {
  const kustomize = requireKustomizers(t)?.at(-1);
  if (kustomize === undefined || !requireTool(t, 'helm-3')) return;
  const root = writeTree(resourceOf(repository.url));
  const file = path.join(root, 'components/postgresql/kustomization.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('instances: 1', 'replicas: 1'));
  const { exitCode, stderr } = await kustomize.build(path.join(root, 'overlays/infrastructure/database'), {
    helm: findTool('helm-3') ?? '',
    env,
  });
  assert.notEqual(exitCode, 0);
  assert.match(stderr, /replicas/);
});

test('an environment with another namespace or database has overlays of its own', async (t) => {
  const kustomize = requireKustomizers(t)?.at(-1);
  if (kustomize === undefined || !requireTool(t, 'helm-3')) return;
  const root = writeTree(resourceOf(repository.url), {
    same: { spec: { gateway: { replicaCount: 1 } } },
    staging: {
      metadata: { namespace: 'voices-staging' },
      spec: { postgresql: { storage: { size: '1Gi' } }, sealedSecrets: { namespace: 'sealing' } },
    },
    external: { metadata: { namespace: 'elsewhere' }, spec: { postgresql: { enabled: false } } },
  });
  const folder = path.join(root, 'overlays/infrastructure');
  assert.deepEqual(readdirSync(folder).sort(), [
    'database',
    'database-staging',
    'operators',
    'operators-staging',
  ]);
  assert.deepEqual(
    ids(await build(kustomize, 'helm-3', path.join(folder, 'database-staging'))),
    database.map((id) => id.replace('voices', 'voices-staging')),
  );
  const own = ids(await build(kustomize, 'helm-3', path.join(folder, 'operators-staging')));
  assert.ok(own.includes('Deployment sealing/sealed-secrets-controller'));
  assert.ok(own.includes('Namespace -/sealing'));
});

test('operators that nobody asks for are not installed', () => {
  const components = (spec: JsonObject): Json => {
    const resource = { ...resourceOf('https://charts.example.com'), spec };
    const text = readFileSync(
      path.join(writeTree(resource), 'overlays/infrastructure/operators/kustomization.yaml'),
      'utf8',
    );
    const [kustomization] = parseYaml(text) as JsonObject[];
    return kustomization?.components ?? null;
  };
  const [operator, sealing] = ['postgresql-operator', 'sealed-secrets'].map(
    (name) => `../../../components/${name}`,
  );
  assert.deepEqual(components({}), [operator, sealing]);
  assert.deepEqual(components({ sealedSecrets: { enabled: true } }), [sealing]);
  assert.deepEqual(components({ postgresql: { enabled: true } }), [operator]);
});

test('no environment has a chart in it, so that kubectl apply -k takes it', () => {
  const resource = resourceOf('https://charts.example.com');
  const configs = [{ name: 'production', config: configOf(resource, identity) }];
  for (const { folder, managed } of planTree(configOf(resource), configs)) {
    if (managed === undefined) continue;
    assert.equal(folder, 'overlays/production');
    const named = JSON.stringify(managed);
    assert.ok(!/postgresql-operator|sealed-secrets|components\/postgresql|helmCharts/.test(named), named);
  }
});
