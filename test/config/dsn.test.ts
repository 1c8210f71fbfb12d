import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dsnPorts } from '../../generator/config/dsn.ts';
import { requireTool, runTool } from '../support/tools.ts';
import { dsns } from './dsn-strings.ts';

/**
 * What pgx 5.8.0, which the program has, makes of these strings (its pool's `ParseConfig`, no PG* variables set):
 * the TCP ports it would connect to, or undefined where it gives an error. Where a list leaves ports out, 5432 is
 * what pgx 5.13 dials besides. Brackets around what is no IPv6 address are taken up to Go 1.25.
 */
const facts: [dsn: string, ports: number[] | undefined][] = [
  ['postgres://u:p@db/x', [5432]],
  ['postgresql://u:p@db:6432/x?sslmode=disable', [6432]],
  ['postgres://db', [5432]],
  ['postgres://u:p%40ss@db/x', [5432]],
  ['postgres://u:p@ss@db:6432/x', [6432]],
  ['postgres://u:p:s@db/x', [5432]],
  ["postgres://u:it's~!$&()*+,;=@db/x", [5432]],
  ['postgres://u:p@10.0.0.1:6432/x', [6432]],
  ['postgres://u:p@[fd00::1]/x', [5432]],
  ['postgres://u:p@[fd00::1]:6432/x', [6432]],
  ['postgres://[fd00::1]:6432/x', [6432]],
  ['postgres://|u@db/x', undefined],
  ['postgres://u:p@db:/x', [5432]],
  ['postgres://u:p@db:05432/x', [5432]],
  // ports are counted by themselves, not by their hosts
  ['postgres://a:1,b:2/x', [1, 2]],
  ['postgres://a,b:6432/x', [6432, 5432]],
  ['postgres://u@a,[fd00::1]:7777/x', [7777, 5432]],
  ['postgres://a,b:6432/x?port=7000', [7000]],
  ['postgres://a:6432,b/x', undefined],
  ['postgres://a:1,b:2/x?host=h', [1]],
  ['postgres://db/x?port=7000', [7000]],
  ['postgres://db/x?port=7000&port=8000', [7000]],
  ['postgres://db/x?port=7000;a=b', [5432]],
  ['postgres://db/x?%zz', [5432]],
  ['postgres://é/x', [5432]],
  // what special characters of a password do where they are not percent-encoded
  ['postgres://u:p/s@db/x', undefined],
  ['postgres://u:p?s@db/x', undefined],
  ['postgres://u:p#s@db/x', undefined],
  ['postgres://u:p[s@db/x', undefined],
  ['postgres://u:p s@db/x', undefined],
  ['postgres://u:p%s@db/x', undefined],
  ['postgres://u:p^s@db/x', undefined],
  ['postgres://u:p"s@db/x', undefined],
  ['postgres://u:pé@db/x', undefined],
  ['postgres://u:p\\s@db/x', undefined],
  ['postgres://u:p@db/x\n', undefined],
  ['postgres://u:p@db/%zz', undefined],
  ['postgres://u:p@db/x#%zz', undefined],
  ['postgres://u:p@%2Ftmp/x', undefined],
  ['postgres://u:p@d b/x', undefined],
  ['postgres://db:port/x', undefined],
  ['postgres://db:0/x', undefined],
  ['postgres://db:65536/x', undefined],
  ['postgres://db:+5432/x', undefined],
  ['postgres://db/x?pool_max_conns=20&pool_max_conn_lifetime=1h30m&pool_health_check_period=1m', [5432]],
  ['postgres://db/x?pool_max_conns=0', undefined],
  ['postgres://db/x?pool_min_conns=few', undefined],
  ['postgres://db/x?pool_max_conn_idle_time=5', undefined],
  ['postgres://db/x?port=', undefined],
  ['postgres://db/x?sslmode=on', undefined],
  ['postgres://db/x?connect_timeout=5s', undefined],
  ['postgres://db/x?target_session_attrs=master', undefined],
  ['postgres://db/x?default_query_exec_mode=simple', undefined],
  // not the scheme, so pairs
  ['POSTGRES://db/x', undefined],
  ['mysql://u:p@db/x', undefined],
  ['postgres:/db/x', undefined],
  ['db.example.com', undefined],
  ['http://db/?a=b', []],
  ['host=db', [5432]],
  ['host=db port=6432', [6432]],
  ['  host = db\n port = 6432\n', [6432]],
  ["host=db password='a b' port=6432", [6432]],
  ["host=db password='it\\'s' port=6432", [6432]],
  ['host=db password=a\\ b port=6432', [6432]],
  ['host=a,b port=1,2', [1, 2]],
  ['host=a port=1,2', [1]],
  ['host=a,b,c port=1,2', [1, 2]],
  ["host=db password='it''s'", undefined],
  ["host=db password='open", undefined],
  ["host=db password='a'\n", undefined],
  ['host=db  ', undefined],
  ['host=db port=', undefined],
  ['host=db port=x', undefined],
  ['host=db password', undefined],
  ['=x', undefined],
  ['host=db sslmode=on', undefined],
  // sockets have no port, and no TLS
  ['host=/tmp sslmode=on', []],
  ['host=/tmp,db port=1,2', [2]],
  ['postgres:///x', []],
  ['', []],
  // what a service file says is not known here
  ['service=glyphoxa', []],
  ['postgres://db:6432/x?service=glyphoxa', [6432]],
  ['service=glyphoxa port=x', undefined],
  // numbers and durations have limits
  ['postgres://db/x?pool_max_conns=2147483648', undefined],
  ['postgres://db/x?connect_timeout=2147483648', [5432]],
  ['postgres://db/x?connect_timeout=-1', undefined],
  ['postgres://db/x?pool_max_conn_idle_time=2562048h', undefined],
  ['postgres://db/x?pool_max_conn_idle_time=1%C2%B5s', [5432]],
  ['postgres://db/x?pool_max_conn_idle_time=1%CE%BCs', [5432]],
  // certificates
  ['postgres://db/x?sslcert=/tls.crt', undefined],
  ['postgres://db/x?sslcert=/tls.crt&sslmode=disable', [5432]],
  ['postgres://db/x?sslcert=/tls.crt&sslkey=/tls.key', [5432]],
  ['postgres://db/x?sslrootcert=system&sslmode=on', [5432]],
  // addresses
  ['postgres://u:p@[fe80::1%25eth0]:6432/x', [6432]],
  ['postgres://u:p@[fe80::1%eth0]:6432/x', undefined],
  ['postgres://::1/x', [5432]],
  ['postgres://u:p@[db]:6432/x', [6432]],
  ['postgres://,,db:6432/x', [6432]],
  ['postgres://db/x#\n', [5432]],
  ["host=db password='\\", undefined],
  ['postgres://[::1]/x', [5432]],
  ['postgres://[fe80::1%25e%20h]:5432/x', [5432]],
  ['postgres://[fe80::1%25e|h]:5432/x', undefined],
  ['postgres://[fe80::1%25%C3%A9]:5432/x', undefined],
  ['postgres://[fe|80::1%25eth0]:5432/x', undefined],
  ['postgres://[fe80::%41]:5432/x', undefined],
  // what is escaped, or escapes a character
  ['postgres://db/x?host=%2Ftmp%ff', []],
  ['host=C:\\\\run', []],
  ["host=db sslcert=\\'", undefined],
  // of several hosts
  ['postgres://a,b/x?host=/tmp', []],
  ['host=a,b port=1,x', undefined],
  ['host=db service=glyphoxa', []],
  ['postgres://db:65535/x', [65535]],
];

