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
        charts: { operator: from, bitnami: from },
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
  'CustomResourceDefinition -/scheduledbackups.postgresql.cnpg.io',
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
    ['operators', 'database'].map((name) => build(kustomize, helm, path.join(root, 'infrastructure', name))),
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

test('every option of the database reaches it, by a documented value where a chart installs it', async (t) => {
  const kustomize = requireKustomizers(t)?.at(-1);
  if (kustomize === undefined || !requireTool(t, 'helm-3')) return;
  const common = {
    database: 'memories',
    storage: { size: '20Gi', storageClass: 'fast' },
    resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } },
    charts: { bitnami: { repository: repository.url } },
  };
  const core = { imagePullSecrets: [{ name: 'regcred' }] };
  const rendered = async (postgresql: JsonObject) => {
    const resource = resourceOf(repository.url, { core, postgresql: { ...common, ...postgresql } });
    const objects = await build(
      kustomize,
      'helm-3',
      path.join(writeTree(resource), 'infrastructure/database'),
    );
    assert.ok(
      objects.every(({ kind }) => kind !== 'Secret'),
      'no password is drawn',
    );
    return (kind: string) => objects.find((object) => object.kind === kind)?.spec as JsonObject;
  };
  const image = 'registry.example.com/team/postgres:17.2-vector';

  const ours = await rendered({
    instances: 3,
    image,
    backup: {
      enabled: true,
      destinationPath: 's3://backups/x',
      existingSecret: 'keys',
      serverName: 'second',
    },
    monitoring: { enabled: true },
  });
  const { enableSuperuserAccess, ...cluster } = ours('Cluster');
  assert.equal(enableSuperuserAccess, false);
  assert.deepEqual(cluster, {
    instances: 3,
    imageName: image,
    imagePullSecrets: core.imagePullSecrets,
    storage: common.storage,
    resources: common.resources,
    bootstrap: { initdb: { database: 'memories', owner: 'memories' } },
    plugins: [
      {
        name: 'barman-cloud.cloudnative-pg.io',
        isWALArchiver: true,
        parameters: { barmanObjectName: 'glyphoxa-postgresql', serverName: 'second' },
      },
    ],
  });
  assert.equal(ours('ScheduledBackup').method, 'plugin');
  assert.deepEqual((ours('ObjectStore').configuration as JsonObject).s3Credentials, {
    accessKeyId: { name: 'keys', key: 'access-key-id' },
    secretAccessKey: { name: 'keys', key: 'secret-access-key' },
  });
  assert.deepEqual(ours('PodMonitor').selector, {
    matchLabels: { 'cnpg.io/cluster': 'glyphoxa-postgresql' },
  });

  const { values } = (await rendered({ provider: 'bitnami', existingSecret: 'passwords' }))(
    'StatefulSet',
  ) as {
    values: { [key: string]: JsonObject };
  };
  assert.equal(values.auth?.existingSecret, 'passwords');
  assert.equal(values.auth?.database, 'memories');
  assert.deepEqual(values.image?.repository, 'bitnamilegacy/postgresql');
  assert.deepEqual(values.primary?.persistence, {
    ...common.storage,
    enabled: true,
    accessModes: ['ReadWriteOnce'],
  });
  assert.deepEqual(values.primary?.resources, common.resources);
  assert.deepEqual(values.global?.security, { allowInsecureImages: true });
  assert.deepEqual(values.global?.imagePullSecrets, ['regcred']);

  const own = (await rendered({ provider: 'bitnami', image }))('StatefulSet') as {
    values: { image: JsonObject };
  };
  const { registry: host, repository: name, tag } = own.values.image;
  assert.deepEqual([host, name, tag], ['registry.example.com', 'team/postgres', '17.2-vector']);
});

test('the stand-in charts refuse a value that is not documented', async (t) => {
  const kustomize = requireKustomizers(t)?.at(-1);
  if (kustomize === undefined || !requireTool(t, 'helm-3')) return;
  const root = writeTree(resourceOf(repository.url));
  const file = path.join(root, 'infrastructure/operators/kustomization.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('fullnameOverride:', 'otherName:'));
  const { exitCode, stderr } = await kustomize.build(path.dirname(file), {
    helm: findTool('helm-3') ?? '',
    env,
  });
  assert.notEqual(exitCode, 0);
  assert.match(stderr, /otherName/);
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
  const folder = path.join(root, 'infrastructure');
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

test('what nobody asks for is not there', () => {
  const written = (spec: JsonObject): Json => {
    const root = writeTree({ ...resourceOf('https://charts.example.com'), spec });
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.startsWith('infrastructure/') && file.endsWith('kustomization.yaml'))
      .flatMap((file) => {
        const [value] = parseYaml(readFileSync(path.join(root, file), 'utf8')) as JsonObject[];
        const charts = (value?.helmCharts ?? []) as JsonObject[];
        return [path.basename(path.dirname(file)), ...charts.map(({ name }) => String(name))];
      });
  };
  assert.deepEqual(written({}), []);
  assert.deepEqual(written({ sealedSecrets: { enabled: true } }), ['operators', 'sealed-secrets']);
  assert.deepEqual(written({ postgresql: { enabled: true } }), ['database', 'operators', 'cloudnative-pg']);
  assert.deepEqual(written({ postgresql: { enabled: true, provider: 'bitnami' } }), [
    'database',
    'postgresql',
  ]);
});

test('what needs helm says so in its first line, and all else builds without it', async (t) => {
  const kustomize = requireKustomizers(t)?.at(-1);
  if (kustomize === undefined) return;
  const root = writeTree(resourceOf('https://charts.example.com'), { production: {} });
  const folders = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'kustomization.yaml')
    .map((file) => path.dirname(file));
  assert.ok(folders.includes('infrastructure/database') && folders.includes('components/autoscaling'));
  for (const folder of folders) {
    const [first = ''] = readFileSync(path.join(root, folder, 'kustomization.yaml'), 'utf8').split('\n');
    const { exitCode, stderr } = await kustomize.build(path.join(root, folder));
    assert.equal(exitCode !== 0, first.startsWith('# Needs helm: '), `${folder}: ${first}\n${stderr}`);
  }
});

test('no environment has a chart in it, so that kubectl apply -k takes it', () => {
  const resource = resourceOf('https://charts.example.com');
  const configs = [{ name: 'production', config: configOf(resource, identity) }];
  for (const { folder, managed } of planTree(configOf(resource), configs)) {
    if (managed === undefined) continue;
    assert.equal(folder, 'overlays/production');
    const named = JSON.stringify(managed);
    assert.ok(!/infrastructure|helmCharts/.test(named), named);
  }
});
