/**
 * Hides secrets in what is printed, the same way everywhere: what the schema marks, what has the name or the form of
 * one, and texts that are known to be one.
 */
import { isObject, type Json, type JsonObject, setKey } from '../model/json.ts';
import { parseYaml } from '../model/yaml.ts';
import { appFileNode, isAppFile } from './app-secrets.ts';
import { credentialRanges, formRanges, isSecretName, type Range } from './secret-forms.ts';
import { type Known, knownBelow, secretParts, secretRanges } from './secret-parts.ts';

/** What stands in the place of a secret. */
export const hidden = '(hidden)';

/** A text with a mark in the place of some parts of it. */
export function cut(text: string, ranges: readonly Range[], mark = hidden): string {
  let shown = '';
  let at = 0;
  for (const [from, to] of joined(ranges)) {
    shown += text.slice(at, from) + mark;
    at = to;
  }
  return shown + text.slice(at);
}

/** Ranges in their order, those that overlap as one, and none that is empty. */
export function joined(ranges: readonly Range[]): Range[] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges.filter(([a, b]) => a < b).sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && from < last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** A text with a mark in the place of certain texts, a longer one before a shorter one that it holds. */
export function withoutTexts(
  text: string,
  secrets: Iterable<string>,
  mark: (secret: string) => string = () => hidden,
): string {
  const longestFirst = [...new Set(secrets)]
    .filter((secret) => secret !== '')
    .sort((a, b) => b.length - a.length);
  let shown = text;
  for (const secret of longestFirst) shown = shown.replaceAll(secret, () => mark(secret));
  return shown;
}

/** A text without what has the form of a secret. */
export function withoutForms(text: string): string {
  return cut(text, formRanges(text));
}

/** A message without what is secret in the addresses that it quotes. */
export function withoutCredentials(message: string): string {
  return cut(message, credentialRanges(message));
}

/** A part of a resource or of a layer, by what its schema says. */
export function maskedValue(value: Json, known: Known, publicOptions: readonly string[] = []): Json {
  if (Array.isArray(value))
    return value.map((item, index) =>
      maskedValue(item, knownBelow(known, index, publicOptions), publicOptions),
    );
  if (isObject(value)) {
    if (known === 'free') return withoutSecrets(value, []);
    const shown: JsonObject = {};
    for (const [key, item] of Object.entries(value))
      setKey(shown, key, maskedValue(item, knownBelow(known, key, publicOptions), publicOptions));
    return shown;
  }
  const ranges = secretRanges(value, known).map(({ range }) => range);
  if (typeof value === 'string') return cut(value, [...ranges, ...formRanges(value)]);
  return ranges.length === 0 ? value : hidden;
}

/** The way to a field of an object; an item of a list by its place, its name or its keys. */
export type FieldWay = readonly (string | number | { readonly keys: JsonObject })[];

/** What kubectl remembers of an object, the values of a Secret among it. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether the value of a field may be a secret, by its name or by that of the variable that it belongs to. */
export function isSecretField(path: FieldWay): boolean {
  const last = path.at(-1);
  if (last === lastApplied) return true;
  if (typeof last !== 'string') return false;
  const parent = path.at(-2);
  if (last !== 'value') return parent !== 'annotations' && parent !== 'labels' && isSecretName(last);
  if (typeof parent === 'string') return isSecretName(parent);
  return isObject(parent) && isObject(parent.keys) && isSecretName(String(parent.keys.name));
}

/** A value as it is shown, where it stands in a field of its own. */
export function withoutSecrets(value: Json, path: FieldWay): Json {
  if (typeof value === 'string') return isSecretField(path) ? hidden : withoutSecretLines(value);
  if (Array.isArray(value))
    return value.map((item, index) => withoutSecrets(item, [...path, itemAt(item, index)]));
  if (!isObject(value)) return value;
  const shown: JsonObject = {};
  for (const [name, item] of Object.entries(value))
    setKey(shown, name, withoutSecrets(item, [...path, name]));
  if (isSecretItem(value)) shown.value = hidden;
  return shown;
}

/** A variable, a header or the like whose name says that its value is a secret, or one that is wrong in its form. */
export function isSecretItem({ name, value }: JsonObject): boolean {
  if (typeof name !== 'string' || value === undefined) return false;
  return isSecretName(name) || typeof value === 'object' || !/^[A-Za-z_][\w.-]*$/.test(name);
}

function itemAt(item: Json, index: number): FieldWay[number] {
  return isObject(item) && typeof item.name === 'string' ? { keys: { name: item.name } } : index;
}

/**
 * A text, such as a file in a ConfigMap or an argument of a program, as it is shown.
 *
 * @param other the text that it is compared with, if any
 * @param side what a secret is marked with that only this one has, so that the difference shows
 */
export function withoutSecretLines(text: string, other: string = text, side = ''): string {
  const secrets = secretsIn(text);
  const others = other === text ? secrets : secretsIn(other);
  const marks = new Map<string, string>();
  for (const secret of secrets) {
    const words = secret.split('\n').map((line) => line.trim());
    for (const word of words)
      if (word.length > 3) marks.set(word, others.has(secret) ? hidden : `(hidden, ${side})`);
  }
  return withoutForms(withoutTexts(text, marks.keys(), (word) => marks.get(word) ?? hidden));
}

/** The secret values of a text that is YAML. */
function secretsIn(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  // without a colon no key has a value
  if (!text.includes(':')) return found;
  try {
    for (const document of parseYaml(text)) {
      collect(document ?? null, [], found);
      if (isAppFile(document)) for (const part of secretParts(document, appFileNode)) found.add(part.text);
    }
  } catch {
    // no YAML, so nothing is known of its values
  }
  return found;
}

function collect(value: Json, path: FieldWay, found: Set<string>): void {
  if (typeof value === 'string') {
    if (isSecretField(path)) found.add(value);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, [...path, itemAt(item, index)], found);
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) collect(item, [...path, name], found);
  }
}
