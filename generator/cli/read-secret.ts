/** The value of a secret: asked for without an echo, or read from standard input. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { failure } from '../model/finding.ts';
import type { Io } from './io.ts';
import { readStream } from './read-text.ts';

/** Reads a value; the line end behind it does not count. Nothing of it is ever shown. */
export async function readSecretValue(name: string, io: Io): Promise<string> {
  if (!io.isTTY) return (await readStream(io.stdin)).replace(/\r?\n$/, '');
  io.stderr.write(`${name} (is not shown): `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asking = new AbortController();
  const questions = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  questions.on('SIGINT', () => asking.abort());
  questions.on('close', () => asking.abort());
  try {
    return await questions.question('', { signal: asking.signal });
  } catch (error) {
    if (!asking.signal.aborted) throw error;
    throw failure('no-value', 'no value was given; nothing was written');
  } finally {
    questions.close();
    io.stderr.write('\n');
  }
}
