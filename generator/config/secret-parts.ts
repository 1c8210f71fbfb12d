/**
 * What is secret in a resource, in a layer of it, or in a part of either: the one answer for rules, for where the
 * program's file lies and for all that prints.
 */
import { isObject, type Json, type Path } from '../model/json.ts';
import type { CheckName } from './checks.ts';
import { childNode, type SchemaNode } from './schema/node.ts';
import { argumentRanges, type Range, type SecretPartsOf, urlRanges } from './secret-forms.ts';

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
 * What is known of a value: its schema, or that all in it is secret (of an `option` that the program does not know
 * the texts), or that nothing is known to be.
 */
export type Known = SchemaNode | 'secret' | 'option' | 'free';

/** What is known of a value below another one. */
export function knownBelow(known: Known, key: string | number, publicOptions: readonly string[] = []): Known {
  if (typeof known === 'string') return known;
  const kind = secretKind(known);
  if (kind !== undefined) return kind;
  if (isFreeform(known)) return 'free';
  const isOption = typeof key === 'string' && !Object.hasOwn(known.properties ?? {}, key);
  if (isOption && publicOptions.includes(key)) return 'free';
  return childNode(known, key) ?? 'option';
}

/** The secret parts of a text, a number or a boolean. */
export function secretRanges(value: Json, known: Known): { range: Range; because?: SecretPart['because'] }[] {
  if (value === null || value === '' || known === 'free') return [];
  const whole: Range = [0, String(value).length];
  const kind = typeof known === 'string' ? known : secretKind(known);
  if (kind === 'option') return typeof value === 'string' ? [{ range: whole, because: 'option' }] : [];
  if (kind === 'secret') return [{ range: whole }];
  if (typeof value !== 'string' || typeof known === 'string') return [];
  // What was pasted where a map or a list is meant.
  if (known.type === 'object' || known.type === 'array') return [{ range: whole }];
  const isUrl = known.check !== undefined && urlChecks.includes(known.check);
  const because = known.parts ?? (isUrl ? 'url' : undefined);
  return because === undefined ? [] : rangesOf[because](value).map((range) => ({ range, because }));
}

/**
 * Finds every secret in a value: all texts below a mark of the schema, credentials and query values of URLs, and
 * arguments of commands whose name says that they are keys.
 *
 * @param known nothing is known of a value without a schema, and all texts of it count as secret
 * @param publicOptions names of free-form options that hold no secret (`spec.secrets.publicOptions`)
 */
export function* secretParts(
  value: Json | undefined,
  known: Known = 'option',
  publicOptions: readonly string[] = [],
  path: Path = [],
): Generator<SecretPart> {
  if (value === undefined) return;
  if (isObject(value) || Array.isArray(value)) {
    const items = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, item] of items as Iterable<[string | number, Json]>)
      yield* secretParts(item, knownBelow(known, key, publicOptions), publicOptions, [...path, key]);
    return;
  }
  for (const { range, because } of secretRanges(value, known))
    yield { path, text: String(value).slice(...range), ...(because === undefined ? {} : { because }) };
}

/** Of what has no type numbers and booleans say nothing. */
function secretKind({ secret, type }: SchemaNode): 'secret' | 'option' | undefined {
  if (secret !== true) return undefined;
  return type === undefined ? 'option' : 'secret';
}

/** Whether all of a value is handed on as it stands. */
function isFreeform({ properties, additionalProperties, items }: SchemaNode): boolean {
  return properties === undefined && additionalProperties === undefined && items === undefined;
}

const urlChecks: readonly string[] = ['url', 'http-url', 'chart-repository'] satisfies CheckName[];

/** The secret parts of a text that is none as a whole. */
const rangesOf = {
  url: urlRanges,
  argument: argumentRanges,
} as const satisfies { [because in SecretPartsOf]: (text: string) => Range[] };
