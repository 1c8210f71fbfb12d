import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { fitsEnvFile, readEnvFile, writeEnvFile } from '../../generator/secrets/env-file.ts';
import { requireKustomizers } from '../support/tools.ts';

const printable = Array.from({ length: 0x7e - 0x20 + 1 }, (_, i) => String.fromCharCode(0x20 + i)).join('');

/** Values that stand on one line, and that a reader might change. */
const oneLine: { [key: string]: string } = {
  printable,
  equals: 'a=b=c',
  quoted: '"a"',
  apostrophes: "'a'",
  comment: '# not a comment',
  hash: 'a # b',
  dollar: '$HOME $(HOME) $$',
  backslash: '\\n \\',
  'leading.space': '  a',
  trailing: 'a  ',
  tab: '\ta\tb\t',
  unicode: 'päß😀',
  empty: '',
  long: 'x'.repeat(60_000),
};

const several: { [key: string]: string } = {
  lines: 'a\nb',
  ended: 'a\n',
  carriage: 'a\r',
  longer: 'x'.repeat(70_000),
  zero: 'a\0b',
};

test('values of one line fit, and come back as they were', () => {
  const entries = Object.entries(oneLine).map(([key, value]) => ({ key, value, comment: 'it' }));
  assert.ok(entries.every(({ key, value }) => fitsEnvFile(key, value)));
  const { values, problems } = readEnvFile(writeEnvFile(['first', 'second'], entries));
  assert.deepEqual(Object.fromEntries(values), oneLine);
  assert.deepEqual(problems, []);
});

test('what such a file cannot hold does not fit', () => {
  for (const [key, value] of Object.entries(several)) assert.ok(!fitsEnvFile(key, value), key);
});

test('every kustomize reads from the files what was written into them', async (t) => {
  const kustomizers = requireKustomizers(t);
  if (kustomizers === undefined) return;
  const folder = mkdtempSync(path.join(tmpdir(), 'env-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const entries = Object.entries(oneLine).map(([key, value]) => ({ key, value, comment: 'it' }));
  writeFileSync(path.join(folder, 'secrets.env'), writeEnvFile(['values'], entries));
  mkdirSync(path.join(folder, 'secrets'));
  for (const [key, value] of Object.entries(several)) writeFileSync(path.join(folder, 'secrets', key), value);
  const files = Object.keys(several).map((key) => `secrets/${key}`);
  const options = { disableNameSuffixHash: true };
  const kustomization = { secretGenerator: [{ name: 'values', envs: ['secrets.env'], files, options }] };
  writeFileSync(path.join(folder, 'kustomization.yaml'), writeYaml(kustomization as Json));
  for (const kustomize of kustomizers) {
    const { stdout, stderr, exitCode } = await kustomize.build(folder);
    assert.equal(exitCode, 0, `${kustomize.name}: ${stderr}`);
    const [secret] = parseYaml(stdout) as JsonObject[];
    const data = Object.entries(secret?.data as { [key: string]: string }).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString('utf8'),
    ]);
    assert.deepEqual(Object.fromEntries(data), { ...oneLine, ...several }, kustomize.name);
  }
});

test('mistakes are told by their lines, and without the value', () => {
  const { values, problems } = readEnvFile('# fine\n  a=1\r\nb\nbad key=canary\na=canary\nc=3\n');
  assert.deepEqual(Object.fromEntries(values), { a: '1', c: '3' });
  assert.deepEqual(
    problems.map(({ line }) => line),
    [3, 4, 5],
  );
  assert.ok(!JSON.stringify(problems).includes('canary'));
});

test('a line is as long as both readers take, and not a byte longer', () => {
  const longest = 64 * 1024 - 1;
  const value = (bytes: number) => 'x'.repeat(bytes - 'a='.length);
  assert.ok(fitsEnvFile('a', value(longest)));
  assert.ok(!fitsEnvFile('a', value(longest + 1)));
  assert.ok(!fitsEnvFile('a', `${value(longest - 1)}é`), 'bytes count, not characters');
  const problems = (bytes: number) => readEnvFile(`\na=${value(bytes)}\nb=1`).problems;
  assert.deepEqual(problems(longest), []);
  assert.deepEqual(
    problems(longest + 1).map(({ code, line }) => [code, line]),
    [['secrets-env', 2]],
  );
});

test('a conflict that a merge has left is told by the line that it begins on, and nothing else is read', () => {
  const { values, lines, problems } = readEnvFile('a=1\n\n<<<<<<< x\nb=1\n=======\nb=2\n>>>>>>> y\n');
  assert.deepEqual([values.size, lines.size], [0, 0]);
  assert.deepEqual(
    problems.map(({ code, line }) => [code, line]),
    [['merge-conflict', 3]],
  );
});

test('keys are told by their lines', () => {
  const { lines } = readEnvFile('# first\na=1\n\n  b=2\n');
  assert.deepEqual(
    [...lines],
    [
      ['a', 2],
      ['b', 4],
    ],
  );
});

test('a new file begins with its header, and each entry has its comment above', () => {
  const text = writeEnvFile(['one', 'two'], [{ key: 'a', value: 'b=c', comment: 'it' }]);
  assert.equal(text, '# one\n# two\n\n# it\na=b=c\n');
});
