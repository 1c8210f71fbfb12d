/** What makes a deployment healthy, in one place. */
import { advise } from '../../../model/command.ts';
import { leavingFinding } from '../../state/live.ts';
import { type DatabaseStatus, isDatabaseReady } from './database-status.ts';
import { type Drift, isAsWanted } from './drift.ts';
import type { MissingSecret } from './secret-status.ts';
import type { Health, Part, Status, Unknown } from './status.ts';
import type { WorkloadStatus } from './workloads.ts';

/** What decides. */
type Facts = Pick<
  Status,
  | 'release'
  | 'others'
  | 'namespace'
  | 'isGoing'
  | 'environment'
  | 'stopped'
  | 'workloads'
  | 'database'
  | 'missingSecrets'
  | 'drift'
  | 'treeDrift'
  | 'unknown'
>;

/**
 * The parts without which nobody can tell. Pods that are ready have their Secrets and their database, so those that
 * may not be read (the built-in role `view` reads no Secrets) leave no doubt.
 */
const decisive: readonly Part[] = ['cluster', 'inventory', 'workloads'];

/**
 * A deployment is healthy where its namespace is not being deleted, it is not stopped, every Deployment runs its newest template in as many pods as it
 * should, no Secret is missing, and its database, if it is in the cluster, is ready. What is known to be wrong
 * outweighs what is not known; what may not be read beside the workloads is left out.
 *
 * @param strict whether drift from the environment makes it unhealthy, too
 */
export function judge(facts: Facts, strict: boolean): { health: Health; problems: string[] } {
  const problems = [
    ...(facts.isGoing ? [leavingFinding(facts.namespace).message] : []),
    ...(facts.others ?? []).map(otherProblem),
    ...stopProblems(facts),
    ...workloadProblems(facts),
    ...(facts.database === undefined ? [] : databaseProblems(facts.database)),
    ...(facts.missingSecrets ?? []).map(secretProblem),
    ...(strict && facts.drift !== undefined ? driftProblems(facts.drift) : []),
    ...(strict ? (facts.treeDrift ?? []) : []),
  ];
  const counts = ({ part }: Unknown) => decisive.includes(part) || (strict && part === 'drift');
  const health = problems.length > 0 ? 'unhealthy' : facts.unknown.some(counts) ? 'unknown' : 'healthy';
  return { health, problems };
}

function otherProblem({ release, namespace, removal }: NonNullable<Facts['others']>[number]): string {
  return `the environment runs as ${release} in the namespace ${namespace}, too; ${removal} removes that`;
}

function stopProblems({ stopped, environment }: Facts): string[] {
  if (stopped === undefined) return [];
  const { at, draining } = stopped;
  const what = draining ? 'new sessions are kept out' : 'it is stopped';
  return [
    `${what} since ${at}; ${advise('stopped/status')`glyphoxa-kustomize start ${environment}`} gives it back`,
  ];
}

function workloadProblems({ workloads = [], stopped, release, environment }: Facts): string[] {
  const deployments = workloads.filter(({ component }) => component !== 'worker');
  if (deployments.length > 0 && deployments.every(({ isThere }) => !isThere))
    return [
      `${release} is not deployed; ${advise('not-deployed/status')`glyphoxa-kustomize apply ${environment}`} deploys it`,
    ];
  const isStopped = stopped !== undefined && !stopped.draining;
  return workloads.flatMap((workload) => {
    const what = workloadProblem(workload, isStopped);
    return what === undefined ? [] : [`${workload.name}: ${what}`];
  });
}

function workloadProblem(workload: WorkloadStatus, isStopped: boolean): string | undefined {
  const { isThere, isDone, desired, text = '', problems } = workload;
  if (!isThere || !isDone) return [text, ...problems].filter((words) => words !== '').join('; ');
  return desired === 0 && !isStopped ? 'it is scaled to 0, and not by a stop' : undefined;
}

function databaseProblems(database: DatabaseStatus): string[] {
  if (isDatabaseReady(database)) return [];
  const { name, isThere, phase } = database;
  if (isThere !== true) return [`the database ${name} is not there`];
  return [`the database ${name} is not ready${phase === undefined ? '' : `: ${phase}`}`];
}

function secretProblem({ name, keys, isThere }: MissingSecret): string {
  if (isThere) return `the Secret ${name} lacks ${keys.join(', ')}`;
  return `the Secret ${name} is not there${keys.length === 0 ? '' : ` (${keys.join(', ')})`}`;
}

function driftProblems(drift: Drift): string[] {
  return isAsWanted(drift) ? [] : ['what runs is not what the environment says'];
}
