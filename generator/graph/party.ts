/** Those who talk in a deployment, and what they say to each other. */
import type { Ports } from './ports.ts';

/** What a party is. */
export type PartyKind =
  | 'gateway'
  | 'worker'
  | 'mcp-gateway'
  | 'database'
  /** A speech or language service. */
  | 'provider'
  /** An MCP server. */
  | 'tool'
  /** What the program works with besides: Discord, the API server, DNS, Vault, a proxy. */
  | 'service'
  /** Whom a rule lets in. */
  | 'client'
  /** Whom a rule lets the deployment reach, without the configuration saying what for. */
  | 'peer';

/** Somebody who talks. */
export interface Party {
  /** Its own in the picture, the same at every run. */
  readonly id: string;
  readonly kind: PartyKind;
  readonly name: string;
  /** A line each: what it is, where it is. Never a secret. */
  readonly details: readonly string[];
  /** How many pods it has, where that is known: `min` and `max` differ while it is scaled. */
  readonly replicas?: { readonly min: number; readonly max: number };
  /** Whether its pods run in the namespace of the deployment. */
  readonly isInside: boolean;
}

/** Connections that one party may open to another. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly ports: readonly Ports[];
}

/** Who may talk to whom in a deployment, and on which port. */
export interface Traffic {
  readonly release: string;
  readonly namespace: string;
  readonly topology: string;
  readonly environment: string;
  /** Whether policies shut everything else. Without them the flows are what the program needs. */
  readonly hasPolicies: boolean;
  readonly parties: readonly Party[];
  readonly flows: readonly Flow[];
}

/** Whether a party is one of the deployment's workloads. */
export function isWorkload({ kind }: Party): boolean {
  return kind === 'gateway' || kind === 'worker' || kind === 'mcp-gateway';
}
