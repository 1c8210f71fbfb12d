/** A YAML text that is edited by the places of its values: what it says, and where each entry begins and ends. */
import {
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Finding } from '../../model/finding.ts';
import type { Json, Path } from '../../model/json.ts';
import { readYaml } from '../../model/yaml.ts';

/** A text that was parsed. */
export interface Parsed {
  readonly text: string;
  /** The root; null where the text holds no value. */
  readonly root: Node | null;
  /** What the text says, with aliases resolved; undefined where it holds no value. */
  readonly value: Json | undefined;
}

/** Nothing that people edit comes near so many bytes; the file of a fleet is the largest. */
const maxBytes = 16 * 1024 * 1024;

/** Findings of the reader that do not keep a text from being edited by places. */
const editable: readonly string[] = ['anchor', 'ambiguous-scalar', 'tag', 'empty-document', 'digits-lost'];

/** Parses a text that a person wrote; what cannot be edited by its places gives findings instead. */
export function readText(text: string, file: string): Parsed | readonly Finding[] {
  const { findings } = readYaml(text, file, false, maxBytes);
  const blocking = findings.filter(({ code }) => !editable.includes(code));
  return blocking.length > 0 ? blocking : (parseText(text) ?? findings);
}

/** Parses a text; undefined where it has errors, or aliases that multiply or lead nowhere. */
export function parseText(text: string): Parsed | undefined {
  const document = parseDocument(text, {
    keepSourceTokens: true,
    prettyErrors: false,
    strict: true,
    uniqueKeys: false,
    logLevel: 'silent',
    stringKeys: true,
  }) as Document.Parsed;
  if (document.errors.length > 0) return undefined;
  try {
    const root = document.contents as Node | null;
    if (isAbsent(root)) return { text, root: null, value: undefined };
    return { text, root, value: document.toJS({ maxAliasCount: 100 }) };
  } catch {
    return undefined;
  }
}

/** A key with its value, or an item of a list. */
export interface Entry {
  readonly part: string | number;
  /** Where it begins: its key, its dash, or of an item in brackets its value. */
  readonly start: number;
  /** Where its key ends; of an item where it begins. */
  readonly keyEnd: number;
  /** Where its colon or dash stands; undefined for an item in brackets, or a key alone. */
  readonly indicator: number | undefined;
  readonly value: Node | null;
}

/** A map or list. */
export type Collection = YAMLMap | YAMLSeq;

/** Whether a node is a map or list. */
export function isCollection(node: unknown): node is Collection {
  return isMap(node) || isSeq(node);
}

/** Whether a collection is written with braces or brackets. */
export function isFlow(node: Collection): boolean {
  return node.flow === true;
}

/** The entries of a collection, in their order. */
export function entriesOf(node: Collection): Entry[] {
  return isMap(node) ? (node.items as Pair[]).map(pairEntry) : itemEntries(node as YAMLSeq);
}

function pairEntry({ key, value, srcToken }: Pair): Entry {
  const token = srcToken as CST.FlowCollection['items'][number] | undefined;
  const explicit = token?.start.find(({ type }) => type === 'explicit-key-ind');
  const colon = token?.sep?.find(({ type }) => type === 'map-value-ind');
  return {
    part: String((key as Scalar).value),
    start: explicit?.offset ?? (key as Node).range?.[0] ?? 0,
    keyEnd: (key as Node).range?.[1] ?? 0,
    indicator: colon?.offset,
    value: value as Node | null,
  };
}

function itemEntries(node: YAMLSeq): Entry[] {
  const token = node.srcToken as CST.BlockSequence | undefined;
  const dashes = isFlow(node)
    ? []
    : (token?.items ?? []).flatMap(({ start }) => start.filter(({ type }) => type === 'seq-item-ind'));
  return node.items.map((item, index) => {
    const value = itemNode(item);
    const dash = dashes[index]?.offset;
    const start = dash ?? value?.range?.[0] ?? 0;
    return { part: index, start, keyEnd: start, indicator: dash, value };
  });
}

