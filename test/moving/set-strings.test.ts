/** `--set` and `--set-string` mean what they mean to helm, and files are laid over each other and over a chart as helm does it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { overDefaults } from '../../generator/moving/merge.ts';
import { readGiven } from '../../generator/moving/read.ts';
import { Chance } from '../support/chance.ts';
import { makeFolder } from '../support/folder.ts';
import { requireTool, runTool } from '../support/tools.ts';

const folder = makeFolder();
const defaults: JsonObject = { a: { b: 1, c: { d: 'x' } }, list: [1, 2], text: 'some', gone: { x: 1 } };

/** A chart that shows the values that it gets. */
function writeMirror(): string {
  const chart = path.join(folder, 'mirror');
  mkdirSync(path.join(chart, 'templates'), { recursive: true });
  writeFileSync(path.join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: mirror\nversion: 1.0.0\n');
  writeFileSync(path.join(chart, 'values.yaml'), writeYaml(defaults));
  writeFileSync(path.join(chart, 'templates/values.yaml'), 'values: {{ toJson .Values | quote }}\n');
  return chart;
}

const chart = writeMirror();

interface Call {
  readonly files?: readonly string[];
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
}

async function helms(
  helm: string,
  { files = [], set = [], setString = [] }: Call,
): Promise<Json | undefined> {
  const argv = [
    ...files.flatMap((file) => ['-f', file]),
    ...set.map((text) => `--set=${text}`),
    ...setString.map((text) => `--set-string=${text}`),
  ];
  const { stdout, exitCode } = await runTool(helm, ['template', 'x', chart, ...argv], { cwd: folder });
  if (exitCode !== 0) return undefined;
  const [{ values }] = parseYaml(stdout) as [{ values: string }];
  return withoutNulls(JSON.parse(values) as Json);
}

function ours({ files = [], set = [], setString = [] }: Call): Json | undefined {
  try {
    const given = readGiven({ files, set, setString }, folder);
    return withoutNulls(overDefaults(given.value, defaults));
  } catch {
    return undefined;
  }
}

/** To the chart a null in a map is the same as nothing. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  );
}

const known = [
  'a[0].b=c,d=e\\,f',
  'list[1]=9',
  'list[5]=9',
  'list={}',
  'list={x,y},text=z',
  'list={x,y}z=1',
  'a.b=null,gone=null',
  'a=null',
  'n=007,m=7,f=1.5,t=true,u=True,s=-3,p=+3',
  'text=',
  'text',
  'a.=1',
  '.a=1',
  'a[=1',
  'a[x]=1',
  'a[-1]=1',
  'a[70000]=1',
  'list[0][1]=2',
  'list[0]x=2',
  'text.b=1',
  'a\\.b=1',
  'x=a=b',
  'x=\\',
  'x=1,,y=2',
  'x=1,',
  'x={a,b',
  'big=12345678901234567890',
  'é=ü',
  '__proto__.x=1',
  'a..b=1',
];

const alphabet = ['a', 'b', 'list', '.', '[', '0', ']', '=', ',', '{', '}', '\\', 'null', 'true', '12', ' '];

function randomText(chance: Chance): string {
  return Array.from({ length: 2 + chance.below(9) }, () => chance.pick(alphabet)).join('');
}

/**
 * What is cut off in a name or an index helm passes over, and does what stands before it; here it is refused, as nothing is
 * dropped in silence.
 */
function assertSame(call: Call, theirs: Json | undefined, text: string): void {
  const mine = ours(call);
  const words = JSON.stringify(call);
  if (mine !== undefined || theirs === undefined) {
    assert.deepEqual(mine, theirs, words);
    return;
  }
  const parts = text.split(',');
  const starts = parts.map((_, index) => parts.slice(0, index).join(','));
  const before = starts.map((start) =>
    ours(call.set === undefined ? { setString: [start] } : { set: [start] }),
  );
  assert.ok(
    before.some((value) => isDeepStrictEqual(value, theirs)),
    words,
  );
}

describe('values are what helm makes of', () => {
  for (const helm of ['helm-3', 'helm-4'] as const)
    it(`assignments, with ${helm}`, async (t) => {
      const tool = requireTool(t, helm);
      if (tool === undefined) return;
      const chance = new Chance(helm === 'helm-3' ? 1 : 2);
      const texts = [...known, ...Array.from({ length: 40 }, () => randomText(chance))];
      for (const text of texts)
        for (const call of [{ set: [text] }, { setString: [text] }])
          assertSame(call, await helms(tool, call), text);
    });

  it('files on top of each other, with nulls, anchors and YAML 1.1', async (t) => {
    const files: { [name: string]: string } = {
      'one.yaml':
        'a: &x {b: 2, c: {e: yes, f: 0755, g: 1_000, h: 2001-01-01}}\nmore: *x\nmerged: {<<: *x, b: 3}\n',
      'two.yaml': 'a: {c: null}\nlist: [3]\ngone: null\n',
      'three.yaml': 'a: {c: {z: 1}}\nmore: text\n"quoted": "on"\nn: ~\n',
      'four.yaml': '# nothing\n',
      'five.yaml': '\ufeffa: 5\r\ntext: {x: 1}\r\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const [one, two, three, four, five] = Object.keys(files) as [string, string, string, string, string];
    for (const helm of ['helm-3', 'helm-4'] as const) {
      const tool = requireTool(t, helm);
      if (tool === undefined) return;
      for (const order of [
        [one],
        [two],
        [one, two],
        [two, one],
        [one, two, three],
        [three, two, one],
        [four],
        [one, five],
      ])
        for (const set of [[], ['a.c.y=1']])
          assert.deepEqual(
            ours({ files: order, set }),
            await helms(tool, { files: order, set }),
            `${helm}: ${order}`,
          );
    }
  });
});
