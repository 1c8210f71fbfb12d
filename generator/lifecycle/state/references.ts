/** Which Secrets and ConfigMaps pods cannot start without, and which of their keys. */
import { dig, isObject, type Json, type JsonObject, maps } from '../../model/json.ts';
import { containersIn, type PodTemplate } from './pod-templates.ts';

/** An object that pods name. */
export interface Reference {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly namespace: string;
  readonly name: string;
  /** The keys that must be in it, sorted; none where any will do. */
  readonly keys: readonly string[];
  /** Whose pods need it, as messages name them. */
  readonly owners: readonly string[];
  /** Whether it is only for pulling images: pods are made without it too, and may find their image anyway. */
  readonly onlyPulls: boolean;
}

/** One place that names an object. */
interface Mention {
  readonly kind: Reference['kind'];
  readonly name: string;
  readonly keys: readonly string[];
  readonly pulls: boolean;
  readonly optional: boolean;
}

/**
 * What pods cannot start without, by kind and name.
 *
 * @param optional whether also what they would start without. @default false
 */
export function referencesOf(
  templates: readonly PodTemplate[],
  { optional = false }: { optional?: boolean } = {},
): Reference[] {
  const found = new Map<string, Reference>();
  for (const { owner, namespace, template } of templates) {
    for (const { kind, name, keys, pulls } of mentionsIn(template).filter(
      (one) => optional || !one.optional,
    )) {
      const id = `${kind} ${namespace}/${name}`;
      const before = found.get(id);
      found.set(id, {
        kind,
        namespace,
        name,
        keys: [...new Set([...(before?.keys ?? []), ...keys])].sort(),
        owners: [...new Set([...(before?.owners ?? []), owner])],
        onlyPulls: pulls && (before?.onlyPulls ?? true),
      });
    }
  }
  return [...found.keys()].sort().map((id) => found.get(id) as Reference);
}

function mentionsIn(template: JsonObject): Mention[] {
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
