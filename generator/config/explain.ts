/** Everything that is known of one value: what the schema says, what it is, and who set it. */
import { failure } from '../model/finding.ts';
import { dig, formatPath, isObject, type Json, type Path } from '../model/json.ts';
import {
  boundsWords,
  defaultWords,
  formatSchemaPath,
  isSecretSource,
  noteWords,
  schemaValues,
  typeWords,
} from './describe.ts';
import { type Loaded, type Source, schema } from './load.ts';
import { hidden, maskedValue } from './mask.ts';
import { childNode, type SchemaNode } from './schema/node.ts';
import { suggest } from './suggest.ts';

/** A value in words. Nothing in it is a secret. */
export interface Explanation {
  readonly path: string;
  readonly title?: string;
  readonly description?: string;
  /** The group that the value belongs to. */
  readonly section?: string;
  readonly type: string;
  readonly bounds?: string;
  readonly default?: string;
  readonly examples?: readonly Json[];
  readonly secret?: true;
  readonly note?: string;
  /** The present value, where a file was given; secrets in it are replaced. */
  readonly value?: Json;
  /** Who set it: a position, a preset, a default. */
  readonly setBy?: string;
  /** What is in a group. */
  readonly children?: readonly Child[];
}

/** A value inside a group. */
export interface Child {
  readonly name: string;
  readonly title?: string;
  readonly type: string;
  readonly value?: Json;
}

/**
 * Explains a value.
 *
 * @param pathText its path: `spec.gateway.ports.grpc`, with or without `spec`; slashes and kebab-case, as in
 * older workspaces, are understood
 * @param loaded a configuration to look the value up in
 * @param sources its layers, the one that wins first
 * @throws Failure for a path that does not exist
 */
export function explain(pathText: string, loaded?: Loaded, sources: readonly Source[] = []): Explanation {
  const { path, nodes } = findValue(pathText);
  const node = nodes.at(-1) ?? {};
  const isSecret = nodes.some((each) => each.secret === true);
  const description = node.description;
  const bounds = boundsWords(node);
  const standard = defaultWords(node);
  const note = noteWords(node);
  const section = node.section ?? nodes.findLast((each) => each.section !== undefined)?.section;
  return {
    path: formatPath(path),
    ...(node.title === undefined ? {} : { title: node.title }),
    ...(description === undefined ? {} : { description }),
    ...(section === undefined ? {} : { section }),
    type: typeWords(node),
    ...(bounds === '' ? {} : { bounds }),
    ...(standard === undefined ? {} : { default: standard.replaceAll('`', '') }),
    ...(node.examples === undefined ? {} : { examples: node.examples }),
    ...(isSecret ? { secret: true } : {}),
    ...(note === undefined ? {} : { note }),
    ...(loaded === undefined ? {} : present(path, node, loaded, sources)),
    ...childrenOf(path, node, loaded),
  };
}

/** The sections of the resource: what `explain` lists when no path is given. */
export function sections(): Child[] {
  const spec = schema.properties?.spec?.properties ?? {};
  const listed = Object.entries(spec).map(([name, node]) => ({ name: `spec.${name}`, node }));
  return [{ name: 'metadata', node: schema.properties?.metadata ?? {} }, ...listed].map(({ name, node }) => ({
    name,
    type: 'group',
    ...(node.description === undefined ? {} : { title: node.description }),
  }));
}

/** Slash paths of older workspaces whose value has moved or been renamed; the rest differs only in spelling. */
const movedPaths: readonly (readonly [RegExp, string])[] = [
  [/^core\/release-name$/, 'metadata/name'],
  [/^core\/namespace$/, 'metadata/namespace'],
  [/^core\/image-(repository|tag|pull-policy)$/, 'core/image/$1'],
  [/^(gateway|mcp-gateway)\/(requests|limits)(?=\/|$)/, '$1/resources/$2'],
  [/^gateway\/pod-anti-affinity$/, 'gateway/podAntiAffinity/enabled'],
  [/^gateway\/service-account-(create|name|annotations)$/, 'gateway/serviceAccount/$1'],
  [/^worker\/gpu-(?=\w)/, 'worker/gpu/'],
  [/^autoscaling\/target-cpu$/, 'autoscaling/targetCPUUtilizationPercentage'],
  [/^postgresql\/postgres-password$/, 'postgresql/existingSecret'],
  [/^postgresql\/persistence-size$/, 'postgresql/storage/size'],
  [/^config\/mcp-servers$/, 'config/mcp/servers'],
];

/** A value of the schema. */
export interface Found {
  readonly path: Path;
  /** The schema of each value on the way, the root first. */
  readonly nodes: readonly SchemaNode[];
}

/**
 * Finds a value by its path, as people write it.
 *
 * @throws Failure for a path that does not exist
 */
export function findValue(pathText: string): Found {
  let parts = splitPath(pathText);
  const first = String(parts[0] ?? '');
  if (!Object.hasOwn(schema.properties ?? {}, first)) parts = ['spec', ...parts];
  const path: (string | number)[] = [];
  const nodes: SchemaNode[] = [schema];
  for (const written of parts) {
    const node = nodes.at(-1) ?? {};
    const part = String(written);
    const isItem =
      node.items === undefined ? typeof written === 'number' && isFreeform(node) : /^\d+$/.test(part);
    const step = isItem ? Number(part) : nameIn(node, part);
    const child = childNode(node, step) ?? (isFreeform(node) ? freeformPart(node) : undefined);
    if (child === undefined) throw unknownValue(pathText, part, path, node);
    path.push(step);
    nodes.push(child);
  }
  return { path, nodes };
}

