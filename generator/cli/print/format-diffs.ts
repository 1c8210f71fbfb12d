/** Differences between deployments as text: object by object, field by field. */
import { createColors } from 'picocolors';
import { printable } from '../../model/characters.ts';
import { formatPath, type Json } from '../../model/json.ts';
import { writeYaml } from '../../model/yaml-writer.ts';
import type { FieldDiff, ObjectDiff } from '../../tree/overlay-diff.ts';

/** Writes differences; removed fields and objects with a minus, added ones with a plus. */
export function formatDiffs(diffs: readonly ObjectDiff[], color: boolean): string {
  const colors = createColors(color);
  const minus = (text: string) => colors.red(`- ${text}`);
  const plus = (text: string) => colors.green(`+ ${text}`);
  const lines = diffs.flatMap(({ object, what, fields }) => {
    if (what === 'added') return [plus(object)];
    if (what === 'removed') return [minus(object)];
    return [colors.bold(`~ ${object}`), ...fields.flatMap((field) => fieldLines(field, minus, plus))];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function fieldLines(
  { path, before, after }: FieldDiff,
  minus: (text: string) => string,
  plus: (text: string) => string,
): string[] {
  const lines = [`    ${printable(formatPath(path))}`];
  if (before !== undefined) lines.push(...valueLines(before).map((line) => `      ${minus(line)}`));
  if (after !== undefined) lines.push(...valueLines(after).map((line) => `      ${plus(line)}`));
  return lines;
}

function valueLines(value: Json): string[] {
  return writeYaml(value).trimEnd().split('\n').map(printable);
}
