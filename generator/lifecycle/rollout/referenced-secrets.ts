/** Which Secrets a pod reads, and what stands in its variables by itself. */
import { speaksOfSecrets } from '../../config/secret-forms.ts';
import { isObject, type Json } from '../../model/json.ts';

/** The names of all Secrets that a pod's template or spec refers to, sorted. */
export function referencedSecrets(podSpec: Json | undefined): string[] {
  return [...new Set(names(podSpec ?? null, ''))].sort();
}

/**
 * Every reference in a pod: `secretKeyRef.name`, `secretRef.name`, a volume's `secret.secretName`, a projection's
 * `secret.name`, `imagePullSecrets[].name`, and what volume drivers call `…SecretRef.name`.
 */
function* names(value: Json, key: string): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* names(item, key);
  if (!isObject(value)) return;
  const isReference = /^(?:secret|secretKeyRef|imagePullSecrets)$|SecretRef$|^secretRef$/.test(key);
  const name = value.secretName ?? (isReference ? value.name : undefined);
  if (typeof name === 'string') yield name;
  for (const [child, item] of Object.entries(value)) yield* names(item, child);
}

/** The values that variables of a pod have by themselves, where their names say that they are secret. */
export function literalSecrets(podSpec: Json | undefined): string[] {
  if (!isObject(podSpec)) return [];
  const containers = [podSpec.initContainers, podSpec.containers].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return containers
    .filter(isObject)
    .flatMap(({ env }) =>
      (Array.isArray(env) ? env : [])
        .filter(isObject)
        .flatMap(({ name, value }) =>
          typeof value === 'string' && speaksOfSecrets(String(name)) ? [value] : [],
        ),
    );
}
