/** What the commands that take tenants share: the options that name them, and the work on many of them. */
import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Wave } from '../../config/fleet-waves.ts';
import { isTenantId } from '../../config/tenant-id.ts';
import type { FleetSession } from '../../lifecycle/session/open-fleet.ts';
import type { Outcome } from '../../lifecycle/session/run-waves.ts';
import type { Session } from '../../lifecycle/session/session.ts';
import { tenantFolder } from '../../tree/layout.ts';
import { type ClusterCommand, type ClusterOptions, startTimer } from '../commands/shared/cluster-command.ts';
import type { Command } from '../commands/shared/command.ts';
import { type Context, exitCodes } from '../context.ts';
import { listenForInterrupts } from '../interrupts.ts';
import type { FleetReport } from './fleet-text.ts';

/** The options of a command that takes tenants. */
export interface FleetOptions extends ClusterOptions {
  readonly tenant?: string;
  readonly wave?: string;
  readonly all?: true;
  readonly parallel: number;
}

/** How many tenants are worked on at the same time; each builds with a kustomize of its own. */
const usualParallel = 8;

/** Adds the options that name tenants. */
export function addFleetOptions(command: Command): Command {
  return command
    .option('--tenant <tenant>', 'a tenant of tenants.yaml, in place of an environment')
    .option('--wave <wave>', 'the tenants of one wave')
    .option('--all', 'all tenants, wave after wave')
    .addOption(
      new Option('--parallel <number>', 'how many tenants at the same time')
        .default(usualParallel)
        .argParser(parseNumber),
    );
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (!(Number.isInteger(number) && number >= 1 && number <= 64))
    throw new InvalidArgumentError('Write a number from 1 to 64.');
  return number;
}

/**
 * What a command line asks for: one target by its word, or tenants. Ends the command where it is none of them, or more
 * than one.
 */
export async function chosen<Options extends FleetOptions>(
  word: string | undefined,
  options: Options,
  command: Command,
  cwd: string,
): Promise<{ readonly word: string; readonly options: Options } | undefined> {
  const { tenant, wave, all, dir } = options;
  const named = [word, tenant, wave, all].filter((each) => each !== undefined).length;
  if (named !== 1)
    command.error('error: name one of: an environment, --tenant <tenant>, --wave <wave>, --all');
  if (word !== undefined) return { word, options };
  if (tenant === undefined) return undefined;
  if (!isTenantId(tenant)) command.error(`error: ${JSON.stringify(tenant)} is no id of a tenant`);
  const { dir: _, ...rest } = options;
  const { treeFolder } = await import('../../config/files.ts');
  return { word: path.join(treeFolder(dir, cwd), tenantFolder(tenant)), options: rest as Options };
}

/** What a command does with each tenant. */
export interface FleetVerb<T> {
  work(session: Session): Promise<T>;
  /** What came of a tenant, in words, and how many objects were so and so. */
  summarize(value: T, counts: ReadonlyMap<string, number>): string;
  /** Whether no wave is begun after one in which a tenant failed. */
  readonly stops: boolean;
  /** Ends the command: writes what is asked for, and gives the exit code. */
  end(outcomes: ReadonlyMap<string, Outcome<T>>, fleet: FleetSession): number;
}

/** Opens the fleet and works on its tenants; gives the exit code. */
export async function runOnFleet<T>(
  { all: _, parallel, ...options }: FleetOptions,
  { io, texts }: Context,
  verb: FleetVerb<T>,
  kind: ClusterCommand = {},
): Promise<number> {
  const { failed = exitCodes.wrongInput, outputs } = kind;
  const { openFleetSession } = await import('../../lifecycle/session/open-fleet.ts');
  const { runWaves } = await import('../../lifecycle/session/run-waves.ts');
  const { createFleetReport } = await import('./fleet-report.ts');
  const { findingsOf } = await import('../commands/shared/cluster-errors.ts');
  const isEvents = options.output === 'json' && outputs === undefined;
  const summarize = verb.summarize as FleetVerb<unknown>['summarize'];
  // Beside a document that is asked for, words are on standard error.
  const lines = outputs === undefined ? io.stdout : io.stderr;
  const report = createFleetReport(isEvents, options, {
    io,
    lines,
    texts,
    summarize,
    isResumable: verb.stops,
  });
  const controller = new AbortController();
  const running = new Set<AbortController>();
  const interrupts = listenForInterrupts(io, (reason) => {
    controller.abort(reason);
    for (const one of running) one.abort(reason);
    report.whole.say('interrupted; the tenants that are worked on are left tidy, and no other is begun');
  });
  let fleet: FleetSession | undefined;
  try {
    const world = { env: io.env, cwd: io.cwd, report: report.whole, texts, controller };
    fleet = await openFleetSession({ ...options, ...sessionChoices(kind) }, world);
    tell(report, fleet);
    const work = (id: string) => workOn(id, fleet as FleetSession, { options, kind, verb, report, running });
    const { stops } = verb;
    const run = { parallel, signal: controller.signal, stops, work, events: report };
    const outcomes = await runWaves<T>(fleet.waves, run);
    report.end(outcomes);
    const code = verb.end(outcomes, fleet);
    return interrupts.code ?? code;
  } catch (error) {
    report.settle();
    if (interrupts.code !== undefined) return interrupts.code;
    report.whole.findings(findingsOf(error));
    return failed;
  } finally {
    report.settle();
    interrupts.ignore();
    fleet?.client.close();
  }
}

function sessionChoices({ all = false, mayBeUnbuilt = false, mayBeStale }: ClusterCommand) {
  return { all, mayBeUnbuilt, ...(mayBeStale === undefined ? {} : { mayBeStale }) };
}

function tell(report: FleetReport, { waves, access: { context, server } }: FleetSession): void {
  const number = waves.reduce((sum, { tenants }) => sum + tenants.length, 0);
  const named = waves.flatMap(({ name }: Wave) => name ?? []);
  const inWaves = named.length < 2 ? '' : ` in the waves ${named.join(', ')}`;
  report.whole.say(`${number} tenant${number === 1 ? '' : 's'}${inWaves} of ${context} (${server})`, {
    tenants: number,
    waves: named,
    context,
    server,
  });
}

/** Works on one tenant, with a time and a connection of its own. */
async function workOn<T>(
  id: string,
  fleet: FleetSession,
  {
    options,
    kind,
    verb,
    report,
    running,
  }: {
    readonly options: ClusterOptions;
    readonly kind: ClusterCommand;
    readonly verb: FleetVerb<T>;
    readonly report: FleetReport;
    readonly running: Set<AbortController>;
  },
): Promise<T> {
  const controller = new AbortController();
  running.add(controller);
  const timer = startTimer(options, fleet.wordOf(id), controller, kind.readOnly);
  let session: Session | undefined;
  try {
    session = await fleet.openTenant(id, { report: report.of(id), controller });
    return await verb.work(session);
  } finally {
    clearTimeout(timer);
    running.delete(controller);
    session?.client.close();
  }
}
