/**
 * PostgreSQL connection strings as pgx 5 reads them (pgconn's `ParseConfig`, and Go's `net/url` under it),
 * which is neither what libpq nor what a URL parser of JavaScript does. Where versions of Go differ, a string
 * that one of them takes is taken here.
 */
import type { Config } from './schema/resource.ts';

type Settings = Map<string, string>;

/** What is said of a text that pgx cannot read as a connection string; it never holds the text. */
export const noDsn = 'this is no PostgreSQL connection string';

/** How a connection string is written. */
export const dsnHint =
  'write it like postgres://user:password@host:5432/database, the password percent-encoded';

/**
 * The ports that a connection string leads to: a URL or `key=value` pairs, one or several hosts. Undefined
 * where pgx could not read it, so that the program would exit.
 */
export function dsnPorts(dsn: string): number[] | undefined {
  const settings = /^postgres(?:ql)?:\/\//.test(dsn) ? urlSettings(dsn) : pairSettings(dsn);
  if (settings === undefined) return undefined;
  const hosts = (settings.get('host') ?? '').split(',');
  const ports = (settings.get('port') ?? '5432').split(',');
  const isSocket = !settings.has('host') || hosts.every((host) => host.startsWith('/'));
  for (const [name, form] of forms) {
    const value = settings.get(name);
    if (value !== undefined && !form.test(value) && !(name === 'sslmode' && isSocket)) return undefined;
  }
  const used = hosts.map((_, index) => ports[index] ?? ports[0] ?? '');
  if (leavesPortsOut(dsn)) used.push('5432');
  const valid = used.every((port) => /^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65535);
  return valid ? [...new Set(used.map(Number))] : undefined;
}

/**
 * Whether a URL gives some of its hosts a port and leaves out that of others. pgx up to 5.10 dials the others
 * on the first port named, later versions on 5432 and each host on its own: all of these are opened.
 */
function leavesPortsOut(dsn: string): boolean {
  const [, list = ''] = /^postgres(?:ql)?:\/\/(?:[^/?#]*@)?([^/?#]*)(?!.*[?&]port=)/s.exec(dsn) ?? [];
  const named = list.split(',').map((host) => /:\d+$/.test(host.replace(/^\[[^\]]*\]/, '')));
  return named.includes(true) && named.includes(false);
}

/** A duration as Go reads it. */
const duration = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|ms|s|m|h))+)$/;

/** Settings that pgx and its pool refuse in another form. */
const forms: readonly (readonly [string, RegExp])[] = [
  ['sslmode', /^(?:|disable|allow|prefer|require|verify-ca|verify-full)$/],
  ['connect_timeout', /^\+?\d+$|^-0+$/],
  ['target_session_attrs', /^(?:any|read-write|read-only|primary|standby|prefer-standby)$/],
  ['statement_cache_capacity', /^[-+]?\d+$/],
  ['description_cache_capacity', /^[-+]?\d+$/],
  ['pool_max_conns', /^\+?0*[1-9]\d*$/],
  ['pool_min_conns', /^[-+]?\d+$/],
  ['pool_min_idle_conns', /^[-+]?\d+$/],
  ['pool_max_conn_lifetime', duration],
  ['pool_max_conn_lifetime_jitter', duration],
  ['pool_max_conn_idle_time', duration],
  ['pool_health_check_period', duration],
  ['default_query_exec_mode', /^(?:cache_statement|cache_describe|describe_exec|exec|simple_protocol)$/],
];

const isEscaped = (text: string) => !/%(?![0-9A-Fa-f]{2})/.test(text);

/** What Go lets stand in a host, and which bytes it lets be escaped there. */
const hostForm = /^(?:[\w.~!$&'()*+,;=:[\]<>"-]|[^\0-\x7f]|%25|%[89A-Fa-f][0-9A-Fa-f])*$/;

function urlSettings(dsn: string): Settings | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(dsn)) return undefined;
  const [, authority = '', path = '', query = '', fragment = ''] =
    /^[a-z]+:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(dsn) ?? [];
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  const host = authority.slice(at + 1);
  if (![path, fragment, user].every(isEscaped) || !/^[\w.~!$&'()*+,;=:%@-]*$/.test(user)) return undefined;
  if (!hostForm.test(host) || !/^(?:[^:]*|.*\]|.*:\d*)$/.test(host)) return undefined;
  const settings = hostSettings(host);
  if (settings === undefined) return undefined;
  const asked = new Set<string>();
  for (const part of query.split('&')) {
    const [key = '', value = ''] = part.split(/=(.*)/s).map(decode);
    if (part === '' || part.includes(';') || !isEscaped(part) || asked.has(key)) continue;
    asked.add(key);
    settings.set(key, value);
  }
  return settings;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Hosts and ports of `host:port,host:port`. A port is not bound to its host: ports are counted by themselves. */
function hostSettings(list: string): Settings | undefined {
  const hosts: string[] = [];
  const ports: string[] = [];
  for (const item of list.split(',')) {
    const bare = item.replace(/^[[\]]+|[[\]]+$/g, '');
    const isAddress = bare.includes(':') && URL.canParse(`http://[${bare}]`);
    const [, host, port = ''] = /^(\[[^[\]]*\]|[^:[\]]*):([^:[\]]*)$/.exec(item) ?? [];
    if (!item.includes(':') || isAddress) hosts.push(bare);
    else if (host === undefined) return undefined;
    else {
      hosts.push(host.replace(/^\[|\]$/g, ''));
      ports.push(port);
    }
  }
  const given = (name: string, values: string[]) => {
    const filled = values.filter((value) => value !== '');
    return filled.length === 0 ? [] : [[name, filled.join(',')] as const];
  };
  return new Map([...given('host', hosts), ...given('port', ports)]);
}

/** Pairs such as `host=db port=6432 password='it\'s'`. At the end white space is an error, but for
 * one character behind a value without quotes. */
function pairSettings(dsn: string): Settings | undefined {
  const settings: Settings = new Map();
  const pair =
    /([^=]*)=[ \t\n\r\v\f]*(?:'((?:[^'\\]|\\.)*)'|((?:[^ \t\n\r\v\f'\\]|\\.)(?:[^ \t\n\r\v\f\\]|\\.)*)(?:[ \t\n\r\v\f]|$)|$)/sy;
  while (pair.lastIndex < dsn.length) {
    const [, name = '', quoted, bare = ''] = pair.exec(dsn) ?? [];
    const key = name.replace(/^[ \t\n\r\v\f]+|[ \t\n\r\v\f]+$/g, '');
    if (key === '') return undefined;
    settings.set(key, (quoted ?? bare).replaceAll('\\\\', '\\').replaceAll("\\'", "'"));
  }
  return settings;
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
