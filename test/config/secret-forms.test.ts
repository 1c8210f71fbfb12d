/** What is taken for a secret in a text, and what just is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  argumentRanges,
  credentialRanges,
  formRanges,
  isSecretName,
  type Range,
  speaksOfSecrets,
  urlRanges,
} from '../../generator/config/secret-forms.ts';
import { type Known, secretParts } from '../../generator/config/secret-parts.ts';
import type { Json } from '../../generator/model/json.ts';

const parts = (text: string, ranges: readonly Range[]) => ranges.map(([from, to]) => text.slice(from, to));

const readers = { url: urlRanges, argument: argumentRanges, credential: credentialRanges, form: formRanges };

const table: [reader: keyof typeof readers, text: string, ...secrets: string[]][] = [
  ['url', 'https://a/b'],
  ['url', 'https://u:p@a/b', 'u:p'],
  ['url', 'https://u@a/b', 'u'],
  ['url', 'https://@a/b'],
  ['url', 'https://u@v@a', 'u@v'],
  ['url', 'https://a/b@c'],
  ['url', 'https://a?b=c', 'c'],
  ['url', 'https://a?b=c&d=e#f=g', 'c', 'e'],
  ['url', 'https://a?b=&d', 'd'],
  ['url', 'https://a?b=c=d', 'c=d'],
  ['url', 'https://a#b?c=d', 'd'],
  ['url', 'a@b'],
  ['argument', 'run --api-key k --port 1', 'k'],
  ['argument', 'run --api-key=k', 'k'],
  ['argument', 'run --token "a b"', 'a b'],
  ['argument', "run --token 'a b'", 'a b'],
  ['argument', 'API_KEY=k run', 'k'],
  ['argument', 'run --api-key --port 1'],
  ['argument', 'run https://u:p@a', 'u:p'],
  ['argument', "run 'https://a?b=c', d", 'c'],
  ['argument', 'run --header-token "bearer x"', 'bearer x'],
  ['credential', 'u:p@host', 'p'],
  ['credential', 'image:tag@sha256:abc'],
  ['credential', 'u:p@'],
  ['form', 'password: abc', 'abc'],
  ['form', 'port: 8080'],
  ['form', 'token=true'],
  ['form', 'token: (hidden)'],
  ['form', 'key: abc'],
];
for (const [reader, text, ...secrets] of table) {
  test(`${reader}: ${text}`, () => {
    const found = new Set(parts(text, readers[reader](text)));
    assert.deepEqual([...found], secrets);
  });
}

test('names of secrets are told from others', () => {
  for (const name of [
    'api-key',
    'API_KEY',
    'apikey',
    'accessKey',
    'token',
    'my.secret',
    'password',
    'passwd',
    'credentials',
    'x_dsn',
    'client_id',
    'pwd',
    'Authorization',
    'bearer',
  ])
    assert.ok(isSecretName(name), name);
  for (const name of ['key', 'monkey', 'keys', 'tokens', 'port', 'author', 'dsnx'])
    assert.ok(!isSecretName(name), name);
  for (const name of ['key', 'monkey', 'tokens', 'auth', 'dsn', 'credential'])
    assert.ok(speaksOfSecrets(name), name);
  assert.ok(!speaksOfSecrets('port'));
});

const found = (value: Json, known?: Known, publicOptions?: string[]) =>
  [...secretParts(value, known, publicOptions)].map(({ path, text, because }) =>
    [path.join('.'), text, because].filter((part) => part !== undefined).join(' '),
  );

test('texts are secret by what the schema says of them', () => {
  const text = { type: 'string' };
  const cases: [Known, Json, ...string[]][] = [
    [text, 'a'],
    [{ ...text, secret: true }, 'a', ' a'],
    [{ type: 'integer', secret: true }, 1, ' 1'],
    [{ secret: true }, 'a', ' a option'],
    [{ secret: true }, 1],
    [{ secret: true }, { a: 'b', c: 1 }, 'a b option'],
    [{ type: 'object', secret: true }, { a: ['b', true] }, 'a.0 b', 'a.1 true'],
    ['option', { a: 'b', c: 1 }, 'a b option'],
    ['secret', { a: 'b', c: 1 }, 'a b', 'c 1'],
    ['free', { a: 'b' }],
    [{ type: 'object' }, { a: 'b' }],
    [{ type: 'object' }, 'a', ' a'],
    [{ type: 'array', items: text }, 'a', ' a'],
    [{ type: 'array', items: { ...text, secret: true } }, ['a', ''], '0 a'],
    [{ ...text, check: 'url' }, 'https://u:p@a', ' u:p url'],
    [{ ...text, check: 'http-url' }, 'https://u:p@a', ' u:p url'],
    [{ ...text, check: 'chart-repository' }, 'https://u:p@a', ' u:p url'],
    [{ ...text, check: 'image' }, 'https://u:p@a'],
    [{ ...text, parts: 'argument' }, '--token t', ' t argument'],
    [{ type: 'object', properties: { a: text } }, { a: 'b', c: 'd' }, 'c d option'],
    [
      { type: 'object', properties: { a: text }, additionalProperties: text },
      { a: 'b', c: 'd' },
    ],
    [{ ...text, secret: true }, null],
  ];
  for (const [known, value, ...secrets] of cases)
    assert.deepEqual(found(value, known), secrets, JSON.stringify([known, value]));
});

test('an option that is said to be public is none, and of a value without a schema all texts are secret', () => {
  const options = { type: 'object', properties: {}, additionalProperties: { secret: true } } as const;
  assert.deepEqual(found({ a: 'b', c: 'd' }, options, ['a']), ['c d option']);
  assert.deepEqual(found({ a: 'b' }), ['a b option']);
});
