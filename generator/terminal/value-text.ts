/** Values as texts: how they are told, typed, checked and taken. */
import { parseValue } from '../config/assignment.ts';
import { hidden } from '../config/mask.ts';
import { nodesOn } from '../editor/edits.ts';
import type { Value } from '../editor/values.ts';
import { Failure, type Finding } from '../model/finding.ts';
import { formatPath, type Json, type Path } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { openArea } from './area.ts';
import type { App } from './view.ts';

/** Whether a part of a value is secret and so hidden: it cannot be edited as a whole. */
export function isMasked({ value }: Value): boolean {
  return value !== undefined && JSON.stringify(value).includes(hidden);
}

/** A path as people write it. */
export function shortName(path: Path): string {
  return formatPath(path[0] === 'spec' ? path.slice(1) : path);
}

/** What is shown of a value where it is typed. */
export function aboutValue({
  description = '',
  type,
  bounds,
  default: standard,
  examples = [],
  note,
}: Value): string[] {
  const example = examples.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join(', ');
  return [
    [type, bounds].filter(Boolean).join(', ').replaceAll('`', ''),
    description.replaceAll('`', ''),
    ...(note === undefined ? [] : [note]),
    ...(standard === undefined ? [] : [`default: ${inWords(standard)}`]),
    ...(example === '' ? [] : [`such as ${example}`]),
  ].filter((line) => line !== '');
}

/** A value on one line. */
export function inWords(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What is wrong with a text as a value, its own findings first. */
export async function checkText(app: App, path: Path, text: string): Promise<readonly Finding[]> {
  const read = readText(path, text);
  if ('findings' in read) return read.findings;
  const { refused, made } = await app.session.attempt([{ path, value: read.value }], app.at);
  const isOwn = ({ path: at }: Finding) => path.every((part, index) => at[index] === part);
  return [...refused, ...made.filter(isOwn), ...made.filter((each) => !isOwn(each))];
}

/** Makes a text the value; false where it cannot be. An empty one takes the value out. */
export async function takeText(app: App, path: Path, text: string): Promise<boolean> {
  const read = readText(path, text);
  if ('findings' in read) {
    app.say(read.findings[0]?.message ?? 'this cannot be read', 'red');
    return false;
  }
  const done = read.value === undefined ? 'is taken out' : 'is set';
  return app.tell(
    await app.session.set([{ path, value: read.value }], app.at),
    `${shortName(path)} ${done}; s saves, u takes it back`,
  );
}

function readText(
  path: Path,
  text: string,
): { readonly value: Json | undefined } | { readonly findings: readonly Finding[] } {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: parseValue(shortName(path), path, nodesOn(path)?.at(-1), text) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { findings: error.findings };
  }
}

/** YAML of a value that has parts. */
export function editYaml(app: App, value: Value, typed?: string, hints: readonly string[] = []): void {
  const { path, title } = value;
  const isEmpty = value.value === undefined || Object.keys(Object(value.value)).length === 0;
  const shown = isEmpty ? '' : writeYaml(value.value as Json).trimEnd();
  const { at } = app;
  openArea(app, {
    title: `${title ?? ''} · ${shortName(path)} · YAML`,
    about: [...hints, ...aboutValue(value)].join(' · '),
    text: typed ?? shown,
    ...(typed === undefined ? { cursor: { line: 0, column: 0 } } : {}),
    check: (now) => checkText(app, path, now),
    take: (now) => takeText(app, path, now),
    draft: (now) => ({ ...(at === undefined ? {} : { at }), path, text: now }),
  });
}
