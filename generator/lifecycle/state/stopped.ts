/** What a stop has to remember, and how far one has come. */
import { advise } from '../../model/command.ts';
import { failure } from '../../model/finding.ts';
import { given } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import type { Session } from '../session/session.ts';
import { type LiveDeployment, readDeployments } from './deployments.ts';
import { deleteInventory, type Inventory, readInventory, type Stopped, saveInventory } from './inventory.ts';
import { replicasOf } from './replicas.ts';
import { listSessions, type VoiceSession } from './voice-sessions.ts';

/** What runs of a release. */
export interface Running {
  readonly inventory: Inventory;
  /** Whether there is an inventory. */
  readonly exists: boolean;
  /** Gateways last. */
  readonly deployments: readonly LiveDeployment[];
  /** Those that have ended among them. */
  readonly sessions: readonly VoiceSession[];
}

/** Reads what runs. */
export async function readRunning(session: Session): Promise<Running> {
  const { client, target } = session;
  const { inventory, exists } = await readInventory(client, target.release, target.namespace);
  const [deployments, sessions] = await Promise.all([
    readDeployments(session, inventory),
    listSessions(session),
  ]);
  return { inventory, exists, deployments, sessions };
}

/** The replicas of a Deployment that is there. */
export function liveReplicas(live: KubernetesObject): number {
  return replicasOf(live) ?? 1;
}

/**
 * What `start` will give back: what an earlier stop remembers, which is never replaced, else what runs now. Where
 * nothing runs, since somebody scaled it down by hand, it is what the environment says.
 *
 * @param now in RFC 3339
 */
export function rememberReplicas(
  { inventory, deployments }: Pick<Running, 'inventory' | 'deployments'>,
  now: string,
): Stopped {
  const { stopped } = inventory;
  const isDown = deployments.every(({ live }) => liveReplicas(live) === 0);
  const numbers = Object.fromEntries(
    deployments.map(({ name, live, wanted }) => {
      const asked = wanted === undefined ? undefined : (replicasOf(wanted) ?? 1);
      return [name, isDown ? (asked ?? 0) : liveReplicas(live)];
    }),
  );
  return {
    at: stopped?.at ?? now,
    replicas: { ...numbers, ...stopped?.replicas },
    draining: stopped?.draining ?? false,
    ...given({ rules: stopped?.rules }),
  };
}

/** What a stop has done to a release, in words that follow its name. */
export function stoppedWords({ at, draining }: Stopped): string {
  return `${draining ? 'keeps new voice sessions out' : 'is stopped'} since ${at}`;
}

/** As {@link demandStopped}, by what the cluster has now. */
export async function readStopped(session: Session, stopped: Stopped): Promise<Stopped> {
  const { client, target } = session;
  const { inventory } = await readInventory(client, target.release, target.namespace);
  return demandStopped(session, inventory, stopped);
}

/**
 * What is remembered of a stop by now.
 *
 * @param stopped as the run that asks has written it
 * @throws Failure where another run has ended that stop, and perhaps begun another one
 */
export function demandStopped(
  { target }: Session,
  { stopped: now }: Pick<Inventory, 'stopped'>,
  stopped: Stopped,
): Stopped {
  if (now?.at === stopped.at) return now;
  const { release, name } = target;
  throw failure(
    'stop-superseded',
    `${release} was ${now === undefined ? 'started' : 'stopped anew'} by another run meanwhile`,
    `see what runs now: ${advise('stop-superseded')`glyphoxa-kustomize status ${name}`}`,
  );
}

/** Writes what is remembered. */
export async function saveStopped(
  { client }: Session,
  { inventory, exists }: Pick<Running, 'inventory' | 'exists'>,
  stopped: Stopped,
): Promise<void> {
  await saveInventory(client, { ...inventory, stopped }, exists ? inventory : undefined);
}

/** Forgets what was remembered, and the inventory with it where nothing else is in it: a stop made it then. */
export async function forgetStopped(client: Client, inventory: Inventory): Promise<void> {
  const next = { ...inventory, stopped: undefined };
  const isEmpty = next.groupKinds.length === 0 && next.found.length === 0;
  if (isEmpty) await deleteInventory(client, next);
  else await saveInventory(client, next, { ...inventory, stopped: inventory.stopped ?? nothing });
}

/** What is written over, whatever it is. */
const nothing: Stopped = { at: '', replicas: {}, draining: false };
