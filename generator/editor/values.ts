/** Every value of a resource or an environment, as a form shows it. Nothing in it is a secret. */
import { boundsWords, isSecretSource, noteWords, typeWords } from '../config/describe.ts';
import { defaultOf } from '../config/layers.ts';
import { contextOf, type Loaded, schema } from '../config/load.ts';
import { maskedValue } from '../config/mask.ts';
import { childNode, type SchemaNode } from '../config/schema/node.ts';
import type { Finding, Position } from '../model/finding.ts';
import { dig, equal, formatPath, isObject, type Json, type Path } from '../model/json.ts';
import type { SecretRow } from '../secrets/status.ts';
import { nodesOn } from './edits.ts';

/** How a value is edited. `secret` is a key that is set and never shown; `hidden` a text that no face can set. */
export type Widget =
  | 'constant'
  | 'choice'
  | 'switch'
  | 'number'
  | 'quantity'
  | 'text'
  | 'list'
  | 'map'
  | 'free'
  | 'secret'
  | 'hidden';

/** Who says what a value is. */
export type SetBy = 'default' | 'preset' | 'resource' | 'environment' | 'unset';

/** A value with all that is known of it. */
export interface Value {
  readonly path: Path;
  /** `spec.gateway.replicaCount` */
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly widget: Widget;
  /** The type in words. */
  readonly type: string;
  readonly bounds?: string;
  readonly note?: string;
  readonly choices?: readonly Json[];
  readonly examples?: readonly Json[];
  /** What it is when nobody sets it, with the present topology. */
  readonly default?: Json;
  /** What it is; what is secret in it is hidden. */
  readonly value?: Json;
  readonly origin: SetBy;
  /** Where the layer that sets it says so. */
  readonly position?: Position;
  /** Of a secret: whether it is there, where that can be told here, and where it comes from. */
  readonly secret?: Pick<SecretRow, 'state' | 'from'>;
  /** The findings of this value and of all in it. */
  readonly findings: readonly Finding[];
}

/** A group of values. */
export interface Section {
  readonly path: Path;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Of an optional part: whether it is on. */
  readonly on?: boolean;
  readonly values: readonly Value[];
  readonly findings: readonly Finding[];
}

/** What a list of values is made of. */
export interface View {
  readonly loaded: Loaded;
  readonly findings: readonly Finding[];
  /** The rows of the secrets by the paths that speak of them. */
  readonly secrets: ReadonlyMap<string, SecretRow>;
}

/** The sections of the schema with the present values, an item of a list or map where there is one. */
export function sectionsOf(view: View): Section[] {
  const spec = Object.keys(schema.properties?.spec?.properties ?? {});
  const context = contextFor(view);
  return [['metadata'], ...spec.map((name) => ['spec', name])].map((path): Section => {
    const node = nodesOn(path)?.at(-1) ?? {};
    const on = dig(context.complete, [...path, 'enabled']);
    return {
      path,
      name: formatPath(path),
      title: node.title ?? formatPath(path),
      description: node.description ?? '',
      ...(typeof on === 'boolean' ? { on } : {}),
      values: valuesBelow(node, path, context),
      findings: findingsAt(path, view.findings),
    };
  });
}

/** One value, whether it is there or could be; undefined where the schema has none of this path. */
export function valueAt(view: View, path: Path): Value | undefined {
  const node = nodesOn(path)?.at(-1);
  return node === undefined || path.length === 0 ? undefined : describedValue(node, path, contextFor(view));
}

interface Listing extends View {
  readonly complete: Json | undefined;
  readonly shown: Json | undefined;
  readonly defaults: ReturnType<typeof contextOf>;
}

function contextFor(view: View): Listing {
  const { config, merged } = view.loaded;
  const complete = (config ?? merged) as unknown as Json;
  const publicOptions = config?.spec.secrets.publicOptions;
  const shown = maskedValue(complete, schema, publicOptions);
  return { ...view, complete, shown, defaults: contextOf(merged) };
}

function valuesBelow(node: SchemaNode, path: Path, context: Listing): Value[] {
  if (isSecretSource(node)) return [describedValue(node, path, context)];
  if (node.properties !== undefined) {
    const known = Object.entries(node.properties).flatMap(([key, child]) =>
      valuesBelow(child, [...path, key], context),
    );
    return node.additionalProperties === undefined || node.additionalProperties === false
      ? known
      : [
          ...known,
          ...entriesOf(node, path, context).filter(({ path: at }) => !isProperty(node, at, path.length)),
        ];
  }
  return [describedValue(node, path, context), ...(hasParts(node) ? entriesOf(node, path, context) : [])];
}

