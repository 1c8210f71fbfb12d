/** Text of programs without the values of Secrets. */
import { withoutForms, withoutTexts } from '../../config/mask.ts';
import { speaksOfSecrets } from '../../config/secret-forms.ts';
import { isObject, type Json } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { parseYaml } from '../../model/yaml.ts';

/** Shorter values are no secrets, and stand in every text. */
const shortest = 4;

/** Shorter parts of a value that holds several, such as a configuration file, are words like any other. */
const shortestPart = 8;

const leftOut = '(a line that holds a secret value is left out)';

/** Gives a text without the values, each line of it by itself. */
export type Masking = (text: string) => string;

/**
 * Masks values wherever they stand: as they are, and in lines that hold them base64- or percent-encoded or
 * escaped, which are left out. Passwords within a value, such as a DSN's, and the parts of files count as well.
 * What has the form of a secret is masked though it is no value.
 */
export function masking(values: Iterable<string>): Masking {
  const secrets = [...new Set([...values].flatMap(partsOf))];
  const holds = (text: string) => secrets.some((secret) => text.includes(secret));
  const maskLine = (line: string) => {
    const text = withoutTexts(line, secrets);
    return decodings(text).some(holds) ? leftOut : withoutForms(text);
  };
  // A value of several lines is found by its lines too, but whole it leaves nothing of itself.
  const long = secrets.filter((secret) => secret.includes('\n'));
  return (text) => withoutTexts(text, long).split('\n').map(maskLine).join('\n');
}

/** The values of a Secret, as text. */
export function valuesOf({ data, stringData }: KubernetesObject): string[] {
  const [encoded, plain] = [data, stringData].map((map) => (isObject(map) ? Object.values(map) : []));
  const decoded = (encoded ?? []).map((value) => Buffer.from(String(value), 'base64').toString('utf8'));
  return [...decoded, ...(plain ?? []).map(String)];
}

/** A value and everything in it that is secret by itself. */
function partsOf(value: string): string[] {
  const trimmed = value.trim();
  const parts = [...(trimmed.includes('\n') ? lineParts(trimmed) : []), ...passwordsOf(trimmed)];
  const isFile = trimmed.includes('\n') || trimmed.startsWith('{');
  return [value, trimmed, ...parts, ...(isFile ? leavesOf(trimmed) : [])].filter(
    ({ length }) => length >= shortest,
  );
}

function lineParts(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(({ length }) => length >= shortestPart);
}

/** The password of a URL or of a list of settings such as `host=db password=…`, encoded and decoded. */
function passwordsOf(text: string): string[] {
  const inUrls = [...text.matchAll(/:\/\/[^\s/?#]*?:([^\s]*)@/g)].map(([, password = '']) => password);
  const inSettings = [...text.matchAll(/\bpassword\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s&]+))/gi)].map(
    ([, quoted, plain = '']) => quoted?.replace(/\\(.)/g, '$1') ?? plain,
  );
  return [...inUrls, ...inSettings].flatMap((password) => [password, percentDecoded(password)]);
}

/** The values of a file: those that are long, and those whose key says that they are secret. */
function leavesOf(text: string): string[] {
  try {
    return parseYaml(text).flatMap((document) => [...leaves(document as Json, '')]);
  } catch {
    return [];
  }
}

function* leaves(value: Json, key: string): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* leaves(item, key);
  else if (isObject(value)) for (const [name, item] of Object.entries(value)) yield* leaves(item, name);
  else if (value !== null) {
    const text = String(value);
    if (text.length >= (speaksOfSecrets(key) ? shortest : shortestPart)) yield* [text, ...passwordsOf(text)];
  }
}

/** The ways to read what a line may hold encoded. */
function decodings(line: string): string[] {
  const words = [...(line.match(/[\w+/-]{6,}/g) ?? []), ...(line.match(/[\w+-]{6,}/g) ?? [])];
  return [
    percentDecoded(line),
    percentDecoded(line.replaceAll('+', ' ')),
    line.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    line.replace(/\\(.)/g, '$1'),
    // what stands before a value may shift its encoding
    ...words.flatMap((word) =>
      [0, 1, 2, 3].map((at) => Buffer.from(word.slice(at), 'base64').toString('utf8')),
    ),
    ...words
      .filter((word) => /^[0-9a-f]+$/i.test(word))
      .map((word) => Buffer.from(word, 'hex').toString('utf8')),
  ];
}

/** Leaves alone what is no encoding. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (codes) =>
    Buffer.from(codes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
