/** What editors make of the schemas: the real language server, on files that `init` and its like wrote, without a network. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { schemaFiles } from '../../generator/config/json-schema.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { openEditor } from '../support/language-server.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A repository that `init` began, beside the installed package or with the schemas in it. */
async function repository(t: TestContext, schemas: 'package' | 'repository' = 'package'): Promise<string> {
  const folder = folderOf(t, {});
  if (schemas === 'package') {
    mkdirSync(path.join(folder, 'node_modules'));
    symlinkSync(root, path.join(folder, 'node_modules/glyphoxa-kustomize'));
  } else {
    mkdirSync(path.join(folder, 'schema'));
    for (const [what, name] of Object.entries(schemaFiles))
      writeFileSync(path.join(folder, 'schema', name), (await runCli(['schema', what])).stdout);
  }
  for (const argv of [
    ['init', '.', '--image', 'registry.example.com/glyphoxa:1a2b3c4'],
    ['overlay', 'create', 'qa'],
    ['tenant', 'add', 'acme', '--template', 'qa'],
  ]) {
    const { exitCode, stderr } = await runCli(argv, { cwd: folder });
    assert.equal(exitCode, 0, stderr);
  }
  return folder;
}

/** A text with lines behind those that it has, and the number of the first of them. */
function behind(folder: string, file: string, lines: string): { text: string; line: number } {
  const kept = readFileSync(path.join(folder, file), 'utf8').split('\nspec:')[0] ?? '';
  const head = `${kept.trimEnd()}\n`;
  return { text: head + lines, line: head.split('\n').length };
}

for (const schemas of ['package', 'repository'] as const)
  test(`files that init and its like write have no errors, and their schema is found in the ${schemas}, without a network`, async (t) => {
    const folder = await repository(t, schemas);
    const editor = await openEditor(t, folder);
    const written = [
      'glyphoxa.yaml',
      'overlays/production/config.yaml',
      'overlays/qa/config.yaml',
      'tenants.yaml',
    ];
    for (const file of written) {
      const [first = ''] = readFileSync(path.join(folder, file), 'utf8').split('\n');
      const local = schemas === 'package' ? 'node_modules/glyphoxa-kustomize/schema' : 'schema';
      assert.match(
        first,
        new RegExp(`^# yaml-language-server: \\$schema=(?:\\.\\./)*${local}/\\w+\\.schema\\.json$`),
      );
      assert.deepEqual(await editor.open(file), [], file);
      const wrong = `${readFileSync(path.join(folder, file), 'utf8')}nonsense: 1\n`;
      assert.notDeepEqual(
        await editor.open(`${file}.wrong.yaml`, wrong),
        [],
        `${file}: the schema is not looked at`,
      );
    }
    assert.equal(editor.stderr(), '');
  });

const files: [file: string, spec: string, indent: number][] = [
  ['glyphoxa.yaml', 'spec:\n', 2],
  ['overlays/qa/config.yaml', 'spec:\n', 2],
];

for (const [file, spec, indent] of files)
  test(`${file}: errors at the exact place, hover and completion`, async (t) => {
    const folder = await repository(t);
    const editor = await openEditor(t, folder);
    const pad = ' '.repeat(indent);
    const { text, line } = behind(
      folder,
      file,
      `${spec}${pad}gateway:\n${pad}  replicaCount: many\n${pad}  nonsense: 1\n${pad}core:\n${pad}  topology: both\n`,
    );
    const found = await editor.open(file, text);
    assert.deepEqual(
      found.map(({ at }) => at).sort(),
      [`${line + 2}:19`, `${line + 3}:5`, `${line + 5}:15`].sort(),
      JSON.stringify(found),
    );
    const hover = await editor.hover(file, line + 2, 8);
    assert.match(hover, /Replicas/i);
    assert.match(hover, /topology `shared`/);
    const choices = await editor.complete(file, line + 5, 15);
    assert.deepEqual(choices.filter((each) => ['shared', 'dedicated'].includes(each)).sort(), [
      'dedicated',
      'shared',
    ]);
    const begun = behind(folder, file, `${spec}${pad}gateway:\n${pad}  rep\n`);
    await editor.open(file, begun.text);
    const names = await editor.complete(file, begun.line + 2, pad.length + 6);
    assert.ok(names.includes('replicaCount') && names.includes('adminKey'), names.join(' '));
    assert.equal(editor.stderr(), '');
  });

test('tenants.yaml: errors at the exact place, hover and completion', async (t) => {
  const folder = await repository(t);
  const editor = await openEditor(t, folder);
  const file = 'tenants.yaml';
  const head = readFileSync(path.join(folder, file), 'utf8').split('\ntenants:')[0] ?? '';
  const text = `${head}\ntenants:\n  acme:\n    spec:\n      gateway:\n        replicaCount: many\n    nonsense: 1\n`;
  const line = head.split('\n').length + 1;
  const found = await editor.open(file, text);
  assert.deepEqual(
    found.map(({ at }) => at).sort(),
    [`${line + 4}:23`, `${line + 5}:5`].sort(),
    JSON.stringify(found),
  );
  assert.match(await editor.hover(file, line + 4, 12), /Replicas/i);
  const names = await editor.complete(file, line + 4, 9);
  assert.ok(names.includes('replicaCount') || names.includes('ports'), names.join(' '));
  assert.equal(editor.stderr(), '');
});
