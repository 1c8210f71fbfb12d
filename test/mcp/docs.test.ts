/** docs/mcp.md names every tool with what it needs, and every code that only this server tells. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { toolsFor } from '../../generator/mcp/server.ts';
import { openTree } from '../../generator/tree/disk.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(path.join(root, 'docs/mcp.md'), 'utf8');

const toolsOf = (readOnly: boolean, allowCluster: boolean) =>
  toolsFor({
    tree: openTree('.', root),
    readOnly,
    allowCluster,
    world: { env: {}, show: () => ({ text: '', summary: '' }) },
    onFault: () => {},
  }).map(({ name }) => name);

test('the table of tools says which there are, and what each needs', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \| ([^|]*?) ?\|$/gm)].map(
    ([, name = '', needs = '']) => ({
      name,
      isEditing: needs.includes('editing'),
      isCluster: needs.includes('--allow-cluster'),
    }),
  );
  for (const [readOnly, allowCluster] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const listed = rows.filter(
      ({ isEditing, isCluster }) => !(readOnly && isEditing) && (allowCluster || !isCluster),
    );
    assert.deepEqual(listed.map(({ name }) => name).sort(), toolsOf(readOnly, allowCluster).sort());
  }
});

test('every code that the server tells itself is explained', () => {
  const folder = path.join(root, 'generator/mcp');
  const texts = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
  const told = texts.flatMap((text) => [
    ...text.matchAll(/\b(?:failure|finding|abort)\(\s*'([a-z]+(?:-[a-z]+)*)'|\bcode: '([a-z-]+)'/g),
  ]);
  const codes = new Set(told.map(([, call, key]) => call ?? key ?? ''));
  assert.ok(codes.size > 8);
  for (const code of codes)
    assert.ok(code === 'no-environment' || page.includes(`\`${code}\``), `${code} is not in docs/mcp.md`);
});
