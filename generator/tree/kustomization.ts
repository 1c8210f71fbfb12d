/** The `kustomization.yaml` of an environment: our entries are kept in step, the user's stay as they are. */
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { secretKeyNames } from '../config/secret-keys.ts';
import { Failure, failure } from '../model/finding.ts';
import { dig, equal, isObject, type Json, type JsonObject, sortKeys } from '../model/json.ts';
import { readYaml } from '../model/yaml.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { components } from '../objects/parts.ts';
import type { Managed } from './environment.ts';
import { environmentKustomizationHeader } from './headers.ts';
import { baseFolder, componentFolder, secretsEnvFile, secretsFolder } from './layout.ts';
import { writeKustomization } from './written.ts';

/** The fields of a kustomization that hold entries of ours, in the order in which they are written. */
const writtenFields = ['resources', 'components', 'secretGenerator', 'patches', 'replacements'] as const;

/** The same, with those that an earlier version wrote into. */
const listFields = [...writtenFields, 'configMapGenerator'] as const;

type ListField = (typeof listFields)[number];

/** What tells entries of ours from the user's. */
export interface Ownership {
  /** Whether a file in the environment's folder is one that is written. */
  readonly owns: (path: string) => boolean;
}

/** A kustomization on disk. */
export interface ReadKustomization {
  readonly text: string;
  readonly value: JsonObject;
  /** A document of its own each time, to be changed. */
  readonly document: Document;
}

/** The kustomizations that were read last: several parts of a run ask for the same one. */
const lately = new Map<string, ReadKustomization>();

/**
 * Reads an environment's kustomization.
 *
 * @param file its path, for positions
 * @throws Failure where it is no YAML map
 */
export function readKustomization(text: string, file: string): ReadKustomization {
  const key = `${file}\n${text}`;
  const known = lately.get(key) ?? parseKustomization(text, file);
  if (lately.size > 10_000) lately.clear();
  lately.set(key, known);
  return known;
}

function parseKustomization(text: string, file: string): ReadKustomization {
  const source = readYaml(text === '' ? '{}\n' : text, file);
  const blocking = source.findings.filter(({ code }) => code !== 'carriage-return');
  if (blocking.length > 0 || source.value === undefined) throw new Failure(blocking);
  if (!isObject(source.value)) {
    throw failure('wrong-kustomization', `${file} is not a map`, 'begin it with kind: Kustomization');
  }
  for (const field of listFields) {
    const list = source.value[field];
    if (list !== undefined && list !== null && !Array.isArray(list)) {
      const position = source.locate([field]);
      const finding = { code: 'wrong-kustomization', severity: 'error', path: [field], position } as const;
      throw new Failure([{ ...finding, message: 'must be a list', hint: 'write each entry behind a dash' }]);
    }
  }
  const { value } = source;
  return {
    text,
    value,
    get document() {
      return parseDocument(text, { keepSourceTokens: true });
    },
  };
}

/** The part of a kustomization that is ours, by what its entries point to. */
export function managedPart(value: JsonObject, ownership: Ownership): JsonObject {
  const part: JsonObject = {};
  if (value.namespace !== undefined) part.namespace = value.namespace;
  for (const field of listFields) {
    const ours = listOf(value[field]).filter((entry) => isOurs(field, entry, ownership));
    if (ours.length > 0) part[field] = ours;
  }
  return part;
}

/** The entries of ours as they should be, in the form of {@link managedPart}. */
export function managedValue(managed: Managed): JsonObject {
  const part: JsonObject = { namespace: managed.namespace };
  for (const field of writtenFields) if (managed[field].length > 0) part[field] = managed[field];
  return part;
}

/** A new kustomization, with nothing in it but our entries. */
export function newKustomization(managed: Managed): string {
  const value = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...managedValue(managed),
  };
  return writeKustomization(value, environmentKustomizationHeader);
}

