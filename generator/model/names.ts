/** Names as messages list them. */

/** `a, b, c and 4 more`. */
export function nameSome(names: readonly string[], shown = 3): string {
  const more = names.length - shown;
  return `${names.slice(0, shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
