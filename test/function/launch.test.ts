import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, test } from 'node:test';
import { cacheFile, load } from '../../generator/function/launch.ts';
import { folderOf } from '../support/folder.ts';

/** The bundle of a build that says who it is, in a character that takes more than a byte. */
const bundle = (name: string) => `exports.main = () => "${name} ü"; exports.path = require("node:path");\n`;

const nameOf = ({ exports }: { exports: object }) => (exports as { main: () => string }).main();

// The launcher is a CommonJS file, which has a require of its own.
before(() => {
  globalThis.require ??= createRequire(import.meta.url);
});

test('a bundle is loaded, with the compiled code that was made of it and with none that was not', (t) => {
  const folder = folderOf(t, { 'function-main.cjs': bundle('one') });
  const plain = load(folder);
  assert.match(nameOf(plain), /^one/);
  assert.equal((plain.exports as unknown as { path: typeof path }).path, path);
  assert.equal(plain.script.cachedDataRejected, undefined);

  const text = readFileSync(path.join(folder, 'function-main.cjs'));
  writeFileSync(cacheFile(folder), Buffer.concat([text, plain.script.createCachedData()]));
  const cached = load(folder);
  assert.match(nameOf(cached), /^one/);
  assert.equal(cached.script.cachedDataRejected, false);

  writeFileSync(path.join(folder, 'function-main.cjs'), bundle('two'));
  const edited = load(folder);
  assert.match(nameOf(edited), /^two/);
  assert.equal(edited.script.cachedDataRejected, undefined);
});