/** The words of a path: `spec.a["b.c"][0]` or `a/b-c`. */
function splitPath(pathText: string): (string | number)[] {
  if (pathText.includes('/') && !pathText.includes('[')) {
    const moved = movedPaths.find(([pattern]) => pattern.test(pathText));
    const path = moved === undefined ? pathText : pathText.replace(moved[0], moved[1]);
    return path.split('/').filter((part) => part !== '');
  }
  const parts = pathText.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\['([^']*)'\]|\[(\d+)\]|([^.[\]]+)/g);
  return [...parts].map(([, quoted, single, index, plain]) =>
    index === undefined ? (quoted?.replace(/\\(.)/g, '$1') ?? single ?? plain ?? '') : Number(index),
  );
}

/** The name of a property, also where it is written in another case or with other separators. */
function nameIn(node: SchemaNode, part: string): string {
  const names = Object.keys(node.properties ?? {});
  if (names.includes(part) || typeof node.additionalProperties === 'object') return part;
  const fold = (name: string) => name.toLowerCase().replace(/[-_]/g, '');
  return names.find((name) => fold(name) === fold(part)) ?? part;
}

function isFreeform({ type, properties, additionalProperties }: SchemaNode): boolean {
  return (type ?? 'object') === 'object' && properties === undefined && additionalProperties === undefined;
}

/** What can be said of a value inside a free-form map. */
function freeformPart({ title, secret }: SchemaNode): SchemaNode {
  return {
    ...(title === undefined ? {} : { title }),
    description: 'A part of a free-form map, which is handed on as it stands.',
    ...(secret === true ? { secret } : {}),
  };
}

function unknownValue(pathText: string, part: string, path: Path, node: SchemaNode): Error {
  const known = Object.keys(node.properties ?? {});
  const close = suggest(part, known);
  const elsewhere = [...schemaValues(schema, [], () => false)]
    .filter((value) => value.path.at(-1) === part)
    .map((value) => formatSchemaPath(value.path));
  let hint = known.length === 0 ? 'there is nothing in it' : `known here: ${known.join(', ')}`;
  if (close !== undefined) hint = `did you mean ${formatPath([...path, close])}?`;
  else if (node.items !== undefined) hint = `name an item: ${formatPath([...path, 0])}`;
  else if (elsewhere.length > 0) hint = `did you mean ${elsewhere.slice(0, 3).join(' or ')}?`;
  const where = path.length === 0 ? 'the resource' : formatPath(path);
  return failure('unknown-path', `${pathText}: there is no ${part} in ${where}`, hint);
}

function present(
  path: Path,
  node: SchemaNode,
  loaded: Loaded,
  sources: readonly Source[],
): Pick<Explanation, 'value' | 'setBy'> {
  const value = dig(valuesOf(loaded), path);
  if (node.properties !== undefined && node.default !== undefined) return {};
  const setBy = whoSet(path, loaded, sources, value);
  const shown = shownValue(path, node, loaded);
  return { ...(shown === undefined ? {} : { value: shown }), setBy };
}

/** A value as it is shown: of a secret where it comes from, of a group nothing, since its values are listed. */
function shownValue(path: Path, node: SchemaNode, loaded: Loaded): Json | undefined {
  const values = valuesOf(loaded);
  const value = dig(values, path);
  if (values === undefined || value === undefined) return undefined;
  if (isSecretSource(node)) return sourceOf(value);
  if (node.properties !== undefined) return undefined;
  return dig(maskedValue(values, schema, loaded.config?.spec.secrets.publicOptions), path) ?? hidden;
}

function valuesOf({ config, merged }: Loaded): Json | undefined {
  return (config ?? merged) as unknown as Json | undefined;
}

function whoSet(path: Path, loaded: Loaded, sources: readonly Source[], value: Json | undefined): string {
  const origin = loaded.origin(path);
  if (origin.from === 'layer') return placeIn(origin.source, path);
  const remover = sources.find((source) => isRemovedIn(source, path));
  const removed = remover === undefined ? '' : `, since ${placeIn(remover, path)} removes the value`;
  if (origin.from === 'preset') return `the preset of the topology${removed}`;
  if (origin.from === 'derived') return `the release's name${removed}`;
  return value === undefined ? `nobody: it is unset${removed}` : `the default${removed}`;
}

function placeIn(source: Source, path: Path): string {
  const position = source.locate?.(path);
  if (position !== undefined) return `${position.file}:${position.line}:${position.col}`;
  return source.file ?? 'the resource';
}

function isRemovedIn(source: Source, path: Path): boolean {
  let at: Json | undefined = source.value;
  for (const part of path) {
    if (!isObject(at) || !Object.hasOwn(at, part)) return false;
    at = at[part];
    if (at === null) return true;
  }
  return false;
}

function childrenOf(path: Path, node: SchemaNode, loaded: Loaded | undefined): Pick<Explanation, 'children'> {
  const { properties } =
    node.items ??
    (typeof node.additionalProperties === 'object' && node.properties === undefined
      ? node.additionalProperties
      : node);
  if (properties === undefined) return {};
  const isGroup = node.properties !== undefined;
  const children = Object.entries(properties).map(([name, child]): Child => {
    const shown = loaded === undefined || !isGroup ? undefined : shownValue([...path, name], child, loaded);
    return {
      name,
      ...(child.title === undefined ? {} : { title: child.title }),
      type: typeWords(child),
      ...(shown === undefined ? {} : { value: shown }),
    };
  });
  return { children };
}

/** Which of the sources a secret has, and nothing of what stands there. */
function sourceOf(value: Json): string {
  return isObject(value) ? `${hidden} from ${Object.keys(value).join(', ')}` : hidden;
}
