/** What an apply would change, as text. */
import { structuredPatch } from 'diff';
import { createColors } from 'picocolors';
import type { ReleaseDiff } from '../../lifecycle/changes/compare-release.ts';
import { type FieldChange, isText, type ObjectChange } from '../../lifecycle/changes/object-change.ts';
import { printable } from '../../model/characters.ts';
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { writeYaml } from '../../model/yaml-writer.ts';
import { findingsAsJson } from './print-findings.ts';

/** A change that is longer than this is written on several lines. */
const widest = 78;

/** Lines of a text that are shown around what differs in it. */
const contextLines = 2;

type Colors = ReturnType<typeof createColors>;

/** Writes the objects: created with a plus, changed with a tilde, those that go with a minus. */
export function formatReleaseDiff({ objects }: ReleaseDiff, color: boolean): string {
  const colors = createColors(color);
  return objects
    .flatMap((object) => objectLines(object, colors))
    .map((line) => `${line}\n`)
    .join('');
}

/** `1 object would be created, 2 changed, 1 pruned; 12 stay as they are`. */
export function summarize({ objects, unchanged }: ReleaseDiff): string {
  const count = (change: ObjectChange['change']) =>
    objects.filter((object) => object.change === change).length;
  const counts = (['created', 'changed', 'pruned', 'left'] as const)
    .map((change) => ({ change, number: count(change) }))
    .filter(({ number }) => number > 0);
  const stay = `${unchanged} ${unchanged === 1 ? 'stays' : 'stay'} as ${unchanged === 1 ? 'it is' : 'they are'}`;
  if (counts.length === 0)
    return `nothing would change: ${unchanged} object${unchanged === 1 ? '' : 's'} compared`;
  const [first, ...rest] = counts.map(({ change, number }, index) =>
    index === 0 ? `${number} object${number === 1 ? '' : 's'} would be ${change}` : `${number} ${change}`,
  );
  return `${[first, ...rest].join(', ')}; ${stay}`;
}

function objectLines({ object, change, fields, after, note }: ObjectChange, colors: Colors): string[] {
  const name = printable(object);
  const aside = note === undefined ? '' : ` ${colors.dim(`(${note})`)}`;
  if (change === 'pruned') return [colors.red(`- ${name}`) + aside];
  if (change === 'left') return [`${colors.dim(`  ${name}`)}${aside}`];
  if (change === 'created') {
    return [
      colors.green(`+ ${name}`) + aside,
      ...indent(yamlLines(listed(after ?? {}))).map((line) => colors.green(line)),
    ];
  }
  return [colors.bold(`~ ${name}`) + aside, ...fields.flatMap((field) => fieldLines(field, colors))];
}

/** What the environment says of an object besides what its line names. */
function listed({ apiVersion: _, kind: __, metadata, ...rest }: JsonObject): JsonObject {
  const { name: ___, namespace: ____, ...named } = isObject(metadata) ? metadata : {};
  return { ...(Object.keys(named).length === 0 ? {} : { metadata: named }), ...rest };
}

function fieldLines(change: FieldChange, colors: Colors): string[] {
  const { field, before, after, manager, because } = change;
  const head = `    ${printable(field)}`;
  const asides = [
    ...(manager === undefined ? [] : [colors.magenta(`conflict: ${printable(manager)} has set it`)]),
    ...(because === undefined ? [] : [colors.dim(printable(because))]),
  ].map((text) => `      (${text})`);
  if (change.isSecret === true) {
    const paint = {
      added: colors.green,
      removed: colors.red,
      changed: colors.yellow,
      reordered: colors.yellow,
    };
    const word =
      change.change === 'unchanged' ? colors.dim(change.change) : paint[change.change](change.change);
    return [`${head}: ${word}`, ...asides];
  }
  if (isText(before) && isText(after)) return [`${head}:`, ...textLines(before, after, colors), ...asides];
  const short = change.change === 'reordered' ? undefined : shortChange(head, before, after, colors);
  if (short !== undefined) return [short, ...asides];
  const what = change.change === 'reordered' ? ' (order)' : '';
  const side = (value: Json | undefined, sign: string, paint: (text: string) => string) =>
    value === undefined ? [] : yamlLines(value).map((line) => paint(`      ${sign} ${line}`));
  return [`${head}${what}:`, ...side(before, '-', colors.red), ...side(after, '+', colors.green), ...asides];
}

/** `path: a → b` where both are short. */
function shortChange(
  head: string,
  before: Json | undefined,
  after: Json | undefined,
  colors: Colors,
): string | undefined {
  if (before === undefined || after === undefined) return undefined;
  const [old, now] = [inline(before), inline(after)];
  if (old === undefined || now === undefined) return undefined;
  if (`${head}: ${old} → ${now}`.length > widest) return undefined;
  return `${head}: ${colors.red(old)} → ${colors.green(now)}`;
}

/** A value on one line, as YAML writes it; undefined where it needs more. */
function inline(value: Json): string | undefined {
  if (Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0)
    return undefined;
  if (isText(value)) return undefined;
  return printable(writeYaml(value).trimEnd());
}

/** What differs in a text, line by line. */
function textLines(before: string, after: string, colors: Colors): string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: contextLines });
  const paint = (line: string) => {
    const shown = `      ${line[0]} ${printable(line.slice(1))}`;
    if (line.startsWith('+')) return colors.green(shown);
    return line.startsWith('-') ? colors.red(shown) : colors.dim(shown.trimEnd());
  };
  const blocks = hunks.map(({ lines }) => lines.filter((line) => !line.startsWith('\\')).map(paint));
  return blocks.flatMap((lines, index) => (index === 0 ? lines : [colors.dim('        …'), ...lines]));
}

function yamlLines(value: Json): string[] {
  return writeYaml(value).trimEnd().split('\n').map(printable);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

/** The same for programs. */
export function releaseDiffAsJson(
  { objects, unchanged, findings }: ReleaseDiff,
  { release, namespace }: Place,
): object {
  const { findings: listed } = JSON.parse(findingsAsJson(findings)) as { findings: Json };
  return { release, namespace, objects, unchanged, findings: listed };
}

/** Where a release is. */
export interface Place {
  readonly release: string;
  readonly namespace: string;
}
