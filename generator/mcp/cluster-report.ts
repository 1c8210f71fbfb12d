/** What a command on a cluster says, as an answer has it. */
import type { Report } from '../lifecycle/session/report.ts';
import { type Finding, finding } from '../model/finding.ts';

/** A report that keeps what it was told. */
export interface KeptReport extends Report {
  /** What was said and done, in its order. */
  readonly lines: readonly string[];
  readonly found: readonly Finding[];
  /** What was done or would be, and to which voice sessions: without words that change with the time. */
  readonly facts: readonly string[];
}

/**
 * Makes a report.
 *
 * @param tell takes each line while the command works
 */
export function keepReport(tell: (line: string) => void): KeptReport {
  const lines: string[] = [];
  const found: Finding[] = [];
  const facts: string[] = [];
  const last = new Map<string, string>();
  const keep = (line: string) => {
    lines.push(line);
    tell(line);
  };
  return {
    lines,
    found,
    facts,
    say: (line, data) => {
      if (data?.session !== undefined) facts.push(String(data.session));
      keep(line);
    },
    result: (verb, object) => {
      facts.push(`${object} ${verb}`);
      keep(`${object} ${verb}`);
    },
    warn: (code, message, hint) => void found.push(finding(code, message, hint, 'warning')),
    findings: (some) => void found.push(...some),
    progress: (key, text) => {
      if (last.get(key) === text) return;
      last.set(key, text);
      tell(`${key}: ${text}`);
    },
    settle: () => {},
  };
}
