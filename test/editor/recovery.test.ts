/** What is kept of a session that ended by itself, and how it is taken up again. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type Kept, openRecovery, restore } from '../../generator/editor/recovery.ts';
import { openSession, type Session } from '../../generator/editor/session.ts';
import { openTree } from '../../generator/tree/disk.ts';
import { identity } from '../cli/resources.ts';
import { folderOf } from '../support/folder.ts';

const canary = 'canary-3e9a0b7755';
const resource = `${identity}metadata:
  name: tavern
spec:
  gateway:
    adminKey: {value: ${canary}} # as it is
    replicaCount: 2
  worker:
    ttlSecondsAfterFinished: 60
`;

/** A session, and where what it leaves is kept. */
async function begin(t: TestContext, text = resource) {
  const folder = folderOf(t, { 'glyphoxa.yaml': text, 'state/.keep': '' });
  const open = () => openSession(openTree('.', folder));
  const state = path.join(folder, 'state');
  const recovery = openRecovery(state, openTree('.', folder));
  const kept = (): Kept | undefined => {
    const file = readdirSync(state).find((name) => name.endsWith('.json'));
    return file === undefined ? undefined : JSON.parse(readFileSync(path.join(state, file), 'utf8'));
  };
  return { folder, open, recovery, kept, session: await open() };
}

const replicas = (session: Session, value: number) =>
  session.set([{ path: ['spec', 'gateway', 'replicaCount'], value }]);

describe('what is kept', () => {
  it('has no secret in it, also of lines beside those that changed, and gives the change back to the byte', async (t) => {
    const { open, recovery, kept, session } = await begin(t);
    await replicas(session, 5);
    recovery.keep(session);
    const found = kept();
    assert.ok(found !== undefined && found.files.length === 1 && !JSON.stringify(found).includes(canary));
    const again = await open();
    assert.deepEqual(await restore(again, found), []);
    assert.equal(again.text(), session.text());
    assert.ok(again.text().includes(canary));
    await again.undo();
    assert.equal(again.text(), resource);
  });

  it('is made again on a file that was changed elsewhere, and told where it does not fit', async (t) => {
    const { folder, open, recovery, kept, session } = await begin(t);
    await replicas(session, 5);
    recovery.keep(session);
    const found = kept() as Kept;
    const file = path.join(folder, 'glyphoxa.yaml');
    writeFileSync(file, resource.replace('kind:', '# a line more\nkind:'));
    const moved = await open();
    assert.deepEqual(await restore(moved, found), []);
    assert.match(moved.text(), /# a line more[\s\S]*replicaCount: 5/);
    writeFileSync(file, resource.replace('replicaCount: 2', 'replicaCount: 7'));
    const other = await open();
    assert.deepEqual(
      (await restore(other, found)).map(({ code }) => code),
      ['recovery-stale'],
    );
    assert.match(other.text(), /replicaCount: 7/);
  });

  it('goes when everything is saved or taken back, and says which file is lost for a secret', async (t) => {
    const { recovery, kept, session } = await begin(t);
    await replicas(session, 5);
    recovery.keep(session);
    assert.ok(kept() !== undefined);
    await session.undo();
    recovery.keep(session);
    assert.equal(kept(), undefined);
    await session.setText(session.text().replace(canary, 'another-secret-99'));
    recovery.keep(session);
    assert.deepEqual(kept(), { files: [], lost: ['glyphoxa.yaml'] });
  });

  it('has what was being typed, but for secrets and what may be one', async (t) => {
    const { recovery, kept, session } = await begin(t);
    const draft = (at: (string | number)[], text: string) => {
      recovery.keep(session, { path: at, text });
      return kept()?.draft?.text;
    };
    assert.equal(draft(['spec', 'gateway', 'replicaCount'], '1x'), '1x');
    assert.equal(
      draft(['spec', 'config', 'campaign', 'name'], 'The "Tavern": a tale'),
      'The "Tavern": a tale',
    );
    assert.equal(
      draft(['spec', 'config', 'npcs', 0], 'name: Greta\npersonality: old'),
      'name: Greta\npersonality: old',
    );
    for (const [at, text] of [
      [['spec', 'gateway', 'adminKey'], `value: ${canary}`],
      [['spec', 'config', 'providers', 'llm', 'api_key'], canary],
      [['spec', 'config', 'mcp', 'servers'], `- name: a\n  env: {API_KEY: ${canary}}`],
      [['spec', 'config', 'mcp', 'servers'], `- name: [a\n  env: {API_KEY: ${canary}}`],
    ] as const)
      assert.equal(draft([...at], text), undefined, text);
  });
});
