/** What may stand next on a command line: taken from the commands as they are registered, so nothing is listed twice. */
import type { Argument, Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { assignments, environments, type Proposal, tenants, valuePaths, waves } from './values.ts';

/** What may stand next. */
export interface Completion {
  readonly proposals: readonly Proposal[];
  /** Whether files and folders may stand there too. */
  readonly takesFiles: boolean;
  /** Whether the word continues behind a proposal. */
  readonly continues: boolean;
}

const nothing: Completion = { proposals: [], takesFiles: false, continues: false };

/** Proposes what may stand for the last word of a command line, without the program's name. */
export async function complete(
  program: Command,
  words: readonly string[],
  io: Pick<Io, 'cwd'>,
): Promise<Completion> {
  const last = words.at(-1) ?? '';
  const { command, positional, pending, isEnded, dir, used } = walk(program, words.slice(0, -1));
  const place = { word: last, dir, cwd: io.cwd };
  if (pending !== undefined) return ofOption(pending, place);
  if (last.startsWith('-') && !isEnded) {
    const [, flag = '', value] = /^(--[\w-]+)=(.*)$/s.exec(last) ?? [];
    const option = value === undefined ? undefined : command.options.find(({ long }) => long === flag);
    if (option === undefined || value === undefined) return optionsOf(command, last, used);
    const completion = await ofOption(option, { ...place, word: value });
    const proposals = completion.proposals.map((one) => ({ ...one, value: `${flag}=${one.value}` }));
    return { ...completion, proposals };
  }
  const commands = positional === 0 ? subcommands(command) : [];
  if (commands.length > 0) return matching(commands, last);
  const argument = command.registeredArguments[positional] ?? command.registeredArguments.at(-1);
  const isTaken = positional >= command.registeredArguments.length && argument?.variadic !== true;
  return argument === undefined || isTaken ? nothing : ofArgument(argument, place);
}

/** Where a command line has come to. */
interface Walked {
  readonly command: Command;
  /** How many arguments the command has got. */
  readonly positional: number;
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
  /** Whether what follows is no option, whatever it looks like. */
  readonly isEnded: boolean;
  readonly dir: string | undefined;
  readonly used: readonly Option[];
}

function walk(program: Command, words: readonly string[]): Walked {
  let command = program;
  let [positional, isEnded] = [0, false];
  let dir: string | undefined;
  let pending: Option | undefined;
  const used: Option[] = [];
  for (const word of words) {
    if (pending !== undefined) {
      if (pending.long === '--dir') dir = word;
      pending = undefined;
    } else if (word === '--' && !isEnded) isEnded = true;
    else if (word.startsWith('-') && word !== '-' && !isEnded) {
      const [flag, value] = word.split('=', 2);
      const option = command.options.find(({ long, short }) => long === flag || short === flag);
      if (option === undefined) continue;
      used.push(option);
      if (option.long === '--dir' && value !== undefined) dir = value;
      if ((option.required || option.optional) && value === undefined) pending = option;
    } else {
      const next = positional === 0 ? subcommand(command, word) : undefined;
      if (next === undefined) positional += 1;
      else command = next;
    }
  }
  return { command, positional, pending, isEnded, dir, used };
}

function subcommand(command: Command, word: string): Command | undefined {
  // "help x" is completed as x is
  if (word === 'help') return command;
  return command.commands.find((child) => child.name() === word);
}

function subcommands(command: Command): Proposal[] {
  const own = command.commands.map((child) => ({ value: child.name(), about: child.summary() }));
  return own.length === 0 ? [] : [...own, { value: 'help', about: 'print what a command does' }];
}

function optionsOf(command: Command, word: string, used: readonly Option[]): Completion {
  const free = command.options.filter(
    (option) => !option.hidden && !(used.includes(option) && !isRepeated(option)),
  );
  const listed = free.map(({ long, short, description }) => ({
    value: long ?? short ?? '',
    about: description,
  }));
  return matching([...listed, { value: '--help', about: 'print what it does, with examples' }], word);
}

/** An option that may be given again collects its values. */
function isRepeated({ parseArg, argChoices }: Option): boolean {
  return parseArg !== undefined && argChoices === undefined;
}

interface Place {
  readonly word: string;
  readonly dir: string | undefined;
  readonly cwd: string;
}

function ofOption({ flags, argChoices }: Option, place: Place): Promise<Completion> {
  return ofKind(/[<[]([^\]>]+)[\]>]/.exec(flags)?.[1] ?? '', argChoices, place);
}

function ofArgument(argument: Argument, place: Place): Promise<Completion> {
  return ofKind(argument.name(), argument.argChoices, place);
}

/** The values of a placeholder: what it is called in the help says what may stand there. */
async function ofKind(
  kind: string,
  choices: readonly string[] | undefined,
  { word, dir, cwd }: Place,
): Promise<Completion> {
  if (choices !== undefined)
    return matching(
      choices.map((value) => ({ value })),
      word,
    );
  switch (kind) {
    case 'environment':
      return { ...matching(environments(dir, cwd), word), takesFiles: true };
    case 'tenant':
      return matching(await tenants(dir, cwd), word);
    case 'wave':
      return matching(await waves(dir, cwd), word);
    case 'value':
      return goingOn(await valuePaths(word), '.');
    case 'path=value':
      return goingOn(await assignments(word), '.', '=');
    case 'file':
    case 'folder':
    case 'dir':
    case 'path':
      return { ...nothing, takesFiles: true };
    default:
      return nothing;
  }
}

function matching(proposals: readonly Proposal[], word: string): Completion {
  return { ...nothing, proposals: proposals.filter(({ value }) => value.startsWith(word)) };
}

function goingOn(proposals: readonly Proposal[], ...ends: string[]): Completion {
  const continues = proposals.some(({ value }) => ends.some((end) => value.endsWith(end)));
  return { ...nothing, proposals, continues };
}

/**
 * A completion as shells read it: a line for each proposal, its description behind a tab, and at the end a colon with a
 * number. It is the form of cobra's programs, which kubectl asks its plugins for. Source: cobra's `completions.go`.
 */
export function inCobrasForm({ proposals, takesFiles, continues }: Completion): string {
  const [noSpace, noFiles] = [2, 4];
  const lines = proposals.map(({ value, about }) =>
    about === undefined ? value : `${value}\t${about.replace(/\s+/g, ' ')}`,
  );
  return [...lines, `:${(continues ? noSpace : 0) + (takesFiles ? 0 : noFiles)}`, ''].join('\n');
}
