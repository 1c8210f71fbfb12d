/** A whole task, as a model would do it with the official client: read, change, look, save, and what kustomize makes of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { isObject, maps } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { eras, startMcp } from '../support/mcp-client.ts';
import { requireKustomize } from '../support/tools.ts';

const resource = `# The table of Thursday.
apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata:
  name: glyphoxa
spec:
  core:
    image: {repository: registry.example.com/glyphoxa, tag: build-17}
`;
const staging = `# Where we try things.
apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata:
  namespace: staging   # made by the platform team
`;

for (const era of eras) {
  test(`"make staging dedicated with two NPCs and no MCP gateway", by the protocol of ${era}`, async (t) => {
    const kustomize = requireKustomize(t);
    if (kustomize === undefined) return;
    const folder = folderOf(t, {
      'glyphoxa.yaml': resource,
      'overlays/staging/config.yaml': staging,
      'overlays/production/config.yaml': staging.replaceAll('staging', 'production'),
    });
    assert.equal((await runCli(['generate'], { cwd: folder })).exitCode, 0);
    const { client, ok } = await startMcp(t, folder, [], { era });
    assert.ok((await client.listTools()).tools.some(({ name }) => name === 'set_values'));

    const { environments } = await ok('list_environments');
    assert.deepEqual(
      maps(environments).map(({ name, topology }) => [name, topology]),
      [
        ['production', 'shared'],
        ['staging', 'shared'],
      ],
    );
    const found = await ok('get_values', { environment: 'staging', search: 'topology' });
    const [topology] = maps(found.values);
    assert.equal(topology?.path, 'spec.core.topology');
    assert.deepEqual(topology?.choices, ['shared', 'dedicated']);
    assert.match(String((await ok('explain', { path: 'config.npcs' })).type), /^list/);

    const edited = await ok('set_values', {
      environment: 'staging',
      values: [
        { path: 'core.topology', value: 'dedicated' },
        { path: 'config.npcs', value: [{ name: 'Greta' }, { name: 'Old Tom' }] },
      ],
    });
    assert.equal(edited.changed, true);
    assert.deepEqual(edited.unsaved, ['overlays/staging/config.yaml']);
    const parts = maps((await ok('list_parts', { environment: 'staging' })).parts);
    assert.equal(parts.find(({ name }) => name === 'mcpGateway')?.on, true);
    await ok('toggle_part', { environment: 'staging', part: 'mcpGateway', on: false });

    const { valid } = await ok('validate', { environment: 'staging' });
    assert.equal(valid, true);
    const { changes } = await ok('preview');
    const ofFile = maps(changes).filter(({ diff }) => diff !== undefined);
    assert.deepEqual(
      ofFile.map(({ file }) => file),
      ['overlays/staging/config.yaml'],
    );
    const objects = maps(changes).filter(({ object }) => object !== undefined);
    assert.deepEqual(
      objects.filter(({ environment }) => environment !== 'staging'),
      [],
    );
    assert.ok(objects.some(({ object, what }) => /mcp-gateway$/.test(String(object)) && what === 'removed'));

    const before = readFileSync(path.join(folder, 'overlays/staging/config.yaml'), 'utf8');
    assert.equal(before, staging, 'nothing is written before it is saved');
    const saved = await ok('save');
    assert.equal(saved.saved, true);
    const text = readFileSync(path.join(folder, 'overlays/staging/config.yaml'), 'utf8');
    assert.ok(text.startsWith(staging), 'what was there stays as it is');
    assert.equal(readFileSync(path.join(folder, 'glyphoxa.yaml'), 'utf8'), resource);
    assert.deepEqual((await ok('list_environments')).unsaved, []);

    const built = await kustomize.build(path.join(folder, 'overlays/staging'));
    assert.equal(built.exitCode, 0, built.stderr);
    const names = (parseYaml(built.stdout) as JsonObject[]).map(({ kind, metadata }) =>
      [kind, isObject(metadata) ? metadata.name : ''].join(' '),
    );
    assert.ok(names.includes('Deployment glyphoxa-gateway'));
    assert.deepEqual(
      names.filter((name) => /mcp/.test(name)),
      [],
    );
    for (const npc of ['Greta', 'Old Tom']) assert.ok(built.stdout.includes(npc), npc);
    assert.equal(
      (await runCli(['get', 'core.topology', '-e', 'staging'], { cwd: folder })).stdout,
      'dedicated\n',
    );
    assert.equal((await runCli(['generate', '--check'], { cwd: folder })).exitCode, 0, 'the tree is in step');
  });
}
