import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml';
import { unkeptCharacter } from './characters.ts';
import type { Finding, Position } from './finding.ts';
import type { Json, Path } from './json.ts';
import { positionsIn } from './positions.ts';
import { maxFileBytes } from './read-file.ts';
import { tooDeep } from './yaml-depth.ts';
import { plainMessage } from './yaml-message.ts';
import { readSimple } from './yaml-simple.ts';
import { descend, offsetOf, scalarsOf, toJson, type YamlScalar } from './yaml-tree.ts';

export type { YamlScalar } from './yaml-tree.ts';
export { type WriteOptions, writeYaml, writeYamlStream } from './yaml-writer.ts';

/** No file of this project comes near these; they keep hostile input from taking memory or the stack. */
const maxDepth = 64;

/** What programs write, such as the schemas of CustomResourceDefinitions, may be deeper. */
export const maxDepthOfPrograms = 256;

/** One wrong quote makes the rest of a file wrong: what comes after so many errors helps nobody. */
const maxSyntaxErrors = 100;

/** A YAML file that was read: its value, what is wrong with its text, and where each value stands. */
export interface YamlSource {
  /** The file's name as the user gave it. */
  readonly file: string;
  readonly text: string;
  /** The value of the one document; undefined where the text is no usable YAML. */
  readonly value: Json | undefined;
  readonly findings: readonly Finding[];
  /** The position of a value, or of its key; of the nearest parent that exists where the path does not. */
  locate(path: Path, what?: 'key' | 'value'): Position;
  /** The text of a scalar as it was written, without quotes; undefined for maps, lists and absent paths. */
  written(path: Path): string | undefined;
  /** Every scalar and every key of a map, each with the part of the text that it takes. */
  scalars(): Iterable<YamlScalar>;
}

/**
 * Reads a YAML file of one document, written by a person, and finds what Kubernetes' YAML readers would
 * refuse or read differently: duplicate keys, anchors, several documents, control characters, plain
 * scalars that are booleans, octals or times in YAML 1.1.
 *
 * @param text the file's content
 * @param file its name, for positions
 * @param plainAsText whether a program wrote it: see {@link readPlainAsText}
 * @param maxBytes how large it may be; @default 1 MiB
 */
export function readYaml(
  text: string,
  file: string,
  plainAsText = false,
  maxBytes = maxFileBytes,
): YamlSource {
  const at = positionsIn(text, file);
  const findings: Finding[] = [];
  const add = (code: string, offset: number, message: string, hint: string, path: Path = []): void => {
    // Without a path nothing is known of what stands there.
    const showSource = path.length > 0;
    findings.push({ code, severity: 'error', path, message, hint, position: at(offset), showSource });
  };
  /** Undefined until somebody asks for it: where a value stands is asked of few files. */
  let root: Node | null | undefined;
  const rootOf = (): Node | null => {
    if (root === undefined) root = readTree(parseDocuments(text), plainAsText, () => undefined).root;
    return root;
  };
  const source = (value: Json | undefined): YamlSource => ({
    file,
    text,
    value,
    findings,
    locate: (path, what = 'value') => at(offsetOf(rootOf(), path, what)),
    written: (path) => {
      const { node } = descend(rootOf(), path, path.length);
      return isScalar(node) ? (node.source ?? String(node.value)) : undefined;
    },
    scalars: () => scalarsOf(rootOf(), []),
  });

  if (!checkText(text, maxBytes, add)) {
    root = null;
    return source(undefined);
  }
  if (findings.length === 0) {
    const simple = readSimple(text, (part) => partOf(part, plainAsText));
    if (simple !== undefined) return source(simple);
  }
  const read = readTree(parseDocuments(text), plainAsText, add);
  root = read.root;
  return source(read.value);
}

/** Finds what is wrong with a text before it is parsed; false where it had better not be. */
function checkText(text: string, maxBytes: number, add: Add): boolean {
  if (Buffer.byteLength(text) > maxBytes) {
    add('too-large', 0, `the file is larger than ${maxBytes} bytes`, 'split what it holds');
    return false;
  }
  if (!checkCharacters(text, add) || /\r(?!\n)/.test(text)) return false;
  const conflict = conflictIn(text);
  if (conflict !== undefined) {
    const hint = 'keep what both sides mean, and remove the lines <<<<<<<, ======= and >>>>>>>';
    add('merge-conflict', conflict, 'a conflict of a merge is left in the file', hint);
    return false;
  }
  const deep = tooDeep(text, maxDepth);
  if (deep === undefined) return true;
  add('too-deep', deep, `more than ${maxDepth} levels inside each other`, 'flatten the value');
  return false;
}

