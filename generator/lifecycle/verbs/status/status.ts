/** What `status` tells of a deployment. Times are in RFC 3339; nothing in it is a secret's value. */
import type { AutoscalerStatus } from './autoscalers.ts';
import type { DatabaseStatus } from './database-status.ts';
import type { Drift } from './drift.ts';
import type { MissingSecret } from './secret-status.ts';
import type { SessionStatus } from './session-status.ts';
import type { Warning } from './warnings.ts';
import type { PodStatus, WorkloadStatus } from './workloads.ts';

/** How a deployment is. */
export type Health = 'healthy' | 'unhealthy' | 'unknown';

/** Something that could not be told. */
export interface Unknown {
  /** What it is about: `secrets`, `warnings`, `drift`, … */
  readonly part: Part;
  readonly why: string;
}

/** The parts of a status that are read apart from each other. */
export type Part =
  | 'cluster'
  | 'inventory'
  | 'workloads'
  | 'workers'
  | 'sessions'
  | 'database'
  | 'autoscalers'
  | 'secrets'
  | 'warnings'
  | 'drift';

/** A deployment, as the cluster shows it. A part that could not be read is absent, and among {@link unknown}. */
export interface Status {
  /** The cluster's time. */
  readonly at: string;
  readonly environment: string;
  readonly release: string;
  readonly namespace: string;
  readonly context: string;
  readonly server: string;
  /** As the environment says; absent where its configuration is not to be found. */
  readonly topology?: string;
  readonly health: Health;
  /** What makes it unhealthy, in words. */
  readonly problems: readonly string[];
  readonly unknown: readonly Unknown[];
  /** Whether its namespace is being deleted. */
  readonly isGoing?: true;
  /** Other releases of the same environment that are not meant to run, and the command that removes each. */
  readonly others?: readonly {
    readonly release: string;
    readonly namespace: string;
    readonly removal: string;
  }[];
  /** Since when it is stopped, or since when new sessions are kept out. */
  readonly stopped?: { readonly at: string; readonly draining: boolean };
  readonly workloads?: readonly WorkloadStatus[];
  readonly pods?: readonly PodStatus[];
  /** The oldest first; those that have ended stay until their Job goes. */
  readonly sessions?: readonly SessionStatus[];
  readonly database?: DatabaseStatus;
  readonly autoscalers?: readonly AutoscalerStatus[];
  readonly missingSecrets?: readonly MissingSecret[];
  /** Of the last hour, the newest first. */
  readonly warnings?: readonly Warning[];
  readonly drift?: Drift;
  /** How the tree differs from `glyphoxa.yaml` and `config.yaml`; absent where it does not. */
  readonly treeDrift?: readonly string[];
}
