/** Which Secrets and ConfigMaps a pod names. */
import { dig, isObject, type Json, type JsonObject, maps } from './json.ts';
import { containersIn } from './workload.ts';

/** One place in a pod that names an object. */
export interface Mention {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  /** The keys that must be in it; none where any will do. */
  readonly keys: readonly string[];
  /** Whether it is for pulling images. */
  readonly pulls: boolean;
  /** Whether the pod starts without it too. */
  readonly optional: boolean;
}

/** The Secrets and ConfigMaps that a pod names, once for each place; `template` has its `spec`. */
export function mentionsIn(template: JsonObject): Mention[] {
  const { spec } = template;
  return [
    ...containersIn(template).flatMap(inContainer),
    ...maps(dig(spec, ['volumes'])).flatMap(inVolume),
    ...maps(dig(spec, ['imagePullSecrets'])).flatMap(({ name }) =>
      mention('Secret', name, [], { pulls: true }),
    ),
  ];
}

function inContainer({ env, envFrom }: JsonObject): Mention[] {
  const single = (reference: Json | undefined, kind: Mention['kind']) =>
    isObject(reference) ? mention(kind, reference.name, [reference.key], reference) : [];
  const whole = (reference: Json | undefined, kind: Mention['kind']) =>
    isObject(reference) ? mention(kind, reference.name, [], reference) : [];
  return [
    ...maps(env).flatMap(({ valueFrom }) => [
      ...single(dig(valueFrom, ['secretKeyRef']), 'Secret'),
      ...single(dig(valueFrom, ['configMapKeyRef']), 'ConfigMap'),
    ]),
    ...maps(envFrom).flatMap(({ secretRef, configMapRef }) => [
      ...whole(secretRef, 'Secret'),
      ...whole(configMapRef, 'ConfigMap'),
    ]),
  ];
}

function inVolume({ secret, configMap, projected, ...others }: JsonObject): Mention[] {
  const files = (source: Json | undefined, kind: Mention['kind'], name: string) =>
    isObject(source)
      ? mention(
          kind,
          source[name],
          maps(source.items).map(({ key }) => key),
          source,
        )
      : [];
  return [
    ...files(secret, 'Secret', 'secretName'),
    ...files(configMap, 'ConfigMap', 'name'),
    ...maps(dig(projected, ['sources'])).flatMap((source) => [
      ...files(source.secret, 'Secret', 'name'),
      ...files(source.configMap, 'ConfigMap', 'name'),
    ]),
    ...Object.values(others).filter(isObject).flatMap(inDriver),
  ];
}

/** Volumes of storage drivers name the Secret with their credentials; source: the API's `Volume`. */
function inDriver({ secretRef, nodePublishSecretRef, secretName }: JsonObject): Mention[] {
  const names = [dig(secretRef, ['name']), dig(nodePublishSecretRef, ['name']), secretName];
  return names.flatMap((name) => mention('Secret', name, []));
}

function mention(
  kind: Mention['kind'],
  name: Json | undefined,
  keys: readonly (Json | undefined)[],
  { optional, pulls = false }: { optional?: Json; pulls?: boolean } = {},
): Mention[] {
  if (typeof name !== 'string' || name === '') return [];
  return [
    { kind, name, keys: keys.filter((key) => typeof key === 'string'), pulls, optional: optional === true },
  ];
}
