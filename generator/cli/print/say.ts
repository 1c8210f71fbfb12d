import { createColors } from 'picocolors';
import type { Io } from '../io.ts';
import { filled } from './text-table.ts';

/**
 * Says something on standard error, on as many lines as a terminal needs for it.
 *
 * @param tone of good news, which is green where there is colour. @default none
 */
export function say(io: Io, words: string, tone?: 'success'): void {
  const { green } = createColors(io.color);
  const text = filled(words, io.stderr);
  io.stderr.write(tone === 'success' ? text.replace(/[^\n]+/g, (line) => green(line)) : text);
}