/** An item; of `[a: 1]`, a map without braces, nothing. */
function itemNode(item: unknown): Node | null {
  return isScalar(item) || isCollection(item) || isAlias(item) ? (item as Node) : null;
}

/** The way to a value, as far as it is there. */
export interface Way {
  /** The nodes from the root on; each is a part of the one before. */
  readonly nodes: readonly (Node | null)[];
  /** The entries that hold the nodes behind the root. */
  readonly entries: readonly Entry[];
}

/** Goes down a path as far as it is there. */
export function wayTo({ root }: Parsed, path: Path): Way {
  const nodes: (Node | null)[] = [root];
  const entries: Entry[] = [];
  for (const part of path) {
    const node = nodes.at(-1);
    const entry = isCollection(node) ? entriesOf(node).findLast((each) => isPart(each, part)) : undefined;
    if (entry === undefined) break;
    nodes.push(entry.value);
    entries.push(entry);
  }
  return { nodes, entries };
}

function isPart({ part }: Entry, wanted: string | number): boolean {
  return typeof part === 'number' ? part === wanted : part === String(wanted);
}

/** Where the line begins that an offset is on. */
export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the line ends that an offset is on: at its line end, or at that of the text. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end;
}

/** The column of an offset, counted from 0. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Where what an entry says ends, without comments and the line end behind it. */
export function contentEnd(text: string, { indicator, keyEnd, value }: Entry): number {
  if (value === null) return indicator === undefined ? keyEnd : indicator + 1;
  return Math.max(nodeEnd(text, value), (indicator ?? -1) + 1);
}

function nodeEnd(text: string, node: Node): number {
  const [start = 0, end = 0] = node.range ?? [];
  if (isCollection(node) && !isFlow(node)) {
    const last = entriesOf(node).at(-1);
    return last === undefined ? end : contentEnd(text, last);
  }
  if (isAbsent(node)) return start;
  // a block scalar has its last line end in it
  return isBlockScalar(node) && text[end - 1] === '\n' ? end - 1 : end;
}

/** Whether nothing stands where a value might. */
export function isAbsent(node: Node | null): node is null {
  return node === null || (isScalar(node) && node.source === '' && node.type === 'PLAIN');
}

/** Whether a node is a text of lines behind `|` or `>`. */
export function isBlockScalar(node: Node | null): node is Scalar {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
}

/**
 * Where the lines of an entry in block style end, with the comments of its own below: those that stand deeper than it.
 *
 * @returns the start of the next line, or the end of the text
 */
export function entryEnd(text: string, entry: Entry): number {
  const column = columnOf(text, entry.start);
  let end = Math.min(text.length, lineEnd(text, contentEnd(text, entry)) + 1);
  for (let at = end; at < text.length; ) {
    const next = lineEnd(text, at);
    const [, indent = '', mark] = /^( *)(#)?/.exec(text.slice(at, next)) ?? [];
    const isBlank = text.slice(at, next).trim() === '';
    if (!isBlank && (mark === undefined || indent.length <= column)) break;
    at = Math.min(text.length, next + 1);
    if (!isBlank) end = at;
  }
  return end;
}

/** Where an entry that begins its line begins with the comments of its own: those directly above it, as deep as it. */
export function entryStart(text: string, { start }: Entry, isFirstOfAll: boolean): number {
  const column = columnOf(text, start);
  let from = lineStart(text, start);
  // the comments at the top are about the file
  while (from > 0 && !isFirstOfAll) {
    const above = lineStart(text, from - 1);
    const comment = /^( *)#/.exec(text.slice(above, from - 1));
    if (comment === null || comment[1]?.length !== column) break;
    from = above;
  }
  return from;
}

/** Whether nothing but blanks stands before an offset on its line. */
export function beginsLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === '';
}
