/** What edits of a document mean, apart from how its text says it. */
import {
  clone,
  dig,
  equal,
  isObject,
  type Json,
  type JsonObject,
  type Path,
  setKey,
} from '../../model/json.ts';

/** One change of a document. */
export interface YamlEdit {
  /** The value; maps above it that are missing are made. An index one behind a list's last adds an item. */
  readonly path: Path;
  /** What it shall be; undefined to remove it. */
  readonly value: Json | undefined;
}

/** What a document says after an edit; undefined where the edit cannot be done. */
export function withEdit(root: Json | undefined, { path, value }: YamlEdit): { value: Json } | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return value === undefined ? undefined : { value: clone(value) };
  // Nothing is in null, so that nothing can be taken out of it.
  if (root === null && value === undefined) return { value: root };
  if (typeof part === 'number') return withItem(root ?? [], part, { path: rest, value });
  if (root !== undefined && root !== null && !isObject(root)) return undefined;
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(root ?? {}))
    if (key !== part || value !== undefined || rest.length > 0) setKey(copy, key, item);
  if (rest.length === 0 && value === undefined) return { value: copy };
  const inner = root && Object.hasOwn(root, part) ? root[part] : undefined;
  if (inner === undefined && value === undefined) return { value: copy };
  const changed = withEdit(inner, { path: rest, value });
  if (changed === undefined) return undefined;
  setKey(copy, part, changed.value);
  return { value: copy };
}

function withItem(list: Json, index: number, edit: YamlEdit): { value: Json } | undefined {
  if (!Array.isArray(list) || index > list.length) return undefined;
  if (edit.value === undefined && index === list.length) return { value: list };
  if (edit.value === undefined && edit.path.length === 0) return { value: list.toSpliced(index, 1) };
  const changed = withEdit(list[index], edit);
  return changed === undefined ? undefined : { value: list.toSpliced(index, 1, changed.value) };
}

/** A change of one place in a text: what is in it stays as it is. */
export type Step =
  | { readonly what: 'set'; readonly path: Path; readonly value: Json }
  | { readonly what: 'insert'; readonly path: Path; readonly value: Json }
  | { readonly what: 'remove'; readonly path: Path };

/** The changes of a text that an edit takes: no more than what differs. */
export function stepsOf(root: Json | undefined, { path, value }: YamlEdit): Step[] {
  const before = dig(root, path);
  if (value === undefined) return before === undefined ? [] : [{ what: 'remove', path }];
  if (before !== undefined) return steps(before, value, path);
  const isThere = (length: number) => typeof (dig(root, path.slice(0, length)) ?? undefined) === 'object';
  let depth = path.length - 1;
  while (depth > 0 && !isThere(depth)) depth -= 1;
  if (depth === 0 && !isThere(0)) depth = -1;
  const at = path.slice(0, depth + 1);
  const wrapped = path
    .slice(depth + 1)
    .reduceRight<Json>((inner, part) => (typeof part === 'number' ? [inner] : setIn({}, part, inner)), value);
  return [{ what: dig(root, at) === undefined ? 'insert' : 'set', path: at, value: wrapped }];
}

function setIn(object: JsonObject, key: string, value: Json): JsonObject {
  setKey(object, key, value);
  return object;
}

/** The fewest changes that make one value of another: of maps their keys, of lists the items between those that are equal. */
function steps(before: Json | undefined, after: Json | undefined, path: Path): Step[] {
  if (equal(before, after)) return [];
  if (after === undefined) return [{ what: 'remove', path }];
  if (before === undefined) return [{ what: 'insert', path, value: after }];
  if (isObject(before) && isObject(after) && hasParts(before) && hasParts(after)) {
    const kept = Object.keys(after).flatMap((key) => {
      const old = Object.hasOwn(before, key) ? before[key] : undefined;
      return steps(old, after[key], [...path, key]);
    });
    const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
    return [...kept, ...gone.map((key): Step => ({ what: 'remove', path: [...path, key] }))];
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length > 0 && after.length > 0)
    return listSteps(before, after, path);
  return [{ what: 'set', path, value: after }];
}

function hasParts(value: JsonObject): boolean {
  return Object.keys(value).length > 0;
}

function listSteps(before: readonly Json[], after: readonly Json[], path: Path): Step[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && equal(before[head], after[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && equal(before.at(-1 - tail), after.at(-1 - tail))) tail += 1;
  const common = shorter - head - tail;
  const list: Step[] = [];
  for (let index = head; index < head + common; index += 1)
    list.push(...steps(before[index], after[index], [...path, index]));
  for (let index = head + common; index < after.length - tail; index += 1)
    list.push({ what: 'insert', path: [...path, index], value: after[index] as Json });
  for (let index = before.length - tail - 1; index >= head + common; index -= 1)
    list.push({ what: 'remove', path: [...path, index] });
  return list;
}
