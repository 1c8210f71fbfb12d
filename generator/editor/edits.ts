/** What an edit of a value means for the file that it is made in. */
import { schema } from '../config/load.ts';
import { childNode, isSecretSource, type SchemaNode } from '../config/schema/node.ts';
import { formRanges, isSecretName } from '../config/secret-forms.ts';
import { type Known, knownBelow, secretRanges } from '../config/secret-parts.ts';
import type { Finding } from '../model/finding.ts';
import {
  clone,
  dig,
  equal,
  formatPath,
  isObject,
  type Json,
  type JsonObject,
  type Path,
} from '../model/json.ts';
import { withEdit, type YamlEdit } from './yaml/intent.ts';
import { emptiedBy } from './yaml/prune.ts';
import { parseText } from './yaml/source.ts';

/** A value that is to be another one; undefined takes it out of the file. */
export interface Edit {
  readonly path: Path;
  readonly value: Json | undefined;
}

/** The file that is edited, and what is known of its values. */
export interface EditedLayer {
  /** With line ends of LF. */
  readonly text: string;
  /** The values without any that this file or one below it says nothing of, and the defaults in the place of those. */
  readonly merged: Json | undefined;
  readonly complete: Json | undefined;
  readonly publicOptions: readonly string[];
}

/**
 * The edits of a file that make its values what is asked. A list is set as a whole where the file has none yet, since it
 * takes the place of the one below; a secret has one source; a map that is left empty goes with its last value.
 */
export function fileEdits(
  edits: readonly Edit[],
  layer: EditedLayer,
): { edits: YamlEdit[]; findings: Finding[] } {
  const [done, findings]: [YamlEdit[], Finding[]] = [[], []];
  let value = parseText(layer.text)?.value;
  const start = value;
  for (const asked of edits) {
    const wrong = unfit(asked, start, layer.publicOptions);
    if (wrong !== undefined) {
      findings.push(wrong);
      continue;
    }
    const edit = withWholeList(withOneSource(asked, value), value, layer);
    const copied = unfit(edit, start, layer.publicOptions);
    const meant = copied === undefined ? withEdit(value, edit) : undefined;
    if (copied !== undefined) findings.push(copied);
    else if (meant === undefined) findings.push(noPlace(edit.path));
    else {
      done.push(edit);
      value = meant.value;
    }
  }
  return { edits: done, findings };
}

/** An edit that removes, or those of the maps that are left empty with it. */
export function withoutEmpty(text: string, edit: YamlEdit): YamlEdit {
  const parsed = edit.value === undefined ? parseText(text) : undefined;
  return parsed === undefined ? edit : { ...edit, path: emptiedBy(parsed, edit.path) };
}

/** The schema of each value on a way; undefined where the schema has no such value. */
export function nodesOn(path: Path): SchemaNode[] | undefined {
  const nodes = [schema];
  for (const part of path) {
    const node = nodes.at(-1) as SchemaNode;
    const child =
      childNode(node, part) ?? (isFree(node) ? (node.secret ? { secret: true as const } : {}) : undefined);
    if (child === undefined) return undefined;
    nodes.push(child);
  }
  return nodes;
}

function isFree({ type, properties, additionalProperties, items }: SchemaNode): boolean {
  const isAny = type === undefined || type === 'object' || type === 'array';
  return isAny && properties === undefined && additionalProperties === undefined && items === undefined;
}

/** Why an edit is not made at all. */
function unfit(
  { path, value }: Edit,
  before: Json | undefined,
  publicOptions: readonly string[],
): Finding | undefined {
  if (path.length === 0 || nodesOn(path) === undefined) {
    const message = `there is no ${path.length === 0 ? 'such value' : formatPath(path)}`;
    return refusal('unknown-path', path, message, 'see "explain" for the values that there are');
  }
  if (value === undefined || !addsSecret(value, dig(before, path), path, publicOptions)) return undefined;
  return refusal(
    'secret-in-file',
    path,
    'this is a secret, and a file of the repository is no place for a new one',
    'name where it comes from (fromEnv, fromFile, secretKeyRef), or give the value of a key with "set" and no "="',
  );
}

function refusal(code: string, path: Path, message: string, hint: string): Finding {
  return { code, severity: 'error', path, message, hint };
}

