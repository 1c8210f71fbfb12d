/** How a deployment is, as one screen of text. */

import { createColors } from 'picocolors';
import type { AutoscalerStatus } from '../../lifecycle/verbs/status/autoscalers.ts';
import { type Drift, isAsWanted } from '../../lifecycle/verbs/status/drift.ts';
import type { Part, Status } from '../../lifecycle/verbs/status/status.ts';
import type { WorkloadStatus } from '../../lifecycle/verbs/status/workloads.ts';
import { splitImage } from '../../model/image.ts';
import { ageOf } from './age.ts';
import { type Colors, drawLines, type Line, piece, tableLines, widthOf, wrappedLines } from './text-table.ts';

/** How it is written. */
export interface StatusLook {
  readonly color: boolean;
  /** The screen's columns. @default no limit */
  readonly width?: number;
  /** What ages are counted to, in milliseconds. */
  readonly now: number;
}

/** The most pods, sessions and objects that are listed one by one. */
const [mostPods, mostSessions, mostObjects] = [12, 12, 4];

/** Writes the lines of a status. */
export function formatStatus(
  status: Status,
  { color, width = Number.POSITIVE_INFINITY, now }: StatusLook,
): string[] {
  const colors = createColors(color);
  const look = {
    colors,
    width,
    age: (since: string | undefined) => (since === undefined ? '' : ageOf(since, now)),
  };
  const blocks = [
    headLines(status, look),
    workloadLines(status, look),
    podLines(status, look),
    sessionLines(status, look),
    factLines(status, look),
    warningLines(status, look),
  ];
  const lines = blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : [[], ...block]));
  return drawLines(lines, width);
}

interface Look {
  readonly colors: Colors;
  readonly width: number;
  age(since: string | undefined): string;
}

function headLines(status: Status, { colors, width }: Look): Line[] {
  const { health, release, namespace, context, topology, environment, problems, unknown } = status;
  const paint = { healthy: colors.green, unhealthy: colors.red, unknown: colors.yellow }[health];
  const where = `${environment}: namespace ${namespace} of ${context}${topology === undefined ? '' : `, ${topology} topology`}`;
  return [
    [piece(release, colors.bold), piece(' is '), piece(health, (text) => colors.bold(paint(text)))],
    ...wrappedLines(piece('  '), piece(where, colors.dim), width),
    ...problems.flatMap((problem) => wrappedLines(piece('  ✗ ', colors.red), piece(problem), width)),
    ...unknown.flatMap(({ part, why }) =>
      wrappedLines(piece('  ? ', colors.yellow), piece(`${partNames[part]}: ${why}`), width),
    ),
  ];
}

const partNames: { readonly [part in Part]: string } = {
  cluster: 'the cluster',
  inventory: 'whether it is stopped',
  workloads: 'workloads',
  workers: 'the worker template',
  sessions: 'voice sessions',
  database: 'the database',
  autoscalers: 'autoscaling',
  secrets: 'secrets',
  warnings: 'warnings',
  drift: 'drift',
};

function heading(...names: string[]): Line {
  return names.map((name) => piece(name));
}

/** The lines of each row of a table, the first of which is its heading. */
function table(rows: readonly Line[], { colors, width }: Look): Line[][] {
  const [head = [], ...body] = tableLines(rows, width);
  return [head.map((line) => line.map(({ text }) => piece(text, colors.dim))), ...body];
}

function workloadLines({ workloads = [] }: Status, look: Look): Line[] {
  if (workloads.length === 0) return [];
  const rows = workloads.map((workload): Line => {
    const { name, version = '', ready, desired, isDone, since } = workload;
    const count = desired === undefined ? `${ready} session${ready === 1 ? '' : 's'}` : `${ready}/${desired}`;
    const paint = !isDone ? look.colors.red : desired === 0 ? look.colors.yellow : undefined;
    return [
      piece(name),
      piece(shownImage(workload)),
      piece(version.replace(/^(sha\d+:.{12}).*/, '$1')),
      piece(workload.isThere ? count : 'missing', paint),
      piece(look.age(since)),
    ];
  });
  return table([heading('WORKLOAD', 'IMAGE', 'VERSION', 'READY', 'AGE'), ...rows], look).flat();
}

/** The image without the tag or digest that the version repeats. */
function shownImage({ image, version }: WorkloadStatus): string {
  if (image === undefined) return '';
  const { repository, tag, digest } = splitImage(image);
  return (tag ?? digest) === version ? repository : image;
}

function podLines({ pods = [] }: Status, look: Look): Line[] {
  if (pods.length === 0) return [];
  const { colors } = look;
  // those with troubles first, so that they are not among those that are left out
  const sorted = [...pods].sort(
    (a, b) => Number(a.isReady) - Number(b.isReady) || (a.name < b.name ? -1 : 1),
  );
  const shown = sorted.slice(0, mostPods);
  const rows = shown.map(
    ({ name, status, isReady, restarts, since }): Line => [
      piece(name),
      piece(status, isReady ? undefined : colors.yellow),
      piece(String(restarts), restarts > 0 ? colors.yellow : undefined),
      piece(look.age(since)),
    ],
  );
  const [head, ...body] = table([heading('POD', 'STATUS', 'RESTARTS', 'AGE'), ...rows], look);
  const told = new Set<string>();
  // Pods of a workload often have the same trouble: one of them has it in full.
  const problemLines = (problem: string): Line[] => {
    const text = piece(problem, colors.yellow);
    if (told.has(problem)) return [[piece('    '), text]];
    told.add(problem);
    return wrappedLines(piece('    '), text, look.width);
  };
  const lines = body.flatMap((row, index): Line[] => [
    ...row,
    ...(shown[index]?.problems ?? []).flatMap(problemLines),
  ]);
  return [...(head ?? []), ...lines, ...andMore(sorted.length - shown.length, 'pod', look)];
}

