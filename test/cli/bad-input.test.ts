/** Whatever a file holds: findings with positions, all at once, nothing on standard output, no stack trace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { identity, smallest } from './resources.ts';

const gateway = (lines: string) => `${smallest}spec:\n  gateway:\n${lines}`;
const nested = (depth: number) => `${smallest}spec: ${'{a: '.repeat(depth)}1${'}'.repeat(depth)}\n`;

const cases: [what: string, text: string, found: string[]][] = [
  ['nothing', '', ['1:1 empty-document']],
  ['only a comment', '# later\n', ['1:1 empty-document']],
  ['no YAML', 'a: [1, 2\nb: "x\n', ['syntax']],
  ['prose', 'this is not a resource\n', ['1:1 wrong-kind']],
  ['a list', '- a\n- b\n', ['1:1 wrong-kind']],
  ['several documents', `${smallest}---\n${smallest}`, ['5:1 several-documents']],
  ['another kind', 'apiVersion: apps/v1\nkind: Deployment\n', ['2:7 wrong-kind']],
  ['another version', smallest.replace('v1alpha1', 'v2'), ['1:13 wrong-kind']],
  ['no kind', 'metadata:\n  name: a\n', ['required', 'required']],
  ['no name', `${identity}spec: {}\n`, ['required']],
  [
    'unknown fields at any depth',
    gateway('    ports: {grcp: 1}\n  x: {}\n'),
    ['7:13 unknown-field', '8:3 unknown-field'],
  ],
  [
    'wrong types',
    gateway('    replicaCount: many\n    ports: [1]\n'),
    ['7:19 wrong-type', '8:12 wrong-type'],
  ],
  ['duplicate keys', gateway('    replicaCount: 1\n    replicaCount: 2\n'), ['8:5 duplicate-key']],
  [
    'an anchor and an alias',
    gateway('    ports: &p {grpc: 1}\n  worker:\n    ports: *p\n'),
    ['7:15 anchor', '9:12 anchor'],
  ],
  ['a merge key', gateway('    ports:\n      <<: {grpc: 1}\n'), ['8:7 anchor']],
  ['a cycle', `${smallest}spec: &a\n  gateway: *a\n`, ['anchor', 'anchor']],
  ['aliases of aliases', `a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n`, ['anchor']],
  ['a tag', gateway('    replicaCount: !!python/object:os.system 1\n'), ['tag']],
  ['too deep, in flow', nested(100_000), ['too-deep']],
  [
    'too deep, in block',
    Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    ['too-deep'],
  ],
  ['too large', `${smallest}# ${'x'.repeat(1024 * 1024)}\n`, ['1:1 too-large']],
  ['NUL bytes', gateway('    replicaCount: \u0000\n'), ['7:19 control-character']],
  [
    'a byte order mark and CRLF',
    `\ufeff${smallest.replaceAll('\n', '\r\n')}`,
    ['1:1 byte-order-mark', 'carriage-return'],
  ],
  ['a tab', gateway('\treplicaCount: 1\n'), ['syntax']],
  ['a version as a number', `${smallest}spec: {core: {image: {tag: 1.10}}}\n`, ['5:28 wrong-type']],
  ['an octal', gateway('    replicaCount: 0755\n'), ['7:19 ambiguous-scalar']],
  [
    'a YAML 1.1 boolean',
    `${smallest}spec: {networkPolicy: {enabled: yes}}\n`,
    ['ambiguous-scalar', 'wrong-type'],
  ],
  ['a quoted boolean', `${smallest}spec: {networkPolicy: {enabled: "yes"}}\n`, ['5:33 wrong-type']],
  ['a Unicode name', `${identity}metadata:\n  name: täverne\n`, ['4:9 invalid-value']],
  [
    '__proto__',
    `${smallest}__proto__: {spec: {}}\nspec: {"__proto__": 1}\n`,
    ['5:1 unknown-field', '6:8 unknown-field'],
  ],
  ['infinity', gateway('    replicaCount: .inf\n'), ['7:19 ambiguous-scalar']],
  [
    'a Discord id without quotes',
    `${smallest}spec: {config: {providers: {audio: {name: discord, options: {guild_id: 123456789012345678}}}}}\n`,
    ['5:72 wrong-type'],
  ],
  [
    'long numbers in a pod patch, and one that is infinite',
    gateway('    podPatch: {spec: {a: 9007199254740993, b: [-9007199254740993], c: 1e999}}\n'),
    ['7:26 digits-lost', '7:48 digits-lost', '7:71 ambiguous-scalar', '7:71 digits-lost'],
  ],
  ['a long quantity', gateway('    resources: {limits: {memory: 9007199254740993}}\n'), ['digits-lost']],
  ['a huge number', gateway('    replicaCount: 99999999999999999999999\n'), ['7:19']],
];

for (const [what, text, found] of cases) {
  test(what, async () => {
    const built = await runCli(['build', '-'], { stdin: text });
    assert.deepEqual([built.stdout, built.exitCode], ['', 1]);
    assert.doesNotMatch(built.stderr, /\n {4}at |internal error|undefined|\[object/);
    const { stdout } = await runCli(['validate', '-', '-o', 'json'], { stdin: text });
    const { findings } = JSON.parse(stdout) as { findings: { line: number; col: number; code: string }[] };
    const told = findings.map(({ line, col, code }) => `${line}:${col} ${code}`);
    for (const [index, expected] of found.entries())
      assert.ok(told[index]?.includes(expected), `${expected} is not in ${JSON.stringify(told)}`);
    assert.equal(built.stderr.match(/^<stdin>:\d+:\d+: error /gm)?.length, findings.length);
  });
}

test('a pod patch that drops what the program needs is told, also of a part that is off', async () => {
  const found = async (spec: string) => {
    const { stdout, stderr, exitCode } = await runCli(['validate', '-', '-o', 'json'], {
      stdin: `${smallest}spec: ${spec}\n`,
    });
    const { findings } = JSON.parse(stdout || stderr) as { findings: { code: string; path: string }[] };
    return { exitCode, codes: findings.map(({ code }) => code) };
  };
  const container = (name: string, more: string) =>
    `{podPatch: {spec: {containers: [{name: ${name}, ${more}}]}}}`;
  for (const spec of [
    `{gateway: ${container('gateway', 'args: [--verbose]')}}`,
    `{worker: ${container('worker', 'args: [--verbose]')}}`,
    '{gateway: {podPatch: {spec: {serviceAccountName: other}}}}',
    '{gateway: {podPatch: {spec: {automountServiceAccountToken: false}}}}',
    '{mcpGateway: {enabled: false, podPatch: {spec: {containers: [{name: mcp-gateway, image: 1}]}}}}',
  ]) {
    const { codes, exitCode } = await found(spec);
    assert.ok(
      codes.some((code) => /^pod-patch-(?:breaks|invalid)$/.test(code)),
      `${spec}: ${codes}`,
    );
    assert.equal(exitCode, 1);
  }
});

test('what a Secret cannot hold is told, and a folder that cannot be made is, at once', async (t) => {
  const folder = folderOf(t, {
    'g.yaml': `${smallest}spec: {secrets: {provider: kubernetes, providerKeys: {groq: {fromFile: key}}}, postgresql: {enabled: true}, gateway: {adminKey: {fromFile: key}}}\n`,
    key: 'x'.repeat(1024 * 1024 - 10),
  });
  const large = await runCli(['build', 'g.yaml'], { cwd: folder });
  assert.deepEqual([large.stdout, large.exitCode], ['', 1]);
  assert.match(large.stderr, /\berror object-too-large\b/);
  const nowhere = await runCli(['build', '-', '-o', 'files', '--dir', '/proc/none/x'], { stdin: smallest });
  assert.match(nowhere.stderr, /\bunwritable\b/);
  assert.doesNotMatch(nowhere.stderr, /ENOENT/);
});
