/**
 * Keeps secrets out of what is shown. The values of Secrets never show. Elsewhere the environment has none, but
 * what runs may: an older deployment kept API keys in a ConfigMap, and somebody may have set a variable by hand.
 */
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { parseYaml } from '../../model/yaml.ts';
import type { FieldPath } from './field-path.ts';

/** What stands in the place of a secret. */
export const hidden = '(hidden)';

/** Names of fields and variables whose values are not shown. */
const secretName =
  /(?:^|[-_])(?:key|dsn|client_id)$|(?:api|access|private)key$|token$|secret$|passw|credential/i;

/** A user and password inside an address. */
const passwordInUrl = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s@]+@/gi;

/** A password in a list of settings, such as a DSN's. */
const passwordInSettings = /(\bpassword\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s'&(]\S*)/gi;

/** What kubectl remembers of an object, the values of a Secret among it. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether the value of a field may be a secret, by its name or by that of the variable that it belongs to. */
export function isSecretField(path: FieldPath): boolean {
  const last = path.at(-1);
  if (last === lastApplied) return true;
  if (typeof last !== 'string') return false;
  if (last !== 'value')
    return path.at(-2) !== 'annotations' && path.at(-2) !== 'labels' && isSecretName(last);
  const item = path.at(-2);
  return isObject(item) && isObject(item.keys) && isSecretName(String(item.keys.name));
}

function isSecretName(name: string): boolean {
  return name !== 'key' && secretName.test(name);
}

/** A value as it is shown, where it stands in a field of its own. */
export function withoutSecrets(value: Json, path: FieldPath): Json {
  if (typeof value === 'string') return isSecretField(path) ? hidden : withoutSecretLines(value);
  if (Array.isArray(value))
    return value.map((item, index) => withoutSecrets(item, [...path, itemAt(item, index)]));
  if (!isObject(value)) return value;
  const shown: JsonObject = {};
  for (const [name, item] of Object.entries(value)) shown[name] = withoutSecrets(item, [...path, name]);
  const { name } = value;
  // an item that came or went as a whole
  if (typeof name === 'string' && typeof value.value === 'string' && isSecretName(name)) shown.value = hidden;
  return shown;
}

function itemAt(item: Json, index: number): FieldPath[number] {
  return isObject(item) && typeof item.name === 'string' ? { keys: { name: item.name } } : index;
}

/** A whole object as it is shown: a Secret with its keys only. */
export function shownObject(object: KubernetesObject): JsonObject {
  const shown = withoutSecrets(object, []) as JsonObject;
  if (object.kind !== 'Secret') return shown;
  for (const field of ['data', 'stringData']) {
    const values = object[field];
    if (isObject(values)) shown[field] = Object.fromEntries(Object.keys(values).map((key) => [key, hidden]));
  }
  return shown;
}

/**
 * A text, such as a file in a ConfigMap or an argument of a program, as it is shown.
 *
 * @param other the text that it is compared with, if any
 * @param side what a secret is marked with that only this one has, so that the difference shows
 */
export function withoutSecretLines(text: string, other: string = text, side = ''): string {
  const [own, others] = [secretsIn(text), new Set(secretsIn(other))];
  let shown = text;
  for (const secret of own) {
    const mark = others.has(secret) ? hidden : `(hidden, ${side})`;
    const words = secret.split('\n').map((line) => line.trim());
    for (const word of words) if (word.length > 3) shown = shown.replaceAll(word, () => mark);
  }
  return shown
    .replace(passwordInUrl, `$1${hidden}@`)
    .replace(secretLine, `$1${hidden}`)
    .replace(passwordInSettings, `$1${hidden}`);
}

/** A line that gives a secret: what {@link secretsIn} does not reach, as in a text that is no YAML. */
const secretLine =
  /^([ \t]*(?:- )?"?(?:[\w.-]*(?:[-_]key|token|secret|password|credentials?|dsn))"?[ \t]*[:=][ \t]*)(?!"?\(hidden)(?![|>][-+]?$)(?!(?:true|false)$)\S.*$/gim;

/** The secret values of a text that is YAML, the longest first. */
function secretsIn(text: string): string[] {
  const found = new Set<string>();
  try {
    for (const document of parseYaml(text)) collect(document ?? null, [], found);
  } catch {
    // no YAML, so nothing is known of its values
  }
  return [...found].sort((a, b) => b.length - a.length);
}

function collect(value: Json, path: FieldPath, found: Set<string>): void {
  if (typeof value === 'string') {
    if (isSecretField(path) || isServerVariable(path)) found.add(value);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, [...path, itemAt(item, index)], found);
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) collect(item, [...path, name], found);
  }
}

/** The variables of an MCP server are secrets, all of them. */
function isServerVariable(path: FieldPath): boolean {
  return path.at(-2) === 'env' && path[0] === 'mcp';
}
