/** The real program in a real terminal: tmux shows what a person would see, and types what a person would type. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { requireTool } from './find-tool.ts';
import { makeFolder } from './folder.ts';
import { program } from './program.ts';

/** A program in a terminal. */
export interface TestTerminal {
  /** Types keys by tmux's names for them (`Enter`, `C-c`), one after the other. */
  keys(...names: string[]): void;
  /** Types a text as it stands. */
  type(text: string): void;
  /** Types a text in one piece, as a terminal marks what is pasted. */
  paste(text: string): void;
  /** The lines of the screen, without what follows the last character of each. */
  screen(): string[];
  /** The same with the codes of colours. */
  colored(): string;
  /** Waits until the screen has these words, and gives it. */
  until(words: RegExp | ((screen: string) => boolean)): Promise<string>;
  resize(columns: number, rows: number): void;
  signal(name: NodeJS.Signals): void;
  /** Closes the terminal, as a person closes its window. */
  close(): void;
  /** Waits until the program ended, and gives its exit code. */
  ended(): Promise<number>;
  readonly pid: number;
}

interface TerminalOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: { readonly [name: string]: string };
}

const homes = new Map<string, string>();

/** The home of the user who works in a folder. */
export function homeOf(cwd: string): string {
  const home = homes.get(cwd) ?? makeFolder();
  homes.set(cwd, home);
  return home;
}

/** How long a screen is waited for, in milliseconds: the machine may be busy. */
const patience = 120_000;

/** Starts the program with these words; undefined where the test is skipped for want of tmux. */
export async function openTerminal(
  t: TestContext,
  words: readonly string[],
  { cwd, columns = 80, rows = 24, env = {} }: TerminalOptions,
): Promise<TestTerminal | undefined> {
  const file = requireTool(t, 'tmux');
  if (file === undefined) return undefined;
  const socket = `glyphoxa-${randomUUID()}`;
  const home = homeOf(cwd);
  const exitFile = path.join(makeFolder(), 'code');
  const tmux = (...args: string[]) =>
    execFileSync(file, ['-u', '-L', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8', TERM: 'xterm' },
    });
  const variables = { HOME: home, LANG: 'C.UTF-8', PATH: process.env.PATH ?? '', ...env };
  const set = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`);
  const keep = ['TERM', 'TMUX'].filter((name) => env[name] === undefined).map((name) => `${name}="$${name}"`);
  const line = ['env', '-i', ...keep, ...set, ...[program.command, ...program.words, ...words].map(quoted)];
  const size = ['-x', String(columns), '-y', String(rows)];
  tmux(
    'start-server',
    ';',
    'set',
    '-g',
    'remain-on-exit',
    'on',
    ';',
    'set',
    '-g',
    'status',
    'off',
    ';',
    'new-session',
    '-d',
    '-s',
    'test',
    ...size,
    '-c',
    cwd,
    `${line.join(' ')}; echo $? >${quoted(exitFile)}`,
  );
  t.after(() => {
    try {
      tmux('kill-server');
    } catch {
      // it ended by itself
    }
  });
  const screen = () => tmux('capture-pane', '-p', '-t', 'test').split('\n').slice(0, -1);
  const shell = tmux('display', '-p', '-t', 'test', '#{pane_pid}').trim();
  const pid = await childOf(shell);
  return {
    keys: (...names) => void tmux('send-keys', '-t', 'test', ...names),
    type: (text) => void tmux('send-keys', '-t', 'test', '-l', text),
    paste(text) {
      tmux('set-buffer', '--', text);
      tmux('paste-buffer', '-p', '-t', 'test');
    },
    screen,
    colored: () => tmux('capture-pane', '-p', '-e', '-t', 'test'),
    async until(words) {
      const begun = Date.now();
      for (;;) {
        const text = screen().join('\n');
        if (typeof words === 'function' ? words(text) : words.test(text)) return text;
        if (Date.now() - begun > patience) throw new Error(`the screen has no ${words}:\n${text}`);
        await wait(40);
      }
    },
    resize: (x, y) => void tmux('resize-window', '-t', 'test', '-x', String(x), '-y', String(y)),
    signal: (name) => void process.kill(pid, name),
    close: () => void tmux('kill-server'),
    async ended() {
      const begun = Date.now();
      for (;;) {
        const code = existsSync(exitFile) ? readFileSync(exitFile, 'utf8').trim() : '';
        if (code !== '') return Number(code);
        if (Date.now() - begun > patience) throw new Error(`it goes on:\n${screen().join('\n')}`);
        await wait(40);
      }
    },
    pid,
  };
}

/** The program that a shell runs. Source: proc(5), `children` of a task. */
async function childOf(shell: string): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const [child = ''] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').split(' ');
    if (child !== '') return Number(child);
    await wait(20);
  }
  throw new Error('the program did not start');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Waits until a process is gone. */
export async function untilGone(pid: number): Promise<void> {
  const begun = Date.now();
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (Date.now() - begun > patience) throw new Error(`process ${pid} goes on`);
    await wait(40);
  }
}
