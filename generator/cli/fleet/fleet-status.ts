/** Shows how the tenants of a fleet are, as a table or as a document. */
import { createColors } from 'picocolors';
import type { TenantState, TenantStatus } from '../../lifecycle/verbs/status/fleet.ts';
import type { Health } from '../../lifecycle/verbs/status/status.ts';
import { nameSome } from '../../model/names.ts';
import type { ClusterOptions } from '../commands/shared/cluster-command.ts';
import { startTimer } from '../commands/shared/cluster-command.ts';
import type { Context } from '../context.ts';
import { listenForInterrupts } from '../interrupts.ts';
import type { Io } from '../io.ts';
import { drawLines, type Line, piece, tableLines } from '../print/text-table.ts';

/** What of a command line decides. */
export interface FleetStatusOptions extends ClusterOptions {
  readonly wave?: string;
}

/** What the exit codes mean, as those of `status`. */
const ends: { readonly [health in Health]: number } = { healthy: 0, unhealthy: 1, unknown: 2 };

/** Reads and shows it; gives the exit code. */
export async function showFleetStatus(options: FleetStatusOptions, { io, texts }: Context): Promise<number> {
  const { createReport } = await import('../print/cluster-report.ts');
  const { findingsOf } = await import('../commands/shared/cluster-errors.ts');
  const { openFleetSession } = await import('../../lifecycle/session/open-fleet.ts');
  const { readFleetStatus } = await import('../../lifecycle/verbs/status/fleet.ts');
  const report = { ...createReport(io, false, texts), say: () => {} };
  const controller = new AbortController();
  const interrupts = listenForInterrupts(io, (reason) => controller.abort(reason));
  const timer = startTimer({ timeout: 60_000, ...options }, '', controller, true);
  let client: { close(): void } | undefined;
  try {
    const world = { env: io.env, cwd: io.cwd, report, texts, controller };
    const session = await openFleetSession({ ...options, mayBeStale: 'shown' }, world);
    client = session.client;
    const tenants = await readFleetStatus(session);
    const health = healthOf(tenants);
    const { context, server } = session.access;
    const at = new Date(Date.now() + session.client.clockSkewMs()).toISOString().replace(/\.\d+/, '');
    await write({ at, context, server, health, tenants }, options.output, io);
    const { below } = session.fleet.staleness;
    report.findings(below.map((finding) => ({ ...finding, severity: 'warning' })));
    return ends[health];
  } catch (error) {
    if (interrupts.code !== undefined) return interrupts.code;
    report.findings(findingsOf(error));
    return ends.unknown;
  } finally {
    clearTimeout(timer);
    interrupts.ignore();
    client?.close();
  }
}

/** What is known to be wrong outweighs what is not known. */
function healthOf(tenants: readonly TenantStatus[]): Health {
  const has = (health: Health) => tenants.some((tenant) => tenant.health === health);
  return has('unhealthy') ? 'unhealthy' : has('unknown') ? 'unknown' : 'healthy';
}

interface FleetDocument {
  readonly at: string;
  readonly context: string;
  readonly server: string;
  readonly health: Health;
  readonly tenants: readonly TenantStatus[];
}

async function write(document: FleetDocument, output: string | undefined, io: Io): Promise<void> {
  const plain = JSON.stringify(document, null, 2);
  if (output === 'json') io.stdout.write(`${plain}\n`);
  else if (output === 'yaml') {
    const { writeYaml } = await import('../../model/yaml-writer.ts');
    io.stdout.write(writeYaml(JSON.parse(plain)));
  } else {
    const width = io.screen?.()?.columns ?? Number.POSITIVE_INFINITY;
    for (const line of fleetLines(document.tenants, { color: io.color, width })) io.stdout.write(`${line}\n`);
    io.stderr.write(`${summary(document.tenants)}\n`);
  }
}

/** A line for each tenant. */
function fleetLines(
  tenants: readonly TenantStatus[],
  { color, width }: { readonly color: boolean; readonly width: number },
): string[] {
  const colors = createColors(color);
  const paints: { readonly [state in TenantState]: (text: string) => string } = {
    healthy: colors.green,
    unhealthy: colors.red,
    stopped: colors.yellow,
    'not deployed': colors.yellow,
    unknown: colors.yellow,
  };
  const hasWaves = tenants.some(({ wave }) => wave !== undefined);
  const row = (cells: readonly Line[]): Line => cells.flat();
  const rows = tenants.map((tenant) =>
    row([
      [piece(tenant.tenant)],
      hasWaves ? [piece(tenant.wave ?? '')] : [],
      [piece(tenant.state, paints[tenant.state])],
      [piece(versionText(tenant))],
      [piece(readyText(tenant))],
      [piece(noteOf(tenant))],
    ]),
  );
  const names = ['TENANT', ...(hasWaves ? ['WAVE'] : []), 'STATE', 'VERSION', 'READY', 'WHY'];
  const heading = names.map((name) => piece(name, colors.dim));
  return drawLines(tableLines([heading, ...rows], width).flat(), width).map((line) => line.trimEnd());
}

function versionText({ version }: TenantStatus): string {
  if (version === undefined) return '';
  const { running = 'none', listed } = version;
  const short = (text: string) => text.replace(/^(sha\d+:.{12}).*/, '$1');
  return running === listed ? short(listed) : `${short(running)} → ${short(listed)}`;
}

function readyText({ workloads = [] }: TenantStatus): string {
  const sum = (of: (each: (typeof workloads)[number]) => number) =>
    workloads.reduce((all, each) => all + of(each), 0);
  return workloads.length === 0 ? '' : `${sum(({ ready }) => ready)}/${sum(({ desired = 0 }) => desired)}`;
}

function noteOf({ problems, unknown, treeDrift = [] }: TenantStatus): string {
  return [...problems, ...unknown.map(({ why }) => why), ...treeDrift].join('; ');
}

/** `198 healthy, 1 unhealthy (acme), 1 not deployed (big_corp)`. */
function summary(tenants: readonly TenantStatus[]): string {
  if (tenants.length === 0) return 'there is no tenant';
  const states: TenantState[] = ['healthy', 'unhealthy', 'stopped', 'not deployed', 'unknown'];
  return states
    .map((state) => ({
      state,
      ids: tenants.filter((one) => one.state === state).map(({ tenant }) => tenant),
    }))
    .filter(({ ids }) => ids.length > 0)
    .map(({ state, ids }) => `${ids.length} ${state}${state === 'healthy' ? '' : ` (${nameSome(ids, 5)})`}`)
    .join(', ');
}
