/** The value of a secret: asked for without an echo, or read from standard input. */
import { failure } from '../../../model/finding.ts';
import { openAsker } from '../../../terminal/asker.ts';
import type { Io } from '../../io.ts';
import { readStream } from './read-text.ts';

/** Reads a value; the line end behind it does not count. Nothing of it is ever shown. */
export async function readSecretValue(name: string, io: Io): Promise<string> {
  if (!io.isTTY) return (await readStream(io.stdin)).replace(/\r?\n$/, '');
  const asker = openAsker(process.stdin, process.stderr, () => asker.close());
  const value = await asker.askHidden(`${name} (is not shown): `);
  asker.close();
  if (value === undefined)
    throw failure(
      'no-value',
      'no value was given; nothing was written',
      'type the value, or write it to standard input',
    );
  return value;
}
