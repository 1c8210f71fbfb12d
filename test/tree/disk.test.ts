/** The door between a tree and the disk: what stays shut, what is said of it, and what is written and removed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Failure } from '../../generator/model/finding.ts';
import {
  folderInRepository,
  folderWords,
  inMadeTree,
  kindOf,
  listFolder,
  modeOf,
  openTree,
  readBytes,
  readText,
  removeFile,
  removeLeftovers,
  type Tree,
  writeFile,
} from '../../generator/tree/disk.ts';
import { get, makeFolder, put, snapshot, treeIn } from './folder.ts';

/** The code that work fails with; undefined where it does not. */
function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Failure, `a Failure, not ${String(error)}`);
    return error.findings.map(({ code }) => code).join();
  }
}

const all: { readonly [what: string]: (tree: Tree, file: string) => unknown } = {
  list: listFolder,
  bytes: readBytes,
  text: readText,
  mode: modeOf,
  kind: kindOf,
  write: (tree, file) => writeFile(tree, file, 'new'),
  remove: removeFile,
  leftovers: removeLeftovers,
};

test('no path leads out of a tree, whatever is done with it', (t) => {
  const folder = makeFolder(t, { 'tree/a/b.yaml': 'a', 'victim.yaml': 'precious' });
  const tree = treeIn(path.join(folder, 'tree'));
  const before = snapshot(folder);
  const outside = ['../victim.yaml', 'a/../../victim.yaml', path.join(folder, 'victim.yaml'), 'a//b.yaml'];
  for (const [what, work] of Object.entries(all)) {
    for (const file of [...outside, '..', '', 'a/', '/a', 'a\0b'])
      assert.equal(
        codeOf(() => work(tree, file)),
        'outside',
        `${what} ${JSON.stringify(file)}`,
      );
  }
  assert.deepEqual(snapshot(folder), before);
});

test('no link in a tree is followed, whatever is done with it', (t) => {
  const folder = makeFolder(t, { 'tree/a': '', 'victim/b.yaml': 'precious' });
  symlinkSync(path.join(folder, 'victim'), path.join(folder, 'tree/folder'));
  symlinkSync(path.join(folder, 'victim/b.yaml'), path.join(folder, 'tree/file'));
  symlinkSync('nowhere', path.join(folder, 'tree/dead'));
  const before = snapshot(folder);
  const tree = { ...treeIn(path.join(folder, 'tree')), folders: new Set<string>() };
  for (const [what, work] of Object.entries(all)) {
    for (const file of ['folder', 'file', 'dead', 'folder/b.yaml', 'folder/new/c.yaml'])
      assert.equal(
        codeOf(() => work(tree, file)),
        'symbolic-link',
        `${what} ${file}`,
      );
  }
  assert.deepEqual(snapshot(folder), before);
});

test('what is not what it should be is told by its code', (t) => {
  const folder = makeFolder(t, { file: 'x', 'folder/b': '' });
  put(folder, 'latin', Buffer.from([0x61, 0xe9]));
  put(folder, 'large', '');
  put(folder, 'largest', '');
  truncateSync(path.join(folder, 'large'), 16 * 1024 * 1024 + 1);
  truncateSync(path.join(folder, 'largest'), 16 * 1024 * 1024);
  spawnSync('mkfifo', [path.join(folder, 'pipe')]);
  const tree = treeIn(folder);
  const long = 'x'.repeat(256);
  const cases: readonly (readonly [string, () => unknown, code: string])[] = [
    ['a file, listed', () => listFolder(tree, 'file'), 'no-folder'],
    ['a file, looked into', () => listFolder(tree, 'file/b'), 'cannot-read'],
    ['a folder, read', () => readBytes(tree, 'folder'), 'no-file'],
    ['a pipe, read', () => readBytes(tree, 'pipe'), 'no-file'],
    ['a file that is too large', () => readBytes(tree, 'large'), 'too-large'],
    ['a text in Latin 1', () => readText(tree, 'latin'), 'not-utf8'],
    ['a file in a file, read', () => readBytes(tree, 'file/b'), 'cannot-read'],
    ['a file in a file, written', () => writeFile(tree, 'file/b', ''), 'cannot-read'],
    ['a folder, written', () => writeFile(tree, 'folder', ''), 'cannot-write'],
    ['a folder, removed', () => removeFile(tree, 'folder'), 'cannot-remove'],
    ['too long a name, read', () => readBytes(tree, long), 'cannot-read'],
    ['too long a name, written', () => writeFile(tree, `new/${long}`, ''), 'cannot-write'],
    ['no tree', () => openTree('missing', folder), 'cannot-read'],
    ['a file for a tree', () => openTree('file', folder), 'no-folder'],
  ];
  for (const [what, work, code] of cases) assert.equal(codeOf(work), code, what);
  assert.equal(readBytes(tree, 'largest')?.length, 16 * 1024 * 1024);
  assert.deepEqual(readdirSync(path.join(folder, 'folder')), ['b'], 'nothing half-written is left');
});

test('what is not there is nothing, and not a failure', (t) => {
  const folder = makeFolder(t, { 'a/b': '' });
  const tree = { ...treeIn(folder), folders: new Set<string>() };
  for (const file of ['c', 'a/c', 'c/d/e']) {
    for (const work of [listFolder, readBytes, readText, modeOf, kindOf, removeFile, removeLeftovers])
      assert.equal(work(tree, file), undefined, file);
  }
  assert.deepEqual([kindOf(tree, 'a'), kindOf(tree, 'a/b')], ['folder', 'file']);
  assert.deepEqual([...snapshot(folder).keys()], ['a/b']);
});

