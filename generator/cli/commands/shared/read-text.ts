/** Texts that a command line names: a file, or standard input. */
import { resolve } from 'node:path';
import { failure } from '../../../model/finding.ts';
import { maxFileBytes, readFile, whyUnreadable } from '../../../model/read-file.ts';
import type { Io } from '../../io.ts';

/** Reads a file, or standard input for `-`; @throws Failure where that is not possible */
export async function readText(file: string, io: Io): Promise<string> {
  if (file === '-') return readStream(io.stdin);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFile(resolve(io.cwd, file)));
  } catch (error) {
    throw failure('unreadable', `${file} ${whyUnreadable(error)}`, 'check the path and its permissions');
  }
}

/** All that a stream gives, up to so many bytes; @default what a file may have */
export async function readStream(stream: Io['stdin'], limit = maxFileBytes): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    length += chunks.at(-1)?.length ?? 0;
    if (length > limit)
      throw failure('too-large', `standard input is larger than ${limit} bytes`, 'hand over a smaller text');
  }
  return Buffer.concat(chunks).toString('utf8');
}
