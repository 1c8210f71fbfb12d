/** Where a command is run: at the root of a repository, or anywhere in it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { codesIn } from '../support/findings.ts';
import { filesIn, folderOf, makeFolder } from '../support/folder.ts';
import { identity, smallest } from './resources.ts';

const files = {
  'glyphoxa.yaml': smallest,
  'overlays/production/config.yaml': `${identity}metadata: { namespace: tavern-live }\n`,
  'overlays/staging/config.yaml': `${identity}spec: { gateway: { replicaCount: 2 } }\n`,
  'tenants.yaml':
    'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: production\ntenants: { acme: {} }\n',
  'notes/empty': '',
  // a file with the name of an environment, which wins
  staging: '',
};

/** A repository whose tree is written. */
async function repository(): Promise<string> {
  const root = makeFolder(files);
  const { exitCode, stderr } = await runCli(['generate'], { cwd: root });
  assert.equal(exitCode, 0, stderr);
  return root;
}

/** What reads. */
const reading: readonly string[][] = [
  ['get', 'gateway.replicaCount', '--env', 'staging'],
  ['explain', 'gateway.replicaCount', '--env', 'staging', '-o', 'json'],
  ['explain', 'gateway.replicaCount', '--tenant', 'acme', '-o', 'json'],
  ['build', 'staging'],
  ['graph', 'staging', '-o', 'mermaid'],
  ['overlay', 'list', '-o', 'json'],
  ['overlay', 'diff', 'staging', 'production', '-o', 'json'],
  ['tenant', 'list', '-o', 'json'],
  ['build', '--tenant', 'acme', '-o', 'name'],
  ['generate', '--check'],
  ['validate', 'staging'],
  ['__complete', 'apply', 's'],
  ['__complete', 'apply', '--tenant', 'a'],
];

/** What is printed, without the way from the folder that is stood in to a file. */
function withoutPlaces(text: string): string {
  return text.replace(/[\w./-]*\bconfig\.yaml\b/g, 'config.yaml').replaceAll('../', '');
}

describe('below the root of a repository', () => {
  let root: string;
  before(async () => {
    root = await repository();
  });

  for (const argv of reading)
    it(`${argv.join(' ')} says what it says at the root`, async () => {
      const atRoot = await runCli(argv, { cwd: root });
      assert.equal(atRoot.exitCode, 0, atRoot.stderr);
      for (const folder of ['overlays/staging', 'base', 'notes']) {
        const { exitCode, stdout, stderr } = await runCli(argv, { cwd: path.join(root, folder) });
        assert.equal(exitCode, 0, stderr);
        assert.equal(withoutPlaces(stdout), withoutPlaces(atRoot.stdout), folder);
      }
    });

  for (const argv of [
    ['set', 'gateway.replicaCount=3', '--env', 'staging'],
    ['unset', 'gateway.replicaCount', '--env', 'staging'],
    ['overlay', 'create', 'review'],
    ['tenant', 'add', 'other'],
    ['secrets', 'init', 'staging'],
  ])
    it(`${argv.join(' ')} writes what it writes at the root`, async () => {
      const [one, other] = [await repository(), await repository()];
      const atRoot = await runCli(argv, { cwd: one });
      assert.equal(atRoot.exitCode, 0, atRoot.stderr);
      const { exitCode, stderr } = await runCli(argv, { cwd: path.join(other, 'overlays/staging') });
      assert.equal(exitCode, 0, stderr);
      assert.deepEqual([...filesIn(other).keys()], [...filesIn(one).keys()]);
      assert.notDeepEqual(filesIn(one), filesIn(root));
      if (argv[0] !== 'secrets') assert.deepEqual(filesIn(other), filesIn(one));
    });
});

describe('outside of any repository', () => {
  const changing = [
    ['set', 'gateway.replicaCount=3'],
    ['overlay', 'create', 'review'],
    ['tenant', 'add', 'other'],
    ['tenant', 'remove', 'other', '--yes'],
    ['secrets', 'init', 'staging'],
    ['tenant', 'status'],
  ];
  for (const argv of [...reading.filter(([command]) => command !== '__complete'), ...changing])
    it(`${argv.join(' ')} misses the resource, and prints and writes nothing`, async (t) => {
      const cwd = folderOf(t, {});
      const { exitCode, stdout, stderr } = await runCli(argv, { cwd });
      // findings are what validate is for
      const [data, words] = argv[0] === 'validate' ? ['', stdout] : [stdout, stderr];
      assert.deepEqual([codesIn(words), data], [['no-resource'], ''], stderr);
      assert.ok(exitCode === 1 || exitCode === 2, String(exitCode));
      assert.deepEqual([...filesIn(cwd).keys()], []);
    });
});
