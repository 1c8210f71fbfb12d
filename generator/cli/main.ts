/**
 * The command line: one file for each command. A command's file holds its options and help and nothing heavy;
 * what it works with is imported when it runs.
 */
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { Failure } from '../model/finding.ts';
import { registerApply } from './commands/apply.ts';
import { registerBuild } from './commands/build.ts';
import { registerCheck } from './commands/check.ts';
import { registerDestroy } from './commands/destroy.ts';
import { registerDiff } from './commands/diff.ts';
import { registerExplain } from './commands/explain.ts';
import { registerFn } from './commands/fn.ts';
import { registerGenerate } from './commands/generate.ts';
import { registerGet } from './commands/get.ts';
import { registerGraph } from './commands/graph.ts';
import { registerInfrastructure } from './commands/infrastructure.ts';
import { registerInit } from './commands/init.ts';
import { registerOverlay } from './commands/overlay.ts';
import { registerPlugin } from './commands/plugin.ts';
import { registerPublish } from './commands/publish.ts';
import { registerRestart } from './commands/restart.ts';
import { registerSchema } from './commands/schema.ts';
import { registerSeal } from './commands/seal.ts';
import { registerSecrets } from './commands/secrets.ts';
import { registerSet, registerUnset } from './commands/set.ts';
import { registerStart } from './commands/start.ts';
import { registerStatus } from './commands/status.ts';
import { registerStop } from './commands/stop.ts';
import { registerValidate } from './commands/validate.ts';
import { type Context, exitCodes } from './context.ts';
import { type Io, processIo } from './io.ts';

/** The commands, in the order of the help. */
const commands: readonly ((program: Command, context: Context) => void)[] = [
  registerBuild,
  registerValidate,
  registerSchema,
  registerExplain,
  registerGet,
  registerSet,
  registerUnset,
  registerGraph,
  registerGenerate,
  registerOverlay,
  registerCheck,
  registerInit,
  registerSecrets,
  registerSeal,
  registerPublish,
  registerInfrastructure,
  registerDiff,
  registerApply,
  registerStatus,
  registerStop,
  registerStart,
  registerRestart,
  registerDestroy,
  registerPlugin,
  registerFn,
];

/**
 * Runs a command line to its end and gives the exit code. Never throws, never ends the process.
 *
 * @param argv the words behind the program's name
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const context: Context = { io, exitCode: exitCodes.done };
  try {
    await createProgram(context).parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return report(error, io);
  }
}

/** Runs the command line of this process, and leaves its exit code for when everything is written. */
export async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), processIo());
}

/** The program with all its commands; runs nothing yet. */
export function createProgram(context: Context): Command {
  const { io } = context;
  const program = new Command('glyphoxa-kustomize')
    .description(
      'Turns one typed resource of kind Glyphoxa into Kubernetes objects: for Kustomize, as a plugin, or as plain files.',
    )
    .version(manifest.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print what a command does, with examples')
    .helpCommand('help [command]', 'print what a command does, with examples')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => io.color,
      getErrHasColors: () => io.color,
    })
    .addHelpText(
      'after',
      '\nExample:\n  $ glyphoxa-kustomize build glyphoxa.yaml | kubectl apply -f -\n\nEach command has its own: glyphoxa-kustomize help <command>',
    );
  for (const register of commands) register(program, context);
  return program;
}

/** Says what went wrong, in words and without a stack trace, and gives the exit code. */
async function report(error: unknown, io: Io): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  if (error instanceof Failure) {
    const { printFindings } = await import('./print-findings.ts');
    printFindings(error.findings, io);
    return exitCodes.wrongInput;
  }
  const debug = io.env.GLYPHOXA_DEBUG !== undefined && io.env.GLYPHOXA_DEBUG !== '';
  const words = error instanceof Error ? (debug ? error.stack : error.message) : String(error);
  io.stderr.write(`internal error: ${words}\n`);
  if (!debug) io.stderr.write('this is a fault of glyphoxa-kustomize; GLYPHOXA_DEBUG=1 shows where it is\n');
  return exitCodes.internal;
}
