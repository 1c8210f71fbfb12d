/** Follows what a command advises: takes the very command line that it prints, and runs it in a shell. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandsIn } from '../../../generator/model/command.ts';
import type { Ran } from '../../support/fake-io.ts';
import { runCli } from '../../support/fake-io.ts';
import { findTool } from '../../support/find-tool.ts';

/** Where somebody stands, and what they have on their PATH. */
export interface Place {
  readonly folder: string;
  readonly env: { readonly [name: string]: string };
}

/** What is looked for, and what a person does about it. */
export interface Advice {
  /** The command that shows the state. */
  readonly argv: readonly string[];
  /** What its output has while the state lasts. */
  readonly says: RegExp;
  /** The command line that is named. */
  readonly command: RegExp;
  /** What the words before the command line ask for, such as a file with a value. */
  readonly before?: (() => unknown) | undefined;
  /** What is typed where the command asks. */
  readonly typed?: string;
}

const launcher = fileURLToPath(new URL('../../../generator/bin/glyphoxa-kustomize.js', import.meta.url));

/** The variables with glyphoxa-kustomize, kubectl and helm on the PATH. */
function withPrograms({ folder, env }: Place): { [name: string]: string } {
  const bin = join(folder, '.bin');
  mkdirSync(bin, { recursive: true });
  const programs = {
    'glyphoxa-kustomize': launcher,
    kubectl: findTool('kubectl-1.36'),
    helm: findTool('helm-3'),
  };
  for (const [name, file] of Object.entries(programs)) {
    try {
      if (file !== undefined) symlinkSync(file, join(bin, name));
    } catch {
      // it was linked before
    }
  }
  return { ...env, PATH: [bin, dirname(process.execPath), env.PATH ?? process.env.PATH].join(delimiter) };
}

/** Runs a command line as a person does who copies it. */
export function inShell(place: Place, line: string, typed?: string): Promise<Ran> {
  const [program, args] =
    typed === undefined ? ['bash', ['-c', line]] : ['script', ['-qefc', line, '/dev/null']];
  return new Promise((resolve) => {
    const options = {
      cwd: place.folder,
      env: withPrograms(place),
      encoding: 'utf8' as const,
      timeout: 120_000,
    };
    const child = execFile(program as string, args as string[], options, (error, stdout, stderr) => {
      resolve({ stdout, stderr, exitCode: error === null ? 0 : Number(error.code ?? 1) });
    });
    if (typed !== undefined) setTimeout(() => child.stdin?.write(`${typed}\n`), 4_000);
    else child.stdin?.end();
  });
}

/** Runs a command of the program where somebody stands. */
export function ranBy(place: Place, argv: readonly string[]): Promise<Ran> {
  return runCli(argv, { cwd: place.folder, env: withPrograms(place) });
}

/** The state is there; what it names is run; the state is gone. */
export async function follow(place: Place, { argv, says, command, before, typed }: Advice): Promise<void> {
  const run = () => ranBy(place, argv);
  const first = await run();
  const text = first.stdout + first.stderr;
  assert.match(text, says);
  const lines = [...new Set(commandsIn(text))].filter((line) => command.test(line));
  assert.ok(lines.length > 0, `no ${command} in ${text}`);
  await before?.();
  for (const line of lines) {
    const { exitCode, stdout, stderr } = await inShell(place, line, typed);
    assert.equal(exitCode, 0, `${line}: ${stdout}${stderr}`);
  }
  const again = await run();
  assert.doesNotMatch(again.stdout + again.stderr, says);
}

/** The state is there; what it names shows more of it. */
export async function look(
  place: Place,
  { argv, says, command }: Advice,
  shows: RegExp,
  ran: Ran | undefined = undefined,
): Promise<void> {
  const { stdout, stderr } = ran ?? (await ranBy(place, argv));
  assert.match(stdout + stderr, says);
  const [line] = commandsIn(stdout + stderr).filter((each) => command.test(each));
  assert.ok(line !== undefined, `no ${command} in ${stdout}${stderr}`);
  const shown = await inShell(place, line);
  assert.match(shown.stdout + shown.stderr, shows, line);
}

/** Writes a file into somebody's folder. */
export function put({ folder }: Place, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

/** A case of a state. */
export type Case = (t: TestContext) => Promise<void>;
