/** The text of a fleet, tenant by tenant: so that what did not change need not be read again. */

/** Where the text of a tenant stands: whole lines. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

/**
 * The parts of a fleet's text that say one tenant each. Undefined where the text is written in another way than a map of
 * blocks: then it has to be read as a whole.
 */
export function sliceTenants(text: string): ReadonlyMap<string, Slice> | undefined {
  const heads = [...text.matchAll(/^tenants:[ ]*(?:#.*)?$/gm)];
  const [head] = heads;
  if (head === undefined || heads.length > 1 || /[\t\r]/.test(text)) return undefined;
  const slices = new Map<string, Slice>();
  let indent: number | undefined;
  let current: { id: string; from: number } | undefined;
  let at = head.index + head[0].length + 1;
  const close = () => {
    if (current !== undefined) slices.set(current.id, { from: current.from, to: Math.min(at, text.length) });
    current = undefined;
  };
  for (let end = 0; at < text.length; at = end + 1) {
    end = text.indexOf('\n', at);
    if (end === -1) end = text.length;
    let column = at;
    while (text.charCodeAt(column) === 32) column += 1;
    const isBlank = column >= end || text[column] === '#';
    if (isBlank) continue;
    if (column === at) break;
    indent ??= column - at;
    if (column - at > indent) continue;
    const id =
      column - at < indent ? undefined : /^([a-z][a-z0-9_]*):(?= |$)/.exec(text.slice(column, end))?.[1];
    close();
    if (id === undefined || slices.has(id)) return undefined;
    current = { id, from: at };
  }
  close();
  return slices;
}

/** The text with empty lines in the place of some tenants: all others keep their positions. */
export function withoutSlices(text: string, slices: Iterable<Slice>): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to } of [...slices].sort((a, b) => a.from - b.from)) {
    parts.push(text.slice(at, from), text.slice(from, to).replace(/[^\n]+/g, ''));
    at = to;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
