/** Which files the words on a command line stand for, and how they are read. */
import assert from 'node:assert/strict';
import { chownSync, lchownSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  environmentOrPath,
  environmentsBeside,
  expandPaths,
  overlayFolder,
  readLayers,
  treeFolder,
} from '../../generator/config/files.ts';
import { Failure, type Finding } from '../../generator/model/finding.ts';
import { maxFileBytes } from '../../generator/model/read-file.ts';
import { folderOf } from '../support/folder.ts';

const resource = 'kind: Glyphoxa\n';

/** A repository with a resource, two environments and what is none, a fleet of its own, and folders without a resource. */
const files = {
  'glyphoxa.yaml': resource,
  'overlays/prod/config.yaml': 'spec: {}\n',
  'overlays/dev.eu/config.yaml': 'spec: {}\n',
  'overlays/charts/kustomization.yaml': '',
  'overlays/folder/config.yaml/a': '',
  'overlays/notes.md': '',
  'other/glyphoxa.yaml': resource,
  'other/own.yaml': resource,
  'other/overlays/solo/config.yaml': 'spec: {}\n',
  'docs/deep/a.md': '',
  'docs/glyphoxa.yaml/a': '',
  'many/-/a.md': '',
};

/** What a refusal says: code and file of its findings. */
function refused(error: unknown): string[] {
  assert.ok(error instanceof Failure);
  return error.findings.map(({ code, position }) => `${code} ${position?.file}`);
}

/** What a call gives, or what its refusal says. */
function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return refused(error);
  }
}

describe('words for configurations stand for', () => {
  const cases: [given: string[], paths: string[], passed?: string[]][] = [
    [['-'], ['-']],
    [['.'], ['.']],
    [
      ['glyphoxa.yaml', 'nowhere'],
      ['glyphoxa.yaml', 'nowhere'],
    ],
    [['overlays'], ['overlays/dev.eu', 'overlays/prod']],
    [['overlays/*'], ['overlays/dev.eu', 'overlays/prod']],
    [['overlays/prod'], ['overlays/prod']],
    [['overlays/folder'], ['overlays/folder']],
    [
      ['other', 'other/*', 'other/overlays/*'],
      ['other', 'other/*', 'other/overlays/solo'],
    ],
    [['docs'], ['docs']],
    [['docs/deep'], ['docs/deep']],
    [['overlays/charts'], ['overlays/charts']],
    [['overlays/charts', 'overlays/prod', '-'], ['overlays/prod', '-'], ['overlays/charts']],
    [
      ['overlays/prod', 'overlays/notes.md'],
      ['overlays/prod', 'overlays/notes.md'],
    ],
  ];
  for (const [given, paths, passed = []] of cases)
    it(given.join(' '), (t) => assert.deepEqual(expandPaths(given, folderOf(t, files)), { paths, passed }));

  it('standard input, also beside a folder of that name', (t) => {
    const cwd = path.join(folderOf(t, files), 'many');
    assert.deepEqual(expandPaths(['-', '.'], cwd), { paths: ['-'], passed: ['.'] });
  });

  it('every environment of the folder that they are given in', (t) => {
    const cwd = path.join(folderOf(t, files), 'overlays');
    for (const word of ['*', './*', '.'])
      assert.deepEqual(expandPaths([word], cwd), { paths: ['dev.eu', 'prod'], passed: [] }, word);
  });
});

