/** What of a YAML file of ours is secret, by places of its text. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cut } from '../../generator/config/mask.ts';
import { hiddenTexts, shownLines, unknownPart } from '../../generator/config/mask-yaml.ts';
import { fleetKind } from '../../generator/config/schema/fleet.ts';
import type { Path } from '../../generator/model/json.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: tavern}\nspec:\n';

/** Lines below `spec` as they are shown. */
function shown(lines: string): string {
  const all = shownLines(head + lines, 'f.yaml').join('\n');
  assert.ok(all.startsWith(head));
  return all.slice(head.length);
}

describe('a resource is shown without', () => {
  const cases: [what: string, text: string, shown: string][] = [
    [
      'each line of a secret, and nothing of the lines around it',
      '  gateway:\n    adminKey:\n      value: |\n        one s3cr3t\n        two\n    replicaCount: 3\n',
      '  gateway:\n    adminKey:\n      value: (hidden)\n        (hidden)\n        (hidden)\n    replicaCount: 3\n',
    ],
    [
      'a secret on a late line',
      `${'  # nothing\n'.repeat(30)}  gateway: {adminKey: {value: s3cr3t}, replicaCount: 3}\n`,
      `${'  # nothing\n'.repeat(30)}  gateway: {adminKey: {value: (hidden)}, replicaCount: 3}\n`,
    ],
    [
      'a secret that is a number',
      '  gateway: {adminKey: {value: 12}}\n',
      '  gateway: {adminKey: {value: (hidden)}}\n',
    ],
    [
      'what has the form of a secret in a comment',
      '  vault: {enabled: true} # token: s3cr3t\n  # token: s3cr3t\n#token=s3cr3t\n',
      '  vault: {enabled: true} # token: (hidden)\n  # token: (hidden)\n#token=(hidden)\n',
    ],
    [
      'a key in the place of a secret',
      '  gateway: {adminKey: {s3cr3t: 1, value: a}}\n',
      '  gateway: {adminKey: {(hidden): (hidden), value: (hidden)}}\n',
    ],
    [
      'what an unknown field holds, where it is a text or a long number',
      '  unknown: {key: s3cr3t, a: 1234, b: 123, c: true, d: null, e: [s3cr3t, 12345]}\n',
      '  unknown: {key: (hidden), a: (hidden), b: 123, c: true, d: null, e: [(hidden), (hidden)]}\n',
    ],
    [
      'options that are not declared to be public',
      '  secrets: {publicOptions: [tone, mood]}\n' +
        '  config: {providers: {llm: {options: {tone: a, mood: b, pwd: s3cr3t, seed: 12345}}}}\n',
      '  secrets: {publicOptions: [tone, mood]}\n' +
        '  config: {providers: {llm: {options: {tone: a, mood: b, pwd: (hidden), seed: 12345}}}}\n',
    ],
    [
      'options, where the list of public ones is none',
      '  secrets: {publicOptions: tone}\n  config: {providers: {llm: {options: {tone: s3cr3t}}}}\n',
      '  secrets: {publicOptions: (hidden)}\n  config: {providers: {llm: {options: {tone: (hidden)}}}}\n',
    ],
    [
      'the parts of a text that are secret',
      '  config: {mcp: {servers: [{name: a, command: "run --api-key s3cr3t -v --token t0k3n x"}]}}\n',
      '  config: {mcp: {servers: [{name: a, command: "run --api-key (hidden) -v --token (hidden) x"}]}}\n',
    ],
    [
      'the whole of a text with such parts that is not written as it is read',
      '  config: {mcp: {servers: [{name: a, command: "run --api-key s3cr3\\x74"}, {name: "b\\x63"}]}}\n',
      '  config: {mcp: {servers: [{name: a, command: (hidden)}, {name: "b\\x63"}]}}\n',
    ],
  ];
  for (const [what, text, expected] of cases) it(what, () => assert.equal(shown(text), expected));
});