/** The tree of a text and its value, which is undefined where something about it is so wrong that it has none. */
function readTree(
  [document, second]: readonly Document.Parsed[],
  plainAsText: boolean,
  add: Add,
): { readonly root: Node | null; readonly value: Json | undefined } {
  if (document === undefined || document.contents === null) {
    add('empty-document', 0, 'the file holds no value', 'write a resource of kind Glyphoxa into it');
    return { root: null, value: undefined };
  }
  if (second !== undefined) {
    const message = 'a second YAML document begins here';
    add('several-documents', second.range[0], message, 'keep one document in a file');
  }
  for (const error of document.errors.slice(0, maxSyntaxErrors)) add(...syntaxFinding(error));
  const root = document.contents as Node;
  if (document.errors.length > 0) return { root, value: undefined };
  if (plainAsText) readPlainAsText(root);
  let isKnown = true;
  checkNodes(root, [], (code, ...rest) => {
    // What such a value is, and where its parts stand, cannot be said.
    if (code === 'anchor' || code === 'tag') isKnown = false;
    add(code, ...rest);
  });
  return { root, value: isKnown ? toJson(root) : undefined };
}

/** The value of a part of a text; undefined where anything at all is wrong with it. */
function partOf(part: string, plainAsText: boolean): Json | undefined {
  let isRight = true;
  const { value } = readTree(parseDocuments(part), plainAsText, () => {
    isRight = false;
  });
  return isRight ? value : undefined;
}

function parseDocuments(text: string): Document.Parsed[] {
  return parseAllDocuments(text.replace(/\r\n/g, ' \n'), {
    keepSourceTokens: false,
    prettyErrors: false,
    strict: true,
    uniqueKeys: false,
    logLevel: 'silent',
    stringKeys: true,
  }) as Document.Parsed[];
}

/** The offset of the first conflict that a merge left in a text; undefined where there is none. */
export function conflictIn(text: string): number | undefined {
  const start = text.search(/^<{7} /m);
  return start !== -1 && /^>{7} /m.test(text.slice(start)) ? start : undefined;
}

