/** Random files in every hand and form × random edits: what a session changes, and that undo gives the file back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffArrays } from 'diff';
import * as fc from 'fast-check';
import { isSecretSource } from '../../generator/config/schema/node.ts';
import { nodesOn } from '../../generator/editor/edits.ts';
import { openSession } from '../../generator/editor/session.ts';
import { withPlainEnds } from '../../generator/editor/yaml/line-ends.ts';
import { parseText } from '../../generator/editor/yaml/source.ts';
import { dig, isObject, type Json, type JsonObject, type Path } from '../../generator/model/json.ts';
import { openTree } from '../../generator/tree/disk.ts';
import { Chance } from '../support/chance.ts';
import { arbitraryLayers } from '../support/configs.ts';
import { makeFolder } from '../support/folder.ts';
import { handwritten } from '../support/handwriting.ts';

const runs = Math.ceil(Number(process.env.GLYPHOXA_LAW_RUNS ?? 60) / 8);

interface Asked {
  readonly path: Path;
  readonly value: Json | undefined;
}

/** The values that a layer changes. */
function changesOf(layer: Json, path: Path = []): Asked[] {
  if (!isObject(layer) || Object.keys(layer).length === 0) return [{ path, value: layer }];
  return Object.entries(layer).flatMap(([key, each]) => changesOf(each, [...path, key]));
}

/** Line ends, a byte order mark, tabs in comments and an anchor, as files have them that were written elsewhere. */
function inForm(text: string, chance: Chance): string {
  const tabbed = chance.below(2) === 0 ? text.replaceAll('# note', '#\tnote') : text;
  const anchored =
    chance.below(4) === 0 && tabbed.endsWith('\n')
      ? `${tabbed}x-one: &one [a] # an anchor\nx-two: *one\n`
      : tabbed;
  const form = chance.pick(['lf', 'lf', 'crlf', 'mixed', 'bom']);
  if (form === 'bom') return `\uFEFF${anchored}`;
  if (form === 'lf') return anchored;
  return anchored.replaceAll('\n', () => (form === 'crlf' || chance.below(2) === 0 ? '\r\n' : '\n'));
}

const changed = (a: string, b: string) =>
  diffArrays(a.split('\n'), b.split('\n'))
    .filter(({ added, removed }) => added || removed)
    .reduce((sum, { count }) => sum + count, 0);

test('a session changes no more than what is asked, and undo gives the file back to the byte', async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.record({ layers: arbitraryLayers(), seed: fc.nat() }), async ({ layers, seed }) => {
      const chance = new Chance(seed);
      const resource = layers.resource as JsonObject;
      const text = inForm(handwritten(resource, seed).text, chance);
      const session = await openSession(openTree('.', makeFolder({ 'glyphoxa.yaml': text })));
      const set = changesOf(layers.environment).filter(({ path }) => path.length > 1);
      const taken = changesOf(resource)
        .filter(({ path }) => path.length > 2)
        .map(({ path }) => ({ path, value: undefined }));
      const edits = [...set, ...(taken.length === 0 ? [] : [chance.pick(taken), chance.pick(taken)])];
      for (const { path, value } of edits) {
        const before = session.text();
        const { isDone, refused } = await session.set([{ path, value }]);
        const codes = refused.map(({ code }) => code);
        assert.deepEqual(
          codes.filter((code) => code !== 'secret-in-file'),
          [],
          `${JSON.stringify({ path, value, refused })}\n${before}`,
        );
        const after = session.text();
        if (!isDone) assert.equal(after, before);
        if (codes.length > 0) continue;
        made += 1;
        const isOfSecret = nodesOn(path)?.some(isSecretSource);
        if (!isOfSecret)
          assert.deepEqual(
            dig(parseText(withPlainEnds(after))?.value, path),
            value,
            `${JSON.stringify(path)}\n${after}`,
          );
        // lines keep their ends
        assert.equal(
          changed(before, after),
          changed(withPlainEnds(before), withPlainEnds(after)),
          `${before}\n---\n${after}`,
        );
        assert.equal(after.startsWith('\uFEFF'), text.startsWith('\uFEFF'));
      }
      const last = session.text();
      while (await session.undo());
      assert.equal(session.text(), text);
      while (await session.redo());
      assert.equal(session.text(), last);
    }),
    { numRuns: runs, endOnFailure: true },
  );
  assert.ok(made > runs, `${made} edits were made`);
});
