import { Chance } from '../support/chance.ts';

const names = [
  'db',
  'a.b.svc',
  '10.0.0.1',
  'é',
  'DB_1',
  'd b',
  'd%20b',
  '%C3%A9',
  'x%2Fy',
  "o'b",
  'a<b>',
  'a"b',
  'a\\b',
  '',
];
const addresses = [
  '[::1]',
  '[fd00::1]',
  '::1',
  '[fe80::1%25eth0]',
  '[fe80::1%25e%20h]',
  '[fe80::1%eth0]',
  '[1.2.3.4]',
  '[db]',
  '[',
  ']',
  '[]',
];
const sockets = ['/tmp', '/var/run/postgresql', '%2Ftmp', '@abstract', 'C:\\run'];
const ports = [
  '5432',
  '6432',
  '1',
  '05432',
  '0',
  '65535',
  '65536',
  '',
  'x',
  '+5432',
  '-1',
  '5432 ',
  '５432',
  '%35432',
];
const words = [
  'u',
  'user',
  'p',
  'p@ss',
  'p:w',
  'p%40w',
  'p%zz',
  '%',
  'p/w',
  'p?w',
  'p#w',
  'p w',
  'p^w',
  'pé',
  "p'w",
  'p"w',
  'p\\w',
  'p+w',
  'p&w=x',
  'p;w',
  'p$w',
  'p[w]',
  'p%00w',
  '',
  '😀',
  '\t',
];
const modes = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
  '',
  'on',
  'Disable',
  ' require',
];
const integers = [
  '0',
  '1',
  '10',
  '-0',
  '-1',
  '+3',
  '007',
  '1_000',
  '1e3',
  '5s',
  ' 5',
  '',
  '2147483647',
  '2147483648',
  '-2147483648',
  '-2147483649',
  '9223372036854775807',
  '9223372036854775808',
];
const durations = [
  '0',
  '-0',
  '+0',
  '00',
  '1h',
  '1h30m',
  '1.5h',
  '.5s',
  '5.s',
  '.s',
  '1us',
  '1µs',
  '1μs',
  '5',
  '-3m',
  '1d',
  '1h 30m',
  '',
  '2562047h',
  '2562048h',
  '9223372036854775807ns',
  '9223372036854775808ns',
  '-9223372036854775808ns',
  '-9223372036854775809ns',
  '2562047h47m16.854775807s',
  '2562047h47m16.854775808s',
  '1H',
  '1m1m',
];

/** Settings that pgx or its pool looks at, each with values, and others that the server gets. */
const settings: Readonly<Record<string, readonly string[]>> = {
  sslmode: modes,
  sslrootcert: ['system', '', '/not/there', 'System'],
  sslcert: ['/not/there', ''],
  sslkey: ['/not/there', ''],
  sslnegotiation: ['direct', 'postgres', 'x', ''],
  sslsni: ['0', '1', 'x'],
  connect_timeout: integers,
  target_session_attrs: [
    'any',
    'read-write',
    'read-only',
    'primary',
    'standby',
    'prefer-standby',
    'Any',
    'master',
    '',
  ],
  statement_cache_capacity: integers,
  description_cache_capacity: integers,
  default_query_exec_mode: [
    'cache_statement',
    'cache_describe',
    'describe_exec',
    'exec',
    'simple_protocol',
    'simple',
    '',
  ],
  pool_max_conns: integers,
  pool_min_conns: integers,
  pool_min_idle_conns: integers,
  pool_max_conn_lifetime: durations,
  pool_max_conn_lifetime_jitter: durations,
  pool_max_conn_idle_time: durations,
  pool_health_check_period: durations,
  host: [...names, '/tmp', 'a,b', 'a,/tmp', '/tmp,/run', ',', '%2Ftmp,db', 'C:\\run'],
  port: [...ports, '1,2', '1,', ',2', '1,2,3', '5432,x'],
  service: ['glyphoxa', ''],
  servicefile: ['/not/there'],
  passfile: ['/not/there'],
  user: words,
  password: words,
  dbname: words,
  database: words,
  application_name: words,
  search_path: ['a,b', '"$user"'],
  unknown: words,
  '': ['x'],
  Port: ['x'],
};

const separators = ['&', '&', '&', '&&', ';', '&amp;'];
const spaces = [' ', ' ', ' ', '  ', '\t', '\n', '\v', '\f', '\r', '\u00a0', ''];

/** As many strings that somebody might take for DSNs as are asked for; the same seed gives the same strings. */
export function dsns(seed: number, count: number): string[] {
  const chance = new Chance(seed);
  return Array.from({ length: count }, () => {
    const dsn = chance.below(2) === 0 ? url(chance) : pairs(chance);
    return chance.below(8) === 0 ? damaged(dsn, chance) : dsn;
  });
}

/** A value that is mostly an ordinary one: the first of its list. */
function value(list: readonly string[], chance: Chance): string {
  return chance.below(3) === 0 ? chance.pick(list) : (list[chance.below(2)] ?? '');
}

function many<T>(most: number, chance: Chance, make: () => T): T[] {
  return Array.from({ length: chance.below(most + 1) }, make);
}

function setting(chance: Chance): [name: string, value: string] {
  const name = chance.pick(Object.keys(settings));
  return [name, value(settings[name] ?? [], chance)];
}

function url(chance: Chance): string {
  const host = () => {
    const name = chance.pick([names, names, addresses, sockets]);
    return value(name, chance) + (chance.below(2) === 0 ? `:${value(ports, chance)}` : '');
  };
  const scheme = chance.pick(['postgres', 'postgres', 'postgresql', 'postgresql', 'Postgres', 'mysql']);
  const user = ['', `${value(words, chance)}@`, `${value(words, chance)}:${value(words, chance)}@`];
  const hosts = [host(), ...many(3, chance, host).filter(() => chance.below(2) === 0)].join(',');
  const path = chance.pick(['', '/', '/x', '/x', '/x/y', '/%zz', '/a%20b', '//x', '/é']);
  const query = many(3, chance, () => {
    const [name, text] = setting(chance);
    return `${name}=${chance.below(2) === 0 ? encodeURIComponent(text) : text}${chance.pick(separators)}`;
  });
  const fragment = chance.pick(['', '', '', '', '#x', '#%zz', '#']);
  return `${scheme}://${chance.pick(user)}${hosts}${path}${query.length > 0 ? '?' : ''}${query.join('')}${fragment}`;
}

function pairs(chance: Chance): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const pair = () => {
    const [name, text] = setting(chance);
    const written = chance.pick([
      text,
      text,
      quoted(text),
      quoted(text),
      `'${text}'`,
      `${text}\\`,
      `'${text}`,
    ]);
    const equals = chance.pick(['=', '=', '=', ' = ', '=  ', '']);
    return `${name}${equals}${written}${value(spaces, chance)}`;
  };
  return [chance.pick(['', '', ' ', 'host=db ']), pair(), ...many(4, chance, pair)].join('');
}

/** The string with a character taken out, doubled, or put in. */
function damaged(dsn: string, chance: Chance): string {
  const at = chance.below(dsn.length + 1);
  const extra = chance.pick([
    '',
    '',
    "'",
    '"',
    '\\',
    '%',
    ' ',
    '=',
    ',',
    ':',
    '@',
    '[',
    ']',
    '/',
    '?',
    '#',
    '\0',
    '\n',
    '\u2028',
  ]);
  return dsn.slice(0, at) + extra + dsn.slice(chance.below(2) === 0 ? at : at + 1);
}