/** Reads YAML that a program wrote: any number of documents, no positions. Throws an Error on bad syntax. */
export function parseYaml(text: string): Json[] {
  const deep = tooDeep(text, maxDepthOfPrograms);
  if (deep !== undefined)
    throw new Error(`more than ${maxDepthOfPrograms} levels inside each other at character ${deep}`);
  const values: Json[] = [];
  for (const document of parseAllDocuments(text, {
    prettyErrors: false,
    logLevel: 'silent',
  }) as Document.Parsed[]) {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${plainMessage(error)[1]} at character ${error.pos[0]}`);
    readPlainAsText(document.contents);
    if (document.contents !== null) values.push(document.toJS({ maxAliasCount: 100 }) as Json);
  }
  return values;
}

type Add = (code: string, offset: number, message: string, hint: string, path?: Path) => void;

/**
 * Finds characters and line ends that YAML forbids or that Kubernetes tools change on the way.
 *
 * @returns whether there are none that a parser chokes on
 */
function checkCharacters(text: string, add: Add): boolean {
  if (text.startsWith('\uFEFF')) {
    add('byte-order-mark', 0, 'the file begins with a byte order mark', 'save it as UTF-8 without a BOM');
  }
  const crlf = text.indexOf('\r');
  if (crlf !== -1) add('carriage-return', crlf, 'the file has carriage returns', 'save it with LF line ends');
  const control = unkeptCharacter(text);
  if (control !== undefined) {
    add(
      'control-character',
      control.index,
      `the character ${control.name} is not kept by YAML tools`,
      'remove it',
    );
  }
  const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(text);
  const directive = /^\uFEFF?(?:[ \t]*(?:#.*)?\r?\n)*%/.exec(text);
  if (directive !== null) {
    const offset = directive[0].length - 1;
    add('directive', offset, 'a YAML directive stands here', 'remove the line');
  }
  if (lone !== null)
    add('control-character', lone.index, 'half of a surrogate pair', 'save the file as UTF-8');
  return control === undefined && lone === null;
}

function syntaxFinding(error: YAMLError): Parameters<Add> {
  const [code, message, hint] = plainMessage(error);
  return [code, error.pos[0], message, hint];
}

/**
 * Finds duplicate keys, anchors, aliases, merge keys, tags and scalars that YAML 1.1 and 1.2 read
 * differently. The library would find duplicate keys too, but compares each key with each other one.
 *
 * @param path where the node stands; shared, and the same again on return
 */
function checkNodes(node: unknown, path: (string | number)[], add: Add): void {
  checkNode(node, path, add);
  if (isMap(node)) {
    const seen = new Set<string>();
    for (const { key, value } of node.items as Pair[]) {
      const name = isScalar(key) ? String(key.value) : '';
      path.push(name);
      const offset = (key as Node).range?.[0] ?? 0;
      if (seen.has(name))
        add('duplicate-key', offset, 'this key stands here a second time', 'remove one of the two', [
          ...path,
        ]);
      seen.add(name);
      if (isScalar(key) && key.type === 'PLAIN' && key.source === '<<')
        add('anchor', offset, 'a merge key stands here', 'write the merged values out', [...path]);
      else checkNode(key, path, add);
      checkNodes(value, path, add);
      path.pop();
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      path.push(index);
      checkNodes(item, path, add);
      path.pop();
    }
  }
}

function checkNode(node: unknown, path: Path, add: Add): void {
  if (!isNode(node)) return;
  const offset = node.range?.[0] ?? 0;
  if (isAlias(node) || node.anchor !== undefined) {
    const what = isAlias(node) ? 'an alias' : 'an anchor';
    const message = `${what} stands here, and aliases are not supported`;
    add('anchor', offset, message, 'write the value out', [...path]);
    return;
  }
  if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/.test(node.tag)) {
    add('tag', offset, 'a YAML tag that is not allowed here', 'remove the tag', [...path]);
  }
  if (!isScalar(node) || node.type !== 'PLAIN' || node.source === undefined) return;
  if (isAmbiguous(node.source)) {
    // The text is shown only where it is one of a few words: another one may be a secret.
    const word = /^[A-Za-z]{1,3}$/.test(node.source) ? node.source : 'this number';
    const hint =
      word === node.source
        ? `write "${word}" for the text, or true or false`
        : 'put it in quotes for the text, or write a decimal number';
    add('ambiguous-scalar', offset, `${word} is not the same in YAML 1.1 and YAML 1.2`, hint, [...path]);
  }
}

/**
 * Reads the plain scalars of a document as kustomize meant them, which wrote it: numbers stand there in decimal, large
 * ones with an exponent, and booleans as true and false. What else looks like one was a string to it, in quotes or not.
 *
 * @returns whether there was such a string
 */
export function readPlainAsText(root: unknown): boolean {
  let hasTexts = false;
  visit(root as Node, {
    Scalar: (_, scalar) => {
      const { source, type } = scalar;
      if (type !== 'PLAIN' || source === undefined || !isAmbiguous(source) || /^[-+]?\.[a-z]/i.test(source))
        return;
      const isNumber = /^[-+]?[0-9.]+[eE]/.test(source) && Number.isFinite(Number(source));
      Object.assign(scalar, { type: 'QUOTE_DOUBLE', value: isNumber ? Number(source) : source });
      hasTexts ||= !isNumber;
    },
  });
  return hasTexts;
}

/** Whether Kubernetes' readers (YAML 1.1) take a plain scalar for something else than YAML 1.2 does. */
function isAmbiguous(source: string): boolean {
  return (
    /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$/.test(source) ||
    /^[-+]?0[0-9_]+$/.test(source) ||
    /^[-+]?0o[0-7_]+$/.test(source) ||
    /^[-+]?0b[01_]+$/.test(source) ||
    /^[-+]?0x[0-9a-fA-F_]+$/.test(source) ||
    /^[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?$/.test(source) ||
    /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(source) ||
    /^\d{4}-\d\d?-\d\d?(?:$|[Tt\s])/.test(source) ||
    /^[-+]?(?:[0-9]+[eE][-+]?|\.[0-9]+[eE][-+]?|[0-9]+\.[0-9]*[eE])[0-9]+$/.test(source) ||
    /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/.test(source) ||
    source === '='
  );
}