function noPlace(path: Path): Finding {
  const hint = 'a list takes a new item at its end alone; what is no map or list has no parts';
  return refusal('no-place', path, 'the file has no place for this value', hint);
}

/** Whether a value holds a secret that does not stand in its place already. */
function addsSecret(
  value: Json,
  before: Json | undefined,
  path: Path,
  publicOptions: readonly string[],
): boolean {
  let known: Known = schema;
  for (const part of path) {
    if (typeof known === 'object' && isSecretSource(known)) return part === 'value';
    known = knownBelow(known, part, publicOptions);
  }
  return holdsNewSecret(value, before, known, path.at(-1), publicOptions);
}

function holdsNewSecret(
  value: Json,
  before: Json | undefined,
  known: Known,
  key: string | number | undefined,
  publicOptions: readonly string[],
): boolean {
  if (equal(value, before)) return false;
  if (typeof known === 'object' && isSecretSource(known))
    return !isObject(value) || Object.hasOwn(value, 'value');
  if (Array.isArray(value) || isObject(value)) {
    return Object.entries(value).some(([name, item]) => {
      const part = Array.isArray(value) ? Number(name) : name;
      const below = knownBelow(known, part, publicOptions);
      return holdsNewSecret(
        item,
        before === undefined ? undefined : dig(before, [part]),
        below,
        part,
        publicOptions,
      );
    });
  }
  if (typeof value !== 'string') return false;
  const isNamed =
    (typeof known === 'string' || known.secret === true) && typeof key === 'string' && isSecretName(key);
  const isMarked = secretRanges(value, known).some(({ because }) => because !== 'option');
  return isNamed || isMarked || formRanges(value).length > 0;
}

/** An edit inside of a secret sets its one source anew. */
function withOneSource(edit: Edit, value: Json | undefined): Edit {
  const nodes = nodesOn(edit.path) ?? [];
  const depth = nodes.findIndex(isSecretSource);
  if (depth === -1 || depth >= edit.path.length) return edit;
  const path = edit.path.slice(0, depth);
  if (edit.value === undefined) return { path, value: undefined };
  const [source] = edit.path.slice(depth) as [string];
  const present = dig(value, path);
  const same =
    isObject(present) && Object.hasOwn(present, source) ? { [source]: present[source] as Json } : {};
  const meant = withEdit(same, { path: edit.path.slice(depth), value: edit.value });
  return { path, value: meant?.value ?? edit.value };
}

/** An edit of an item of a list that the file does not have sets the whole list, as it is without the edit. */
function withWholeList(edit: Edit, value: Json | undefined, { merged, complete }: EditedLayer): Edit {
  const index = edit.path.findIndex((part) => typeof part === 'number');
  if (index === -1) return edit;
  const path = edit.path.slice(0, index);
  const nodes = nodesOn(path) ?? [];
  const lower = dig(merged, path) ?? dig(complete, path);
  if (dig(value, path) !== undefined || !Array.isArray(lower) || nodes.some(({ strategic }) => strategic))
    return edit;
  const whole = withEdit(clone(lower) as Json, { path: edit.path.slice(index), value: edit.value });
  return whole === undefined ? edit : { path, value: whole.value };
}

/** The order in which the schema names the keys of a map. */
export function keyOrder(path: Path): readonly string[] {
  return Object.keys(nodesOn(path)?.at(-1)?.properties ?? {});
}

/** The values that a patch sets, each by its path; null takes a value out. */
export function editsOfPatch(patch: JsonObject): Edit[] {
  const isWhole = Object.keys(patch).some((key) => Object.hasOwn(schema.properties ?? {}, key));
  const isIdentity = ([part]: Path) => part === 'apiVersion' || part === 'kind';
  return leaves(patch, isWhole ? [] : ['spec']).filter(({ path }) => !isIdentity(path));
}

function leaves(value: Json, path: Path): Edit[] {
  if (value === null) return [{ path, value: undefined }];
  const node = nodesOn(path)?.at(-1);
  const isWhole = node !== undefined && isSecretSource(node);
  if (!isObject(value) || isWhole || Object.keys(value).length === 0) return [{ path, value }];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
}
