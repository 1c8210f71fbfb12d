import { type Finding, type Position, sortFindings } from '../model/finding.ts';
import { dig, equal, isObject, type Json, type JsonObject, type Path } from '../model/json.ts';
import { quote } from '../model/quote.ts';
import { type DefaultsContext, mergeLayer, withDefaults } from './layers.ts';
import { withoutCredentials } from './mask.ts';
import type { Problem } from './problem.ts';
import { runRules } from './rules.ts';
import { childNode, isSecretSource, type SchemaNode } from './schema/node.ts';
import { apiVersion, type Config, kind, resourceSchema } from './schema/resource.ts';
import { checkSchema } from './schema-check.ts';

/**
 * One layer of a configuration: a file that was read (a YamlSource is one), or a value that a program
 * handed over, which has no positions.
 */
export interface Source {
  readonly file?: string;
  /** Of an environment's layer: the environment's name, which findings tell. */
  readonly environment?: string;
  /** Of a tenant's layer: the tenant's id, which findings tell. */
  readonly tenant?: string;
  /** The value; undefined where the text could not be read. */
  readonly value: Json | undefined;
  /** What is wrong with the text itself. */
  readonly findings: readonly Finding[];
  readonly locate?: (path: Path, what?: 'key' | 'value') => Position;
  readonly written?: (path: Path) => string | undefined;
  /** Where a value of the layer stands in its file. @default at the same path */
  readonly place?: (path: Path) => Path;
}

/** Where a value of a configuration comes from. */
export type Origin =
  | { readonly from: 'layer'; readonly source: Source }
  | { readonly from: 'preset' | 'derived' | 'default' | 'unset' };

/** A configuration with everything that is known about it. */
export interface Loaded {
  /**
   * The complete configuration. Undefined where nothing usable was read; where the findings hold an error,
   * the wrong values are left out, and nothing may be generated from it.
   */
  readonly config: Config | undefined;
  /** What the layers say together, without defaults. */
  readonly merged: JsonObject;
  /** All problems, in the order of files and positions. */
  readonly findings: readonly Finding[];
  /** Says which layer, preset or default gave a value. */
  origin(path: Path): Origin;
}

/** The schema, as it is read at run time. */
export const schema = resourceSchema as unknown as SchemaNode;

/** Layers that were checked and merged, the one that wins first. Others may be laid over them. */
export interface Stack {
  readonly sources: readonly Source[];
  readonly merged: JsonObject;
  readonly findings: readonly Finding[];
  /** Whether all of them could be read. */
  readonly usable: boolean;
}

/**
 * Reads a configuration from its layers: checks each, merges them, fills in defaults and presets, runs the
 * rules. Reads no file and no variable.
 *
 * @param base the resource
 * @param environment the layer of an environment over it
 */
export function loadConfig(base: Source, environment?: Source): Loaded {
  const resource = stackOf(base);
  return environment === undefined ? loadStack(resource) : loadStack(lay(resource, environment), resource);
}

/** Resources that were checked: every environment is laid over the same one. */
const checkedResources = new WeakMap<Source, Stack>();

/** The resource alone, as the lowest of the layers. */
export function stackOf(base: Source): Stack {
  const known = checkedResources.get(base);
  if (known !== undefined) return known;
  const findings: Finding[] = [...base.findings];
  const merged = checkLayer(base, false, findings);
  const stack = { sources: [base], merged, findings, usable: base.value !== undefined };
  checkedResources.set(base, stack);
  return stack;
}

/** How a layer is laid over others. */
export interface LayOptions {
  /** Whether it may give the release another name. @default false */
  readonly renames?: boolean;
}

/** Lays a layer over others. */
export function lay(below: Stack, layer: Source, { renames = false }: LayOptions = {}): Stack {
  const own = layer.findings.map((finding) => ({ ...finding, ...named([layer]) }));
  const findings: Finding[] = [...below.findings, ...own];
  const clean = checkLayer(layer, true, findings);
  if (!renames) checkRelease(below.merged, clean, layer, findings);
  return {
    sources: [layer, ...below.sources],
    merged: mergeLayer(schema, below.merged, clean) as JsonObject,
    findings,
    usable: below.usable && layer.value !== undefined,
  };
}

/**
 * Fills in defaults and presets, and runs the rules.
 *
 * @param below the layers that the highest one is compared with; @default there is none
 */
export function loadStack(stack: Stack, below?: Stack): Loaded {
  const { sources, merged, usable } = stack;
  const origin = (path: Path) => originOf(sources, path);
  const findings = [...stack.findings];
  if (!usable) return { config: undefined, merged, findings: sortFindings(findings), origin };
  const config = complete(merged, merged);
  let alone: Json | undefined;
  const changed = (path: Path) => {
    alone ??= below === undefined ? config : complete(below.merged, merged);
    return !equal(dig(config, path), dig(alone, path));
  };
  const context = {
    config: config as unknown as Config,
    isSet: (path: Path) => origin(path).from === 'layer',
    isChanged: changed,
  };
  const problems = runRules(context, wrongPaths(findings));
  findings.push(...problems.map((problem) => toFinding(problem, sources)));
  const isNamed = release(merged) !== undefined;
  return { config: isNamed ? context.config : undefined, merged, findings: sortFindings(findings), origin };
}

