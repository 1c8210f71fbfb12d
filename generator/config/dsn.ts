/**
 * PostgreSQL connection strings as pgx 5 reads them (pgconn's `ParseConfig`, its pool's, and Go's `net/url` under
 * them), which is neither what libpq nor what a URL parser of JavaScript does. Where versions of Go differ, a
 * string that one of them takes is taken here. `test/config/dsn.test.ts` compares it with pgx itself.
 */
import type { Config } from './schema/resource.ts';

type Settings = Map<string, string>;

/** What is said of a text that pgx cannot read as a connection string; it never holds the text. */
export const noDsn = 'this is no PostgreSQL connection string';

/** How a connection string is written. */
export const dsnHint =
  'write it like postgres://user:password@host:5432/database, the password percent-encoded';

/**
 * The TCP ports that a connection string leads to: a URL or `key=value` pairs, one or several hosts. Empty where
 * it does not say, since its hosts are sockets or stand in a service file. Undefined where pgx could not read
 * it, so that the program would exit. Files that it names are the pod's, and not looked for.
 */
export function dsnPorts(dsn: string): number[] | undefined {
  const settings = /^postgres(?:ql)?:\/\//.test(dsn) ? urlSettings(dsn) : pairSettings(dsn);
  if (settings === undefined || !settingsAreValid(settings)) return undefined;
  if (settings.has('service')) return servicePorts(settings);
  const ports = (settings.get('port') ?? '5432').split(',');
  // without a host, pgx takes the first folder for sockets that is there
  const hosts = (settings.get('host') ?? '/tmp').split(',');
  const dialled = hosts.map((host, index) => ({ host, port: ports[index] ?? ports[0] ?? '' }));
  if (!dialled.every(({ port }) => isPort(port))) return undefined;
  const byTcp = dialled.filter(({ host }) => !isSocket(host)).map(({ port }) => port);
  if (byTcp.length > 0 && !tlsIsValid(settings)) return undefined;
  if (leavesPortsOut(dsn)) byTcp.push('5432');
  return [...new Set(byTcp.map(Number))];
}

/** What a DSN itself says where a service file of the pod has more: its ports, if it names any. */
function servicePorts(settings: Settings): number[] | undefined {
  const ports = settings.get('port')?.split(',') ?? [];
  return ports.every(isPort) ? [...new Set(ports.map(Number))] : undefined;
}

const isPort = (text: string) => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;

const isSocket = (host: string) => /^(?:\/|[A-Z]:\\)/.test(host);

/**
 * Whether a URL gives some of its hosts a port and leaves out that of others. pgx up to 5.10 dials the others
 * on the first port named, later versions on 5432 and each host on its own: all of these are opened.
 */
function leavesPortsOut(dsn: string): boolean {
  const [, list = ''] = /^postgres(?:ql)?:\/\/(?:[^/?#]*@)?([^/?#]*)(?!.*[?&]port=)/s.exec(dsn) ?? [];
  const named = list
    .split(',')
    .filter((host) => host !== '')
    .map((host) => /:\d+$/.test(host.replace(/^\[[^\]]*\]/, '')));
  return named.includes(true) && named.includes(false);
}

type Form = (value: string) => boolean;

const oneOf =
  (...values: string[]): Form =>
  (value) =>
    values.includes(value);

/** Whole numbers in decimal digits, as Go's `ParseInt` reads them. */
const integer =
  (least: bigint, most: bigint): Form =>
  (value) =>
    /^[-+]?\d+$/.test(value) && isBetween(BigInt(value), least, most);

const isBetween = (value: bigint, least: bigint, most: bigint) => value >= least && value <= most;

const maxInt32 = 2n ** 31n - 1n;

const int32 = integer(-(2n ** 31n), maxInt32);

const nanoseconds: { readonly [unit: string]: bigint } = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** A duration as Go's `ParseDuration` reads it: at most about 292 years, and of a fraction the first digits. */
const duration: Form = (value) => {
  if (/^[-+]?0$/.test(value)) return true;
  if (!/^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[nu\u00b5\u03bcm]?s|m|h))+$/.test(value)) return false;
  const parts = value.matchAll(/(\d*)\.?(\d*)(\D?s|[mh])/g);
  let sum = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of parts) {
    const part = fraction.slice(0, 18);
    sum += (BigInt(whole + part) * (nanoseconds[unit] ?? 0n)) / 10n ** BigInt(part.length);
  }
  return sum <= (value.startsWith('-') ? 2n ** 63n : 2n ** 63n - 1n);
};

/** Settings that pgx and its pool refuse in another form. */
const forms: readonly (readonly [string, Form])[] = [
  ['connect_timeout', integer(0n, 2n ** 63n - 1n)],
  ['target_session_attrs', oneOf('any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby')],
  ['statement_cache_capacity', int32],
  ['description_cache_capacity', int32],
  [
    'default_query_exec_mode',
    oneOf('cache_statement', 'cache_describe', 'describe_exec', 'exec', 'simple_protocol'),
  ],
  ['pool_max_conns', integer(1n, maxInt32)],
  ['pool_min_conns', int32],
  ['pool_min_idle_conns', int32],
  ['pool_max_conn_lifetime', duration],
  ['pool_max_conn_lifetime_jitter', duration],
  ['pool_max_conn_idle_time', duration],
  ['pool_health_check_period', duration],
];

