/** Writing to a descriptor at once, which takes less time than the stream that a program's start would have to make for it. */
import { writeSync } from 'node:fs';

/** Writes all of a text; a full pipe is waited for. @throws the error of the write */
export function writeNow(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(descriptor, bytes, from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
