/** Changes of a text at places of it. */

/** A part of a text that is replaced. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A text with parts of it replaced; where several begin at one place, in their order. */
export function spliced(text: string, splices: readonly Splice[]): string {
  let [result, at] = ['', 0];
  for (const { from, to, text: fresh } of splices.toSorted((a, b) => a.from - b.from)) {
    result += text.slice(at, from) + fresh;
    at = Math.max(at, to);
  }
  return result + text.slice(at);
}

/** Text that is put in. */
export function put(at: number, text: string): Splice {
  return { from: at, to: at, text };
}

/** Text that is taken out. */
export function cut(from: number, to: number): Splice {
  return { from, to, text: '' };
}
