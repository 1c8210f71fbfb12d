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
