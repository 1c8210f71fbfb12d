/** What a DSN leads to, and which words of it are refused, without the program's own reader beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databasePorts, dsnPorts } from '../../generator/config/dsn.ts';
import { readSecret } from '../../generator/config/resolve.ts';
import { configOf } from '../objects/samples.ts';

test('each setting takes its words, and no other', () => {
  const words: { [setting: string]: string[] } = {
    target_session_attrs: ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'],
    sslmode: ['', 'disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    default_query_exec_mode: [
      'cache_statement',
      'cache_describe',
      'describe_exec',
      'exec',
      'simple_protocol',
    ],
  };
  for (const [setting, values] of Object.entries(words)) {
    for (const value of values)
      assert.deepEqual(dsnPorts(`postgres://db/x?${setting}=${value}`), [5432], `${setting}=${value}`);
    assert.equal(dsnPorts(`postgres://db/x?${setting}=other`), undefined, setting);
  }
});

const int32: Limits = [
  ['-2147483648', '0', '+3', '2147483647'],
  ['-2147483649', '2147483648', 'x', '1.5'],
];

/** 2^63 nanoseconds are too many; of each unit, what is just less, and what is just more. */
const durations: Limits = [
  [
    '0',
    '-0',
    '9223372036854775807ns',
    '-9223372036854775808ns',
    '9223372036854775.807us',
    '2562047h47m16.854775807s',
    '.9999999999999999999999999s',
    '9223372036854ms',
    '9223372036s',
    '153722867m',
    '2562047h',
    '2562047h47m',
  ],
  [
    '9223372036854775808ns',
    '-9223372036854775809ns',
    '9223372036854775.808us',
    '2562047h47m16.854775808s',
    '9223372036854776us',
    '9223372036854776\u00b5s',
    '9223372036854776\u03bcs',
    '9223372036855ms',
    '9223372037s',
    '153722868m',
    '2562048h',
    '2562047h48m',
    '1',
    'x',
  ],
];

/** What a setting takes, and what it does not. */
type Limits = readonly [taken: readonly string[], refused: readonly string[]];

const limits: { readonly [setting: string]: Limits } = {
  connect_timeout: [
    ['0', '9223372036854775807'],
    ['-1', '9223372036854775808'],
  ],
  statement_cache_capacity: int32,
  description_cache_capacity: int32,
  pool_max_conns: [
    ['1', '2147483647'],
    ['0', '2147483648'],
  ],
  pool_min_conns: int32,
  pool_min_idle_conns: int32,
  pool_max_conn_lifetime: durations,
  pool_max_conn_lifetime_jitter: durations,
  pool_max_conn_idle_time: durations,
  pool_health_check_period: durations,
};

test('each number and duration is taken up to its limit', () => {
  for (const [setting, [taken, refused]] of Object.entries(limits)) {
    const ports = (value: string) => dsnPorts(`host=db ${setting}=${value}`);
    for (const value of taken) assert.deepEqual(ports(value), [5432], `${setting}=${value}`);
    for (const value of refused) assert.equal(ports(value), undefined, `${setting}=${value}`);
  }
});

test('the ports of the database are those of the DSN that stands in the resource, else the one that is set', () => {
  const ports = (value: string, more: object = {}) =>
    databasePorts(
      configOf({
        secrets: { provider: 'kubernetes' },
        gateway: { adminKey: { fromEnv: 'A' } },
        database: { dsn: { value }, port: 7777 },
        ...more,
      }),
    );
  assert.deepEqual(ports('postgres://a:1,b:2/x'), [1, 2]);
  assert.deepEqual(ports('service=glyphoxa'), [7777]);
  assert.deepEqual(ports('postgres://a:1/x', { postgresql: { enabled: true } }), [5432]);
  assert.deepEqual(databasePorts(configOf({ database: { port: 7777 } })), [7777]);
});

test('ports are those of all hosts, and of one that a URL leaves out its default, too', () => {
  assert.deepEqual(dsnPorts('postgres://a:1,b:2/x'), [1, 2]);
  assert.deepEqual(dsnPorts('postgres://a,b:2/x'), [2, 5432]);
  assert.deepEqual(dsnPorts('postgres://a,b/x'), [5432]);
  assert.equal(dsnPorts('postgres://[::1/x'), undefined);
});

test('a variable is read where the machine allows it: all but in CI, or those that are named', () => {
  const isRead = (env: { [name: string]: string }, allowEnv?: string[]) =>
    'value' in
    readSecret({ fromEnv: 'A' }, { env: { A: 'a', ...env }, folder: '.', ...(allowEnv && { allowEnv }) });
  for (const CI of ['', '0', 'false', 'FALSE']) assert.ok(isRead({ CI }), CI);
  assert.ok(isRead({}) && !isRead({ CI: 'true' }) && !isRead({ CI: '1' }));
  assert.ok(isRead({ CI: 'true', GLYPHOXA_ALLOW_ENV: 'B, A' }) && !isRead({ GLYPHOXA_ALLOW_ENV: 'B' }));
  assert.ok(isRead({ CI: 'true' }, ['A']) && !isRead({}, ['B']));
});
