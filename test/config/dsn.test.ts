import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dsnPorts } from '../../generator/config/dsn.ts';

/**
 * What pgx 5.7.6 made of these strings (`pgx.ParseConfig`, compiled with Go 1.26, no PG* variables set; 5.8.0,
 * which the program has, does the same): the ports it would connect to, or undefined where it gave an error.
 * Where a list leaves ports out, 5432 is what pgx 5.13 dials besides.
 */
const facts: [dsn: string, ports: number[] | undefined][] = [
  ['postgres://u:p@db/x', [5432]],
  ['postgresql://u:p@db:6432/x?sslmode=disable', [6432]],
  ['postgres://db', [5432]],
  ['postgres:///x', [5432]],
  ['postgres://u:p%40ss@db/x', [5432]],
  ['postgres://u:p@ss@db:6432/x', [6432]],
  ['postgres://u:p:s@db/x', [5432]],
  ["postgres://u:it's~!$&()*+,;=@db/x", [5432]],
  ['postgres://u:p@10.0.0.1:6432/x', [6432]],
  ['postgres://u:p@[fd00::1]/x', [5432]],
  ['postgres://u:p@[fd00::1]:6432/x', [6432]],
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
  ['http://db/?a=b', [5432]],
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
  ['host=/tmp sslmode=on', [5432]],
];

describe('dsnPorts reads as pgx does', () => {
  for (const [dsn, ports] of facts) test(JSON.stringify(dsn), () => assert.deepEqual(dsnPorts(dsn), ports));
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
