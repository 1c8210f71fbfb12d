/** Secret values in what is about to be published: a registry is no place for them. */
import path from 'node:path';
import { type Finding, finding } from '../model/finding.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { parseYaml } from '../model/yaml.ts';
import type { Contents } from '../tree/contents.ts';
import { secretsEnvFile, secretsFolder } from '../tree/layout.ts';

const hint =
  'leave it out: use spec.secrets.provider existing, sealed-secrets or external-secrets, whose values are elsewhere or encrypted';

/** Secrets among the files of a tree, and kustomizations that make some. */
export function secretsInTree(
  { files, kustomizations }: Contents,
  show: (file: string) => string,
): Finding[] {
  const made = [...kustomizations].flatMap(([file, { secretGenerator }]) =>
    Array.isArray(secretGenerator) && secretGenerator.length > 0
      ? [finding('secret-published', `${show(file)} makes a Secret of values (secretGenerator)`, hint)]
      : [],
  );
  const held = [...files].flatMap(([file, bytes]) => {
    const why = isSecretFile(file) ? 'is a file for secret values' : secretIn(bytes.toString('utf8'));
    return why === undefined ? [] : [finding('secret-published', `${show(file)} ${why}`, hint)];
  });
  return [...made, ...held];
}

/** Secrets with values among objects. */
export function secretsInObjects(objects: readonly JsonObject[]): Finding[] {
  return objects.flatMap((object) => {
    const why = secretIn(JSON.stringify(object, null, 1));
    if (why === undefined) return [];
    const { name } = isObject(object.metadata) ? object.metadata : {};
    return [finding('secret-published', `${String(object.kind)} ${String(name)} ${why}`, hint)];
  });
}

function isSecretFile(file: string): boolean {
  return (
    path.posix.basename(file) === secretsEnvFile ||
    path.posix.dirname(file).split('/').includes(secretsFolder)
  );
}

/** What a text holds that is secret; undefined where nothing is found. */
function secretIn(text: string): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'holds a private key';
  // $(NAME) is filled in by Kubernetes
  if (/[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:(?!\$\()[^\s/@"']+@/i.test(text))
    return 'holds a URL with a password';
  return parsed(text).some(holdsSecret) ? 'holds a Secret with values' : undefined;
}

function parsed(text: string): Json[] {
  try {
    return parseYaml(text);
  } catch {
    return [];
  }
}

/** A Secret with a value anywhere: also in a list, and in a patch that is written in place. */
function holdsSecret(value: Json): boolean {
  if (typeof value === 'string')
    return /^\s*["']?kind["']?\s*:\s*["']?Secret\b/m.test(value) && parsed(value).some(holdsSecret);
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isObject(value)) return false;
  const isSealed = isObject(value.sops);
  const isSecret =
    value.kind === 'Secret' && [value.data, value.stringData].some((data) => hasValues(data, isSealed));
  return isSecret || Object.values(value).some(holdsSecret);
}

/** What SOPS has encrypted is a value only for who has the key, such as Flux. */
function hasValues(data: Json | undefined, isSealed: boolean): boolean {
  const isValue = (value: Json) =>
    value !== null && value !== '' && !(isSealed && /^ENC\[[^\]]*\]$/.test(String(value)));
  return isObject(data) && Object.values(data).some(isValue);
}