describe('dsnPorts reads as pgx does', () => {
  for (const [dsn, ports] of facts) test(JSON.stringify(dsn), () => assert.deepEqual(dsnPorts(dsn), ports));
});

interface Reading {
  readonly ports?: number[];
  readonly error?: string;
}

/** Errors on files that a DSN names, which are the pod's, and on brackets that older versions of Go take. */
const elsewhere = /failed to read service|unable to read|invalid IP-literal|invalid host: ParseAddr/;

test('of 12,000 random strings dsnPorts reads each as pgx itself does', async (t) => {
  const pgx = requireTool(t, 'pgx');
  if (pgx === undefined) return;
  const strings = dsns(20_261_127, 12_000);
  const { stdout } = await runTool(pgx, ['parse'], { input: JSON.stringify(strings) });
  const readings = JSON.parse(stdout) as Reading[];
  const compared = strings.flatMap((dsn, index) => {
    const { ports = [], error } = readings[index] ?? { error: 'no answer' };
    if (error !== undefined && elsewhere.test(error)) return [];
    return [{ dsn, pgx: error === undefined ? ports : undefined, ours: dsnPorts(dsn) }];
  });
  const different = compared.filter(({ dsn, pgx, ours }) => {
    if (pgx === undefined || ours === undefined) return pgx !== ours;
    const also = /^postgres[^?]*,/.test(dsn) ? [...pgx, 5432] : pgx;
    return !pgx.every((port) => ours.includes(port)) || !ours.every((port) => also.includes(port));
  });
  assert.deepEqual(different, []);
  const taken = compared.filter(({ pgx }) => pgx !== undefined).length;
  assert.ok(taken > 3_000 && compared.length - taken > 3_000, `${taken} of ${compared.length} are taken`);
});

test('dsnPorts is quick on hostile strings', () => {
  const hostile = [
    'a= '.repeat(30_000),
    "a='\\".repeat(20_000),
    `postgres://${'@'.repeat(60_000)}`,
    `postgres://${'a:'.repeat(30_000)}`,
    `postgres://db?${'a&'.repeat(30_000)}`,
    '='.repeat(60_000),
    `a=${'\\'.repeat(60_001)}`,
    `postgres://${'['.repeat(60_000)}`,
    ' '.repeat(60_000),
    `${' '.repeat(60_000)}=x`,
    `a${' '.repeat(60_000)}b`,
  ];
  for (const dsn of hostile) {
    const start = process.cpuUsage();
    dsnPorts(dsn);
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < 2_000_000, `${dsn.slice(0, 20)}: ${(user + system) / 1000} ms`);
  }
});