function settingsAreValid(settings: Settings): boolean {
  return forms.every(([name, isValid]) => {
    const value = settings.get(name);
    return value === undefined || isValid(value);
  });
}

const isSslMode = oneOf('', 'disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full');

/** Whether pgx can make a TLS configuration of the settings, which it does for hosts that are no sockets. */
function tlsIsValid(settings: Settings): boolean {
  const given = (name: string) => settings.get(name) ?? '';
  // the system's certificates are always verified in full, whatever the mode says
  const mode = given('sslrootcert') === 'system' ? 'verify-full' : given('sslmode');
  if (!isSslMode(mode)) return false;
  return mode === 'disable' || (given('sslcert') === '') === (given('sslkey') === '');
}

/** Whether each `%` is followed by two hexadecimal digits. */
const isEscaped = (text: string) => !/%(?![0-9A-Fa-f]{2})/.test(text);

/** What Go lets stand in a host, and which bytes it lets be escaped there. */
const hostForm = /^(?:[\w.~!$&'()*+,;=:[\]<>"-]|[^\0-\x7f]|%25|%[89A-Fa-f][0-9A-Fa-f])*$/;

/** The same in the zone of an IPv6 address, where what may stand there may be escaped too, and a space. */
function isZone(zone: string): boolean {
  const plain = zone.replace(/%2[05]/g, '').replace(/%[0-7][0-9A-Fa-f]/g, unescapeText);
  return hostForm.test(plain) && !/%[89A-Fa-f]/.test(zone);
}

/** The settings of a URL, as `net/url` takes it apart. */
function urlSettings(dsn: string): Settings | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/^[^#]*[\u0000-\u001f\u007f]/.test(dsn)) return undefined;
  const [, beforeQuery = '', query = '', fragment = ''] =
    /^[a-z]+:\/\/([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(dsn) ?? [];
  const [, authority = '', path = ''] = /^([^/]*)(.*)$/s.exec(beforeQuery) ?? [];
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  if (![path, fragment, user].every(isEscaped) || !/^[\w.~!$&'()*+,;=:%@-]*$/.test(user)) return undefined;
  const host = urlHost(authority.slice(at + 1));
  const settings = host === undefined ? undefined : hostSettings(host);
  if (settings === undefined) return undefined;
  const asked = new Set<string>();
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';') || !isEscaped(part)) continue;
    const [key = '', value = ''] = part
      .split(/=(.*)/s)
      .map((text) => unescapeText(text.replaceAll('+', ' ')));
    if (asked.has(key)) continue;
    asked.add(key);
    settings.set(key, value);
  }
  return settings;
}

/** Text without its escapes; where they are no UTF-8, each byte is a character. */
function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  }
}

/** The host of a URL, unescaped; undefined where `net/url` refuses it. */
function urlHost(host: string): string | undefined {
  const [, address, port = ''] = /^\[(.*)\](.*)$/s.exec(host) ?? [];
  if (host.startsWith('[') && address === undefined) return undefined;
  const colonPort = address === undefined ? (/:[^:]*$/.exec(host)?.[0] ?? '') : port;
  if (!/^(?::\d*)?$/.test(colonPort)) return undefined;
  const [, bare = host, zone = ''] = /^(.*?)(%25.*)$/s.exec(address ?? '') ?? [];
  return hostForm.test(bare) && isZone(zone) ? unescapeText(host) : undefined;
}

/** Hosts and ports of `host:port,host:port`. A port is not bound to its host: ports are counted by themselves. */
function hostSettings(list: string): Settings | undefined {
  const hosts: string[] = [];
  const ports: string[] = [];
  for (const item of list.split(',').filter((each) => each !== '')) {
    const bare = item.replace(/^[[\]]+|[[\]]+$/g, '');
    const isAddress = /^[\dA-Fa-f:.]+$/.test(bare) && URL.canParse(`http://[${bare}]`);
    if (!item.includes(':') || isAddress) {
      hosts.push(bare);
      continue;
    }
    const [, host, port = ''] = /^(\[[^[\]]*\]|[^:[\]]*):([^:[\]]*)$/.exec(item) ?? [];
    if (host === undefined) return undefined;
    if (!/^(?:\[\])?$/.test(host)) hosts.push(host.replace(/^\[|\]$/g, ''));
    if (port !== '') ports.push(port);
  }
  const settings: Settings = new Map();
  if (hosts.length > 0) settings.set('host', hosts.join(','));
  if (ports.length > 0) settings.set('port', ports.join(','));
  return settings;
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
 * that comes from elsewhere is not known when policies are made, and one whose hosts stand in a service file
 * never: `database.port` stands for both.
 */
export function databasePorts(config: Config): number[] {
  const { postgresql, database } = config.spec;
  if (postgresql.enabled) return [5432];
  const literal = database.dsn?.value;
  const ports = literal === undefined ? undefined : dsnPorts(literal);
  return ports === undefined || ports.length === 0 ? [database.port] : ports;
}
