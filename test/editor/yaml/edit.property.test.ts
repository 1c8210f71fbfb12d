/** Random files in every hand × random edits: what was not edited stays as it is, and the values are as asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { editYaml, type YamlEdit } from '../../../generator/editor/yaml/edit.ts';
import { withEdit } from '../../../generator/editor/yaml/intent.ts';
import { parseText } from '../../../generator/editor/yaml/source.ts';
import { dig, isObject, type Json, type JsonObject, type Path } from '../../../generator/model/json.ts';
import { Chance } from '../../support/chance.ts';
import { arbitraryLayers } from '../../support/configs.ts';
import { awkwardTexts } from '../../support/gene-choices.ts';
import { handwritten } from '../../support/handwriting.ts';

/** A run is a whole file, and each of its edits is one more. */
const runs = Math.ceil(Number(process.env.GLYPHOXA_LAW_RUNS ?? 60) / 4);

/** Every path of a value, parents before their parts. */
function pathsIn(value: Json, path: Path = []): Path[] {
  const parts = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return [path, ...parts.flatMap(([part, each]) => pathsIn(each, [...path, part]))];
}

/** The values that a layer changes. */
function changesOf(layer: Json, path: Path = []): YamlEdit[] {
  if (!isObject(layer) || Object.keys(layer).length === 0) return [{ path, value: layer ?? undefined }];
  return Object.entries(layer).flatMap(([key, each]) => changesOf(each, [...path, key]));
}

/** Edits of every kind: what another configuration changes, and values, items and removals anywhere. */
function editsOf(resource: JsonObject, layer: JsonObject, chance: Chance): YamlEdit[] {
  const paths = pathsIn(resource).filter((path) => path.length > 1);
  const anywhere = Array.from({ length: 4 }, (): YamlEdit => {
    const path = chance.pick(paths);
    const value = dig(resource, path);
    if (chance.below(3) === 0) return { path, value: undefined };
    if (Array.isArray(value)) return { path: [...path, value.length], value: itemLike(value, chance) };
    if (isObject(value))
      return { path: [...path, chance.pick(['fresh', 'a b', 'on'])], value: someValue(chance) };
    return { path, value: chance.below(2) === 0 ? someValue(chance) : chance.pick(awkwardTexts) };
  });
  const changes = changesOf(layer).filter(({ path }) => path.length > 1);
  return [...changes.slice(0, 4), ...anywhere];
}

function itemLike(list: Json[], chance: Chance): Json {
  return list.length > 0 && chance.below(2) === 0 ? structuredClone(chance.pick(list)) : someValue(chance);
}

function someValue(chance: Chance): Json {
  return chance.pick<Json>([
    3,
    true,
    null,
    1.5,
    {},
    [],
    ['a', 'b: c'],
    { a: 1, b: { c: ['x', { d: 'e\nf\n' }] } },
    'two\nlines\n',
    '0755',
    [[1], [2, 3]],
  ]);
}

/** A value that is used twice, by an anchor and an alias. */
const anchored = ['x-shared: &shared {a: 1, b: [x, y]} # defined here', 'x-alias: *shared # used here'];

const drawn = fc.record({ layers: arbitraryLayers(), seed: fc.nat() });

/** A file in some hand, in every third with an anchor. */
function fileOf(resource: JsonObject, seed: number) {
  const written = handwritten(resource, seed);
  if (seed % 3 !== 0) return written;
  const lines = [...written.lines, ...anchored.map((text) => ({ text, owner: undefined, isWhole: true }))];
  return { lines, text: `${lines.map(({ text }) => text).join('\n')}\n` };
}

function read(text: string): Json {
  const parsed = parseText(text);
  assert.ok(parsed !== undefined, text);
  return parsed.value ?? null;
}

function edited(text: string, edits: readonly YamlEdit[]): string {
  const result = editYaml(text, edits, { file: 'file.yaml' });
  assert.ok('text' in result, `${JSON.stringify({ edits, result })}\n${text}`);
  return result.text;
}

function startsWith(path: Path, head: Path): boolean {
  return head.length <= path.length && head.every((part, index) => part === path[index]);
}

