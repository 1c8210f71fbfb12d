import type { Config } from './schema/resource.ts';

/**
 * The ports that a PostgreSQL connection string names, as pgx reads it: a URL or `key=value` pairs, one or
 * several hosts. Hosts without a port get 5432. Undefined where it cannot be read.
 */
export function dsnPorts(dsn: string): number[] | undefined {
  const ports = /^postgres(?:ql)?:\/\//.test(dsn) ? urlPorts(dsn) : pairPorts(dsn);
  const numbers = ports?.map((port) => (port === '' ? 5432 : Number(port)));
  const valid = numbers?.every((port) => Number.isInteger(port) && port >= 1 && port <= 65535);
  return valid === true && numbers !== undefined && numbers.length > 0 ? [...new Set(numbers)] : undefined;
}

function urlPorts(dsn: string): string[] | undefined {
  const match = /^postgres(?:ql)?:\/\/(?:[^@/?#]*@)?([^/?#]*)[^?#]*(?:\?([^#]*))?/.exec(dsn);
  if (match === null) return undefined;
  const query = new URLSearchParams(match[2] ?? '');
  const asked = query.get('port');
  if (asked !== null) return asked.split(',');
  const hosts = match[1] ?? '';
  if (hosts === '' && query.get('host') === null) return undefined;
  return hosts.split(',').map((host) => /^(?:\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(host)?.[1] ?? '');
}

/** Pairs as libpq writes them: `host=db port=6432 password='it''s'`, with backslash escapes. */
function pairPorts(dsn: string): string[] | undefined {
  const pair = /\s*([\w.]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?:\s+|$)/y;
  const found = new Map<string, string>();
  while (pair.lastIndex < dsn.length) {
    const match = pair.exec(dsn);
    if (match === null) return undefined;
    found.set(match[1] ?? '', (match[2] ?? '').replace(/^'|'$/g, ''));
  }
  if (found.size === 0) return undefined;
  return (found.get('port') ?? '').split(',');
}

/**
 * The ports on which the database is reached. A DSN can be read only where it stands in the resource; one
 * that comes from elsewhere is not known when policies are made, and `database.port` stands for it.
 */
export function databasePorts(config: Config): number[] {
  const { postgresql, database } = config.spec;
  if (postgresql.enabled) return [5432];
  const literal = database.dsn?.value;
  return (literal === undefined ? undefined : dsnPorts(literal)) ?? [database.port];
}
