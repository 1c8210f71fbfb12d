import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../generator/model/make-folder.ts';
import { maxFileBytes, readFile, whyUnreadable } from '../../generator/model/read-file.ts';
import { isLeftover, isRunning, removeFile, writeFiles } from '../../generator/model/write-file.ts';
import { writeNow } from '../../generator/model/write-now.ts';
import { folderOf } from '../support/folder.ts';

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

test('a file is read up to its limit and not beyond', (t) => {
  const folder = folderOf(t, { full: 'x'.repeat(100), empty: '', whole: 'y'.repeat(maxFileBytes) });
  const at = (name: string) => path.join(folder, name);
  assert.equal(readFile(at('full'), 100).toString(), 'x'.repeat(100));
  assert.equal(readFile(at('empty')).length, 0);
  assert.equal(readFile(at('whole')).length, maxFileBytes);
  assert.equal(
    codeOf(() => readFile(at('full'), 99)),
    'EFBIG',
  );
  writeFileSync(at('whole'), 'z'.repeat(maxFileBytes + 1));
  assert.equal(
    codeOf(() => readFile(at('whole'))),
    'EFBIG',
  );
});

test('a file that says it is empty is read to its end, and not beyond its limit', () => {
  const maps = '/proc/self/environ';
  if (!existsSync(maps)) return;
  const whole = readFileSync(maps);
  assert.equal(statSync(maps).size, 0);
  assert.deepEqual(readFile(maps), whole);
  assert.deepEqual(readFile(maps, whole.length), whole);
  assert.equal(
    codeOf(() => readFile(maps, whole.length - 1)),
    'EFBIG',
  );
  assert.equal(
    codeOf(() => readFile(maps, 1)),
    'EFBIG',
  );
});

test('what is no ordinary file is refused before it is read, and the file is closed again', (t) => {
  const folder = folderOf(t, { a: 'a' });
  symlinkSync('circle', path.join(folder, 'circle'));
  assert.equal(
    codeOf(() => readFile(folder)),
    'EISDIR',
  );
  assert.equal(
    codeOf(() => readFile('/dev/null')),
    'ENODEV',
  );
  assert.equal(
    codeOf(() => readFile(path.join(folder, 'none'))),
    'ENOENT',
  );
  assert.equal(
    codeOf(() => readFile(path.join(folder, 'circle'))),
    'ELOOP',
  );
  const seen: number[] = [];
  readFile(path.join(folder, 'a'), 10, ({ size }) => seen.push(size));
  assert.deepEqual(seen, [1]);
  const open = () => readdirSync('/proc/self/fd').length;
  if (!existsSync('/proc/self/fd')) return;
  const before = open();
  for (let i = 0; i < 5; i++) readFile(path.join(folder, 'a'));
  for (let i = 0; i < 5; i++) codeOf(() => readFile(path.join(folder, 'a'), 0));
  assert.equal(open(), before);
});

test('each reason why a file cannot be read is said in words of its own', () => {
  const codes = ['ENOENT', 'EISDIR', 'ENODEV', 'EFBIG', 'EACCES', 'ELOOP', 'ENAMETOOLONG', 'EIO'];
  const said = codes.map((code) => whyUnreadable(Object.assign(new Error('x'), { code })));
  assert.equal(new Set(said).size, codes.length);
  const pairs = { ENOTDIR: 'ENOENT', ENXIO: 'ENODEV', EPERM: 'EACCES' };
  for (const [code, other] of Object.entries(pairs)) {
    assert.equal(whyUnreadable({ code }), whyUnreadable({ code: other }));
  }
  assert.match(whyUnreadable({ code: 'EIO' }), /EIO/);
  assert.doesNotMatch(whyUnreadable(new Error('a secret')), /secret/);
});

test('files are written with their permissions, and all of them or none', (t) => {
  const folder = folderOf(t, { a: 'old' });
  const at = (name: string) => path.join(folder, name);
  const umask = process.umask(0o022);
  t.after(() => process.umask(umask));
  writeFiles(
    [
      { file: at('a'), text: 'new ü' },
      { file: at('b'), text: '', mode: 0o600 },
    ],
    true,
  );
  assert.deepEqual(
    ['a', 'b'].map((name) => readFileSync(at(name), 'utf8')),
    ['new ü', ''],
  );
  assert.deepEqual(
    ['a', 'b'].map((name) => statSync(at(name)).mode & 0o777),
    [0o644, 0o600],
  );

  const missing = { file: path.join(folder, 'no', 'c'), text: 'c' };
  assert.equal(
    codeOf(() => writeFiles([{ file: at('a'), text: 'newer' }, missing])),
    'ENOENT',
  );
  assert.equal(readFileSync(at('a'), 'utf8'), 'new ü');
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'b']);

  const open = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
  const before = open();
  for (let i = 0; i < 5; i++) writeFiles([{ file: at('a'), text: 'again' }]);
  assert.equal(open(), before);

  const left = at(`.a.${process.pid}.glyphoxa-tmp`);
  writeFileSync(left, 'half');
  assert.equal(
    codeOf(() => writeFiles([{ file: at('a'), text: 'x' }])),
    'EEXIST',
  );
});

test('a text is written to a descriptor to its end, and an error is thrown', (t) => {
  const file = path.join(folderOf(t, {}), 'a');
  const descriptor = openSync(file, 'w');
  const text = 'ü line\n'.repeat(50_000);
  writeNow(descriptor, text);
  writeNow(descriptor, '');
  closeSync(descriptor);
  assert.equal(readFileSync(file, 'utf8'), text);
  assert.equal(
    codeOf(() => writeNow(descriptor, text)),
    'EBADF',
  );
});

test('half-written files are those of processes that run no more', () => {
  assert.ok(isRunning(process.pid));
  assert.ok(isRunning(1));
  const gone = 2 ** 22 + 1;
  assert.ok(!isRunning(gone));
  assert.ok(isLeftover(`.a.yaml.${gone}.glyphoxa-tmp`));
  for (const name of [`.a.${process.pid}.glyphoxa-tmp`, `a.${gone}.glyphoxa-tmp`, `.a.${gone}.tmp`, 'a.yaml'])
    assert.ok(!isLeftover(name), name);
});

test('a file is removed where it is, and nothing is said where it is not', (t) => {
  const folder = folderOf(t, { a: '' });
  removeFile(path.join(folder, 'a'));
  removeFile(path.join(folder, 'a'));
  assert.deepEqual(readdirSync(folder), []);
});

test('missing folders are made and returned, the innermost first', (t) => {
  const folder = folderOf(t, { file: '' });
  const inner = path.join(folder, 'a', 'b', 'c');
  assert.deepEqual(makeFolder(inner), [inner, path.join(folder, 'a', 'b'), path.join(folder, 'a')]);
  assert.ok(statSync(inner).isDirectory());
  assert.deepEqual(makeFolder(inner), []);
  assert.equal(
    codeOf(() => makeFolder(path.join(folder, 'file'))),
    'EEXIST',
  );
  assert.equal(
    codeOf(() => makeFolder(path.join(folder, 'file', 'x'))),
    'ENOTDIR',
  );
  if (existsSync('/proc'))
    assert.notEqual(
      codeOf(() => makeFolder('/proc/none/x')),
      undefined,
    );
  const locked = path.join(folder, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  if (process.getuid?.() !== 0)
    assert.equal(
      codeOf(() => makeFolder(path.join(locked, 'x'))),
      'EACCES',
    );
});
