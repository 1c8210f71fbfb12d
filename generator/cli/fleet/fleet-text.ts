/** What people read of many tenants: a line for each that has ended, and on a terminal one for each that is worked on. */
import { createColors } from 'picocolors';
import type { Report } from '../../lifecycle/session/report.ts';
import type { Outcome, WaveEvents } from '../../lifecycle/session/run-waves.ts';
import { printable } from '../../model/characters.ts';
import { type Finding, finding, uniqueFindings } from '../../model/finding.ts';
import { nameSome } from '../../model/names.ts';
import { findingsOf } from '../commands/shared/cluster-errors.ts';
import type { Io, Writer } from '../io.ts';
import { createReport } from '../print/cluster-report.ts';
import { type LiveLines, openLiveLines } from '../print/live-lines.ts';
import { printFindings } from '../print/print-findings.ts';
import { drawLines, piece } from '../print/text-table.ts';
import { counting, countsOf } from './fleet-counts.ts';

/** A report of a run on a fleet. */
export interface FleetReport extends WaveEvents<unknown> {
  /** Of what is about no tenant in particular. */
  readonly whole: Report;
  /** Of one tenant, which has begun. */
  of(id: string): Report;
  /** Says what was done and what was not. */
  end(outcomes: ReadonlyMap<string, Outcome<unknown>>): void;
  /** Ends the live lines. */
  settle(): void;
}

/** What a report is made of. */
export interface FleetTelling {
  readonly io: Io;
  /** Where the line of a tenant that has ended goes. */
  readonly lines: Writer;
  /** The files that findings point into. */
  readonly texts: ReadonlyMap<string, string>;
  /** What came of a tenant, in words, and how many objects were so and so. */
  readonly summarize: (value: unknown, counts: ReadonlyMap<string, number>) => string;
  /** Whether the same command does what is left. */
  readonly isResumable: boolean;
  /** Makes the command lines of a report lead to the cluster. */
  readonly led: (report: Report) => Report;
}

/** How long nothing may be told, where lines stay, in milliseconds. */
const repeatMs = 30_000;

/** What is known of a tenant that is worked on. */
interface Running {
  readonly since: number;
  /** What it does. */
  text: string;
  readonly counts: Map<string, number>;
  /** What is wrong with it, or worth knowing. */
  readonly findings: Finding[];
}

/** The wave that runs. */
interface Progress {
  readonly name: string;
  readonly all: number;
  ended: number;
  failed: number;
}

/** Makes the report; nothing is written yet. */
export function createFleetText(telling: FleetTelling): FleetReport {
  const { io, texts, led } = telling;
  const running = new Map<string, Running>();
  const found: Finding[] = [];
  const screen = openScreen(telling, running);
  let progress: Progress = { name: '', all: 0, ended: 0, failed: 0 };
  const plain = led(createReport(io, false, texts));
  return {
    whole: {
      ...plain,
      say: (message, data) => screen.say(() => plain.say(message, data)),
      findings: (findings) => screen.say(() => plain.findings(findings)),
    },
    of(id) {
      const one = running.get(id) as Running;
      const show = (text: string) => {
        one.text = text;
        if (running.has(id)) screen.draw(id, text);
      };
      return counting(led(silent(id, one, show)), one.counts);
    },
    waveBegins({ name, tenants }) {
      const shown = name === undefined ? 'tenants' : `wave ${name}`;
      progress = { name: shown, all: tenants.length, ended: 0, failed: 0 };
      screen.begin(progress);
    },
    begins(id) {
      running.set(id, { since: performance.now(), text: 'begun', counts: new Map(), findings: [] });
      screen.draw(progress.name, summary(progress, running));
      screen.draw(id, 'begun');
    },
    ends(id, outcome) {
      const one = running.get(id) as Running;
      running.delete(id);
      progress.ended += 1;
      if (outcome.state === 'failed') {
        progress.failed += 1;
        one.findings.push(...findingsOf(outcome.error).map((finding) => ({ ...finding, tenants: [id] })));
      }
      found.push(...one.findings);
      screen.drop(id);
      screen.say(() => telling.lines.write(endedLine(id, outcome, one, telling)));
      screen.draw(progress.name, summary(progress, running));
    },
    waveEnds() {
      screen.drop(progress.name);
      const unique = uniqueFindings(found.splice(0));
      if (unique.length > 0) screen.say(() => printFindings(unique, io, texts));
    },
    waveIsSkipped({ name, tenants }) {
      if (name !== undefined)
        screen.say(() => io.stderr.write(`wave ${name}: not begun, ${counted(tenants.length)}\n`));
    },
    end(outcomes) {
      screen.end();
      io.stderr.write(`${endWords(outcomes, telling.isResumable)}\n`);
    },
    settle: () => screen.end(),
  };
}

