/** Takes maps away that are left empty. */
import type { Path } from '../../model/json.ts';
import {
  type Collection,
  contentEnd,
  type Entry,
  entryEnd,
  entryStart,
  isCollection,
  isFlow,
  type Parsed,
  wayTo,
} from './source.ts';

/**
 * The highest value that goes with one that is removed: a map around it that has no other key, and no comment that would
 * be lost with it. What stands at the top of the document stays.
 */
export function emptiedBy(parsed: Parsed, path: Path): Path {
  const { nodes, entries } = wayTo(parsed, path);
  if (entries.length < path.length) return path;
  let depth = path.length;
  while (depth > 2) {
    const [inner, outer] = [entries[depth - 1], entries[depth - 2]];
    const map = nodes[depth - 1];
    if (inner === undefined || outer === undefined || typeof outer.part === 'number') break;
    if (!isCollection(map) || map.items.length !== 1) break;
    const [whole, own] = [outer, inner].map((entry) => spanOf(parsed.text, entry, map)) as [string, string];
    if ((isFlow(map) ? whole : whole.replace(own, '')).includes('#')) break;
    depth -= 1;
  }
  return path.slice(0, depth);
}

/** The text that goes with an entry; in braces without what stands behind them. */
function spanOf(text: string, entry: Entry, map: Collection): string {
  if (isFlow(map)) return text.slice(entry.start, contentEnd(text, entry));
  return text.slice(entryStart(text, entry, false), entryEnd(text, entry));
}
