import { InvalidArgumentError, Option } from 'commander';
import type { SecretOptions, Session } from '../../editor/session.ts';
import { failure } from '../../model/finding.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import type { Command } from './shared/command.ts';

interface EditOptions {
  readonly web?: true;
  readonly plain?: true;
  readonly cert?: string;
  readonly port: number;
  readonly dir?: string;
}

/** `edit`: the configuration, with guidance. */
export function registerEdit(program: Command, context: Context): void {
  program
    .command('edit')
    .summary('edit the configuration, in the terminal or on a page')
    .description(
      'Shows all values with what each is and who set it, findings as you type, parts to switch, and what saving changes in files and objects: in the terminal, or with --web on a page of this machine, whose link it prints. Nothing is written before it is saved, but secret values, which go where the environment keeps them. What is not saved when it ends by itself is offered the next time.',
    )
    .argument('[env]', 'the environment to begin with (default: what all share)')
    .option('--web', 'on a page of this machine, which ends when it is closed')
    .option('--plain', 'one question after another, for screen readers and simple terminals')
    .addOption(
      new Option('--port <number>', 'the port of the page')
        .argParser(portNumber)
        .default(0, 'one that is free'),
    )
    .option(
      '--cert <file>',
      "to seal secrets: the controller's certificate; else $SEALED_SECRETS_CERT",
      certFile,
    )
    .folder()
    .examples(
      [
        ['glyphoxa-kustomize edit staging', 'an environment, in the terminal'],
        ['glyphoxa-kustomize edit --web', 'then open the link that it prints'],
        [
          'glyphoxa-kustomize edit staging --web --port 8100',
          'for a tunnel: ssh -L 8100:127.0.0.1:8100 HOST',
        ],
      ],
      'there is no resource or no terminal, or a file is no text',
    )
    .action(
      action(context, (env: string | undefined, options: EditOptions) => runEdit(env, options, context.io)),
    );
}

async function runEdit(env: string | undefined, options: EditOptions, io: Io): Promise<number> {
  const { openTree } = await import('../../tree/disk.ts');
  const { openSession } = await import('../../editor/session.ts');
  const { secretOptions } = await import('./shared/secret-options.ts');
  const tree = openTree(options.dir, io.cwd);
  const isPlain = options.plain === true || (io.env.TERM === 'dumb' && options.web !== true);
  if (options.web !== true) demandTerminal(isPlain, io);
  const session = await openSession(tree, io.env);
  session.text(env); // a Failure where there is no such environment
  const secrets = secretOptions(tree.root, options.cert, io);
  if (options.web === true) return runPage(session, secrets, env, options.port, io);
  return runTerminal(session, secrets, env, isPlain, io);
}

/** The page, until it is closed. */
async function runPage(
  session: Session,
  secrets: SecretOptions,
  env: string | undefined,
  port: number,
  io: Io,
): Promise<number> {
  const { openPage } = await import('../../web/page.ts');
  const { serve } = await import('../../web/server.ts');
  const served = await serve(openPage(session, session.tree.show(''), secrets), {
    port,
    ...(env === undefined ? {} : { env }),
  });
  let stop = () => {};
  const interrupted = new Promise<void>((resolve) => {
    stop = io.onInterrupt(() => resolve());
  });
  io.stdout.write(`${served.link}\n`);
  io.stderr.write('open the link; the page ends with its tab, or here with Ctrl-C\n');
  await Promise.race([served.closed, interrupted]);
  stop();
  served.close();
  return exitCodes.done;
}

/** The terminal, with all of the screen or a question after another, until the user leaves. */
async function runTerminal(
  session: Session,
  secrets: SecretOptions,
  at: string | undefined,
  isPlain: boolean,
  io: Io,
): Promise<number> {
  const { noRecovery, openRecovery } = await import('../../editor/recovery.ts');
  const folder = stateFolder(io);
  const recovery = folder === undefined ? noRecovery : openRecovery(folder, session.tree);
  const onInterrupt = (callback: () => void) => io.onInterrupt(callback);
  const shared = { session, secrets, recovery, at, onInterrupt };
  const { openScreen, runPlain, runTerminal: run } = await import('../../terminal/terminal.ts');
  const { stdin: input, stdout: output } = process;
  const kept = isPlain
    ? await runPlain({ ...shared, input, output })
    : await run({
        ...shared,
        openScreen: (events) =>
          openScreen({ ...events, input, output, color: io.color, isUnicode: showsUnicode(io) }),
      });
  if (kept.length === 0) return exitCodes.done;
  const outcome = folder === undefined ? 'not saved' : 'not saved, and offered the next time';
  io.stderr.write(`${outcome}: ${kept.join(', ')}\n`);
  return exitCodes.wrongInput;
}

function demandTerminal(isPlain: boolean, io: Io): void {
  if (isPlain || (io.isTTY && io.screen?.() !== undefined)) return;
  throw failure(
    'no-terminal',
    'standard input or output is no terminal',
    'change values with "set", edit with --web, or answer questions on standard input with --plain',
  );
}

/** Where a user's programs keep what outlives them. Source: the XDG Base Directory Specification. */
function stateFolder({ env }: Io): string | undefined {
  const { XDG_STATE_HOME: given, HOME: home, LOCALAPPDATA: local } = env;
  const state = given?.startsWith('/') ? given : home?.startsWith('/') ? `${home}/.local/state` : local;
  return state === undefined || state === '' ? undefined : `${state}/glyphoxa-kustomize/edits`;
}

/** Whether the terminal shows more than ASCII, as far as it says so. */
function showsUnicode({ env }: Io): boolean {
  if (process.platform === 'win32') return true;
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
}

function certFile(file: string): string {
  if (file !== '-') return file;
  throw new InvalidArgumentError('Standard input is for the editing; name a file.');
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65536) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
