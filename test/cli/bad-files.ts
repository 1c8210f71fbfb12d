/** Files that are wrong in every way that people and programs find: what they hold, and the findings that tell so. */
import { identity, smallest } from './resources.ts';

const gateway = (lines: string) => `${smallest}spec:\n  gateway:\n${lines}`;
const nested = (depth: number) => `${smallest}spec: ${'{a: '.repeat(depth)}1${'}'.repeat(depth)}\n`;

/** What is wrong, the file, and the beginnings of its findings. */
export const badFiles: [what: string, text: string, found: string[]][] = [
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
