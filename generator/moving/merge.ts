/** Lays values over each other and over a chart's own as helm does. */
import type { Position } from '../model/finding.ts';
import { clone, dig, equal, isObject, type Json, type JsonObject, setKey } from '../model/json.ts';
import { everyValue, Places, type Values } from './places.ts';

/** Lays files of values over each other, the last one on top: maps key by key, all else as a whole. */
export function mergeFiles(files: readonly Values[]): Values {
  const places = new Places();
  let value: JsonObject = {};
  for (const file of files) {
    value = mergeMaps(value, file.value);
    places.take(file.places);
  }
  return { value, places };
}

function mergeMaps(under: JsonObject, over: JsonObject): JsonObject {
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    setKey(merged, key, isObject(value) && isObject(below) ? mergeMaps(below, value) : clone(value));
  }
  return merged;
}

/** Notes where what an option set was written. */
export function placeChanges(
  before: JsonObject,
  after: JsonObject,
  places: Places,
  position: Position,
): void {
  for (const { path, value } of everyValue(after)) {
    const was = dig(before, path);
    if (was === undefined || !equal(was, value))
      if (path.length > 0 && !isAround(value, was)) places.set(path, position);
  }
}

/** Whether a value is only what is around the one that changed. */
function isAround(value: Json, was: Json | undefined): boolean {
  return (
    was !== undefined && ((isObject(value) && isObject(was)) || (Array.isArray(value) && Array.isArray(was)))
  );
}

/** What the user wrote over the defaults of a chart: a null takes a default away, and a map is completed. */
export function overDefaults(written: JsonObject, defaults: JsonObject): JsonObject {
  const complete: JsonObject = {};
  for (const [key, value] of Object.entries(written)) {
    const below = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    if (value === null) continue;
    setKey(complete, key, isObject(value) && isObject(below) ? overDefaults(value, below) : clone(value));
  }
  for (const [key, value] of Object.entries(defaults))
    if (!Object.hasOwn(written, key)) setKey(complete, key, clone(value));
  return complete;
}
