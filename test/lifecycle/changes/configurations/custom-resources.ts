/**
 * The custom resources that deployments have objects of, as API servers are told of them: what ours use, closed,
 * under the names and with the bounds of the operators' own definitions (External Secrets 1, sealed-secrets 0.3x,
 * CloudNativePG 1.2x, the Prometheus operator 0.8x). An unknown field or a wrong type is refused as by those.
 */
import type { JsonObject } from '../../../../generator/model/json.ts';

const text: JsonObject = { type: 'string' };
const choice = (...values: string[]): JsonObject => ({ type: 'string', enum: values });
const list = (items: JsonObject): JsonObject => ({ type: 'array', items });
const texts: JsonObject = { type: 'object', additionalProperties: text };
const object = (properties: JsonObject, ...required: string[]): JsonObject => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
});

const name: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 253,
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
};

/** A kind whose objects have a `spec` and nothing else. */
function definition(group: string, version: string, kind: string, spec: JsonObject): JsonObject {
  return definitionBy(group, version, kind, object({ spec }));
}

function definitionBy(group: string, version: string, kind: string, schema: JsonObject): JsonObject {
  const singular = kind.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural: `${singular}s`, singular },
      scope: 'Namespaced',
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

/** CloudNativePG's Cluster, which deployments only look at: objects of it may have anything, and any status. */
export const databaseCluster = definitionBy('postgresql.cnpg.io', 'v1', 'Cluster', {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
});

/** A duration as the Prometheus operator takes it. */
const interval: JsonObject = {
  type: 'string',
  pattern: '^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$',
};

/** The definitions of all of them. */
export const customResources: readonly JsonObject[] = [
  definition(
    'external-secrets.io',
    'v1',
    'ExternalSecret',
    object({
      refreshInterval: text,
      secretStoreRef: object({ name, kind: choice('SecretStore', 'ClusterSecretStore') }),
      target: object({ name, creationPolicy: choice('Owner', 'Orphan', 'Merge', 'None') }),
      data: list(
        object(
          {
            secretKey: { type: 'string', minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$' },
            remoteRef: object({ key: text, property: text, version: text }, 'key'),
          },
          'remoteRef',
          'secretKey',
        ),
      ),
    }),
  ),
  definition(
    'bitnami.com',
    'v1alpha1',
    'SealedSecret',
    object(
      {
        encryptedData: texts,
        template: object({
          metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          type: text,
        }),
      },
      'encryptedData',
    ),
  ),
  ...(
    [
      ['ServiceMonitor', 'endpoints'],
      ['PodMonitor', 'podMetricsEndpoints'],
    ] as const
  ).map(([kind, endpoints]) =>
    definition(
      'monitoring.coreos.com',
      'v1',
      kind,
      object(
        {
          selector: object({ matchLabels: texts }),
          [endpoints]: list(object({ port: text, path: text, interval })),
        },
        'selector',
        ...(kind === 'ServiceMonitor' ? [endpoints] : []),
      ),
    ),
  ),
  definition(
    'postgresql.cnpg.io',
    'v1',
    'Database',
    object(
      {
        cluster: object({ name: text }),
        name: {
          type: 'string',
          'x-kubernetes-validations': [
            { rule: 'self == oldSelf', message: 'name is immutable' },
            ...['postgres', 'template0', 'template1'].map((reserved) => ({
              rule: `self != '${reserved}'`,
              message: `the name ${reserved} is reserved`,
            })),
          ],
        },
        owner: text,
        ensure: choice('present', 'absent'),
        databaseReclaimPolicy: choice('delete', 'retain'),
        extensions: list(
          object({ name: text, ensure: choice('present', 'absent'), version: text, schema: text }, 'name'),
        ),
      },
      'cluster',
      'name',
      'owner',
    ),
  ),
];
