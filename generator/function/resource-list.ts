/**
 * The wire format of KRM functions (kpt's "Configuration Functions Specification", version 1), as much of it
 * as this function reads and writes.
 */
import { type Document, isMap, parseDocument, type YAMLSeq } from 'yaml';
import { type Failure, type Finding, failure, faultText } from '../model/finding.ts';
import { formatPath, isObject, type Json, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { maxDepthOfPrograms, readPlainAsText } from '../model/yaml.ts';
import { tooDeep } from '../model/yaml-depth.ts';
import { plainMessage } from '../model/yaml-message.ts';
import { readSimple } from '../model/yaml-simple.ts';
import { writeYaml } from '../model/yaml-writer.ts';

/** A ResourceList as it came in. */
export interface ResourceList {
  readonly functionConfig: Json | undefined;
  readonly items: readonly JsonObject[];
  /** Whether the config has plain texts that a person could have meant as something else. */
  readonly hasPlainTexts: boolean;
  /** The version of the format, to answer in the same. */
  readonly apiVersion: Json;
  readonly text: string;
}

/** What a function tells about one problem: `results[]` of a ResourceList. */
export interface Result extends JsonObject {
  message: string;
  severity: string;
}

/**
 * Reads a ResourceList.
 *
 * @throws Failure where it is none
 */
export function readResourceList(text: string): ResourceList {
  const deep = tooDeep(text, maxDepthOfPrograms);
  if (deep !== undefined) {
    const message = `more than ${maxDepthOfPrograms} levels inside each other at character ${deep}`;
    throw refused('too-deep', message, 'flatten the value');
  }
  const simple = readSimple(text, () => undefined);
  const { value, hasPlainTexts } =
    simple === undefined ? readAny(text) : { value: simple, hasPlainTexts: false };
  if (!isObject(value) || value.kind !== 'ResourceList')
    throw refused('no-resource-list', 'no ResourceList', 'kustomize and kpt hand one over (see --help)');
  const items = value.items ?? [];
  if (!Array.isArray(items) || !items.every(isObject)) {
    const hint = 'hand over a list of Kubernetes objects';
    throw refused('no-resource-list', 'a ResourceList whose items are no objects', hint);
  }
  const { functionConfig, apiVersion = 'config.kubernetes.io/v1' } = value;
  return { functionConfig, items: items as JsonObject[], hasPlainTexts, apiVersion, text };
}

/** Reads a text of any kind by the library. */
function readAny(text: string): { readonly value: Json; readonly hasPlainTexts: boolean } {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent', stringKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const [code, message, hint] = plainMessage(error);
    throw refused(code, `${message} at character ${error.pos[0]}`, hint);
  }
  const hasPlainTexts =
    isMap(document.contents) && readPlainAsText(document.contents.get('functionConfig', true));
  return { value: readValue(document), hasPlainTexts };
}

function readValue(document: Document.Parsed): Json {
  try {
    return document.toJS({ maxAliasCount: 1000 }) as Json;
  } catch {
    throw refused('anchor', 'aliases that stand for too much', 'write the values out');
  }
}

function refused(code: string, what: string, hint: string): Failure {
  return failure(code, `standard input: ${what}`, hint);
}

/**
 * Writes the list with our objects in it: one that replaces an earlier one stands in its place, new ones
 * come last, and every item of others stays as it stood, comments and number formats included.
 *
 * @param objects what was generated; undefined leaves all items alone
 * @param isOwn whether an item is earlier output of ours
 */
export function writeResourceList(
  list: ResourceList,
  objects: readonly KubernetesObject[] | undefined,
  isOwn: (item: JsonObject) => boolean,
  results: readonly Result[],
): string {
  const { apiVersion, items, text } = list;
  if (objects !== undefined && items.length === 0) {
    const value = {
      apiVersion,
      kind: 'ResourceList',
      items: objects,
      ...(results.length > 0 ? { results } : {}),
    };
    return `${JSON.stringify(value)}\n`;
  }
  const document = parseDocument(text, verbatim);
  if (objects !== undefined) replaceItems(document.get('items') as YAMLSeq, items, objects, isOwn);
  if (results.length > 0) document.set('results', toNode([...results]));
  else document.delete('results');
  if (isMap(document.contents)) document.contents.flow = false;
  return document.toString({ lineWidth: 0 });
}

/** Every scalar is the text that it was written as: no number or date of others is read and written anew. */
const verbatim = { schema: 'failsafe', prettyErrors: false, logLevel: 'silent' } as const;

function replaceItems(
  nodes: YAMLSeq,
  items: readonly JsonObject[],
  objects: readonly KubernetesObject[],
  isOwn: (item: JsonObject) => boolean,
): void {
  const left = new Map(objects.map((object) => [identity(object), object]));
  const kept = items.flatMap((item, index) => {
    if (!isOwn(item)) return [nodes.items[index]];
    const replacement = left.get(identity(item));
    left.delete(identity(item));
    return replacement === undefined ? [] : [toNode(withToolAnnotations(replacement, item))];
  });
  nodes.items = [...kept, ...[...left.values()].map(toNode)];
  nodes.flow = false;
}

/** As what is written for every reader: the library's own would leave texts like numbers without quotes. */
function toNode(value: Json): unknown {
  return parseDocument(writeYaml(value), verbatim).contents;
}

function identity(object: JsonObject): string {
  const metadata = isObject(object.metadata) ? object.metadata : {};
  return JSON.stringify([object.apiVersion, object.kind, metadata.namespace ?? '', metadata.name]);
}

/** Annotations by which kustomize and kpt know an item again; they stay on the object that replaces it. */
const toolAnnotation =
  /^(?:internal\.)?config\.(?:kubernetes|k8s)\.io\/|^kustomize\.config\.k8s\.io\/|^internal\.kpt\.dev\//;

function withToolAnnotations(object: KubernetesObject, earlier: JsonObject): KubernetesObject {
  const { annotations } = isObject(earlier.metadata) ? earlier.metadata : {};
  if (!isObject(annotations)) return object;
  const kept = Object.entries(annotations).filter(([key]) => toolAnnotation.test(key));
  const own = isObject(object.metadata.annotations) ? object.metadata.annotations : {};
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...own, ...Object.fromEntries(kept) } },
  };
}

/** A finding as a function's result. */
export function toResult(finding: Finding, functionConfig: Json | undefined): Result {
  const { code, severity, path, position } = finding;
  const config = isObject(functionConfig) ? functionConfig : {};
  const metadata = isObject(config.metadata) ? config.metadata : {};
  const text = (value: Json | undefined) => (typeof value === 'string' ? value : '');
  return {
    message: faultText(finding),
    severity,
    resourceRef: {
      apiVersion: text(config.apiVersion),
      kind: text(config.kind),
      name: text(metadata.name),
      ...(typeof metadata.namespace === 'string' ? { namespace: metadata.namespace } : {}),
    },
    ...(path.length === 0 ? {} : { field: { path: formatPath(path) } }),
    ...(position === undefined ? {} : { file: { path: position.file } }),
    tags: {
      code,
      ...(position === undefined ? {} : { line: `${position.line}`, column: `${position.col}` }),
    },
  };
}