describe('the folder of a tree', () => {
  const cases: [cwd: string, dir: string | undefined, folder: string, environments: string[]][] = [
    ['.', undefined, '.', ['dev.eu', 'prod']],
    ['overlays/prod', undefined, '../..', ['dev.eu', 'prod']],
    ['docs/deep', undefined, '../..', ['dev.eu', 'prod']],
    ['docs', undefined, '..', ['dev.eu', 'prod']],
    ['docs', 'deep', 'deep', []],
    ['other/overlays', undefined, '..', ['solo']],
    ['docs', '../other', '../other', ['solo']],
  ];
  for (const [cwd, dir, folder, environments] of cases)
    it(`at ${cwd} is ${dir === undefined ? 'the nearest with a resource' : 'the one that is named'}`, (t) => {
      const at = path.join(folderOf(t, files), cwd);
      assert.equal(treeFolder(dir, at), folder);
      assert.deepEqual(environmentsBeside(dir, at), environments);
    });

  it('without a resource is the one where the command runs', (t) => {
    const cwd = folderOf(t, { 'overlays/a/config.yaml': '' });
    assert.equal(treeFolder(undefined, cwd), '.');
    assert.deepEqual(environmentsBeside(undefined, cwd), ['a']);
  });
});

describe('the overlay of an environment', () => {
  const cases: [name: string, resource: string | undefined, cwd: string, expected: unknown][] = [
    ['prod', undefined, '.', 'overlays/prod'],
    ['prod', undefined, 'docs/deep', '../../overlays/prod'],
    ['prod', undefined, 'overlays/prod', '.'],
    ['solo', 'other', '.', 'other/overlays/solo'],
    ['solo', 'other/own.yaml', '.', 'other/overlays/solo'],
    ['solo', 'own.yaml', 'other', 'overlays/solo'],
    ['solo', undefined, '.', ['no-environment overlays/solo']],
    ['charts', undefined, 'docs', ['no-environment ../overlays/charts']],
    ['prod', 'nowhere/glyphoxa.yaml', '.', ['no-environment nowhere/overlays/prod']],
  ];
  for (const [name, given, cwd, expected] of cases)
    it(`${name} of ${given ?? 'the nearest resource'} at ${cwd}`, (t) => {
      const at = path.join(folderOf(t, files), cwd);
      assert.deepEqual(
        outcome(() => overlayFolder(name, given, at)),
        expected,
      );
    });

  it('is looked for beside a resource only', (t) => {
    const cwd = folderOf(t, { 'overlays/a/config.yaml': '' });
    assert.deepEqual(
      outcome(() => overlayFolder('a', undefined, cwd)),
      ['no-resource glyphoxa.yaml'],
    );
  });

  const hints: [name: string, resource: string, hint: RegExp][] = [
    ['prdo', 'glyphoxa.yaml', /\bprod\?$/],
    ['staging', 'glyphoxa.yaml', /: dev\.eu, prod$/],
    ['prod', 'docs', /overlays\/<name>\/config\.yaml$/],
  ];
  for (const [name, given, hint] of hints)
    it(`${name} of ${given} is told what there is`, (t) => {
      const cwd = folderOf(t, files);
      assert.throws(
        () => overlayFolder(name, given, cwd),
        (error) => error instanceof Failure && hint.test(error.findings[0]?.hint ?? ''),
      );
    });
});

describe('a word for an environment or a path', () => {
  const cases: [word: string, dir: string | undefined, cwd: string, expected: unknown][] = [
    ['-', 'other', '.', '-'],
    ['.', undefined, '.', '.'],
    ['.', 'other', '.', 'other'],
    ['prod', undefined, '.', 'overlays/prod'],
    ['prod', undefined, 'docs/deep', '../../overlays/prod'],
    ['dev.eu', undefined, '.', 'overlays/dev.eu'],
    ['solo', 'other', '.', 'other/overlays/solo'],
    ['overlays/prod', undefined, '.', 'overlays/prod'],
    ['./prod', undefined, '.', './prod'],
    ['..\\prod', undefined, '.', '..\\prod'],
    ['docs', undefined, '.', 'docs'],
    ['nowhere.yaml', undefined, '.', 'nowhere.yaml'],
    ['staging', undefined, '.', ['no-environment overlays/staging']],
    ['prod', 'other', '.', ['no-environment other/overlays/prod']],
  ];
  for (const [word, dir, cwd, expected] of cases)
    it(`${word} of ${dir ?? 'the nearest resource'} at ${cwd}`, (t) => {
      const at = path.join(folderOf(t, files), cwd);
      assert.deepEqual(
        outcome(() => environmentOrPath(word, dir, at)),
        expected,
      );
    });
});

