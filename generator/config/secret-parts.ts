/**
 * What is secret in a resource, in a layer of it, or in a part of either: the one answer for rules, for where the
 * program's file lies and for all that prints.
 */
import { isObject, type Json, type Path } from '../model/json.ts';
import type { CheckName } from './checks.ts';
import { childNode, type SchemaNode } from './schema/node.ts';

/** A secret text, or the secret part of a longer one. */
export interface SecretPart {
  /** The value that it stands in. */
  readonly path: Path;
  /** The text that must not be shown. */
  readonly text: string;
  /** What makes it one, where that is not the schema's mark of the whole value. */
  readonly because?: 'option' | 'url' | 'argument';
}

/**
 * Finds every secret in a value: all texts below a mark of the schema, credentials and query values of URLs, and
 * arguments of commands whose name says that they are keys.
 *
 * @param node the schema of the value; nothing is known below undefined, and all of it counts as secret
 * @param publicOptions names of free-form options that hold no secret (`spec.secrets.publicOptions`)
 */
export function* secretParts(
  value: Json | undefined,
  node: SchemaNode | undefined,
  publicOptions: readonly string[] = [],
  path: Path = [],
): Generator<SecretPart> {
  if (value === undefined || value === null) return;
  if (node === undefined || node.secret === true) {
    yield* below(value, path, node?.type === undefined);
  } else if (typeof value === 'string') {
    const isUrl = node.check !== undefined && urlChecks.includes(node.check);
    const because = node.parts ?? (isUrl ? 'url' : undefined);
    if (because !== undefined) for (const text of partsOf[because](value)) yield { path, text, because };
  } else {
    const items = Array.isArray(value) ? value.entries() : isObject(value) ? Object.entries(value) : [];
    if (node.properties === undefined && node.additionalProperties === undefined && node.items === undefined)
      return;
    for (const [key, item] of items as Iterable<[string | number, Json]>) {
      const isOption = typeof key === 'string' && !Object.hasOwn(node.properties ?? {}, key);
      if (isOption && publicOptions.includes(key)) continue;
      yield* secretParts(item, childNode(node, key), publicOptions, [...path, key]);
    }
  }
}

/** Every text below a value that is secret as a whole; of free-form ones numbers and booleans say nothing. */
function* below(value: Json, path: Path, freeform: boolean): Generator<SecretPart> {
  if (isObject(value) || Array.isArray(value)) {
    const items = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, item] of items as Iterable<[string | number, Json]>)
      yield* below(item, [...path, key], freeform);
  } else if (typeof value === 'string' ? value !== '' : !freeform && value !== null) {
    yield { path, text: String(value), ...(freeform ? { because: 'option' as const } : {}) };
  }
}

const urlChecks: readonly string[] = ['url', 'http-url', 'chart-repository'] satisfies CheckName[];

const keyName = '[\\w.-]*(?:key|token|secret|passw|pwd|auth|credential|bearer|dsn)[\\w.-]*';
const keyArgument = new RegExp(
  `(?:^|\\s)["']?(?:-{1,2}${keyName}(?:\\s*[=:]\\s*|\\s+)|${keyName}\\s*[=:]\\s*)(?!-)` +
    `(?:(?:bearer|basic|token)\\s+)?("[^"]*"|'[^']*'|[^\\s"']+)`,
  'gi',
);

/** The secret parts of a text that is none as a whole. */
const partsOf = {
  /** What stands before the host, and the values of a query. */
  url: (text: string): string[] => {
    const [, user] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(text) ?? [];
    const query = /\?([^#]*)/.exec(text)?.[1] ?? '';
    const values = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
    return [user, ...values].filter((part) => part !== undefined && part !== '') as string[];
  },
  /** Arguments behind `--api-key` and the like, and the secret parts of URLs among the arguments. */
  argument: (text: string): string[] => [
    ...[...text.matchAll(keyArgument)].map(([, argument = '']) => argument.replace(/^["']|["']$/g, '')),
    ...text.split(/\s+/).flatMap((word) => (word.includes('://') ? partsOf.url(word) : [])),
  ],
} as const satisfies { [because: string]: (text: string) => string[] };

/** How a text can hold secrets in parts of it. */
export type SecretPartsOf = keyof typeof partsOf;
