/** The API server's clock, by which leases, events and records are dated. */
import type { Client } from './client.ts';

/** Whoever has a connection; a session does. */
interface Connected {
  readonly client: Pick<Client, 'clockSkewMs'>;
}

/** The server's time, in milliseconds since 1970. */
export function serverNow({ client }: Connected): number {
  return Date.now() + client.clockSkewMs();
}

/** The server's time, in RFC 3339. */
export function serverTime(connected: Connected): string {
  return new Date(serverNow(connected)).toISOString();
}