/** Live lines on a terminal; elsewhere a line now and then. */
function openScreen(
  { io }: FleetTelling,
  running: ReadonlyMap<string, Running>,
): Omit<LiveLines, 'above' | 'set'> & {
  say(write: () => void): void;
  draw(key: string, text: string): void;
  begin(progress: Progress): void;
} {
  const isLive = io.stderr.columns !== undefined && io.env.TERM !== 'dumb';
  const live = openLiveLines(io.stderr);
  let toldAt = performance.now();
  let wave: Progress | undefined;
  const say = (write: () => void) => {
    toldAt = performance.now();
    live.above(write);
  };
  const beat = setInterval(() => {
    if (isLive || wave === undefined || running.size === 0 || performance.now() - toldAt < repeatMs) return;
    const names = [...running].map(([id, { text }]) => `${id} (${printable(text)})`);
    const line = `${wave.name}: ${summary(wave, running)}: ${nameSome(names, 5)}\n`;
    say(() => io.stderr.write(line));
  }, 1_000);
  beat.unref();
  return {
    say,
    draw(key, text) {
      if (isLive) live.set(key, (width) => drawLines([[piece(`${key}: `), piece(text)]], width).join(''));
    },
    drop: (key) => live.drop(key),
    begin(progress) {
      wave = progress;
      if (isLive) return;
      if (progress.name.startsWith('wave '))
        say(() => io.stderr.write(`${progress.name}: ${counted(progress.all)}\n`));
    },
    end() {
      clearInterval(beat);
      live.end();
    },
  };
}

function counted(tenants: number): string {
  return `${tenants} tenant${tenants === 1 ? '' : 's'}`;
}

function summary({ all, ended, failed }: Progress, running: ReadonlyMap<string, Running>): string {
  return `${ended} of ${all} done${failed === 0 ? '' : `, ${failed} failed`}, ${running.size} running`;
}

/** The report of one tenant: what it does, and no more until it has ended. */
function silent(id: string, { findings }: Running, show: (text: string) => void): Report {
  const note = (more: readonly Finding[]) => {
    findings.push(...more.map((finding) => ({ ...finding, tenants: [id] })));
  };
  return {
    say: (message, data) => (data?.server === undefined ? show(message.trim()) : undefined),
    result: () => {},
    warn: (code, message, hint) => note([finding(code, message, hint, 'warning')]),
    findings: note,
    progress: (key, text) => show(`${key}: ${text}`),
    settle: () => {},
  };
}

function endedLine(
  id: string,
  outcome: Outcome<unknown>,
  { counts, findings, since }: Running,
  { io, summarize }: FleetTelling,
): string {
  const colors = createColors(io.color);
  const seconds = Math.round((performance.now() - since) / 1000);
  const time = seconds < 1 ? '' : colors.dim(` (${seconds} s)`);
  const line = (paint: (text: string) => string, text: string) => `${id}: ${paint(printable(text))}${time}\n`;
  if (outcome.state === 'done') return line(colors.green, summarize(outcome.value, counts));
  if (outcome.state !== 'failed') return line(colors.yellow, 'interrupted');
  const errors = findings.filter(({ severity }) => severity === 'error');
  const more = errors.length < 2 ? '' : ` (and ${errors.length - 1} more)`;
  return line(colors.red, `failed: ${errors[0]?.message}${more}`);
}

/** `3 done, 1 failed (acme), 2 not begun (b, c)`. */
function endWords(outcomes: ReadonlyMap<string, Outcome<unknown>>, isResumable: boolean): string {
  const { done, failed, interrupted, notBegun } = countsOf(outcomes);
  const some = (number: number, word: string, state: Outcome<unknown>['state']) => {
    const ids = [...outcomes].filter(([, outcome]) => outcome.state === state).map(([id]) => id);
    return number === 0 ? [] : [`${number} ${word} (${nameSome(ids, 5)})`];
  };
  const parts = [
    `${done} done`,
    ...some(failed, 'failed', 'failed'),
    ...some(interrupted, 'interrupted', 'interrupted'),
    ...some(notBegun, 'not begun', 'not-begun'),
  ];
  const isLeft = isResumable && failed + interrupted + notBegun > 0;
  return `${parts.join(', ')}${isLeft ? '; the same command continues with what is left' : ''}`;
}
