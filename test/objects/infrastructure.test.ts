import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../generator/config/load.ts';
import type { Config } from '../../generator/config/schema/resource.ts';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { generate } from '../../generator/objects/generate.ts';
import {
  type HelmChart,
  postgresql,
  postgresqlOperator,
  sealedSecretsController,
} from '../../generator/objects/infrastructure.ts';
import { type ChartName, chartValues } from '../support/chart-values.ts';

function configOf(name: string, spec: JsonObject): Config {
  const resource = {
    apiVersion: 'deploy.glyphoxa.io/v1alpha1',
    kind: 'Glyphoxa',
    metadata: { name, namespace: 'voices' },
    spec,
  };
  const { config, findings } = loadConfig({ value: resource, findings: [] });
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.ok(config);
  return config;
}

const everything = (provider: string): JsonObject => ({
  enabled: true,
  provider,
  storage: { size: 5, storageClass: 'fast' },
  resources: { requests: { cpu: 1 }, limits: { memory: '2Gi' } },
  image: 'postgres:17.2',
});

const charts: readonly [string, HelmChart][] = (
  [
    ['database by bitnami', postgresql(configOf('glyphoxa', { postgresql: everything('bitnami') }))],
    ['operator', postgresqlOperator(configOf('glyphoxa', { postgresql: everything('cloudnative-pg') }))],
    ['sealed-secrets', sealedSecretsController(configOf('glyphoxa', {}))],
  ] as const
).map(([what, { chart }]) => [what, chart as HelmChart]);

/** The paths that are set and not documented, or of another type. */
function undocumented(set: Json, documented: Json | undefined, at: string): string[] {
  if (documented === undefined) return [at];
  if (!isObject(set) || !isObject(documented)) return typeof set === typeof documented ? [] : [at];
  if (Object.keys(documented).length === 0) return [];
  return Object.entries(set).flatMap(([key, value]) => undocumented(value, documented[key], `${at}.${key}`));
}

for (const [what, chart] of charts) {
  test(`${what}: every value is one that the chart documents`, () => {
    const { defaults } = chartValues[chart.name as ChartName];
    assert.deepEqual(undocumented(chart.valuesInline, defaults, chart.name), []);
  });

  test(`${what}: pinned, with CustomResourceDefinitions and without tests`, () => {
    assert.match(chart.version, /^\d+\.\d+\.\d+$/);
    assert.equal(chart.includeCRDs, true);
    assert.equal(chart.skipTests, true);
  });

  test(`${what}: no password among the values`, () => {
    assert.doesNotMatch(JSON.stringify(chart.valuesInline), /password"\s*:/i);
  });
}

test('the charts of the default versions come from the addresses that answer', () => {
  const config = configOf('glyphoxa', {});
  const bitnami = configOf('glyphoxa', { postgresql: { provider: 'bitnami' } });
  const named = [postgresqlOperator(config), postgresql(bitnami), sealedSecretsController(config)].map(
    ({ chart }) => `${chart?.repo} ${chart?.name} ${chart?.version}`,
  );
  assert.deepEqual(named, [
    'https://cloudnative-pg.github.io/charts cloudnative-pg 0.29.0',
    'oci://registry-1.docker.io/bitnamicharts postgresql 16.4.11',
    'https://bitnami.github.io/sealed-secrets sealed-secrets 2.19.1',
  ]);
});

test('the controller is where kubeseal looks for it', () => {
  const { chart } = sealedSecretsController(configOf('glyphoxa', {}));
  assert.equal(chart?.namespace, 'kube-system');
  assert.equal(chart?.valuesInline.fullnameOverride, 'sealed-secrets-controller');
});

test('the database declares the vector extension', () => {
  const { objects } = postgresql(configOf('glyphoxa', { postgresql: { database: 'memories' } }));
  const database = objects.find(({ kind }) => kind === 'Database');
  assert.ok(database !== undefined);
  const { cluster, name, owner, extensions } = database.spec as JsonObject;
  assert.deepEqual(cluster, { name: 'glyphoxa-postgresql' });
  assert.deepEqual([name, owner], ['memories', 'memories']);
  assert.deepEqual(extensions, [{ name: 'vector', ensure: 'present' }]);
});

/** What the deployment's pods and policies say of the database. */
function usedBy(config: Config): { env: JsonObject[]; policies: string } {
  const objects = generate(config, new Map());
  const gateway = objects.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-gateway'),
  );
  assert.ok(gateway !== undefined);
  const template = (gateway.spec as { template: { spec: { containers: { env: JsonObject[] }[] } } }).template;
  return {
    env: template.spec.containers[0]?.env ?? [],
    policies: JSON.stringify(objects.filter(({ kind }) => kind === 'NetworkPolicy')),
  };
}

test('with CloudNativePG the DSN is the uri in the Secret of the cluster', () => {
  const config = configOf('glyphoxa', { postgresql: { enabled: true } });
  const { env, policies } = usedBy(config);
  const cluster = postgresql(config).objects.find(({ kind }) => kind === 'Cluster')?.metadata.name;
  const dsn = env.find(({ name }) => name === 'GLYPHOXA_DATABASE_DSN');
  assert.deepEqual(dsn?.valueFrom, { secretKeyRef: { name: `${cluster}-app`, key: 'uri' } });
  assert.ok(policies.includes(`"cnpg.io/cluster":"${cluster}"`));
});

// A release whose name holds "postgresql" is where the chart's own naming differs.
for (const release of ['glyphoxa', 'my-postgresql-x']) {
  test(`with Bitnami ${release} has a DSN without password, and the password beside it`, () => {
    const config = configOf(release, { postgresql: { enabled: true, provider: 'bitnami' } });
    const { env, policies } = usedBy(config);
    const chart = postgresql(config).chart as HelmChart;
    const service = chart.valuesInline.fullnameOverride;
    const dsn = env.find(({ name }) => name === 'GLYPHOXA_DATABASE_DSN')?.value;
    assert.equal(dsn, `postgres://postgres@${service}:5432/glyphoxa?sslmode=disable`);
    const { existingSecret } = chart.valuesInline.auth as JsonObject;
    const password = env.find(({ name }) => name === 'PGPASSWORD')?.valueFrom;
    assert.deepEqual(password, { secretKeyRef: { name: existingSecret, key: 'postgres-password' } });
    assert.ok(policies.includes(`"app.kubernetes.io/instance":"${chart.releaseName}"`));
  });
}