/**
 * Fills in all defaults. A release without a usable name gets a stand-in, so that the rules can look at the
 * rest of it.
 *
 * @param merged what decides the presets
 */
function complete(value: JsonObject, merged: JsonObject): Json {
  const metadata = { ...(isObject(value.metadata) ? value.metadata : {}) };
  metadata.name ??= '<release>';
  return withDefaults(schema, { ...value, metadata }, contextOf({ ...merged, metadata }));
}

/**
 * Where values were wrong and are left out. Where it was a list's item, the others moved up, and the list as
 * a whole cannot be spoken of.
 */
function wrongPaths(findings: readonly Finding[]): Path[] {
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ path }) => (typeof path.at(-1) === 'number' ? path.slice(0, -1) : path));
}

/** The topology and the release's name, which defaults depend on. */
export function contextOf(merged: JsonObject): DefaultsContext {
  const { spec } = merged;
  const core = isObject(spec) ? spec.core : undefined;
  const dedicated = isObject(core) && core.topology === 'dedicated';
  return { topology: dedicated ? 'dedicated' : 'shared', release: release(merged) ?? '' };
}

function release(value: JsonObject): string | undefined {
  const { metadata } = value;
  return isObject(metadata) && typeof metadata.name === 'string' ? metadata.name : undefined;
}

/** Checks one layer against the schema; what is wrong is left out of the copy that comes back. */
function checkLayer(source: Source, layer: boolean, findings: Finding[]): JsonObject {
  const { value } = source;
  if (value === undefined) return {};
  const add = (problem: Problem) => findings.push(toFinding(problem, source));
  if (!isObject(value)) {
    const message = 'the document is not a map';
    const hint = `begin it with apiVersion: ${apiVersion}`;
    add({ code: 'wrong-kind', severity: 'error', path: [], message, hint, hidden: true });
    return {};
  }
  if (value.kind !== kind && value.kind !== undefined) {
    const named = typeof value.kind === 'string' ? quote(value.kind) : 'this';
    const message = `${named} is not the kind ${kind}`;
    add({ code: 'wrong-kind', severity: 'error', path: ['kind'], message, hint: `write kind: ${kind}` });
    return {};
  }
  const { clean, problems } = checkSchema(schema, value, {
    layer,
    written: source.written ?? (() => undefined),
  });
  for (const problem of problems) add(problem);
  return clean;
}

function checkRelease(base: JsonObject, layer: JsonObject, environment: Source, findings: Finding[]): void {
  const { metadata } = layer;
  if (!isObject(metadata) || !Object.hasOwn(metadata, 'name') || metadata.name === release(base)) return;
  const message = 'an environment cannot have another release name than its resource';
  const hint = 'remove the name; for another release write another resource';
  const path = ['metadata', 'name'];
  findings.push(toFinding({ code: 'other-release', severity: 'error', path, message, hint }, environment));
  if (release(base) !== undefined) metadata.name = release(base) as string;
}

/**
 * Gives a problem its position, in the first of the sources that has the value, else in the last; and the name of
 * the environment that is among them.
 */
export function toFinding(problem: Problem, sources: Source | readonly Source[]): Finding {
  const { at, hidden, ...rest } = problem;
  const finding = { ...rest, message: withoutCredentials(rest.message) };
  const all = [sources].flat();
  const source = all.find(({ value }) => has(value, problem.path)) ?? all.at(-1);
  const position = source?.locate?.(problem.path, at ?? 'value');
  return {
    ...finding,
    path: source?.place?.(problem.path) ?? problem.path,
    ...(position === undefined ? {} : { position }),
    ...named(all),
    showSource: hidden !== true,
  };
}

/** Whom a finding in these layers is about: the tenant that is among them, else the environment. */
function named(sources: readonly Source[]): Pick<Finding, 'environments' | 'tenants'> {
  const { tenant } = sources.find((source) => source.tenant !== undefined) ?? {};
  if (tenant !== undefined) return { tenants: [tenant] };
  const { environment } = sources.find((source) => source.environment !== undefined) ?? {};
  return environment === undefined ? {} : { environments: [environment] };
}

function has(value: Json | undefined, path: Path): boolean {
  return dig(value, path) !== undefined;
}

function originOf(sources: readonly Source[], path: Path): Origin {
  for (const source of sources) {
    const value = dig(source.value, path);
    if (value !== undefined && value !== null) return { from: 'layer', source };
    if (isReplaced(source.value, path)) break;
  }
  let node: SchemaNode | undefined = schema;
  for (const part of path) node = node === undefined ? undefined : childNode(node, part);
  if (node?.preset !== undefined) return { from: 'preset' };
  if (node?.derived !== undefined) return { from: 'derived' };
  return { from: node?.default === undefined ? 'unset' : 'default' };
}

/** Whether a layer says something that no layer below adds to: null, a list, or a source of a secret. */
function isReplaced(value: Json | undefined, path: Path): boolean {
  let at: Json | undefined = value;
  let node: SchemaNode | undefined = schema;
  for (const part of path) {
    if (!isObject(at) || (node !== undefined && isSecretSource(node))) return at !== undefined;
    at = Object.hasOwn(at, part) ? at[part] : undefined;
    node = node && childNode(node, part);
  }
  return at === null;
}