/** The layers that a path stands for: the files, the folders that they lie in, or what the refusal says. */
async function layersOf(given: string, cwd: string, input: (string | Uint8Array)[] = []): Promise<unknown> {
  const stdin = (async function* () {
    yield* input;
  })();
  try {
    const { base, environment, overlay, folder } = await readLayers(given, { cwd, stdin });
    const relative = (at: string) => path.relative(cwd, at) || '.';
    if (environment === undefined) return [base.file, relative(folder)];
    return [base.file, relative(folder), environment.file, environment.environment, relative(overlay ?? '')];
  } catch (error) {
    return refused(error);
  }
}

describe('the layers of', () => {
  const more = {
    ...files,
    'both/glyphoxa.yaml': resource,
    'both/config.yaml': 'kind: "Glyphoxa"\n',
    'beside/glyphoxa.yaml': resource,
    'beside/config.yaml': 'server: {}\n',
    'large.yaml': '#'.repeat(maxFileBytes + 1),
    'full.yaml': '#'.repeat(maxFileBytes),
    'latin1.yaml': Buffer.from('a: \xe9', 'latin1'),
  };
  const prod = ['glyphoxa.yaml', '.', 'overlays/prod/config.yaml', 'prod', 'overlays/prod'];
  const cases: [given: string, expected: unknown, cwd?: string][] = [
    ['.', ['glyphoxa.yaml', '.']],
    ['glyphoxa.yaml', ['glyphoxa.yaml', '.']],
    ['other', ['other/glyphoxa.yaml', 'other']],
    ['other/own.yaml', ['other/own.yaml', 'other']],
    ['overlays/prod', prod],
    ['overlays/prod/config.yaml', prod],
    ['.', ['../../glyphoxa.yaml', '../..', 'config.yaml', 'prod', '.'], 'overlays/prod'],
    ['both/glyphoxa.yaml', ['both/glyphoxa.yaml', 'both']],
    ['both/config.yaml', ['glyphoxa.yaml', '.', 'both/config.yaml', 'both', 'both']],
    ['beside', ['beside/glyphoxa.yaml', 'beside']],
    ['both', ['two-layers both/config.yaml']],
    ['docs/deep', ['no-resource docs/deep']],
    ['.', ['no-resource .'], 'docs/deep'],
    ['nowhere', ['unreadable nowhere']],
    ['overlays/folder', ['unreadable overlays/folder/config.yaml']],
    ['large.yaml', ['too-large large.yaml']],
    ['full.yaml', ['full.yaml', '.']],
    ['latin1.yaml', ['not-utf8 latin1.yaml']],
  ];
  for (const [given, expected, cwd = '.'] of cases)
    it(`${given} at ${cwd}`, async (t) =>
      assert.deepEqual(await layersOf(given, path.join(folderOf(t, more), cwd)), expected));

  it('a path that is absolute, by files that are so too', async (t) => {
    const cwd = folderOf(t, files);
    assert.deepEqual(await layersOf(path.join(cwd, 'other'), cwd), [
      path.join(cwd, 'other/glyphoxa.yaml'),
      'other',
    ]);
    assert.deepEqual(await layersOf(path.join(cwd, 'docs/deep'), cwd), [
      `no-resource ${path.join(cwd, 'docs/deep')}`,
    ]);
  });

  it('an environment without a resource above are none', async (t) => {
    const cwd = folderOf(t, { 'overlays/a/config.yaml': '' });
    assert.deepEqual(await layersOf('overlays/a', cwd), ['no-resource overlays/a/config.yaml']);
  });

  it('a file that cannot be read are refused at its beginning, with no line of it', async (t) => {
    const cwd = folderOf(t, { 'empty/a': '' });
    const stdin = (async function* () {})();
    const error = await readLayers('empty', { cwd, stdin }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof Failure);
    const [{ severity, position, showSource } = {} as Partial<Finding>] = error.findings;
    assert.deepEqual(
      { severity, position, showSource },
      { severity: 'error', position: { file: 'empty', line: 1, col: 1 }, showSource: false },
    );
  });
});

