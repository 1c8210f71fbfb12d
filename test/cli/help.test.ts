/** What a person sees first: help in groups, on 80 columns, and where more is to be read. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it, test } from 'node:test';
import type { Command } from 'commander';
import { newContext } from '../../generator/cli/context.ts';
import type { Writer } from '../../generator/cli/io.ts';
import { createProgram, run } from '../../generator/cli/main.ts';
import { plainTable } from '../../generator/cli/print/text-table.ts';
import { fakeIo, runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { binary } from '../support/program.ts';
import { canary, identity, mistaken, smallest, withSecrets } from './resources.ts';

/** Every command, with the words that call it. */
function all(command: Command, words: readonly string[] = []): string[][] {
  return [[...words], ...command.commands.flatMap((child) => all(child, [...words, child.name()]))];
}

const calls = all(createProgram(newContext(fakeIo().io)));

describe('help', () => {
  it('groups the commands by what they are for', async () => {
    const { stdout } = await runCli(['--help']);
    const groups = [...stdout.matchAll(/^([A-Z][\w ]+):\n((?: {2}.*\n)+)/gm)].map(([, name, lines = '']) => [
      name,
      [...lines.matchAll(/^ {2}([\w]+)/gm)].map(([, command]) => command),
    ]);
    const commands = Object.fromEntries(groups.filter(([name]) => name !== 'Options'));
    assert.deepEqual(Object.keys(commands), [
      'Author',
      'Secrets',
      'Cluster',
      'Plugin',
      'This program',
      'Example',
    ]);
    assert.deepEqual(commands.Secrets, ['secrets', 'seal']);
    assert.deepEqual(commands.Plugin, ['plugin', 'fn']);
    assert.ok(commands.Author.includes('init') && commands.Cluster.includes('apply'));
  });

  it('fits 80 columns, and ends with where the documentation is', async () => {
    assert.ok(calls.length > 25);
    for (const words of calls) {
      const { stdout } = await runCli([...words, '--help']);
      const long = stdout
        .split('\n')
        .filter((line) => [...line].length > 80 && !line.startsWith('Documentation: '));
      assert.deepEqual(long, [], words.join(' '));
      const [, place = ''] = /\nDocumentation: (.*)\n$/.exec(stdout) ?? [];
      if (binary === undefined) assert.ok(existsSync(`${place}/getting-started.md`), place);
      else assert.match(place, /docs/);
    }
  });

  it('is as wide as its terminal, to a limit, and breaks no word', async () => {
    const widthOf = async (columns: number) => {
      const text = await atWidth(columns, ['apply', '--help']);
      return Math.max(...text.split('\n').map((line) => line.length));
    };
    assert.ok((await widthOf(60)) <= 66);
    assert.ok((await widthOf(300)) > 80 && (await widthOf(300)) <= 100);
  });
});

/** What a command prints on a terminal that is so wide. */
async function atWidth(columns: number, argv: readonly string[], cwd = process.cwd()): Promise<string> {
  const { io } = fakeIo({ cwd });
  let text = '';
  const writer: Writer = { columns, write: (more) => (text += more) };
  await run(argv, { ...io, stdout: writer, stderr: writer });
  return text;
}

describe('on a narrow terminal', () => {
  const files = {
    'glyphoxa.yaml': smallest,
    'wrong.yaml': mistaken,
    'overlays/production/config.yaml': `${identity}metadata:\n  namespace: tavern-production\n`,
  };
  for (const argv of [
    ['explain', 'gateway'],
    ['explain', 'secrets.provider'],
    ['overlay', 'list'],
    ['validate', 'wrong.yaml'],
    ['secrets', 'status', 'production'],
  ])
    it(`${argv.join(' ')} says the same words on lines that fit, or that are one word`, async (t) => {
      const cwd = folderOf(t, files);
      const wide = await atWidth(1000, argv, cwd);
      const narrow = await atWidth(60, argv, cwd);
      // a table's cells are read column by column, so only which words there are is compared
      const words = (text: string) => text.split(/\s+/).filter(Boolean).sort();
      assert.deepEqual(words(narrow), words(wide));
      assert.ok(Math.max(...wide.split('\n').map((line) => line.length)) > 40);
      const long = narrow.split('\n').filter((line) => line.length > 60);
      for (const line of long)
        assert.ok(
          line
            .trim()
            .split(/ {2,}/)
            .every((cell) => !cell.includes(' ')),
          line,
        );
    });

  test('a table gives cells of several words several lines, the widest first, then its first column lines of its own', () => {
    const rows = [
      ['NAME', 'PARTS'],
      ['a', 'one, two, three'],
    ];
    assert.equal(plainTable(rows, {}), 'NAME  PARTS\na     one, two, three\n');
    assert.equal(plainTable(rows, { columns: 15 }), 'NAME  PARTS\na     one, two,\n      three\n');
    assert.equal(plainTable(rows, { columns: 1 }), 'NAME\n  PARTS\na\n  one,\n  two,\n  three\n');
  });
});

