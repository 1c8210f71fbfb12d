/**
 * Edits YAML by the places of its values: only what was edited changes, everything else stays byte for byte. What
 * comes out is parsed again and compared with what was meant.
 */
import { isMap } from 'yaml';
import type { Finding } from '../../model/finding.ts';
import { equal, formatPath, type Json, type JsonObject, type Path } from '../../model/json.ts';
import { insertEntry } from './insert.ts';
import { type Step, stepsOf, withEdit, type YamlEdit } from './intent.ts';
import { removeEntry } from './remove.ts';
import { type Style, styleOf } from './render.ts';
import { replaceInBlock, replaceInFlow, replaceRoot } from './replace.ts';
import {
  type Collection,
  type Entry,
  entriesOf,
  isCollection,
  isFlow,
  type Parsed,
  parseText,
  readText,
  type Way,
  wayTo,
} from './source.ts';
import { type Splice, spliced } from './splice.ts';

export type { YamlEdit } from './intent.ts';

/** A text after its edits, or why it cannot be edited so. */
export type Edited = { readonly text: string } | { readonly findings: readonly Finding[] };

/** How a text is edited. */
export interface EditOptions {
  /** The file's name, for findings. */
  readonly file: string;
  /** The order of a map's keys, that a new one is put in. @default behind all others */
  readonly order?: (path: Path) => readonly string[];
}

/**
 * Edits a text, all or nothing.
 *
 * @param text a document without errors of syntax, with line ends of LF; anchors may stand in it where no edit leads
 * @param edits one after the other
 */
export function editYaml(text: string, edits: readonly YamlEdit[], options: EditOptions): Edited {
  const read = readText(text, options.file);
  if (!('text' in read)) return { findings: read };
  let at: Parsed = read;
  for (const edit of edits) {
    const meant = withEdit(at.value, edit);
    if (meant === undefined) return { findings: [notThere(edit, options.file)] };
    const done = applied(at, stepsOf(at.value, edit), meant.value, options);
    if (done === undefined) return { findings: [notPossible(edit, options.file)] };
    at = done;
  }
  return { text: at.text };
}

/** A text after steps; undefined where it does not say what was meant, however the new values are written. */
function applied(
  before: Parsed,
  steps: readonly Step[],
  meant: Json,
  options: EditOptions,
): Parsed | undefined {
  for (const oneLine of [false, true]) {
    let at: Parsed | undefined = before;
    for (const step of steps) {
      if (at === undefined) break;
      const splices: Splice[] | undefined = splicesOf(at, step, { ...styleOf(at), oneLine }, options);
      at = splices && parseText(spliced(at.text, splices));
    }
    if (at !== undefined && equal(at.value, meant)) return at;
  }
  return undefined;
}

function splicesOf(parsed: Parsed, step: Step, style: Style, options: EditOptions): Splice[] | undefined {
  const { text, root } = parsed;
  const { path } = step;
  const way = wayTo(parsed, path);
  if (path.length === 0)
    return step.what === 'remove' ? undefined : replaceRoot(text, root, step.value, style);
  if (step.what === 'set')
    return way.entries.length < path.length ? undefined : replace(text, way, path.length, step.value, style);
  const depth = path.length - 1;
  const parent = way.nodes[depth];
  if (!isCollection(parent)) return undefined;
  const [part] = path.slice(-1) as [string | number];
  const entries = entriesOf(parent);
  if (step.what === 'remove') {
    const index = entries.indexOf(entries.findLast((entry) => String(entry.part) === String(part)) as Entry);
    if (index === -1) return undefined;
    if (entries.length > 1) return removeEntry(text, parent, index, depth === 0);
    return replace(text, way, depth, isMap(parent) ? {} : [], style, root);
  }
  if (isBare(text, parent) && !isInFlow(way, depth)) {
    const only: Json = typeof part === 'string' ? ({ [part]: step.value } as JsonObject) : [step.value];
    return replace(text, way, depth, only, style, root);
  }
  const behind =
    typeof part === 'number' ? part - 1 : placeOf(part, entries, options.order?.(path.slice(0, -1)) ?? []);
  return insertEntry(text, parent, { part, value: step.value, behind }, depth === 0, style);
}

/** Gives the value at a depth of a way another one. */
function replace(
  text: string,
  way: Way,
  depth: number,
  value: Json,
  style: Style,
  root: Parsed['root'] = null,
): Splice[] {
  const entry = way.entries[depth - 1];
  if (entry === undefined) return replaceRoot(text, root, value, style);
  return isInFlow(way, depth)
    ? replaceInFlow(text, entry, value, style)
    : replaceInBlock(text, entry, value, style);
}

/** Whether what stands at a depth of a way is inside braces or brackets. */
function isInFlow({ nodes }: Way, depth: number): boolean {
  return nodes.slice(0, depth).some((node) => isCollection(node) && isFlow(node));
}

/** Whether nothing but blanks is in an empty collection. */
function isBare(text: string, node: Collection): boolean {
  const [start = 0, end = 0] = node.range ?? [];
  return node.items.length === 0 && text.slice(start + 1, end - 1).trim() === '';
}

/** The index of the entry that a new key stands behind. */
function placeOf(key: string, entries: readonly Entry[], order: readonly string[]): number {
  const rank = order.indexOf(key);
  const ranks = entries.map(({ part }) => order.indexOf(String(part)));
  if (rank === -1 || !ranks.some((each) => each > rank)) return entries.length - 1;
  return ranks.findLastIndex((each) => each !== -1 && each < rank);
}

function notThere({ path }: YamlEdit, file: string): Finding {
  return {
    code: 'no-place',
    severity: 'error',
    path,
    message: `${file} has no place for this value`,
    hint: 'a list takes a new item at its end alone; what is no map or list has no parts',
  };
}

function notPossible({ path }: YamlEdit, file: string): Finding {
  return {
    code: 'not-editable',
    severity: 'error',
    path,
    message: `${file} is written in a way that ${formatPath(path)} cannot be changed in without changing more`,
    hint: 'edit the file by hand: write out anchors, aliases and tags around the value',
  };
}
