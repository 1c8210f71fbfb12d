/** A {@link Report} on standard output and standard error. */
import { createColors } from 'picocolors';
import type { Report } from '../cluster/report.ts';
import type { JsonObject } from '../model/json.ts';
import type { Io } from './io.ts';
import { findingsAsJson, printFindings } from './print-findings.ts';
import { printable } from './source-line.ts';

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
    warn: (code, message, hint) =>
      event('warning', { code, message, ...(hint === undefined ? {} : { hint }) }),
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
  const live = new Map<string, string>();
  const isLive = io.isTTY && io.env.TERM !== 'dumb';
  const erase = () => {
    if (isLive && live.size > 0) io.stderr.write(`\x1b[${live.size}A\x1b[J`);
  };
  const draw = () => {
    if (isLive) for (const line of live.values()) io.stderr.write(`${line}\n`);
  };
  const above = (write: () => void) => {
    erase();
    write();
    draw();
  };
  return {
    say: (message) => above(() => io.stderr.write(`${printable(message)}\n`)),
    result: (verb, object) => {
      const paint = colors[paints[verb as keyof typeof paints] ?? 'dim'];
      above(() => io.stdout.write(`${printable(object)} ${paint(verb)}\n`));
    },
    warn: (code, message, hint) =>
      above(() =>
        printFindings(
          [{ code, severity: 'warning', path: [], message, ...(hint === undefined ? {} : { hint }) }],
          io,
        ),
      ),
    findings: (findings) => above(() => printFindings(findings, io, texts)),
    progress: (key, text) => {
      const line = printable(`${key}: ${text}`);
      if (!isLive) {
        if (live.get(key) !== line) io.stderr.write(`${line}\n`);
        live.set(key, line);
        return;
      }
      erase();
      live.set(key, line.slice(0, Math.max(20, (process.stderr.columns ?? 100) - 1)));
      draw();
    },
    settle: () => live.clear(),
  };
}
