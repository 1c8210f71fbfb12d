/** The way from a command line to the tenants of a fleet: what they share is read, found and connected to once. */
import { type Wave, wavesOf, wholeFindings } from '../../config/fleet-waves.ts';
import { Failure, failure, hasErrors } from '../../model/finding.ts';
import { tenantFolder } from '../../tree/layout.ts';
import { type Client, openClient } from '../api/client.ts';
import { type ClusterAccess, findCluster } from '../api/kube-config.ts';
import { type CheckedFleet, checkFleet } from './configuration.ts';
import { openSession, type SessionOptions, type SessionWorld, whereStale } from './open-session.ts';
import type { Report } from './report.ts';
import type { Session } from './session.ts';

/** How many requests may be under way at the same time, of all tenants together. */
const mostRequests = 16;

/** A fleet, and the cluster that its tenants are on. */
export interface FleetSession {
  readonly fleet: CheckedFleet;
  readonly access: ClusterAccess;
  readonly client: Client;
  readonly waves: readonly Wave[];
  /** A tenant as other commands take it: by its folder. */
  wordOf(id: string): string;
  /** A session of one tenant. @throws Failure as {@link openSession}, and where the file has errors about it */
  openTenant(
    id: string,
    world: { readonly report: Report; readonly controller: AbortController },
  ): Promise<Session>;
}

/** What a command line says about the fleet. */
export interface FleetOptions extends SessionOptions {
  /** The name of a wave. @default all of them */
  readonly wave?: string;
}

/**
 * Reads the fleet, finds the cluster, and sees that it answers.
 *
 * @throws Failure where the fleet as a whole has errors, what all tenants are built on is out of date, or no cluster answers
 */
export async function openFleetSession(
  options: FleetOptions,
  world: Omit<SessionWorld, 'shared'>,
): Promise<FleetSession> {
  const { env, cwd, report, texts, controller } = world;
  const { dir, namespace, ...rest } = options;
  if (namespace !== undefined)
    throw failure('fleet-namespace', 'each tenant has a namespace of its own', 'leave --namespace out');
  const fleet = await checkFleet(dir, { cwd, texts });
  const findings = wholeFindings(fleet.open.fleet);
  if (hasErrors(findings)) throw new Failure(findings);
  report.findings(findings);
  const waves = wavesOf(fleet.open.fleet, options.wave);
  report.findings(whereStale(fleet.staleness.below, options));
  const { signal } = controller;
  const found = findCluster({ ...rest, env, cwd, connections: mostRequests });
  // A tenant that ends early does not end the login of the others.
  const access = { ...found, credentials: () => found.credentials(signal) };
  const events = {
    lost: (why: string) => report.say(`the API server does not answer (${why}); waiting for it`),
    back: (ms: number) => report.say(`the API server answers again after ${(ms / 1000).toFixed(1)} s`),
    warning: () => {},
  };
  const client = openClient(access, events, { signal });
  await client.send('GET', '/version');
  const wordOf = (id: string) => fleet.open.tree.at(tenantFolder(id));
  return {
    fleet,
    access,
    client,
    waves,
    wordOf,
    openTenant: (id, one) => {
      const shared = { access, client, fleet };
      return openSession(wordOf(id), rest, { env, cwd, texts, ...one, shared });
    },
  };
}