describe('version', () => {
  it('says which program this is, for people and for programs', async () => {
    const { version } = JSON.parse((await runCli(['version', '-o', 'json'])).stdout) as { version: string };
    const { stdout, exitCode } = await runCli(['version']);
    assert.equal(exitCode, 0);
    assert.ok(stdout.startsWith(`glyphoxa-kustomize ${version} (`), stdout);
    assert.equal((await runCli(['--version'])).stdout, `${version}\n`);
  });
});

describe('-v', () => {
  it('says each step and why, wherever it stands', async (t) => {
    const cwd = folderOf(t, {
      'glyphoxa.yaml': smallest,
      'overlays/production/config.yaml': `${identity}metadata:\n  namespace: tavern-production\n`,
    });
    const said = '· read overlays/production/config.yaml: the layer of the environment\n';
    for (const argv of [
      ['-v', 'build', 'overlays/production'],
      ['build', 'overlays/production', '--verbose'],
    ]) {
      const { stdout, stderr } = await runCli(argv, { cwd });
      assert.ok(stderr.includes(said), stderr);
      assert.equal(stdout, (await runCli(['build', 'overlays/production'], { cwd })).stdout);
    }
    assert.equal((await runCli(['build', 'overlays/production'], { cwd })).stderr, '');
    const first = await runCli(['generate', '-v'], { cwd });
    assert.match(first.stderr, /· create base\/kustomization.yaml: /);
    const again = await runCli(['generate', '-v'], { cwd });
    assert.match(again.stderr, /· keep base: /);
  });

  it('says where a secret comes from, and never what it is', async (t) => {
    const resource = withSecrets.replace(`value: ${canary}-literal`, 'fromFile: keys/admin.txt');
    const cwd = folderOf(t, { 'glyphoxa.yaml': resource, 'keys/admin.txt': `${canary}-admin` });
    const env = { TAVERN_OPENAI: `${canary}-openai` };
    const { stderr, exitCode } = await runCli(['build', '-v', '-o', 'name'], { cwd, env });
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /· take openai-api-key .* TAVERN_OPENAI\n/);
    assert.match(stderr, /· take admin-key .* keys\/admin.txt\n/);
    assert.match(stderr, /· take database-dsn .*\bresource\b/);
    assert.ok(!stderr.includes(canary));
  });
});

describe('colour', () => {
  it('is for severity, position, hint and success', async (t) => {
    const cwd = folderOf(t, { 'glyphoxa.yaml': mistaken, 'right.yaml': smallest });
    const wrong = await runCli(['validate'], { cwd, color: true });
    const start = '\u001b[';
    const [first = '', , , hint = ''] = wrong.stdout.split('\n');
    const severity = `${start}1m${start}31merror out-of-range`;
    assert.ok(first.startsWith(`${start}36mglyphoxa.yaml:7:19:${start}39m ${severity}`), first);
    assert.equal(hint, `    ${start}34mhint:${start}39m use 0 or more`);
    const right = await runCli(['validate', 'right.yaml'], { cwd, color: true });
    assert.equal(right.stderr, '\u001b[32mright.yaml: no findings\u001b[39m\n');
    for (const argv of [['validate'], ['validate', 'right.yaml'], ['--help']]) {
      const { stdout, stderr } = await runCli(argv, { cwd });
      assert.ok(!(stdout + stderr).includes('\u001b'));
    }
  });
});
