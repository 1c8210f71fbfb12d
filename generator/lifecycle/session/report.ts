/** How a target tells what it does: lines for people, events for programs, a live picture on a terminal. */
import { type Lead, led } from '../../model/command.ts';
import type { Finding } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';

/** What a target says while it works. */
export interface Report {
  /** Progress: where, what is next, what is waited for. */
  say(message: string, data?: JsonObject): void;
  /** What was done to an object, or would be in a dry run: `created`, `configured`, `unchanged`, `pruned`, … */
  result(verb: string, object: string, data?: JsonObject): void;
  /** Something that needs attention and stops nothing. */
  warn(code: string, message: string, hint: string): void;
  /** Findings, errors among them. */
  findings(findings: readonly Finding[]): void;
  /**
   * How far a thing is that takes time. On a terminal its line is updated in place, elsewhere a line is printed
   * when the text changes.
   *
   * @param key what the line is about, such as a workload's name
   */
  progress(key: string, text: string, data?: JsonObject): void;
  /** Ends the live lines: what they last said stays on the screen. */
  settle(): void;
}

/** A report whose command lines lead to the environment and the cluster of the run. */
export function ledReport(report: Report, lead: Lead): Report {
  return {
    ...report,
    say: (message, data) => report.say(led(message, lead), led(data, lead)),
    result: (verb, object, data) => report.result(verb, object, led(data, lead)),
    warn: (code, message, hint) => report.warn(code, led(message, lead), led(hint, lead)),
    findings: (findings) => report.findings(led(findings, lead)),
  };
}