/** A sibling may get or lose the comma behind it, and the dash before it where it is the first of an item. */
function isSame(line: string, now: string, isBeside: boolean): boolean {
  const bare = (text: string) => text.replace(/^[ -]*/, '').replace(/,(?=\s*(?:#.*)?$)/, '');
  return line === now || (isBeside && bare(line) === bare(now));
}

/** The lowest map or list around a value that is there before: in flow style its last entry gets a comma. */
function holderOf(path: Path, before: Json): Path {
  const above = path.slice(0, -1);
  const value = dig(before, above);
  const isThere = above.length === 0 || (typeof value === 'object' && value !== null);
  return isThere ? above : holderOf(above, before);
}

/** Whether a line may change with an edit: it is of the value itself, or of one around it whose form changes. */
function mayChange(
  owner: Path | undefined,
  isWhole: boolean,
  edit: YamlEdit,
  before: Json,
  after: Json,
): boolean {
  if (owner === undefined) return false;
  if (startsWith(owner, edit.path)) return true;
  if (!startsWith(edit.path, owner)) return false;
  const hasParts = (root: Json) => {
    const value = dig(root, owner);
    return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  };
  return isWhole || !hasParts(before) || !hasParts(after);
}

test('an edit leaves every line alone that is not of its value, and says what was asked', () => {
  fc.assert(
    fc.property(drawn, ({ layers: { resource, environment }, seed }) => {
      const { lines, text } = fileOf(resource, seed);
      const before = read(text);
      for (const edit of editsOf(resource, environment, new Chance(seed))) {
        const after = edited(text, [edit]);
        const meant = withEdit(before, edit)?.value;
        assert.deepEqual(read(after), meant, `${JSON.stringify(edit)}\n${text}\n---\n${after}`);
        const now = after.split('\n');
        const around = holderOf(edit.path, before);
        let at = 0;
        for (const { text: line, owner, isWhole } of lines) {
          if (mayChange(owner, isWhole, edit, before, meant ?? null)) continue;
          const isBeside = owner !== undefined && startsWith(owner, around);
          // the blank line behind the first key of an item goes with it
          if (isBeside && line === '') continue;
          const found = now.findIndex((each, index) => index >= at && isSame(line, each, isBeside));
          assert.notEqual(
            found,
            -1,
            `${JSON.stringify(edit)} lost ${JSON.stringify(line)}\n${text}\n---\n${after}`,
          );
          at = found + 1;
        }
        assert.equal(
          after.endsWith('\n'),
          text.endsWith('\n'),
          `the end of the last line\n${text}\n---\n${after}`,
        );
        const notes = [...after.matchAll(/# note \d+/g)].map(([note]) => note);
        assert.equal(new Set(notes).size, notes.length, 'no comment stands there twice');
      }
    }),
    { numRuns: runs, endOnFailure: true },
  );
});

test('many edits one after the other say what was asked', () => {
  fc.assert(
    fc.property(drawn, ({ layers: { resource, environment }, seed }) => {
      const { text } = fileOf(resource, seed);
      const edits = changesOf(environment).filter(({ path }) => path.length > 1);
      let meant: Json | undefined = read(text);
      for (const edit of edits) meant = withEdit(meant, edit)?.value;
      assert.deepEqual(read(edited(text, edits)), meant, text);
    }),
    { numRuns: runs, endOnFailure: true },
  );
});

test('a key that is added and removed again leaves no trace', () => {
  fc.assert(
    fc.property(drawn, ({ layers: { resource }, seed }) => {
      const { text } = fileOf(resource, seed);
      const chance = new Chance(seed);
      const maps = pathsIn(resource).filter((path) => {
        const value = dig(resource, path);
        return path.length > 0 && isObject(value) && Object.keys(value).length > 0;
      });
      const path = [...chance.pick(maps), 'added'];
      const added = edited(text, [{ path, value: someValue(chance) }]);
      assert.notEqual(added, text);
      assert.equal(edited(added, [{ path, value: undefined }]), text, added);
    }),
    { numRuns: runs, endOnFailure: true },
  );
});
