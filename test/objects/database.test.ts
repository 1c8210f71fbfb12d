/** The database and the rest of the infrastructure by their values. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dig, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import {
  postgresql,
  postgresqlOperator,
  sealedSecretsController,
} from '../../generator/objects/infrastructure.ts';
import { databaseLabels } from '../../generator/objects/network-policy.ts';
import { components, infrastructure, whyOff, withSections } from '../../generator/objects/parts.ts';
import { backupKeys } from '../../generator/objects/postgresql-cluster.ts';
import { configOf } from './samples.ts';

describe('the database', () => {
  const cnpg = (values: JsonObject) =>
    postgresql(
      configOf({ core: { imagePullSecrets: [{ name: 'pull' }] }, postgresql: { enabled: true, ...values } }),
    ).objects;
  const name = 'tavern-postgresql';
  const cluster = { name };
  const barman = 'barman-cloud.cloudnative-pg.io';

  it('is a Cluster and what is in it, with backups and metrics where they are on', () => {
    assert.deepEqual(
      cnpg({}).map(({ kind }) => kind),
      ['Cluster', 'Database'],
    );
    const [store, own, database, scheduled, monitor, ...more] = cnpg({
      database: 'db',
      instances: 3,
      image: 'pg:17',
      storage: { size: '5Gi', storageClass: 'fast' },
      backup: {
        enabled: true,
        destinationPath: 's3://bucket/a',
        endpointURL: 'https://s3.example.com',
        existingSecret: 'keys',
        serverName: 'old',
      },
      monitoring: { enabled: true, labels: { release: 'prometheus' } },
    });
    assert.deepEqual(more, []);
    const objects = [store, own, database, scheduled, monitor] as KubernetesObject[];
    assert.ok(objects.every(({ metadata }) => metadata.name === name && metadata.namespace === 'games'));
    assert.equal(store?.apiVersion, 'barmancloud.cnpg.io/v1');
    assert.deepEqual(dig(store, ['spec', 'configuration']), {
      destinationPath: 's3://bucket/a',
      endpointURL: 'https://s3.example.com',
      s3Credentials: {
        accessKeyId: { name: 'keys', key: 'access-key-id' },
        secretAccessKey: { name: 'keys', key: 'secret-access-key' },
      },
      wal: { compression: 'gzip' },
      data: { compression: 'gzip' },
    });
    const { resources: _, ...spec } = (own as KubernetesObject).spec as JsonObject;
    assert.deepEqual(spec, {
      instances: 3,
      imageName: 'pg:17',
      imagePullSecrets: [{ name: 'pull' }],
      storage: { size: '5Gi', storageClass: 'fast' },
      enableSuperuserAccess: false,
      bootstrap: { initdb: { database: 'db', owner: 'db' } },
      plugins: [
        { name: barman, isWALArchiver: true, parameters: { barmanObjectName: name, serverName: 'old' } },
      ],
    });
    assert.deepEqual(database?.spec, {
      cluster,
      name: 'db',
      owner: 'db',
      ensure: 'present',
      databaseReclaimPolicy: 'retain',
      extensions: [{ name: 'vector', ensure: 'present' }],
    });
    const { schedule, ...rest } = (scheduled as KubernetesObject).spec as JsonObject;
    assert.match(String(schedule), /^\S+( \S+){5}$/);
    assert.deepEqual(rest, {
      cluster,
      immediate: true,
      method: 'plugin',
      pluginConfiguration: { name: barman },
      backupOwnerReference: 'self',
    });
    assert.equal(dig(monitor, ['metadata', 'labels', 'release']), 'prometheus');
    assert.deepEqual(monitor?.spec, {
      selector: { matchLabels: { 'cnpg.io/cluster': name } },
      podMetricsEndpoints: [{ port: 'metrics' }],
    });
  });

  it('is archived to each kind of store, by its keys or by the identity of the pods', () => {
    for (const [destinationPath, field, identity, ...keys] of [
      ['s3://a', 's3Credentials', 'inheritFromIAMRole', 'access-key-id', 'secret-access-key'],
      ['gs://a', 'googleCredentials', 'gkeEnvironment', 'credentials'],
      ['https://a.example.com/b', 'azureCredentials', 'inheritFromAzureAD', 'connection-string'],
    ] as const) {
      const [store] = cnpg({ backup: { enabled: true, destinationPath } });
      assert.deepEqual(dig(store, ['spec', 'configuration', field]), { [identity]: true });
      assert.deepEqual(backupKeys(destinationPath), keys);
    }
    assert.deepEqual(backupKeys('file:///a'), []);
  });

  it('is let through to by the labels of its pods', () => {
    const labels = (provider: string) =>
      databaseLabels(configOf({ postgresql: { enabled: true, provider } }));
    assert.deepEqual(labels('cloudnative-pg'), { 'cnpg.io/cluster': name });
    assert.deepEqual(labels('bitnami'), {
      'app.kubernetes.io/name': 'postgresql',
      'app.kubernetes.io/instance': 'tavern',
    });
  });

  it('by Bitnami has its image in the parts that the chart takes', () => {
    const image = (image?: string) => {
      const config = configOf({
        postgresql: { enabled: true, provider: 'bitnami', ...(image === undefined ? {} : { image }) },
      });
      return dig(postgresql(config).chart, ['valuesInline', 'image']);
    };
    const digest = `sha256:${'0'.repeat(64)}`;
    assert.deepEqual(image(), { repository: 'bitnamilegacy/postgresql' });
    for (const [written, registry, repository, more] of [
      ['pg:1', 'docker.io', 'library/pg', { tag: '1' }],
      ['team/pg:1', 'docker.io', 'team/pg', { tag: '1' }],
      ['localhost/pg:1', 'localhost', 'pg', { tag: '1' }],
      ['host:5000/a/pg:1', 'host:5000', 'a/pg', { tag: '1' }],
      [`ghcr.io/a/pg@${digest}`, 'ghcr.io', 'a/pg', { digest }],
    ] as const) {
      assert.deepEqual(image(written), { registry, repository, ...more }, written);
    }
  });
});

describe('infrastructure', () => {
  it('makes the namespace of a controller unless it is one of Kubernetes', () => {
    const of = (namespace: string) =>
      sealedSecretsController(configOf({ sealedSecrets: { enabled: true, namespace } })).objects.map(
        ({ kind, metadata }) => `${kind} ${metadata.name}`,
      );
    assert.deepEqual(['sealing', 'default', 'kube-system', 'defaults'].map(of), [
      ['Namespace sealing'],
      [],
      [],
      ['Namespace defaults'],
    ]);
  });

  it('is installed from the charts of its projects, under the names that others look for', () => {
    const config = configOf({
      postgresql: { enabled: true, provider: 'bitnami' },
      sealedSecrets: { enabled: true },
    });
    const charts = [postgresqlOperator, postgresql, sealedSecretsController].map(
      (build) => build(config).chart,
    );
    assert.deepEqual(
      charts.map((chart) => [
        chart?.name,
        chart?.releaseName,
        chart?.namespace,
        chart?.includeCRDs,
        chart?.skipTests,
      ]),
      [
        ['cloudnative-pg', 'cnpg', 'cnpg-system', true, true],
        ['postgresql', 'tavern', 'games', true, true],
        ['sealed-secrets', 'sealed-secrets', 'kube-system', true, true],
      ],
    );
    const [operator, database, sealing] = charts.map((chart) => chart?.valuesInline as JsonObject);
    assert.deepEqual(
      [operator, sealing],
      [{ crds: { create: true } }, { fullnameOverride: 'sealed-secrets-controller' }],
    );
    const { auth, primary, ...values } = database as JsonObject;
    assert.deepEqual(values, {
      global: { security: { allowInsecureImages: true } },
      fullnameOverride: 'tavern-postgresql',
      image: { repository: 'bitnamilegacy/postgresql' },
      architecture: 'standalone',
      metrics: { image: { repository: 'bitnamilegacy/postgres-exporter' } },
      volumePermissions: { image: { repository: 'bitnamilegacy/os-shell' } },
    });
    assert.deepEqual(Object.keys(auth as JsonObject), ['database', 'existingSecret']);
    assert.deepEqual(Object.keys(primary as JsonObject), ['persistence']);
  });

  it('comes operators first, and each part is on by its section and its provider', () => {
    assert.deepEqual(
      infrastructure.map(({ name }) => name),
      ['postgresql-operator', 'sealed-secrets', 'postgresql'],
    );
    const on = (spec: JsonObject) =>
      infrastructure.filter((part) => whyOff(configOf(spec), part) === undefined).map(({ name }) => name);
    assert.deepEqual(on({}), []);
    assert.deepEqual(on({ postgresql: { enabled: true } }), ['postgresql-operator', 'postgresql']);
    assert.deepEqual(on({ postgresql: { enabled: true, provider: 'bitnami' } }), ['postgresql']);
    assert.deepEqual(on({ sealedSecrets: { enabled: true } }), ['sealed-secrets']);
  });

  it('is none of the components, whose folders have their names', () => {
    const files = readdirSync(new URL('../../components/', import.meta.url));
    const folders = files.filter((file) => !file.startsWith('.'));
    assert.deepEqual(components.map(({ name }) => name).sort(), folders.sort());
  });

  it('is not switched with the components', () => {
    const config = withSections(configOf({ postgresql: { enabled: true } }), ['ingress']);
    const { ingress: switched, mcpGateway, postgresql: database, networkPolicy } = config.spec;
    assert.deepEqual(
      [switched, mcpGateway, networkPolicy, database].map(({ enabled }) => enabled),
      [true, false, false, true],
    );
  });
});