describe('standard input', () => {
  const codes = async (...input: (string | Uint8Array)[]) => {
    const stdin = (async function* () {
      yield* input;
    })();
    const { base, folder } = await readLayers('-', { cwd: '/', stdin });
    return { text: base.text, file: base.file, folder, codes: base.findings.map(({ code }) => code) };
  };

  it('is a resource in pieces, beside the files of the working directory', async () => {
    const [first, second] = [Buffer.from('a: é').subarray(0, 4), Buffer.from('a: é').subarray(4)];
    assert.deepEqual(await codes(first, second, '\n'), {
      text: 'a: é\n',
      file: '<stdin>',
      folder: '/',
      codes: [],
    });
  });

  it('keeps its byte order mark, for a finding', async () => {
    assert.deepEqual((await codes('\ufeffa: b\n')).codes, ['byte-order-mark']);
  });

  it('that is not UTF-8 is refused', async () => {
    assert.deepEqual(await layersOf('-', '/', [Buffer.from([0x61, 0xe9])]), ['not-utf8 <stdin>']);
  });

  it('is read no further than a file may be long, also where that is inside a character', async () => {
    let given = 0;
    const stdin = (async function* () {
      for (; ; given += 1) yield 'é'.repeat(maxFileBytes / 8);
    })();
    const { base } = await readLayers('-', { cwd: '/', stdin });
    assert.deepEqual(
      base.findings.map(({ code }) => code),
      ['too-large'],
    );
    assert.equal(given, 4);
    assert.equal(base.text.length, maxFileBytes / 2 + 1);
  });
});

describe('a resource in a folder above', {
  skip: process.getuid?.() !== 0 && 'only root gives files away',
}, () => {
  const nobody = 4242;
  const tree = (t: TestContext) => folderOf(t, { 'glyphoxa.yaml': resource, 'a/overlays/p/config.yaml': '' });

  it('of another user is not taken', async (t) => {
    const cwd = tree(t);
    chownSync(path.join(cwd, 'glyphoxa.yaml'), nobody, nobody);
    const foreign = [`foreign-resource ${path.join(cwd, 'glyphoxa.yaml')}`];
    assert.deepEqual(await layersOf('a/overlays/p', cwd), foreign);
    assert.deepEqual(
      outcome(() => treeFolder(undefined, path.join(cwd, 'a'))),
      foreign,
    );
    // what stands where the command runs is the user's own choice
    assert.equal(treeFolder(undefined, cwd), '.');
  });

  it('is taken where the folder below is of the same user', (t) => {
    const cwd = tree(t);
    for (const name of ['glyphoxa.yaml', 'a']) chownSync(path.join(cwd, name), nobody, nobody);
    assert.equal(treeFolder(undefined, path.join(cwd, 'a')), '..');
  });

  it('is not taken where only the link to it, or only what that leads to, is of another user', (t) => {
    for (const [link, target] of [
      [nobody, 0],
      [0, nobody],
    ] as const) {
      const cwd = folderOf(t, { 'a/b': '', 'real.yaml': resource });
      const file = path.join(cwd, 'glyphoxa.yaml');
      symlinkSync('real.yaml', file);
      lchownSync(file, link, link);
      chownSync(path.join(cwd, 'real.yaml'), target, target);
      assert.deepEqual(
        outcome(() => treeFolder(undefined, path.join(cwd, 'a'))),
        [`foreign-resource ${file}`],
      );
    }
  });

  it('of root is taken by everybody', (t) => {
    const cwd = tree(t);
    t.mock.method(process as { getuid: () => number }, 'getuid', () => nobody);
    chownSync(path.join(cwd, 'a'), nobody, nobody);
    assert.equal(treeFolder(undefined, path.join(cwd, 'a')), '..');
  });
});
