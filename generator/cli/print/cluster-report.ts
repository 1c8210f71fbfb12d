/** A {@link Report} on standard output and standard error. */
import { createColors } from 'picocolors';
import type { Report } from '../../lifecycle/session/report.ts';
import { printable } from '../../model/characters.ts';
import { finding } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Io } from '../io.ts';
import { ageOf } from './age.ts';
import { openLiveLines } from './live-lines.ts';
import { findingsAsJson, printFindings } from './print-findings.ts';
import { drawLines, piece, wrapped } from './text-table.ts';

/** How long nothing may be said, where lines stay, of a thing that takes time, in milliseconds. */
const repeatMs = 30_000;

/** What was done, in colour: green for what is new, yellow for what differs, red for what goes. */
const paints = {
  created: 'green',
  configured: 'yellow',
  scaled: 'yellow',
  restarted: 'yellow',
  pruned: 'red',
  deleted: 'red',
} as const;

/**
 * Lines for people, or with `json` one line of JSON for each event, on standard output alone.
 *
 * @param texts the files that findings point into
 */
export function createReport(io: Io, json: boolean, texts: ReadonlyMap<string, string>): Report {
  return json ? jsonReport(io) : textReport(io, texts);
}

function jsonReport(io: Io): Report {
  const last = new Map<string, string>();
  const event = (type: string, data: JsonObject) => {
    io.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), type, ...data })}\n`);
  };
  return {
    say: (message, data) => event('message', { message, ...data }),
    result: (verb, object, data) => event('result', { verb, object, ...data }),
    warn: (code, message, hint) => event('warning', { code, message, hint }),
    findings: (findings) => {
      const { findings: listed } = JSON.parse(findingsAsJson(findings)) as { findings: JsonObject[] };
      for (const finding of listed) event('finding', finding);
    },
    progress: (key, text, data) => {
      if (last.get(key) === text) return;
      last.set(key, text);
      event('progress', { object: key, message: text, ...data });
    },
    settle: () => {},
  };
}

function textReport(io: Io, texts: ReadonlyMap<string, string>): Report {
  const colors = createColors(io.color);
  const isLive = io.stderr.columns !== undefined && io.env.TERM !== 'dumb';
  const live = openLiveLines(io.stderr);
  const last = new Map<string, { text: string | undefined; since: number; toldAt: number }>();
  return {
    say: (message) => {
      // A list's lines stay below each other where they go on in another line.
      const indent = /^ */.exec(message)?.[0] ?? '';
      const lines = wrapped(
        printable(message.trimStart()),
        (io.stderr.columns || Number.POSITIVE_INFINITY) - indent.length,
      );
      live.above(() => io.stderr.write(lines.map((line) => `${indent}${line}\n`).join('')));
    },
    result: (verb, object) => {
      const paint = colors[paints[verb as keyof typeof paints] ?? 'dim'];
      live.above(() => io.stdout.write(`${printable(object)} ${paint(verb)}\n`));
    },
    warn: (code, message, hint) =>
      live.above(() => printFindings([finding(code, message, hint, 'warning')], io)),
    findings: (findings) => live.above(() => printFindings(findings, io, texts)),
    progress: (key, text, data) => {
      const now = performance.now();
      const before = last.get(key) ?? { text: undefined, since: now, toldAt: now };
      const isDone = data?.done === true;
      const ms = now - before.since;
      // A line that stays tells news by its text; only that nothing is new is told with the time.
      const isSame = before.text === text;
      const elapsed =
        isDone || ms < 1000 || (!isLive && !isSame) ? '' : ` (${ageOf(new Date(0).toISOString(), ms)})`;
      const line = [
        piece(`${key}: `),
        piece(text, isDone ? colors.green : undefined),
        piece(elapsed, colors.dim),
      ];
      const lineFor = (width: number) => drawLines([line], width).join('');
      const isNews = !isSame || (!isDone && now - before.toldAt >= repeatMs);
      if (isLive) live.set(key, lineFor);
      else if (isNews) io.stderr.write(`${lineFor(Number.POSITIVE_INFINITY)}\n`);
      last.set(key, { text, since: before.since, toldAt: isNews ? now : before.toldAt });
    },
    settle: () => {
      live.end();
      last.clear();
    },
  };
}
