/**
 * The infrastructure that a deployment may bring: operators by their projects' Helm charts, for Kustomize's
 * `helmCharts`, and the database. No value of a secret stands in any of it. Sources of chart values: the charts'
 * own documentation for the default versions, see docs/adr/0020-infrastructure-charts.md.
 */
import type { Config } from '../config/schema/resource.ts';
import { splitImage } from '../model/image.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { namesOf, unlessEmpty } from './names.ts';
import { containerResources } from './pod.ts';
import { postgresqlCluster, volume } from './postgresql-cluster.ts';

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

/** One part of the infrastructure. */
export interface Infrastructure {
  /** What its project's own chart installs. */
  readonly chart?: HelmChart;
  /** What is written here: beside a chart its Namespace, else the part itself. */
  readonly objects: readonly KubernetesObject[];
}

/** The namespace of the CloudNativePG operator. */
const operatorNamespace = 'cnpg-system';

/** The name of the sealed-secrets controller that kubeseal looks for. */
export const sealingController = 'sealed-secrets-controller';

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
  return config.spec.postgresql.provider === 'cloudnative-pg'
    ? { objects: postgresqlCluster(config) }
    : { chart: bitnami(config), objects: [] };
}

/**
 * The chart that older deployments run. Its images left the free catalogue in 2025 and live on, unpatched,
 * under `bitnamilegacy/`, which the chart takes only when it is told to. The passwords always come from an
 * existing Secret: otherwise each render would draw new ones.
 */
function bitnami(config: Config): HelmChart {
  const { charts, database, storage, existingSecret, image, resources } = config.spec.postgresql;
  const release = config.metadata.name;
  const legacy = (name: string) => ({ image: { repository: `bitnamilegacy/${name}` } });
  return helmChart('postgresql', charts.bitnami, release, config.metadata.namespace, {
    global: {
      security: { allowInsecureImages: true },
      ...unlessEmpty(
        'imagePullSecrets',
        config.spec.core.imagePullSecrets.map(({ name }) => name),
      ),
    },
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
