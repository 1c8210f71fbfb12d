import { printable } from './characters.ts';
import { formatPath, type Path } from './json.ts';
import { nameSome } from './names.ts';

/** Errors stop everything; warnings are reported and the work continues. */
export type Severity = 'error' | 'warning';

/** Where a value stands: lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

/** What is wrong with a value, and what to do. */
export interface Fault {
  /** What is wrong: lower case, no full stop. */
  readonly message: string;
  /** What to do about it: lower case, no full stop. */
  readonly hint: string;
}

/**
 * One thing that is wrong with what a person wrote. No field ever holds the value of a secret.
 */
export interface Finding extends Fault {
  /** Stable name of the rule, in kebab-case; tests and users' filters rely on it. */
  readonly code: string;
  readonly severity: Severity;
  /** The value it is about; empty for the whole document. */
  readonly path: Path;
  /** Lines that show it, such as the end of a log: shown as they stand, below the message. */
  readonly details?: readonly string[];
  /** Where the value stands in its file, when that is known. */
  readonly position?: Position;
  /** The environments whose layer, or whose merge with the resource, it came from; absent where it is the resource's. */
  readonly environments?: readonly string[];
  /** The same of tenants, by their ids. */
  readonly tenants?: readonly string[];
  /**
   * Whether the value at `path` may be shown in its source line; what the schema says of secrets is kept out of the
   * line in any case. Absent where the path is none of the file, and then no value of the line is shown.
   */
  readonly showSource?: boolean;
}

/** Expected problems with input, all of them at once. Commands print the findings and exit non-zero. */
export class Failure extends Error {
  readonly findings: readonly Finding[];
  /** What was edited by hand, as a unified diff, where that is in the way. */
  readonly diff?: string;

  constructor(findings: readonly Finding[]) {
    super(findings.map((finding) => formatFinding(finding)).join('\n'));
    this.name = 'Failure';
    this.findings = findings;
  }
}

/** Shorthand for a Failure of a single error. */
export function failure(code: string, message: string, hint: string, path: Path = []): Failure {
  return new Failure([{ code, severity: 'error', path, message, hint }]);
}

/** Whether any of the findings is an error. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}

/** Whether something that was thrown is a Failure with a finding of that code. */
export function hasCode(error: unknown, code: string): error is Failure {
  return error instanceof Failure && error.findings.some((finding) => finding.code === code);
}

/** What a check found, as a list. */
export function faults(fault: Fault | undefined): Fault[] {
  return fault === undefined ? [] : [fault];
}

/** What is wrong, and what to do, on one line. */
export function faultText({ message, hint }: Fault): string {
  return `${message}; ${hint}`;
}

/** A finding on one line: `FILE:LINE:COL: error CODE: PATH: message; hint`. Without a position the file is left out. */
export function formatFinding(finding: Finding): string {
  return printable(`${formatHeadline(finding)}; ${finding.hint}`);
}

/** The first line of a finding's report: position, severity, code, path and message, without the hint. */
export function formatHeadline(finding: Finding): string {
  const { position, path } = finding;
  const where = position === undefined ? '' : `${position.file}:${position.line}:${position.col}: `;
  const value = path.length === 0 ? '' : `${formatPath(path)}: `;
  return `${where}${finding.severity} ${finding.code}: ${value}${finding.message}${whoseWords(finding)}`;
}

/** Whom a finding is about, in brackets behind it; nothing where that is nobody in particular. */
export function whoseWords({ environments = [], tenants = [] }: Finding): string {
  const details = [
    ...(environments.length === 0 ? [] : [environmentWords(environments)]),
    ...(tenants.length === 0 ? [] : [`tenant${tenants.length === 1 ? '' : 's'} ${nameSome(tenants, 5)}`]),
  ];
  return details.length === 0 ? '' : ` (${details.join('; ')})`;
}

/** `environment staging`, `environments production, staging`. */
export function environmentWords(names: readonly string[]): string {
  return `environment${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
}

/** Each finding once, in its first place: what several environments or tenants have in common names all of them. */
export function uniqueFindings(findings: readonly Finding[]): Finding[] {
  const unique = new Map<string, { rest: Finding; environments: Set<string>; tenants: Set<string> }>();
  for (const { environments = [], tenants = [], ...rest } of findings) {
    const key = JSON.stringify([rest, environments.length + tenants.length === 0]);
    const known = unique.get(key) ?? { rest, environments: new Set(), tenants: new Set() };
    for (const name of environments) known.environments.add(name);
    for (const id of tenants) known.tenants.add(id);
    unique.set(key, known);
  }
  return [...unique.values()].map(({ rest, environments, tenants }) => ({
    ...rest,
    ...(environments.size === 0 ? {} : { environments: [...environments].sort() }),
    ...(tenants.size === 0 ? {} : { tenants: [...tenants].sort() }),
  }));
}

/** Findings in the order of their files and positions, errors before warnings at one place; the rest keeps its order. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const rank = (f: Finding) => (f.severity === 'error' ? 0 : 1);
  return [...findings].sort((a, b) => {
    const [p, q] = [a.position, b.position];
    if (p === undefined || q === undefined) return (p === undefined ? 1 : 0) - (q === undefined ? 1 : 0);
    if (p.file !== q.file) return p.file < q.file ? -1 : 1;
    return p.line - q.line || p.col - q.col || rank(a) - rank(b);
  });
}

/** A finding about no place in a file: of `check`, or of a cluster. */
export function finding(code: string, message: string, hint: string, severity: Severity = 'error'): Finding {
  return { code, severity, path: [], message, hint };
}
