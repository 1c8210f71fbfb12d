import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DiffRules, diffValues, type FieldDifference } from '../../generator/model/diff.ts';
import type { Json } from '../../generator/model/json.ts';
import { podTemplate } from '../../generator/model/merge-keys.ts';

/** Lists whose items all have a name are matched by it, or by what the schema says. */
const rules: DiffRules = {
  keysOf: (before, after, at) =>
    at?.keys ??
    ([...before, ...after].every((item) => (item as { name?: Json })?.name !== undefined)
      ? ['name']
      : undefined),
  nameOf: ({ keys }) => Object.values(keys).join('/'),
};

const written = ({ path, before = '-', after = '-', isOrder }: FieldDifference): string => {
  const parts = path.map((part) => (typeof part === 'object' ? `[${rules.nameOf(part)}]` : part));
  return `${parts.join('.')}: ${JSON.stringify(before)} ${JSON.stringify(after)}${isOrder ? ' order' : ''}`;
};

const cases: { [name: string]: [before: Json, after: Json, ...differences: string[]] } = {
  'nothing of what is the same': [
    { a: [1, { b: 2 }], c: null },
    { c: null, a: [1, { b: 2 }] },
  ],
  'fields that came, went and changed': [
    { a: 1, b: { c: 1, d: null } },
    { b: { c: 2, d: null, toString: 3 } },
    'a: 1 "-"',
    'b.c: 1 2',
    'b.toString: "-" 3',
  ],
  'a value of another type': [
    { a: {}, b: [], c: null },
    { a: [], b: {}, c: 0 },
    'a: {} []',
    'b: [] {}',
    'c: null 0',
  ],
  'lists without keys as a whole': [{ a: [1, 2] }, { a: [2, 1] }, 'a: [1,2] [2,1]'],
  'items by what tells them apart': [
    { a: [{ name: 'x', v: 1 }, { name: 'y' }] },
    { a: [{ name: 'z' }, { name: 'x', v: 2 }] },
    'a.[x].v: 1 2',
    'a.[y]: {"name":"y"} "-"',
    'a.[z]: "-" {"name":"z"}',
  ],
  'items of which only the order differs': [
    { a: [{ name: 'x' }, { name: 'y' }] },
    { a: [{ name: 'y' }, { name: 'x' }] },
    'a: ["x","y"] ["y","x"] order',
  ],
  'lists in which two items have the same name as a whole': [
    { a: [{ name: 'x' }, { name: 'x' }] },
    { a: [{ name: 'x' }] },
    'a: [{"name":"x"},{"name":"x"}] [{"name":"x"}]',
  ],
};

for (const [name, [before, after, ...differences]] of Object.entries(cases)) {
  test(`a diff tells ${name}`, () => {
    assert.deepEqual(diffValues(before, after, rules).map(written), differences);
    const backwards = diffValues(after, before, rules).map((one) => one.path.length);
    assert.equal(backwards.length, differences.length);
  });
}

test('a schema says by which fields items are told apart', () => {
  const port = (containerPort: number, protocol: string, name: string) => ({ containerPort, protocol, name });
  const pod = (...ports: Json[]) => ({ spec: { containers: [{ name: 'c', ports }] } });
  const differences = diffValues(
    pod(port(80, 'TCP', 'a'), port(80, 'UDP', 'b')),
    pod(port(80, 'UDP', 'c'), port(80, 'TCP', 'a')),
    rules,
    podTemplate,
  );
  assert.deepEqual(differences.map(written), ['spec.containers.[c].ports.[80/UDP].name: "b" "c"']);
});

test('fields may be left out, with all below them, and lists without keys compared in a way of their own', () => {
  const [before, after]: Json[] = [
    { a: { b: 1 }, c: [1, 2] },
    { a: { b: 2 }, c: [1, 3] },
  ];
  const differences = diffValues(before as Json, after as Json, {
    ...rules,
    isLeftOut: ([first]) => first === 'a',
    lists: (old, now, path, item) =>
      old.flatMap((one, index) => item(one, now[index] as Json, [...path, index])),
  });
  assert.deepEqual(differences.map(written), ['c.1: 2 3']);
});
