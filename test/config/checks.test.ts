/** Where each check that the schema names begins and ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckName, checks } from '../../generator/config/checks.ts';
import type { Wrong } from '../../generator/config/problem.ts';

const long = (count: number) => 'a'.repeat(count);

/** What each check takes, and what it refuses. */
const table: {
  readonly [name in CheckName]?: { readonly fine: readonly string[]; readonly wrong: readonly string[] };
} = {
  'annotation-key': {
    fine: ['a', 'example.com/y', 'yesterday', 'nope', 'truely', 'a1'],
    wrong: ['y', 'N', 'yes', 'No', 'on', 'OFF', 'true', 'False', 'null', '1', '1a', 'a b'],
  },
  'secret-key': {
    fine: ['a', 'A.b_c-1', '.a', 'a..', long(253)],
    wrong: ['', '.', '..', '..a', 'a/b', 'a b', long(254)],
  },
  'release-name': { fine: ['a', 'a-1', long(47)], wrong: ['', '1a', 'A', 'a_b', '-a', 'a-', long(48)] },
  'env-name': { fine: ['A', '_a1', 'a'], wrong: ['', '1A', 'A-B', 'A B', 'A=', 'Ä'] },
  url: {
    fine: ['http://a', 'https://a.b:8443/c?d#e', 'ws://a', 'wss://a', 'HTTP://a', 'https://[::1]:80/'],
    wrong: [
      '',
      'a',
      'http:a',
      'http://',
      'http://a b',
      'http://ä',
      'ftp://a',
      'http://u@a',
      'http://:p@a',
      'http://u:p@a',
      'http://a:0',
      'http://a:99999',
    ],
  },
  'http-url': { fine: ['http://a', 'https://a'], wrong: ['ws://a', 'wss://a', 'oci://a'] },
  'relative-path': {
    fine: ['a', 'a/b', 'a\\b', './a', '...', 'a..b', 'ab:c'],
    wrong: ['/a', '..', '../a', 'a/../b', 'a\\..\\b', 'C:\\a', 'c:a'],
  },
  duration: {
    fine: ['0', '1h', '1h30m', '1.5s', '1.s', '10ms', '1us', '1\u00b5s', '1ns'],
    wrong: ['', '1', '00', 'h', '1d', '-1h', '1h ', '.5s'],
  },
  'scrape-interval': {
    fine: ['30s', '1m30s', '1y2w3d4h5m6s7ms', '5ms'],
    wrong: ['', '30', '1s1m', '1.5s', 's', '-1s'],
  },
  'chart-repository': {
    fine: ['https://a', 'http://a/b', 'oci://a/b'],
    wrong: ['a', 'HTTPS://a', 'ftp://a', 'https://', 'https://u@a', 'https://:p@a'],
  },
  'chart-version': {
    fine: ['1.2.3', 'v1.2.3', '0.0.0', '1.2.3-rc.1', '1.2.3+a.b', '1.2.3-a+b'],
    wrong: ['', '1', '1.2', '1.2.x', '1.2.3-', '1.2.3+', '1.2.3.4', 'w1.2.3'],
  },
  'git-address': {
    fine: [
      'https://a/b',
      'http://a:80/b.git',
      'ssh://git@a:22/b',
      'ssh://a/b',
      'git@a:b/c',
      'https://a/b%20c~d@e+f',
    ],
    wrong: [
      '',
      'a',
      'https://a',
      'https://a/',
      'https://u@a/b',
      'https://u:p@a/b',
      'ssh://u:p@a/b',
      'https://@a/b',
      'https://a/{{x}}',
      'https://a/b c',
      'ftp://a/b',
      'git@a/b',
    ],
  },
  'git-revision': {
    fine: ['main', 'v1.2.3', 'a/b', 'a@b', 'a#b', 'abc123', 'a.lock.b'],
    wrong: ['', '-a', '/a', 'a..b', 'a//b', 'a/', 'a.', 'a.lock', 'a@', 'a b', 'a{b', 'a:b'],
  },
  'repository-folder': {
    fine: ['a', 'a/b', 'a.b/c-d', '...', '@a+b'],
    wrong: ['', '/a', 'a/', 'a//b', '.', '..', 'a/./b', 'a/../b', 'a b'],
  },
  'oci-repository': {
    fine: [
      'oci://a/b',
      'oci://a.b:5000/c/d',
      'oci://a/b-c',
      'oci://a/b--c',
      'oci://a/b_c',
      'oci://a/b__c',
      'oci://a/b.c',
    ],
    wrong: [
      '',
      'a/b',
      'oci://a',
      'oci://a/',
      'oci://A/b',
      'oci://a/B',
      'oci://a/b:c',
      'oci://a/b___c',
      'oci://a/-b',
      'oci://a/b-',
      'oci://a/b..c',
      'oci://a//b',
      'https://a/b',
      'oci://u@a/b',
    ],
  },
  'database-name': { fine: ['a', '_a', 'a1', long(63)], wrong: ['', '1a', 'A', 'a-b', long(64)] },
};

for (const [name, { fine, wrong }] of Object.entries(table)) {
  test(`${name} takes what is fine, and refuses what is not`, () => {
    const check = checks[name as CheckName] as (value: string) => Wrong[];
    for (const value of fine) assert.deepEqual(check(value), [], value);
    for (const value of wrong) assert.equal(check(value).length, 1, JSON.stringify(value));
  });
}

test('what may hold a password is not shown, and what cannot is', () => {
  const hidden = (name: CheckName, value: string) =>
    (checks[name] as (text: string) => Wrong[])(value)[0]?.hidden === true;
  for (const value of ['a', 'ftp://a', 'http://u:p@a']) assert.ok(hidden('url', value), value);
  assert.ok(!hidden('url', 'http://a:0'));
  assert.ok(hidden('chart-repository', 'https://u:p@a'));
  for (const value of ['a', 'https://u:p@a/b']) assert.ok(hidden('git-address', value), value);
  assert.ok(hidden('oci-repository', 'oci://u:p@a/b'));
});
