/**
 * Reads a file of values as helm does: YAML 1.1 of one document, anchors and merge keys included. What a person sees of a
 * mistake is its place; a message never quotes the text, which may be a secret.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
} from 'yaml';
import type { Finding, Position } from '../model/finding.ts';
import { isObject, type Json, type JsonObject, type Path, setKey } from '../model/json.ts';
import { maxFileBytes } from '../model/read-file.ts';
import { tooDeep } from '../model/yaml-depth.ts';
import { plainMessage } from '../model/yaml-message.ts';
import { Places, type Values } from './places.ts';

/** More than any file of values has, with what aliases repeat. */
const maxValues = 100_000;

const maxDepth = 64;

/** Types of YAML 1.1 that helm does not know. */
const others = /timestamp|binary|set|omap|pairs|merge/;

/** What a file says; undefined values where it cannot be read. */
export interface ReadValues {
  readonly values: Values | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Reads the values in a text.
 *
 * @param file its name, for positions
 */
export function readValues(text: string, file: string): ReadValues {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), col: Math.max(col, 1) };
  };
  const unreadable = (code: string, offset: number, message: string, hint: string): ReadValues => ({
    values: undefined,
    findings: [{ code, severity: 'error', path: [], message, hint, position: at(offset) }],
  });
  if (Buffer.byteLength(text) > maxFileBytes)
    return unreadable(
      'too-large',
      0,
      `the file is larger than ${maxFileBytes} bytes`,
      'name a file of values',
    );
  const deep = tooDeep(text, maxDepth);
  if (deep !== undefined)
    return unreadable(
      'too-deep',
      deep,
      `more than ${maxDepth} levels inside each other`,
      'flatten the value',
    );
  const documents = parseAllDocuments(text, {
    version: '1.1',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
    // helm has a date as the text that was written
    customTags: (tags) => tags.filter((tag) => !others.test(typeof tag === 'string' ? tag : tag.tag)),
  });
  const [document] = documents as Document.Parsed[];
  const errors = (documents as Document.Parsed[]).flatMap((each) => each.errors);
  if (errors.length > 0) {
    const findings = errors.slice(0, 20).map((error): Finding => {
      const [code, message, hint] = plainMessage(error);
      return { code, severity: 'error', path: [], message, hint, position: at(error.pos[0]) };
    });
    return { values: undefined, findings };
  }
  if (documents.length > 1)
    return unreadable(
      'several-documents',
      documents[1]?.range?.[0] ?? 0,
      'a second document begins here, and helm reads the first alone',
      'name each in a file of its own, in the order of precedence',
    );
  const places = new Places();
  places.set([], at(0));
  if (document === undefined || document.contents === null || isEmpty(document.contents))
    return { values: { value: {}, places }, findings: [] };
  const reader = new Reader(document, at, places);
  const value = reader.read(document.contents, []);
  if (reader.findings.length > 0) return { values: undefined, findings: reader.findings };
  if (!isObject(value))
    return unreadable('not-values', 0, 'this is no map of values', 'name a file as helm takes it with -f');
  return { values: { value, places }, findings: [] };
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

class Reader {
  readonly findings: Finding[] = [];
  readonly #document: Document.Parsed;
  readonly #at: (offset: number) => Position;
  readonly #places: Places;
  #count = 0;

  constructor(document: Document.Parsed, at: (offset: number) => Position, places: Places) {
    this.#document = document;
    this.#at = at;
    this.#places = places;
  }

  /** The value of a node, whose places are noted. */
  read(node: unknown, path: Path): Json {
    this.#count += 1;
    if (this.#count === maxValues)
      this.#wrong('too-large', node, path, `more than ${maxValues} values`, 'write less of it by aliases');
    if (this.#count >= maxValues) return null;
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target !== undefined) return this.read(target, path);
      this.#wrong('anchor', node, path, 'an alias that cannot be resolved', 'write the value out');
      return null;
    }
    if (isSeq(node))
      return node.items.map((item, index) => {
        this.#place([...path, index], item);
        return this.read(item, [...path, index]);
      });
    return isMap(node) ? this.#map(node.items as Pair[], path) : this.#scalar(node, path);
  }

  #map(pairs: readonly Pair[], path: Path): JsonObject {
    const object: JsonObject = {};
    for (const { value } of pairs.filter(({ key }) => isMerge(key)))
      for (const source of isSeq(value) ? [...value.items].reverse() : [value])
        this.#merge(source, object, path);
    const seen = new Set<string>();
    for (const { key, value } of pairs.filter((pair) => !isMerge(pair.key))) {
      if (!isScalar(key)) {
        this.#wrong('syntax', key, path, 'a key that is no text', 'put the key in quotes');
        continue;
      }
      const name = keyOf(key);
      const at = [...path, name];
      if (seen.has(name))
        this.#wrong('duplicate-key', key, at, 'this key stands here a second time', 'remove one of the two');
      seen.add(name);
      this.#place(at, key);
      setKey(object, name, this.read(value, at));
    }
    return object;
  }

  /** What stands behind a merge key; the map's own keys are laid over it. */
  #merge(source: unknown, object: JsonObject, path: Path): void {
    const map = isAlias(source) ? source.resolve(this.#document) : source;
    if (!isMap(map)) this.#wrong('anchor', source, path, 'only a map can be merged', 'write the values out');
    else
      for (const [name, value] of Object.entries(this.#map(map.items as Pair[], path)))
        setKey(object, name, value);
  }

  #place(path: Path, node: unknown): void {
    this.#places.set(path, this.#at((node as Node | null)?.range?.[0] ?? 0));
  }

  #scalar(node: unknown, path: Path): Json {
    if (!isScalar(node)) return null;
    const { value } = node as Scalar;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#wrong('not-a-number', node, path, 'helm takes no number without an end', 'write a number');
      return null;
    }
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'object' && value !== null) return node.source ?? '';
    return (value ?? null) as Json;
  }

  #wrong(code: string, node: unknown, path: Path, message: string, hint: string): void {
    const position = this.#at((node as Node | null)?.range?.[0] ?? 0);
    this.findings.push({ code, severity: 'error', path, message, hint, position });
  }
}

function isMerge(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
}

/** A key as JSON has it. */
function keyOf({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? String(value));
}
