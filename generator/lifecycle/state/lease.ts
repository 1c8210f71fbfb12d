/** One run at a time on one release: a Lease that is renewed while the run lasts, and lost by itself after. */
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { failure } from '../../model/finding.ts';
import { isObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { trace } from '../../model/trace.ts';
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { pause } from '../api/pause.ts';
import { apiPath, knownType } from '../api/resources.ts';
import { serverNow, serverTime } from '../api/server-time.ts';
import type { Session } from '../session/session.ts';

/** How long a lease lasts that is not renewed, in seconds. */
const leaseSeconds = 12;

/** How often it is renewed, in milliseconds. */
const renewEveryMs = 3_000;

/** How often somebody who waits for it looks. */
const lookEveryMs = 500;

const leaseType = knownType('coordination.k8s.io/v1', 'Lease');

/** The name of a release's lease. */
export function leaseName(release: string): string {
  return `${release}-lifecycle`;
}

/**
 * Runs the work while holding the release's lease. A lease whose holder was killed is waited out, which takes
 * {@link leaseSeconds}; a holder that is alive is named.
 *
 * @param doing the target's word, such as `apply`
 * @throws Failure where somebody else holds it, or takes it during the work
 */
export function withLease<T>(session: Session, doing: string, work: () => Promise<T>): Promise<T> {
  return holding(session, doing, work, false);
}

/**
 * As {@link withLease}, for one step after the other, with waiting between them: a holder that is alive ends the first,
 * and is waited for by those that follow.
 */
export function leaseFor(session: Session, doing: string): <T>(work: () => Promise<T>) => Promise<T> {
  let hasBegun = false;
  return (work) => {
    const lease = hasBegun ? withNextLease : withLease;
    hasBegun = true;
    return lease(session, doing, work);
  };
}

/** As {@link withLease}, for work that has begun: a holder that is alive is waited for. */
export function withNextLease<T>(session: Session, doing: string, work: () => Promise<T>): Promise<T> {
  return holding(session, doing, work, true);
}

async function holding<T>(
  session: Session,
  doing: string,
  work: () => Promise<T>,
  isPatient: boolean,
): Promise<T> {
  const { client, target } = session;
  const path = apiPath(leaseType, target.namespace, leaseName(target.release));
  // Containers may share names and numbers: only what is random tells two runs apart.
  const run = randomBytes(2).toString('hex');
  const holder = `${userName()}@${hostname()} (${doing}, process ${process.pid}, run ${run})`;
  trace(() => `take the lease ${leaseName(target.release)}: one run at a time changes a release`);
  let held = await acquire(session, path, holder, isPatient);
  let ended = false;
  const timer = setInterval(() => {
    renew(client, path, held).then(
      (lease) => {
        held = lease;
      },
      (error: unknown) => {
        // A connection that is lost is waited for by the requests of the work; here only a new holder counts.
        const isTaken = error instanceof ApiError && (error.status === 409 || error.status === 404);
        if (isTaken && !ended) session.abort(taken(target.release));
      },
    );
  }, renewEveryMs);
  try {
    return await work();
  } finally {
    ended = true;
    clearInterval(timer);
    await release(client, path, holder);
  }
}

function taken(release: string) {
  return failure(
    'lease-lost',
    `the lease of ${release} was taken by another run while this one could not renew it`,
    'see what the other run does, and run this again',
  );
}

async function acquire(
  session: Session,
  path: string,
  holder: string,
  isPatient: boolean,
): Promise<KubernetesObject> {
  const { client, signal, report, target } = session;
  const first: { renewed?: string; since: number } = { since: performance.now() };
  for (;;) {
    const lease = await client.get(path);
    const taken = lease === undefined ? await create(client, session, holder) : undefined;
    if (taken !== undefined) return taken;
    const current = lease ?? (await client.get(path));
    if (current === undefined) continue;
    const { holderIdentity, renewTime } = specOf(current);
    if (holderIdentity === holder) return current;
    if (first.renewed !== undefined && first.renewed !== renewTime) {
      if (!isPatient) throw heldBy(target.release, holderIdentity);
      Object.assign(first, { renewed: renewTime, since: performance.now() });
    }
    const age = serverNow(session) - Date.parse(renewTime);
    const isOver =
      holderIdentity === '' ||
      !(age < leaseSeconds * 1000) ||
      performance.now() - first.since > leaseSeconds * 1000;
    if (isOver) {
      const renewed = await take(client, path, current, holder);
      if (renewed !== undefined) return renewed;
    } else if (first.renewed === undefined) {
      report.say(
        `${holderIdentity} holds the lease of ${target.release}; waiting to see whether it is alive`,
      );
    }
    first.renewed ??= renewTime;
    await pause(lookEveryMs, signal);
  }
}

function heldBy(release: string, holder: string) {
  return failure(
    'lease-held',
    `${release} is being worked on by ${holder}`,
    'wait until that run has ended, and run this again',
  );
}

function specOf(lease: KubernetesObject): { holderIdentity: string; renewTime: string } {
  const spec = isObject(lease.spec) ? lease.spec : {};
  return { holderIdentity: String(spec.holderIdentity ?? ''), renewTime: String(spec.renewTime ?? '') };
}

function spec(client: Client, holderIdentity: string, acquireTime?: string) {
  const now = serverTime({ client }).replace('Z', '000Z');
  return {
    holderIdentity,
    leaseDurationSeconds: leaseSeconds,
    acquireTime: acquireTime ?? now,
    renewTime: now,
  };
}

async function create(
  client: Client,
  { target }: Session,
  holder: string,
): Promise<KubernetesObject | undefined> {
  const metadata = { name: leaseName(target.release), namespace: target.namespace };
  const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: spec(client, holder) };
  return ignoring(409, client.send('POST', apiPath(leaseType, target.namespace), { body }));
}

async function take(client: Client, path: string, lease: KubernetesObject, holder: string) {
  return ignoring(409, client.send('PUT', path, { body: { ...lease, spec: spec(client, holder) } }));
}

async function renew(client: Client, path: string, lease: KubernetesObject): Promise<KubernetesObject> {
  const { holderIdentity } = specOf(lease);
  const acquired = isObject(lease.spec) ? String(lease.spec.acquireTime) : undefined;
  const body = { ...lease, spec: spec(client, holderIdentity, acquired) };
  try {
    return (await client.send('PUT', path, { body })) as KubernetesObject;
  } catch (error) {
    // An answer that was lost on its way leaves a newer version of ours behind.
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    const current = await client.get(path);
    if (current !== undefined && specOf(current).holderIdentity === holderIdentity) return current;
    throw error;
  }
}

/** Gives the lease back, if it is still ours, also where the command was interrupted. */
async function release(client: Client, path: string, holder: string): Promise<void> {
  try {
    for (;;) {
      const lease = (await client.send('GET', path, { cleanup: true })) as KubernetesObject;
      if (specOf(lease).holderIdentity !== holder) return;
      const { uid, resourceVersion } = lease.metadata;
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } };
      // A renewal that was on its way has made a newer version.
      if (await ignoring(409, client.send('DELETE', path, { body: body as never, cleanup: true }))) return;
    }
  } catch {
    // It is lost by itself.
  }
}

async function ignoring(status: number, sent: Promise<unknown>): Promise<KubernetesObject | undefined> {
  try {
    return (await sent) as KubernetesObject;
  } catch (error) {
    if (error instanceof ApiError && error.status === status) return undefined;
    throw error;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}
