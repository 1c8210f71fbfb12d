/** What a DSN leads to, and which words of it are refused, without the program's own reader beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dsnPorts } from '../../generator/config/dsn.ts';
import { readSecret } from '../../generator/config/resolve.ts';

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
