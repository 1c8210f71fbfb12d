/** What the commands that work on a cluster share: their options, their way to the cluster, and how they end. */
import { InvalidArgumentError, Option } from 'commander';
import type { SessionOptions } from '../../../lifecycle/session/open-session.ts';
import type { Report } from '../../../lifecycle/session/report.ts';
import type { Session } from '../../../lifecycle/session/session.ts';
import { advise } from '../../../model/command.ts';
import { failure } from '../../../model/finding.ts';
import { type Context, exitCodes } from '../../context.ts';
import { listenForInterrupts } from '../../interrupts.ts';
import type { Io } from '../../io.ts';
import type { Command } from './command.ts';

/** The options that every one of them has. */
export interface ClusterOptions
  extends Pick<
    SessionOptions,
    'dir' | 'kubeconfig' | 'context' | 'namespace' | 'release' | 'former' | 'stale' | 'dryRun'
  > {
  /** Milliseconds; `Infinity` for a command that runs until it is interrupted. */
  readonly timeout?: number;
  readonly output?: string;
}

/** What a command of its kind has besides. */
export interface ClusterCommand {
  /** @default 5 minutes, in milliseconds */
  readonly timeoutMs?: number;
  /** Whether it changes nothing anyway. @default false */
  readonly readOnly?: true;
  /** The formats of `-o`. @default text, and json for event lines */
  readonly outputs?: readonly string[];
  /** What becomes of a tree that is out of date. @default the command is refused */
  readonly mayBeStale?: 'if asked' | 'shown';
  /** Whether it needs all of the environment, what is encrypted and what plugins make too. @default false */
  readonly all?: boolean;
  /** Whether it works where the environment cannot be built. @default false */
  readonly mayBeUnbuilt?: boolean;
  /** The exit code where it fails. @default 1 */
  readonly failed?: number;
  /** Whether it takes tenants of a fleet in place of an environment. @default false */
  readonly takesTenants?: boolean;
  /** Makes another report of the usual one. @default the usual one */
  readonly reportBy?: (report: Report) => Report;
}

/** How long a command may take, in milliseconds. */
const usualTimeoutMs = 300_000;

/** Node lets a timer that is set to more end at once, in milliseconds. */
const longestTimerMs = 2 ** 31 - 1;

/** Adds the argument and the options. */
export function addClusterOptions(command: Command, kind: ClusterCommand = {}): Command {
  command.argument(
    kind.takesTenants ? '[environment]' : '<environment>',
    'an environment’s name, its folder, a kustomization over it, or a resource’s file',
  );
  command.folder();
  addConnectionOptions(command, kind);
  command.option('-n, --namespace <name>', 'the namespace, where the environment names none');
  if (kind.mayBeStale === 'if asked')
    command.option('--stale', 'use the tree as it is, where it is out of date');
  const dryRun = kind.readOnly
    ? 'nothing else: it never changes anything'
    : 'say what would be done, and change nothing';
  return command.option('--dry-run', dryRun);
}

/** Adds the options by which a cluster is found, and how long it is asked. */
export function addConnectionOptions(
  command: Command,
  { timeoutMs = usualTimeoutMs, outputs }: ClusterCommand,
): Command {
  return command
    .option('--kubeconfig <file>', 'the kubeconfig, as for kubectl')
    .option('--context <name>', 'the context of the kubeconfig')
    .addOption(
      new Option('--timeout <duration>', 'how long it may take, such as 90s or 10m')
        .default(timeoutMs, `${timeoutMs / 1000}s`)
        .argParser(parseDuration),
    )
    .output(outputs, outputs === undefined ? 'text, or a line of JSON for each event' : undefined);
}

/** A duration such as `90s`, `10m`, `1h30m` or seconds alone, in milliseconds. */
function parseDuration(text: string): number {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(text);
  const [, hours, minutes, seconds] = match ?? [];
  const ms = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000;
  if (match === null || ms === 0)
    throw new InvalidArgumentError('Write a duration such as 90s, 10m or 1h30m.');
  return ms;
}

/** Builds the environment, opens the cluster and runs the work; gives the exit code. */
export async function runOnCluster(
  word: string,
  options: ClusterOptions,
  context: Context,
  work: (session: Session) => Promise<number>,
  {
    failed = exitCodes.wrongInput,
    outputs,
    readOnly,
    mayBeStale,
    all = false,
    mayBeUnbuilt = false,
    reportBy = (report) => report,
  }: ClusterCommand = {},
): Promise<number> {
  const { io, texts } = context;
  const { findingsOf } = await import('./cluster-errors.ts');
  const { createReport } = await import('../../print/cluster-report.ts');
  const { ledReport } = await import('../../../lifecycle/session/report.ts');
  // A command with formats of its own prints a document, beside which no events can stand.
  const hasEvents = options.output === 'json' && outputs === undefined;
  const { leadOf, openSession } = await import('../../../lifecycle/session/open-session.ts');
  const report = ledReport(reportBy(createReport(io, hasEvents, texts)), leadOf(options));
  const controller = new AbortController();
  const interrupts = listenForInterrupts(io, (reason) => {
    // A question that waits for an answer ends its line first.
    controller.abort(reason);
    report.say(
      readOnly ? 'interrupted' : 'interrupted; leaving the cluster tidy; the same command resumes it',
    );
  });
  const timer = startTimer(options, word, controller, readOnly);
  let session: Session | undefined;
  try {
    const choices = { ...options, all, mayBeUnbuilt, ...(mayBeStale === undefined ? {} : { mayBeStale }) };
    session = await openSession(word, choices, { env: io.env, cwd: io.cwd, report, texts, controller });
    return await work(session);
  } catch (error) {
    report.settle();
    const { code } = interrupts;
    if (code !== undefined) return code;
    report.findings(findingsOf(error));
    return failed;
  } finally {
    report.settle();
    clearTimeout(timer);
    interrupts.ignore();
    session?.client.close();
  }
}

/** Ends the work when its time is up. */
export function startTimer(
  { timeout = usualTimeoutMs }: ClusterOptions,
  word: string,
  controller: AbortController,
  readOnly: true | undefined,
): NodeJS.Timeout | undefined {
  if (!Number.isFinite(timeout)) return undefined;
  const timeIsUp = () => {
    const longer = 'give it longer with --timeout';
    const see = advise('timeout')`glyphoxa-kustomize status ${word}`;
    const hint = readOnly ? longer : `see ${see}, or ${longer}`;
    controller.abort(failure('timeout', `not done in ${timeout / 1000} s`, hint));
  };
  return setTimeout(timeIsUp, Math.min(timeout, longestTimerMs));
}

/** Asks on a terminal; undefined where nobody is there to ask. Ends with the signal, for its reason. */
export async function ask(io: Io, question: string, signal: AbortSignal): Promise<string | undefined> {
  if (!io.isTTY) return undefined;
  io.stderr.write(question);
  const answer = firstLine(io);
  // Where the terminal is given up, nobody waits for the answer any more.
  answer.catch(() => {});
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      io.stderr.write('\n');
      (io.stdin as { destroy?: () => void }).destroy?.();
      reject(signal.reason);
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

async function firstLine(io: Io): Promise<string | undefined> {
  for await (const chunk of io.stdin) return String(chunk).trim();
  // Ctrl-D leaves the cursor behind the question.
  io.stderr.write('\n');
  return undefined;
}