function sessionLines({ sessions }: Status, look: Look): Line[] {
  if (sessions === undefined) return [];
  const { colors } = look;
  if (sessions.length === 0) return [[piece('no voice sessions', colors.dim)]];
  // the newest are those that are waited for
  const shown = sessions.slice(-mostSessions);
  const rows = shown.map(({ id, tenant = '', phase, reason, since }): Line => {
    const paint = phase === 'failed' ? colors.red : phase === 'running' ? colors.green : colors.yellow;
    const word = reason === undefined ? phase : `${phase} (${reason})`;
    return [
      piece(id),
      piece(tenant),
      piece(word, phase === 'ended' ? colors.dim : paint),
      piece(look.age(since)),
    ];
  });
  return [
    ...table([heading('SESSION', 'TENANT', 'PHASE', 'AGE'), ...rows], look).flat(),
    ...andMore(sessions.length - shown.length, 'older session', look),
  ];
}

function andMore(number: number, noun: string, { colors }: Look): Line[] {
  return number > 0 ? [[piece(`… and ${number} ${noun}${number === 1 ? '' : 's'} more`, colors.dim)]] : [];
}

function factLines(status: Status, { colors, width }: Look): Line[] {
  const fact = (name: string, text: string, isFine: boolean) =>
    wrappedLines(piece(name.padEnd(13), colors.dim), piece(text, isFine ? undefined : colors.yellow), width);
  const { database, autoscalers = [], missingSecrets, drift, treeDrift } = status;
  const lines: Line[] = [];
  if (database !== undefined) lines.push(...fact('database', databaseText(database), isWhole(database)));
  for (const scaler of autoscalers)
    lines.push(...fact('autoscaling', scalerText(scaler), scaler.isThere && scaler.troubles.length === 0));
  if (missingSecrets !== undefined) {
    const names = missingSecrets.map(({ name, keys, isThere }) =>
      isThere ? `${name} (${keys.join(', ')})` : name,
    );
    lines.push(
      ...fact(
        'secrets',
        names.length === 0 ? 'all there' : `missing: ${names.join(', ')}`,
        names.length === 0,
      ),
    );
  }
  if (drift !== undefined) lines.push(...fact('drift', driftText(drift), isAsWanted(drift)));
  if (drift?.membership !== undefined)
    lines.push(...fact('members', `${drift.membership}; an apply restores it`, false));
  if (treeDrift !== undefined) lines.push(...fact('tree', treeDrift.join('; '), false));
  return lines;
}

function databaseText({
  provider,
  name,
  isThere,
  ready = 0,
  instances = 0,
  phase,
}: NonNullable<Status['database']>) {
  if (name === undefined) return 'outside of the cluster, unchecked';
  const what = provider === 'bitnami' ? `StatefulSet ${name}` : `CloudNativePG cluster ${name}`;
  if (isThere !== true) return `${what} is not there`;
  return `${what}: ${ready} of ${instances} ready${phase === undefined ? '' : ` (${phase})`}`;
}

function isWhole({ name, ready = 0, instances = 1 }: NonNullable<Status['database']>): boolean {
  return name === undefined || ready >= instances;
}

function scalerText({
  target,
  isThere,
  current,
  desired,
  min,
  max,
  metrics,
  troubles,
}: AutoscalerStatus): string {
  if (!isThere) return `${target}: not there`;
  const now = desired === undefined || desired === current ? current : `${current} → ${desired}`;
  const numbers = current === undefined ? `${min} to ${max}` : `${now} of ${min} to ${max}`;
  return [`${target}: ${numbers}`, ...metrics, ...troubles].join('; ');
}

function driftText(drift: Drift): string {
  if (isAsWanted(drift)) return 'none: what runs is what the environment says';
  const { missing, different, extra } = drift;
  const some = (what: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [
          `${what} ${names.slice(0, mostObjects).map(shortest).join(', ')}${names.length > mostObjects ? ` and ${names.length - mostObjects} more` : ''}`,
        ];
  const names = different.map(({ object }) => object);
  return [...some('differs:', names), ...some('missing:', missing), ...some('not listed:', extra)].join('; ');
}

/** `deployment.apps/x` as `deployment/x`. */
function shortest(object: string): string {
  return object.replace(/^([^./]+)\.[^/]*\//, '$1/');
}

function warningLines({ warnings = [] }: Status, look: Look): Line[] {
  if (warnings.length === 0) return [];
  const rows = warnings.map(
    ({ last, reason, object, count }): Line => [
      piece(look.age(last)),
      piece(count > 1 ? `${reason} ×${count}` : reason, look.colors.yellow),
      piece(object),
    ],
  );
  const full = rows.map((row, index): Line => [...row, piece(warnings[index]?.message ?? '')]);
  const lines = [heading('LAST', 'WARNING', 'OBJECT', 'MESSAGE'), ...full];
  if (widthOf(lines) <= look.width) return table(lines, look).flat();
  const [head = [], ...body] = table([heading('LAST', 'WARNING', 'OBJECT'), ...rows], look);
  const messages = warnings.map(({ message }) => wrappedLines(piece('    '), piece(message), look.width));
  return [...head, ...body.flatMap((row, index) => [...row, ...(messages[index] ?? [])])];
}
