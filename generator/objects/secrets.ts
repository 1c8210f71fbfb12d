import type { Config } from '../config/schema/resource.ts';
import { configFileKey, sourcedKeys } from '../config/secret-keys.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { appFile } from './app-file.ts';
import { metadataOf, unlessEmpty } from './names.ts';

/** Values of the Secret's keys, read from where the resource says. Nothing but a Secret may hold them. */
export type ResolvedSecrets = ReadonlyMap<string, string>;

/** What the secret provider of the resource puts into the cluster. With `existing` the operator makes the Secret. */
export function secretObjects(config: Config, secrets: ResolvedSecrets): KubernetesObject[] {
  switch (config.spec.secrets.provider) {
    case 'existing':
      return [];
    case 'kubernetes':
      return plainSecret(config, secrets);
    case 'sealed-secrets':
      return sealedSecret(config);
    case 'external-secrets':
      return externalSecret(config);
  }
}

function plainSecret(config: Config, secrets: ResolvedSecrets): KubernetesObject[] {
  const read = sourcedKeys(config).map(({ key }) => key);
  const values = new Map([...secrets].filter(([key]) => read.includes(key)));
  const file = appFile(config);
  if (file.place === 'secret') values.set(configFileKey, file.text(values));
  if (values.size === 0) return [];
  const encoded = [...values].map(([key, value]) => [key, Buffer.from(value).toString('base64')] as const);
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadataOf(config, config.spec.secrets.name),
      type: 'Opaque',
      data: Object.fromEntries(encoded.sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  ];
}

/** The annotation that tells the controller what a ciphertext is bound to; strict has none. */
const scopeAnnotation = {
  strict: {},
  'namespace-wide': { 'sealedsecrets.bitnami.com/namespace-wide': 'true' },
  'cluster-wide': { 'sealedsecrets.bitnami.com/cluster-wide': 'true' },
};

function sealedSecret(config: Config): KubernetesObject[] {
  const { sealed, sealedScope, name } = config.spec.secrets;
  if (Object.keys(sealed).length === 0) return [];
  const metadata = metadataOf(config, name);
  const annotations: JsonObject = scopeAnnotation[sealedScope];
  const { labels } = metadata;
  return [
    {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { ...metadata, ...unlessEmpty('annotations', annotations) },
      spec: {
        encryptedData: sealed,
        template: {
          metadata: {
            name,
            ...(labels === undefined ? {} : { labels }),
            ...unlessEmpty('annotations', annotations),
          },
          type: 'Opaque',
        },
      },
    },
  ];
}

function externalSecret(config: Config): KubernetesObject[] {
  const { external, name } = config.spec.secrets;
  const keys = Object.keys(external.keys).sort();
  if (keys.length === 0 || external.storeRef.name === undefined) return [];
  return [
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: metadataOf(config, name),
      spec: {
        refreshInterval: external.refreshInterval,
        secretStoreRef: { name: external.storeRef.name, kind: external.storeRef.kind },
        target: { name, creationPolicy: 'Owner', ...fileTemplate(config) },
        data: keys.map((secretKey) => ({ secretKey, remoteRef: { ...external.keys[secretKey] } })),
      },
    },
  ];
}

/** Has the operator make the configuration file, beside the keys that it reads. */
function fileTemplate(config: Config): JsonObject {
  const file = appFile(config);
  if (file.place !== 'secret') return {};
  const data = { [configFileKey]: file.template() };
  return { template: { engineVersion: 'v2', mergePolicy: 'Merge', data } };
}