function isProperty(node: SchemaNode, path: Path, depth: number): boolean {
  return Object.hasOwn(node.properties ?? {}, String(path[depth]));
}

/** The values in the items of a list or map that are there. */
function entriesOf(node: SchemaNode, path: Path, context: Listing): Value[] {
  const value = dig(context.complete, path);
  const keys = Array.isArray(value) ? [...value.keys()] : isObject(value) ? Object.keys(value) : [];
  return keys.flatMap((key) => valuesBelow(childNode(node, key) ?? {}, [...path, key], context));
}

/** Whether the items of a list or map have values of their own. */
function hasParts({ items, additionalProperties }: SchemaNode): boolean {
  const item = items ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
  return item?.properties !== undefined;
}

function describedValue(node: SchemaNode, path: Path, context: Listing): Value {
  const { title, description, enum: choices, examples } = node;
  const { loaded, findings, secrets } = context;
  const bounds = boundsWords(node);
  const note = noteWords(node);
  const standard = defaultOf(node, context.defaults);
  const origin = loaded.origin(path);
  const isWrong = findings.some((each) => each.severity === 'error' && equal([...each.path], [...path]));
  const written = isWrong && origin.from === 'layer' ? scalarIn(origin.source.value, node, path) : undefined;
  const value = isSecretSource(node) ? undefined : (written ?? dig(context.shown, path));
  const position = origin.from === 'layer' ? origin.source.locate?.(path) : undefined;
  const widget = widgetOf(node);
  return {
    path,
    name: formatPath(path),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    widget,
    type: typeWords(node),
    ...(bounds === '' ? {} : { bounds }),
    ...(note === undefined ? {} : { note }),
    ...(choices === undefined ? {} : { choices }),
    ...(examples === undefined ? {} : { examples }),
    ...(standard === undefined ? {} : { default: standard }),
    ...(value === undefined ? {} : { value }),
    origin: setBy(origin, dig(context.complete, path)),
    ...(position === undefined ? {} : { position }),
    ...(widget === 'secret' ? { secret: secretOf(path, dig(context.complete, path), secrets) } : {}),
    findings: findingsAt(path, findings),
  };
}

/** What a file says in the place of a scalar: what is wrong is no part of what counts. */
function scalarIn(layer: Json | undefined, { type }: SchemaNode, path: Path): Json | undefined {
  const isGroup = [type].flat().some((each) => each === 'object' || each === 'array' || each === undefined);
  const written = isGroup || layer === undefined ? undefined : dig(maskedValue(layer, schema), path);
  return typeof written === 'object' ? undefined : written;
}

function setBy(origin: ReturnType<Loaded['origin']>, value: Json | undefined): SetBy {
  if (origin.from === 'layer') return origin.source.environment === undefined ? 'resource' : 'environment';
  if (origin.from === 'preset') return 'preset';
  return value === undefined ? 'unset' : 'default';
}

function secretOf(
  path: Path,
  value: Json | undefined,
  secrets: View['secrets'],
): NonNullable<Value['secret']> {
  const row = secrets.get(formatPath(path));
  if (row !== undefined) return { state: row.state, from: row.from };
  if (!isObject(value)) return { state: 'missing', from: 'not given' };
  const [source = ''] = Object.keys(value);
  return {
    state: source === 'value' ? 'there' : 'unknown',
    from: source === 'value' ? 'a literal in the file' : source,
  };
}

/** The findings of a value and of all in it. */
function findingsAt(path: Path, findings: readonly Finding[]): Finding[] {
  return findings.filter(
    (finding) =>
      finding.path.length >= path.length && path.every((part, index) => finding.path[index] === part),
  );
}

function widgetOf(node: SchemaNode): Widget {
  if (isSecretSource(node)) return 'secret';
  const [type] = [node.type].flat();
  if (node.secret === true && type === 'string') return 'hidden';
  if (node.const !== undefined) return 'constant';
  if (node.enum !== undefined) return 'choice';
  if (type === 'boolean') return 'switch';
  if (node.check === 'quantity') return 'quantity';
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'array') return 'list';
  if (type === 'string') return 'text';
  return typeof node.additionalProperties === 'object' ? 'map' : 'free';
}
