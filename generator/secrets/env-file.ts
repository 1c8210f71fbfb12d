/**
 * `secrets.env`, as kustomize's `envs:` and kubectl's `--from-env-file` read it: a `KEY=VALUE` a line, the value
 * taken as it stands to the line's end, with neither quotes nor escapes.
 */

import { conflictIn } from '../model/yaml.ts';

/** Both readers stop at a line of 64 KiB, in silence. */
const longestLine = 64 * 1024 - 1;

const keyPattern = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/** What a file of values says, and what is wrong with it, by line. */
export interface ReadEnvFile {
  readonly values: ReadonlyMap<string, string>;
  /** The line of each key, from 1. */
  readonly lines: ReadonlyMap<string, number>;
  readonly problems: readonly EnvFileProblem[];
}

/** What is wrong with a line, counted from 1. */
export interface EnvFileProblem {
  readonly code: 'secrets-env' | 'merge-conflict';
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

/** The conflict that a merge has left in a file of values. */
export function conflictOf(text: string): EnvFileProblem | undefined {
  const conflict = conflictIn(text);
  if (conflict === undefined) return undefined;
  return {
    code: 'merge-conflict',
    line: text.slice(0, conflict).split('\n').length,
    message: 'a conflict of a merge is left in the file',
    hint: 'keep one of the two sides, and remove the lines <<<<<<<, ======= and >>>>>>>',
  };
}

/** Reads a file of values. No problem's text holds anything of a value. */
export function readEnvFile(text: string): ReadEnvFile {
  const values = new Map<string, string>();
  const lines = new Map<string, number>();
  const problems: EnvFileProblem[] = [];
  const conflict = conflictOf(text);
  if (conflict !== undefined) return { values, lines, problems: [conflict] };
  for (const [index, raw] of text.split('\n').entries()) {
    const add = (message: string, hint: string) =>
      problems.push({ code: 'secrets-env', line: index + 1, message, hint });
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    if (Buffer.byteLength(raw) > longestLine) {
      add('the line is longer than 64 KiB, and kustomize stops there', 'put the value into secrets/KEY');
    }
    const at = line.indexOf('=');
    const key = at < 0 ? line : line.slice(0, at);
    if (at < 0) add('there is no "=" in the line', 'write KEY=VALUE, on one line');
    else if (!keyPattern.test(key))
      add('what stands before "=" is no key', 'write KEY=VALUE, without spaces');
    else if (values.has(key)) add(`${key} stands here a second time`, 'remove one of the two');
    else {
      values.set(key, line.slice(at + 1));
      lines.set(key, index + 1);
    }
  }
  return { values, lines, problems };
}

/** Whether a value can stand in such a file and come back as it is. */
export function fitsEnvFile(key: string, value: string): boolean {
  const length = Buffer.byteLength(key) + 1 + Buffer.byteLength(value);
  const isUtf8 = Buffer.from(value, 'utf8').toString('utf8') === value;
  return !/[\n\0]|\r$/.test(value) && length <= longestLine && isUtf8;
}

/** A key in such a file, below comments that say what it is. */
export interface EnvEntry {
  readonly key: string;
  readonly value: string;
  readonly comment: string;
}

/** The lines of an entry. */
export function envLines({ key, value, comment }: EnvEntry): string {
  return `\n# ${comment}\n${key}=${value}\n`;
}

/** A new file. */
export function writeEnvFile(header: readonly string[], entries: readonly EnvEntry[]): string {
  return header.map((line) => `# ${line}\n`).join('') + entries.map(envLines).join('');
}