test('texts that are about to be written are read in place of what is there', (t) => {
  const folder = makeFolder(t, { 'a/b': 'old', 'a/d': 'old' });
  const pending = new Map([
    ['a/b', 'new'],
    ['e/f/g', ''],
  ]);
  const tree = { ...treeIn(folder), pending };
  assert.deepEqual(
    ['a/b', 'a/d', 'e/f/g', 'e/f'].map((file) => readText(tree, file)),
    ['new', 'old', '', undefined],
  );
  assert.deepEqual(
    ['a', 'a/b', 'e', 'e/f', 'e/f/g', 'e/f/gh', 'f'].map((file) => kindOf(tree, file)),
    ['folder', 'file', 'folder', 'folder', 'file', undefined, undefined],
  );
  assert.deepEqual(
    ['a', 'e', 'e/f', 'f'].map((file) => listFolder(tree, file)),
    [['b', 'd'], ['f'], ['g'], undefined],
  );
});

test('a text keeps its byte order mark, for who reads it to judge', (t) => {
  assert.equal(readText(treeIn(makeFolder(t, { a: '\uFEFFa' })), 'a'), '\uFEFFa');
});

test('a file is written with its folders and permissions, in place of what was there', (t) => {
  const folder = makeFolder(t, { a: 'old and longer' });
  const tree = treeIn(folder);
  for (const isFlushed of [true, false]) {
    writeFile(tree, 'a', 'new', undefined, isFlushed);
    writeFile(tree, 'b/c/d', 'secret', 0o600, isFlushed);
    assert.deepEqual([get(folder, 'a'), get(folder, 'b/c/d')], ['new', 'secret']);
    assert.deepEqual([modeOf(tree, 'a'), modeOf(tree, 'b/c/d')], [0o644, 0o600]);
  }
  assert.deepEqual([...snapshot(folder).keys()], ['a', 'b/c/d']);
});

test('a file is removed with its folder, where that is empty then', (t) => {
  const folder = makeFolder(t, { 'a/b/c': '', 'a/b/d': '' });
  const tree = treeIn(folder);
  removeFile(tree, 'a/b/c');
  assert.deepEqual(readdirSync(path.join(folder, 'a/b')), ['d']);
  removeFile(tree, 'a/b/d');
  assert.deepEqual(readdirSync(path.join(folder, 'a')), []);
});

test('what killed runs left goes, and its folder where nothing else was in it', (t) => {
  const ended = spawnSync(process.execPath, ['-e', '']).pid;
  const left = `.x.yaml.${ended}.glyphoxa-tmp`;
  const kept = `.x.yaml.${process.pid}.glyphoxa-tmp`;
  const folder = makeFolder(t, {
    [`only/${left}`]: '',
    [`both/${left}`]: '',
    'both/mine': '',
    [`busy/${kept}`]: '',
  });
  mkdirSync(path.join(folder, 'empty'));
  const tree = treeIn(folder);
  for (const name of ['only', 'both', 'busy', 'empty', 'none']) removeLeftovers(tree, name);
  assert.deepEqual([...snapshot(folder).keys()], ['both/mine', `busy/${kept}`]);
  assert.deepEqual(readdirSync(folder).sort(), ['both', 'busy', 'empty']);
});

test('folders that were made for a tree go where the work in it fails, and no others', async (t) => {
  const folder = makeFolder(t, { 'old/file': '' });
  const failing = (given: string, leave?: string) =>
    assert.rejects(
      inMadeTree(given, folder, async (tree) => {
        assert.ok(statSync(tree.root).isDirectory());
        if (leave !== undefined) writeFile(tree, leave, '');
        throw new Error('no');
      }),
    );
  mkdirSync(path.join(folder, 'bare'));
  await failing('bare');
  await failing('new/deep/er');
  await failing('left/deep', 'file');
  assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), [
    'bare',
    'left',
    'left/deep',
    'left/deep/file',
    'old',
    'old/file',
  ]);
  assert.equal(
    await inMadeTree('made/deep', folder, async ({ root }) => path.relative(folder, root)),
    'made/deep',
  );
  assert.ok(existsSync(path.join(folder, 'made/deep')));
  const codes = await inMadeTree('old/file', folder, async () => '').catch((error: Failure) =>
    error.findings.map(({ code }) => code),
  );
  assert.deepEqual(codes, ['cannot-write']);
});

test('a tree is named as the user named it, and its files so that no option is read in them', (t) => {
  const folder = makeFolder(t, { 'trees/one/glyphoxa.yaml': '', 'trees/-x/a': '' });
  const [one, above] = [openTree('trees/one', folder), openTree(undefined, path.join(folder, 'trees/one'))];
  assert.deepEqual(
    [one.show('a'), one.at('a'), above.show('a'), above.show(''), above.at('a')],
    ['trees/one/a', 'trees/one/a', 'a', '.', 'a'],
  );
  const odd = openTree('-x', path.join(folder, 'trees'));
  assert.deepEqual([odd.at('a'), odd.at('')], ['./-x/a', './-x']);
  assert.deepEqual([folderWords(one), folderWords(one, '--dir')], [['trees/one'], ['--dir=trees/one']]);
  assert.deepEqual([folderWords(above), folderWords(above, '--dir')], [[], []]);
});

test('a tree is found in the git repository that it stands in', (t) => {
  const folder = makeFolder(t, {
    'repo/.git/HEAD': '',
    'repo/a/b/c': '',
    'worktree/.git': '',
    'plain/a': '',
  });
  const of = (name: string) => folderInRepository(treeIn(path.join(folder, name)));
  assert.deepEqual([of('repo'), of('repo/a/b'), of('worktree'), of('plain')], ['', 'a/b', '', undefined]);
});
