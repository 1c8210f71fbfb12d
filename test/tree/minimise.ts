/** Makes a counter-example small: takes away whatever it does not need to fail. */
import { clone, isObject, type Json, type Path } from '../../generator/model/json.ts';

/**
 * The smallest value that can be reached by removing keys and items, one after the other, and still fails.
 *
 * @param fails whether a value fails; a value that is no valid input does not
 * @param seconds the time after which the best value so far is taken
 */
export async function minimise<T extends Json>(
  value: T,
  fails: (value: T) => Promise<boolean>,
  seconds: number,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  let smallest = value;
  for (let removed = true; removed; ) {
    removed = false;
    // Parents come before what is in them, so that much goes at once.
    for (const path of placesIn(smallest)) {
      if (performance.now() > end) return smallest;
      const candidate = without(smallest, path);
      if (candidate === undefined || !(await fails(candidate))) continue;
      smallest = candidate;
      removed = true;
    }
  }
  return smallest;
}

function placesIn(value: Json): Path[] {
  const places: Path[] = [];
  for (let level: Path[] = [[]]; level.length > 0; ) {
    level = level.flatMap((path) => {
      const at = valueAt(value, path);
      if (Array.isArray(at)) return at.map((_, index) => [...path, index]).reverse();
      return isObject(at) ? Object.keys(at).map((key) => [...path, key]) : [];
    });
    places.push(...level);
  }
  return places;
}

function without<T extends Json>(value: T, path: Path): T | undefined {
  const copy = clone(value);
  const parent = valueAt(copy, path.slice(0, -1));
  const last = path.at(-1) as string | number;
  if (Array.isArray(parent) && Number(last) < parent.length) parent.splice(Number(last), 1);
  else if (isObject(parent) && Object.hasOwn(parent, last)) delete parent[last];
  else return undefined;
  return copy;
}

function valueAt(value: Json, path: Path): Json | undefined {
  let at: Json | undefined = value;
  for (const part of path) {
    if (Array.isArray(at)) at = at[Number(part)];
    else at = isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return at;
}
