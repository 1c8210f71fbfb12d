/** What a stop has to remember, and how far one has come. */
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
    ...(stopped?.rules === undefined ? {} : { rules: stopped.rules }),
  };
}

/** What a stop has done to a release, in words that follow its name. */
export function stoppedWords({ at, draining }: Stopped): string {
  return `${draining ? 'keeps new voice sessions out' : 'is stopped'} since ${at}`;
}

/** An inventory as it was written. */
export interface Saved {
  readonly inventory: Inventory;
  readonly exists: true;
}

/** Writes what is remembered. */
export async function saveStopped(
  { client }: Session,
  { inventory, exists }: Pick<Running, 'inventory' | 'exists'>,
  stopped: Stopped,
): Promise<Saved> {
  const next = { ...inventory, stopped };
  await saveInventory(client, next, exists ? inventory : undefined);
  return { inventory: next, exists: true };
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
