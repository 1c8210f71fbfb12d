import type { Command } from 'commander';
import { createColors } from 'picocolors';
import { printable } from '../model/characters.ts';
import { listen } from '../model/trace.ts';
import type { Context } from './context.ts';

/** Gives a program and each of its commands `-v`, with which every step is told on standard error, before what follows. */
export function addVerbose(program: Command, { io, ended }: Context): void {
  for (const command of [program, ...below(program)])
    command.option('-v, --verbose', 'say each step on standard error, and why');
  program.hook('preAction', (_, command) => {
    if (command.optsWithGlobals().verbose !== true) return;
    const { dim } = createColors(io.color);
    ended.push(listen((words) => io.stderr.write(`${dim(`· ${printable(words)}`)}\n`)));
  });
}

/** The commands that do something. */
function below(command: Command): Command[] {
  return command.commands.flatMap((child) => (child.commands.length === 0 ? [child] : below(child)));
}