/** The text of a kustomization with our entries as they should be, before the user's in each list. */
export function updateKustomization(read: ReadKustomization, managed: Managed, ownership: Ownership): string {
  const wanted = managedValue(managed);
  if (equal(managedPart(read.value, ownership), wanted)) return read.text;
  const { document } = read;
  if (!isMap(document.contents)) return newKustomization(managed);
  if (read.value.namespace !== managed.namespace) document.set('namespace', nodeOf(managed.namespace));
  for (const field of listFields) updateList(document, field, listOf(wanted[field]), ownership);
  const isFlush = /^\w+:\n- /m.test(read.text);
  return document.toString({ lineWidth: 0, indentSeq: !isFlush, flowCollectionPadding: false });
}

function updateList(
  document: Document,
  field: ListField,
  wanted: readonly Json[],
  ownership: Ownership,
): void {
  const present = document.get(field);
  const items = isSeq(present) ? present.items.map((node) => ({ node, value: plain(document, node) })) : [];
  const ours = items.filter(({ value }) => isOurs(field, value, ownership));
  const same = ours.length === wanted.length && ours.every(({ value }, i) => equal(value, wanted[i]));
  if (same) return;
  const theirs = items.filter((item) => !ours.includes(item));
  const kept = (entry: Json) => ours.find(({ value }) => equal(value, entry))?.node ?? nodeOf(entry);
  const nodes = [...wanted.map(kept), ...theirs.map(({ node }) => node)];
  if (nodes.length === 0) document.delete(field);
  else if (isSeq(present)) (present as YAMLSeq).items = nodes;
  else insertField(document, field, nodes);
}

/** Puts a new field where it stands in a kustomization that is written as a whole. */
function insertField(document: Document, field: ListField, nodes: readonly unknown[]): void {
  const { items } = document.contents as YAMLMap;
  document.delete(field);
  const before = ['namespace', ...listFields.slice(0, listFields.indexOf(field))];
  const at = items.findLastIndex(({ key }) => isScalar(key) && before.includes(String(key.value)));
  items.splice(at === -1 ? items.length : at + 1, 0, document.createPair(field, nodes));
}

/** A value as a YAML node, written as all our files are. */
function nodeOf(value: Json): Node {
  return parseDocument(writeYaml(sortKeys(value))).contents as Node;
}

function plain(document: Document, node: unknown): Json {
  if (isScalar(node)) return node.value as Json;
  return (node as Node).toJS(document) as Json;
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** Whether an entry is one that is written here: by the file, component or object that it names. */
function isOurs(field: ListField, entry: Json, { owns }: Ownership): boolean {
  switch (field) {
    case 'resources':
      return typeof entry === 'string' && (normal(entry) === `../../${baseFolder}` || owns(normal(entry)));
    case 'components':
      return components.some(({ name }) => normal(entry) === `../../${componentFolder(name)}`);
    case 'patches':
      return isObject(entry) && owns(normal(entry.path ?? ''));
    case 'configMapGenerator':
      return isObject(entry) && listOf(entry.files).some((file) => owns(normal(file)));
    case 'secretGenerator':
      return isObject(entry) && listOf(entry.envs).concat(listOf(entry.files)).some(isSecretFile);
    case 'replacements':
      return isObject(entry) && (owns(normal(entry.path ?? '')) || isFormerReplacement(entry));
  }
}

/** Whether a file is one of those that hold values of the deployment's Secret. */
function isSecretFile(file: Json): boolean {
  return file === secretsEnvFile || secretKeyNames.some((key) => file === `${secretsFolder}/${key}`);
}

/** Whether an entry is one that an earlier version wrote here, of whatever release: now they have a file. */
function isFormerReplacement({ source, targets }: JsonObject): boolean {
  const [from, to] = [source, dig(targets, [0, 'select'])].map((object) =>
    isObject(object) ? `${object.kind} ${object.name}` : '',
  );
  const names =
    /^Deployment (.+)-gateway ConfigMap \1-worker-job-template$|^RoleBinding (.+)-job-manager RoleBinding \2-job-manager$/;
  return names.test(`${from} ${to}`);
}

/** A path as people may also write it: `./base/` is `base`. */
function normal(path: Json): string {
  return typeof path === 'string' ? path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '') : '';
}
