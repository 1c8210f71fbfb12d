/**
 * The command line: one file for each command. A command's file holds its options and help and nothing heavy;
 * what it works with is imported when it runs.
 */
import { CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { Failure } from '../model/finding.ts';
import { registerApply } from './commands/apply.ts';
import { registerBuild } from './commands/build.ts';
import { registerCheck } from './commands/check.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDestroy } from './commands/destroy.ts';
import { registerDiff } from './commands/diff.ts';
import { registerEdit } from './commands/edit.ts';
import { registerExplain } from './commands/explain.ts';
import { registerFn } from './commands/fn.ts';
import { registerGenerate } from './commands/generate.ts';
import { registerGet } from './commands/get.ts';
import { registerGraph } from './commands/graph.ts';
import { registerImport } from './commands/import.ts';
import { registerInfrastructure } from './commands/infrastructure.ts';
import { registerInit } from './commands/init.ts';
import { registerMcp } from './commands/mcp.ts';
import { registerOverlay } from './commands/overlay.ts';
import { registerPlugin } from './commands/plugin.ts';
import { registerPublish } from './commands/publish.ts';
import { registerSchema } from './commands/schema.ts';
import { registerSeal } from './commands/seal.ts';
import { registerSecrets } from './commands/secrets.ts';
import { registerSet, registerUnset } from './commands/set.ts';
import { Command } from './commands/shared/command.ts';
import { registerStartAndRestart } from './commands/start-restart.ts';
import { registerStatus } from './commands/status.ts';
import { registerStop } from './commands/stop.ts';
import { registerTenant } from './commands/tenant.ts';
import { registerValidate } from './commands/validate.ts';
import { registerVersion } from './commands/version.ts';
import { type Context, exitCodes, newContext } from './context.ts';
import { configureHelp } from './help.ts';
import { calledName, calledWriter, type Io, processIo } from './io.ts';
import { addVerbose } from './verbose.ts';

/** The commands by what they are for, in the order of the help. */
const groups: { readonly [heading: string]: readonly ((program: Command, context: Context) => void)[] } = {
  'Author:': [
    registerInit,
    registerImport,
    registerValidate,
    registerExplain,
    registerGet,
    registerSet,
    registerUnset,
    registerEdit,
    registerMcp,
    registerGraph,
    registerBuild,
    registerGenerate,
    registerOverlay,
    registerTenant,
    registerCheck,
    registerPublish,
    registerSchema,
  ],
  'Secrets:': [registerSecrets, registerSeal],
  'Cluster:': [
    registerInfrastructure,
    registerDiff,
    registerApply,
    registerStatus,
    registerStop,
    registerStartAndRestart,
    registerDestroy,
  ],
  'Plugin:': [registerPlugin, registerFn],
  'This program:': [registerCompletion, registerVersion],
};

/**
 * Runs a command line to its end and gives the exit code. Never throws, never ends the process.
 *
 * @param argv the words behind the program's name
 */
export async function run(argv: readonly string[], world: Io): Promise<number> {
  // A copy would open standard input, which few commands read.
  const io = world.program === undefined ? world : { ...world, stderr: calledWriter(world.stderr, world) };
  const context = newContext(io);
  try {
    const program = createProgram(context);
    if (argv[0] === completionWord) {
      const { complete, inCobrasForm } = await import('./completion/complete.ts');
      io.stdout.write(inCobrasForm(await complete(program, argv.slice(1), io)));
      return exitCodes.done;
    }
    await program.parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return report(error, context);
  } finally {
    for (const end of context.ended) end();
  }
}

/** The word by which a shell's script asks what may stand next; kubectl asks a plugin by a file of its own. */
const completionWord = '__complete';

/** Runs the command line of this process, and leaves its exit code for when everything is written. */
export async function main(): Promise<void> {
  const isAsked = calledName() === 'kubectl_complete-glyphoxa';
  const words = process.argv.slice(2);
  process.exitCode = await run(isAsked ? [completionWord, ...words] : words, processIo());
}

/** The program with all its commands; runs nothing yet. */
export function createProgram(context: Context): Command {
  const program = new Command('glyphoxa-kustomize')
    .description(
      'Turns one typed resource of kind Glyphoxa into Kubernetes objects: for Kustomize, as a plugin, or as plain files.',
    )
    .version(manifest.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print what a command does, with examples')
    .exitOverride();
  configureHelp(program, context.io);
  for (const [heading, registered] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const register of registered) register(program, context);
  }
  addVerbose(program, context);
  return program.helpCommand('help [command]', 'print what a command does, with examples');
}

/** Says what went wrong, in words and without a stack trace, and gives the exit code. */
async function report(error: unknown, { io, texts }: Context): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  if (error instanceof Failure) {
    const { printFindings } = await import('./print/print-findings.ts');
    if (error.diff !== undefined) io.stderr.write(error.diff);
    printFindings(error.findings, io, texts);
    return exitCodes.wrongInput;
  }
  const debug = io.env.GLYPHOXA_DEBUG !== undefined && io.env.GLYPHOXA_DEBUG !== '';
  const words = error instanceof Error ? (debug ? error.stack : error.message) : String(error);
  io.stderr.write(`internal error: ${words}\n`);
  if (!debug) io.stderr.write('this is a fault of glyphoxa-kustomize; GLYPHOXA_DEBUG=1 shows where it is\n');
  return exitCodes.internal;
}