describe('a patch of a pod is shown without', () => {
  const cases: [what: string, patch: string, shown: string][] = [
    [
      'a field with the name of a secret, unless it is a boolean',
      '{token: s3cr3t, adminKey: 12, password: true, nodeName: a}',
      '{token: (hidden), adminKey: (hidden), password: true, nodeName: a}',
    ],
    [
      'the value of a variable with such a name',
      '{env: [{name: MY_TOKEN, value: s3cr3t}, {name: A_KEY, value: 1}, {name: MOOD, value: calm}]}',
      '{env: [{name: MY_TOKEN, value: (hidden)}, {name: A_KEY, value: (hidden)}, {name: MOOD, value: calm}]}',
    ],
    [
      'what is below the value of such a variable, and nothing beside it',
      '{env: [{name: MY_TOKEN, value: {a: s3cr3t}, other: b}, {name: MY_KEY, valueFrom: {c: d}}]}',
      '{env: [{name: MY_TOKEN, value: {a: (hidden)}, other: b}, {name: MY_KEY, valueFrom: {c: d}}]}',
    ],
    [
      'credentials in an address, also where it is all of a line',
      '\n      a:\n        - "https://u:s3cr3t@h/"\n        - plain',
      '\n      a:\n        - "https://(hidden)@h/"\n        - plain',
    ],
  ];
  for (const [what, patch, expected] of cases) {
    it(what, () => {
      const [before, after] = ['  worker:\n    podPatch: ', '\n    replicaCount: 3\n'];
      assert.equal(shown(before + patch + after), before + expected + after);
    });
  }
});

it('a fleet is shown without the secrets of its tenants and of what they share', () => {
  const fleet = (key: string) =>
    `kind: ${fleetKind}\ndefaults: {spec: {gateway: {adminKey: {value: ${key}}, replicaCount: 12345}}}\n` +
    `tenants:\n  a: {spec: {gateway: {adminKey: {value: ${key}}, replicaCount: 12345}}}\n`;
  assert.equal(shownLines(fleet('s3cr3t'), 'f.yaml').join('\n'), fleet('(hidden)'));
});

it('what is hidden of each line can be asked for', () => {
  const text = `${head}  gateway: {adminKey: {value: s3cr3t}, replicaCount: 3}\n  # token: t0k3n, password: p4ss\n`;
  const none: string[][] = head
    .trimEnd()
    .split('\n')
    .map(() => []);
  assert.deepEqual(hiddenTexts(text, 'f.yaml'), [...none, ['s3cr3t'], ['t0k3n', 'p4ss'], []]);
});

it('the lines of a text are those of this text, also behind another of the same name', () => {
  for (const secret of ['one', 'two-words'])
    assert.equal(
      shown(`  gateway: {adminKey: {value: ${secret}}}\n`),
      '  gateway: {adminKey: {value: (hidden)}}\n',
    );
});

describe('of a line of which nothing is known', () => {
  const cases: [line: string, shown: string, path?: Path][] = [
    ['', ''],
    ['  gateway:', '  gateway:'],
    ['  gateway:  s3cr3t  ', '  gateway:  (hidden)  '],
    ['gateway:s3cr3t', '(hidden)'],
    ['- - name: s3cr3t', '- - name: (hidden)'],
    ['  "image": s3cr3t', '  "image": (hidden)'],
    ['  s3cr3t', '  (hidden)'],
    ['  s3cr3t: a', '  (hidden)'],
    ['  - s3cr3t: a', '  - (hidden)'],
    ['  own: s3cr3t', '  own: (hidden)', ['spec', 'own']],
    ['  s3cr3t: a', '  (hidden)', ['spec', 'own']],
    // known of a fleet, of an item of a list, of a map of any keys
    ['tenants: s3cr3t', 'tenants: (hidden)'],
    ['  effect: s3cr3t', '  effect: (hidden)'],
    ['  personality: s3cr3t', '  personality: (hidden)'],
  ];
  for (const [line, expected, path = []] of cases)
    it(`"${line}" only a key that ${path.length > 0 ? 'the finding or ' : ''}the schema names is shown`, () => {
      assert.equal(cut(line, [unknownPart(line, path)]), expected);
    });
});
