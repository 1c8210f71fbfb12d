/** How help is written: commands in groups, as wide as the terminal and at most 100 columns, and where more is to be read. */
import type { Argument, Command } from 'commander';
import { printable } from '../model/characters.ts';
import { asCalled, type Io } from './io.ts';
import { docsPlace } from './plugin/program-files.ts';

/** The widest that help gets, and how wide it is where it goes to no terminal. */
const [widest, usual] = [100, 80];

/** Sets how the help of a program and all its commands is written. */
export function configureHelp(program: Command, io: Io): void {
  const width = ({ columns }: { readonly columns?: number | undefined }) =>
    Math.min(columns || usual, widest);
  program
    .configureHelp({
      showGlobalOptions: false,
      minWidthToWrap: 20,
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(placeholder)].join(' '),
    })
    .configureOutput({
      writeOut: (text) => io.stdout.write(asCalled(text, io)),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(withoutControls(text)),
      getOutHelpWidth: () => width(io.stdout),
      getErrHelpWidth: () => width(io.stderr),
      getOutHasColors: () => io.color,
      getErrHasColors: () => io.color,
    })
    .addHelpText(
      'after',
      `\nExample:\n  $ ${program.name()} build glyphoxa.yaml | kubectl apply -f -\n\nEach command has its own: ${program.name()} help <command>`,
    )
    .addHelpText('afterAll', `\nDocumentation: ${docsPlace()}`);
}

/** What commander says of a command line, whose words it repeats: a name among them may be anybody's. */
function withoutControls(text: string): string {
  const [message = '', suggestion] = text.trimEnd().split(/\n(?=\(Did you mean [\w -]+\?\)$)/);
  return `${[printable(message), ...(suggestion === undefined ? [] : [suggestion])].join('\n')}\n`;
}

/** An argument as a command line has it. */
function placeholder(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? '...' : '');
  return argument.required ? `<${name}>` : `[${name}]`;
}
