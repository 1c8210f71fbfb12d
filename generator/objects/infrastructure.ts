/**
 * The infrastructure that a deployment may bring: upstream Helm charts for Kustomize's `helmCharts`, and the
 * few objects beside them. No value of a secret stands in any of it. Sources of chart values: the charts'
 * own documentation for the default versions, see docs/adr/0020-infrastructure-charts.md.
 */
import type { Config } from '../config/schema/resource.ts';
import { splitImage } from '../model/image.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { labelsOf, namesOf } from './names.ts';
import { containerResources } from './pod.ts';

/** An entry of a kustomization's `helmCharts`. */
export interface HelmChart extends JsonObject {
  name: string;
  repo: string;
  version: string;
  releaseName: string;
  namespace: string;
  includeCRDs: true;
  skipTests: true;
  valuesInline: JsonObject;
}

/** One part of the infrastructure: a chart, and what has to be there with it. */
export interface Infrastructure {
  readonly chart: HelmChart;
  readonly objects: readonly KubernetesObject[];
}

/** The namespace of the CloudNativePG operator. */
export const operatorNamespace = 'cnpg-system';

/** The name of the sealed-secrets controller that kubeseal looks for. */
export const sealingController = 'sealed-secrets-controller';

/** The PostgreSQL image of CloudNativePG that carries pgvector. */
const vectorImage = 'ghcr.io/cloudnative-pg/postgresql:17-standard-trixie';

interface ChartSource {
  readonly repository: string;
  readonly version: string;
}

function helmChart(
  name: string,
  { repository, version }: ChartSource,
  releaseName: string,
  namespace: string,
  valuesInline: JsonObject,
): HelmChart {
  const flags = { includeCRDs: true, skipTests: true } as const;
  return { name, repo: repository, version, releaseName, namespace, ...flags, valuesInline };
}

/** The CloudNativePG operator, one for each cluster, whatever runs on it. */
export function postgresqlOperator(config: Config): Infrastructure {
  const { operator } = config.spec.postgresql.charts;
  const chart = helmChart('cloudnative-pg', operator, 'cnpg', operatorNamespace, { crds: { create: true } });
  return { chart, objects: [namespaceObject(operatorNamespace)] };
}

/** The database beside the deployment, in its namespace, since Secrets are read there. */
export function postgresql(config: Config): Infrastructure {
  return config.spec.postgresql.provider === 'cloudnative-pg' ? cloudNativePg(config) : bitnami(config);
}

function cloudNativePg(config: Config): Infrastructure {
  const { charts, database, instances, storage, image = vectorImage } = config.spec.postgresql;
  const name = namesOf(config).postgresql;
  const chart = helmChart('cluster', charts.cluster, name, config.metadata.namespace, {
    fullnameOverride: name,
    type: 'postgresql',
    mode: 'standalone',
    version: { postgresql: majorOf(image) },
    cluster: {
      instances,
      imageName: image,
      storage: volume(storage),
      ...containerResources(config.spec.postgresql.resources),
      enableSuperuserAccess: false,
      initdb: { database, owner: database },
    },
    backups: { enabled: false },
  });
  return { chart, objects: [databaseObject(config, name)] };
}

/**
 * The database as the operator knows it. CloudNativePG makes it with the cluster; this declares what must be in
 * it. The program would create the extension too, as the database's owner may.
 */
function databaseObject(config: Config, cluster: string): KubernetesObject {
  const { database } = config.spec.postgresql;
  const { namespace } = config.metadata;
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Database',
    metadata: { name: cluster, namespace, labels: labelsOf(config) },
    spec: {
      cluster: { name: cluster },
      name: database,
      owner: database,
      ensure: 'present',
      databaseReclaimPolicy: 'retain',
      extensions: [{ name: 'vector', ensure: 'present' }],
    },
  };
}

/**
 * The chart that older deployments run. Its images left the free catalogue in 2025 and live on, unpatched,
 * under `bitnamilegacy/`, which the chart takes only when it is told to. The passwords always come from an
 * existing Secret: otherwise each render would draw new ones.
 */
function bitnami(config: Config): Infrastructure {
  const { charts, database, storage, existingSecret, image, resources } = config.spec.postgresql;
  const release = config.metadata.name;
  const legacy = (name: string) => ({ image: { repository: `bitnamilegacy/${name}` } });
  const chart = helmChart('postgresql', charts.bitnami, release, config.metadata.namespace, {
    global: { security: { allowInsecureImages: true } },
    fullnameOverride: namesOf(config).postgresql,
    ...(image === undefined ? legacy('postgresql') : { image: imageParts(image) }),
    auth: { database, existingSecret },
    architecture: 'standalone',
    primary: {
      persistence: volume(storage),
      ...containerResources(resources),
    },
    metrics: legacy('postgres-exporter'),
    volumePermissions: legacy('os-shell'),
  });
  return { chart, objects: [] };
}

/** The controller that decrypts SealedSecrets, under the name that kubeseal looks for. */
export function sealedSecretsController(config: Config): Infrastructure {
  const { chart: source, namespace } = config.spec.sealedSecrets;
  const chart = helmChart('sealed-secrets', source, 'sealed-secrets', namespace, {
    fullnameOverride: sealingController,
  });
  const isKubernetesOwn = /^(?:default$|kube-)/.test(namespace);
  return { chart, objects: isKubernetesOwn ? [] : [namespaceObject(namespace)] };
}

function namespaceObject(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** A size as it is written, and the class where there is one: both charts call them the same. */
function volume(storage: { readonly size: string | number; readonly storageClass?: string }): JsonObject {
  const { size, storageClass } = storage;
  return { size: String(size), ...(storageClass === undefined ? {} : { storageClass }) };
}

/** PostgreSQL's major version, which an image tag begins with. */
function majorOf(image: string): string {
  return /^\d+/.exec(splitImage(image).tag ?? '')?.[0] ?? '17';
}

/** An image as the Bitnami chart takes it, with the registry apart. */
function imageParts(image: string): JsonObject {
  const { repository, tag, digest } = splitImage(image);
  const [first = '', ...rest] = repository.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hasRegistry ? rest.join('/') : rest.length === 0 ? `library/${first}` : repository;
  return {
    registry: hasRegistry ? first : 'docker.io',
    repository: path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}
