/** The known word that a mistyped one is nearest to, if any is near: spelling, case and separators count little. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const folded = fold(word);
  const same = known.find((candidate) => fold(candidate) === folded);
  if (same !== undefined) return same;
  if (word.length > 64) return undefined;
  const limit = word.length <= 3 ? 1 : word.length <= 7 ? 2 : 3;
  let best: string | undefined;
  let least = limit + 1;
  for (const candidate of known) {
    const steps = distance(folded, fold(candidate));
    if (steps < least && steps < candidate.length) [best, least] = [candidate, steps];
  }
  return best;
}

/** A word without what people mix up: case and separators. */
export function fold(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}

/** Edits between two words: insert, delete, replace, swap neighbours. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}
