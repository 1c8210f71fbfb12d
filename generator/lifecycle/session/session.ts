/** One run of one target on one cluster: what every target has at hand. */
import type { Lead } from '../../model/command.ts';
import type { Client } from '../api/client.ts';
import type { ClusterAccess } from '../api/kube-config.ts';
import type { Report } from './report.ts';
import type { Target } from './target.ts';

/** What a target works with. */
export interface Session {
  /** The environment: what is to be, and where. */
  readonly target: Target;
  readonly access: ClusterAccess;
  readonly client: Client;
  readonly report: Report;
  /** The options that led to the environment and the cluster. */
  readonly lead: Lead;
  /** Nothing is to be changed: what would be is told. */
  readonly dryRun: boolean;
  /** Ends everything when the command is interrupted or its time is up; its reason is what to tell. */
  readonly signal: AbortSignal;
  /** Ends everything, for the reason that is told. */
  abort(reason: unknown): void;
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
}
