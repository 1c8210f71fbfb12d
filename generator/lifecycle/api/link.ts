/** Whether the API server answers: told when it is lost and when it is back. */
import { failure, hasCode } from '../../model/finding.ts';
import type { ConnectionError } from './errors.ts';
import type { ClusterAccess } from './kube-config.ts';

/** What somebody is told while a request takes its time. */
export interface ClientEvents {
  /** The connection is lost; requests wait. */
  lost(why: string): void;
  /** It is there again, after so many milliseconds. */
  back(afterMs: number): void;
  /** A `Warning` header of the API server. */
  warning(text: string): void;
}

/** After a lost connection a 401 or 403 may only mean that the server has not loaded accounts and rules yet. */
const provisionalMs = 30_000;

/** What is known of a connection. */
export interface Link {
  /** A request was answered. */
  connected(): void;
  /**
   * A request found no server. Throws where it never answered and cannot be expected to: a server that was there is
   * waited for, whatever it is, since a network that is down takes names away, too.
   */
  disconnected(error: ConnectionError): void;
  /** Whether the server is back so lately that it may refuse what it will allow. */
  isJustBack(): boolean;
  /** Why the command ended while a request waited; where the server never answered, that is the reason. */
  ended(): unknown;
}

/** Opens it; nothing is known yet. */
export function openLink(access: ClusterAccess, events: ClientEvents, signal: AbortSignal): Link {
  let contacted = false;
  let lostAt: number | undefined;
  let lostBy: ConnectionError | undefined;
  let backAt = Number.NEGATIVE_INFINITY;
  return {
    connected() {
      contacted = true;
      if (lostAt === undefined) return;
      backAt = performance.now();
      events.back(backAt - lostAt);
      lostAt = undefined;
    },
    disconnected(error) {
      if (!contacted && error.isFinal) throw unreachable(access, error);
      lostBy = error;
      if (lostAt !== undefined) return;
      lostAt = performance.now();
      events.lost(error.message);
    },
    isJustBack: () => performance.now() - backAt < provisionalMs,
    ended() {
      const { reason } = signal;
      const never = !contacted && lostBy !== undefined && hasCode(reason, 'timeout');
      return never ? unreachable(access, lostBy as ConnectionError) : reason;
    },
  };
}

function unreachable({ server, context }: ClusterAccess, error: ConnectionError) {
  const message = `the API server ${server} of the context ${context} cannot be reached: ${error.message}`;
  return failure('cluster-unreachable', message, error.hint);
}
