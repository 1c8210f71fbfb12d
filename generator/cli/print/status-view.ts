/** Shows a status once, or again and again. */
import { pause } from '../../lifecycle/api/pause.ts';
import type { Report } from '../../lifecycle/session/report.ts';
import type { Session } from '../../lifecycle/session/session.ts';
import type { DriftAnswer } from '../../lifecycle/verbs/status/drift.ts';
import { readStatus, unknownStatus } from '../../lifecycle/verbs/status/read.ts';
import type { Health, Status } from '../../lifecycle/verbs/status/status.ts';
import { Failure } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import { writeYaml } from '../../model/yaml-writer.ts';
import type { Io } from '../io.ts';
import { formatStatus } from './format-status.ts';
import { openScreen, type Screen } from './screen.ts';

/** What of a command line decides how it is shown. */
export interface StatusViewOptions {
  readonly output?: string;
  readonly watch?: true;
  readonly strict?: boolean;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

/** A way to show a status. */
export interface StatusView {
  /** Leaves out what the status says itself, and keeps the rest from writing over the screen. */
  reportBy(report: Report): Report;
  /** Shows it, and gives the last health that was seen. With `watch` it runs until it is interrupted. */
  show(session: Session): Promise<Health>;
}

/** A dry run of everything is not made more often than this, in milliseconds. */
const driftEveryMs = 10_000;

/** Opens the view; writes nothing yet. */
export function openStatusView(io: Io, options: StatusViewOptions): StatusView {
  const isWatched = options.watch === true;
  const isText = options.output === undefined || options.output === 'text';
  const screen = isWatched && isText && io.screen?.() !== undefined ? openScreen(io) : undefined;
  return {
    reportBy: (report) => quiet(report, screen),
    show: (session) => {
      if (screen !== undefined) return watchOnScreen(session, io, screen, options);
      return isWatched ? watchChanges(session, io, options) : showOnce(session, io, options);
    },
  };
}

/** The status itself says where it is from. */
function quiet(report: Report, screen: Screen | undefined): Report {
  const isWhere = (data: JsonObject | undefined) => data?.server !== undefined;
  if (screen === undefined) {
    return { ...report, say: (message, data) => (isWhere(data) ? undefined : report.say(message, data)) };
  }
  return {
    ...report,
    say: (message, data) => (isWhere(data) ? undefined : screen.notice(message)),
    warn: (_code, message) => screen.notice(message),
  };
}

async function showOnce(
  session: Session,
  io: Io,
  { output, strict = false }: StatusViewOptions,
): Promise<Health> {
  const now = Date.now();
  try {
    const { status } = await readStatus(session, { strict, now });
    io.stdout.write(documentOf(status, io, output, now));
    return status.health;
  } catch (error) {
    // A program that reads the document learns that nothing is known; a person reads the error.
    const status = unknownStatus(session, wordsOf(error), now);
    if (output === 'json' || output === 'yaml') io.stdout.write(documentOf(status, io, output, now));
    throw error;
  }
}

/** A status in the format that was asked for; `compact` is JSON on one line, or a YAML document in a stream. */
function documentOf(
  status: Status,
  io: Io,
  output: string | undefined,
  now: number,
  compact = false,
): string {
  if (output === 'json') return `${JSON.stringify(status, null, compact ? 0 : 2)}\n`;
  if (output === 'yaml') return (compact ? '---\n' : '') + writeYaml(plain(status));
  const width = io.screen?.()?.columns ?? Number.POSITIVE_INFINITY;
  return `${formatStatus(status, { color: io.color, width, now }).join('\n')}\n`;
}

function plain(status: Status): JsonObject {
  return JSON.parse(JSON.stringify(status)) as JsonObject;
}

/** Writes the status each time that more than ages has changed. */
async function watchChanges(session: Session, io: Io, options: StatusViewOptions): Promise<Health> {
  let last = '';
  return watch(
    session,
    options,
    (status, now) => {
      const { at: _, ...rest } = status;
      const text = JSON.stringify(rest);
      if (text === last) return;
      const gap = last !== '' && options.output !== 'json' && options.output !== 'yaml' ? '\n' : '';
      last = text;
      io.stdout.write(gap + documentOf(status, io, options.output, now, true));
    },
    () => io.isUnread?.() === true,
  );
}

async function watchOnScreen(
  session: Session,
  io: Io,
  screen: Screen,
  options: StatusViewOptions,
): Promise<Health> {
  let shown: Status | undefined;
  const drawn = (width: number) =>
    shown === undefined ? ['…'] : formatStatus(shown, { color: io.color, width, now: Date.now() });
  screen.begin(drawn);
  try {
    return await watch(session, options, (status) => {
      shown = status;
      screen.notice('');
    });
  } finally {
    screen.end();
  }
}

/**
 * Looks again and again. A cluster that does not answer is unknown until it does.
 *
 * @param isOver whether nobody wants to see more. @default never
 */
async function watch(
  session: Session,
  { strict = false, interval }: StatusViewOptions,
  show: (status: Status, now: number) => void,
  isOver: () => boolean = () => false,
): Promise<Health> {
  const { signal } = session;
  let drift: DriftAnswer | undefined;
  let driftAt = Number.NEGATIVE_INFINITY;
  let health: Health = 'unknown';
  const tell = (status: Status, now: number) => {
    health = status.health;
    show(status, now);
  };
  while (!isOver()) {
    const now = Date.now();
    const isFresh = now - driftAt < driftEveryMs;
    try {
      const read = await readStatus(session, { strict, now, drift: isFresh ? drift : undefined });
      if (!isFresh) [drift, driftAt] = [read.drift, now];
      tell(read.status, now);
    } catch (error) {
      if (signal.aborted) throw error;
      tell(unknownStatus(session, wordsOf(error), now), now);
    }
    await pause(interval, signal);
  }
  return health;
}

function wordsOf(error: unknown): string {
  if (error instanceof Failure) return error.findings.map(({ message }) => message).join('; ');
  return error instanceof Error ? error.message : String(error);
}
