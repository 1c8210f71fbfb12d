/** One mask for all that is printed, and what it leaves alone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourceLine } from '../../generator/cli/print/source-line.ts';
import { loadConfig, schema } from '../../generator/config/load.ts';
import {
  cut,
  type FieldWay,
  isSecretField,
  joined,
  maskedValue,
  withoutCredentials,
  withoutForms,
  withoutSecretLines,
  withoutSecrets,
  withoutTexts,
} from '../../generator/config/mask.ts';
import { shownLines } from '../../generator/config/mask-yaml.ts';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { readYaml } from '../../generator/model/yaml.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';

describe('texts that are secret', () => {
  it('go a longer one before a shorter one that it holds', () => {
    const secrets = ['tower', 'tower-of-song', 'song'];
    for (const listed of [secrets, [...secrets].reverse()])
      assert.equal(withoutTexts('a tower-of-song, a tower', listed), 'a (hidden), a (hidden)');
  });

  it('may hold what a replacement would read', () => {
    assert.equal(withoutTexts('a $& b', ['$&']), 'a (hidden) b');
    assert.equal(withoutTexts('a b', ['']), 'a b');
  });
});

describe('parts of a text', () => {
  it('are cut out in their order, those that overlap as one', () => {
    const ranges: [number, number][] = [
      [12, 14],
      [4, 6],
      [0, 2],
      [2, 4],
      [3, 3],
      [5, 9],
      [6, 7],
    ];
    assert.deepEqual(joined(ranges), [
      [0, 2],
      [2, 4],
      [4, 9],
      [12, 14],
    ]);
    assert.equal(cut('0123456789abcdef', ranges, '*'), '***9ab*ef');
    assert.equal(cut('abc', []), 'abc');
  });

  it('are the credentials of addresses in a message, and nothing else of it', () => {
    assert.equal(withoutCredentials('"https://u:s3cr3t@h" token: a'), '"https://(hidden)@h" token: a');
  });
});

describe('a field holds a secret', () => {
  const cases: [path: FieldWay, isSecret: boolean][] = [
    [[], false],
    [['data', 'token'], true],
    [['data', 'mood'], false],
    [['metadata', 'annotations', 'a/token'], false],
    [['metadata', 'labels', 'a/token'], false],
    [['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'], true],
    [['tokens', 0], false],
    [['token', 'value'], true],
    [['mood', 'value'], false],
    [['annotations', 'value'], false],
    [['value'], false],
    [[{ keys: { name: 'MY_TOKEN' } }, 'value'], true],
    [[{ keys: { name: 'MOOD' } }, 'value'], false],
    [[{ keys: { name: 'MY_TOKEN' } }, 'name'], false],
    [[0, 'value'], false],
  ];
  for (const [path, isSecret] of cases)
    it(`${isSecret ? 'at' : 'not at'} ${JSON.stringify(path)}`, () =>
      assert.equal(isSecretField(path), isSecret));
});

describe('a value is shown', () => {
  const cases: [what: string, value: Json, shown: Json][] = [
    ['without the value of a variable with the name of a secret', { name: 'TOKEN', value: 1 }, '(hidden)'],
    ['with that of another variable', { name: 'MOOD', value: 1 }, 1],
    ['with that of a header', { name: 'X-Mood.a', value: 'calm' }, 'calm'],
    ['without one that is wrong in its form', { name: 'MOOD', value: { a: 1 } }, '(hidden)'],
    ['without that of a name that is none', { name: 'A=B', value: 'c' }, '(hidden)'],
    ['with that of something without a name', { value: 'c' }, 'c'],
    ['with that of something whose name is no text', { name: 5, value: 'c' }, 'c'],
  ];
  for (const [what, value, expected] of cases)
    it(what, () =>
      assert.deepEqual(withoutSecrets([value], []), [{ ...(value as JsonObject), value: expected }]),
    );

  it('with no value that is not there', () => {
    for (const value of [{ name: 'TOKEN' }, { name: 'TOKEN', valueFrom: { a: 'b' } }])
      assert.deepEqual(withoutSecrets(value, []), value);
  });

  it('by the names of its fields, at every depth', () => {
    assert.deepEqual(
      withoutSecrets({ a: [{ password: 's3cr3t', b: ['token: s3cr3t', 3, null] }], 'tls.key': 'x' }, []),
      { a: [{ password: '(hidden)', b: ['token: (hidden)', 3, null] }], 'tls.key': '(hidden)' },
    );
    assert.equal(withoutSecrets('s3cr3t', ['data', 'token']), '(hidden)');
  });
});

describe('a text is shown without', () => {
  const block = 'token: |\n  a long line\n  abc\n  abcd\n';
  const cases: [what: string, args: Parameters<typeof withoutSecretLines>, shown: string][] = [
    [
      'the value of a variable with the name of a secret, wherever it stands',
      ['env:\n- name: MY_TOKEN\n  value: s3cr3t\n- {name: MOOD, value: calm}\n# calm s3cr3t\n'],
      'env:\n- name: MY_TOKEN\n  value: (hidden)\n- {name: MOOD, value: calm}\n# calm (hidden)\n',
    ],
    ['the lines of a secret that say something', [block], 'token: |\n  (hidden)\n  abc\n  (hidden)\n'],
    [
      'a secret that only it has, which is marked',
      [block, 'token: other\n', 'new'],
      'token: |\n  (hidden, new)\n  abc\n  (hidden, new)\n',
    ],
    [
      'a secret that the other text has too',
      [block, `mood: calm\n${block}`, 'new'],
      'token: |\n  (hidden)\n  abc\n  (hidden)\n',
    ],
    [
      'what is secret in a configuration of the program',
      ['providers: {llm: {name: openai, options: {tone: s3cr3t}}}\n# s3cr3t openai\n'],
      'providers: {llm: {name: openai, options: {tone: (hidden)}}}\n# (hidden) openai\n',
    ],
    ['the form of a secret, though it is no YAML', ['a: [\ntoken=s3cr3t\n'], 'a: [\ntoken=(hidden)\n'],
    [
      'what any of its documents says',
      [
        'a: 1\n---\n---\nb: [{token: "a b"}, {c: {token: s3cr3t}}]\n---\n- password: "c d e"\n# s3cr3t, c d e\n',
      ],
      'a: 1\n---\n---\nb: [{token: "(hidden)"}, {c: {token: (hidden)}}]\n---\n- password: "(hidden)"\n# (hidden), (hidden)\n',
    ],
  ];
  for (const [what, args, expected] of cases)
    it(what, () => assert.equal(withoutSecretLines(...args), expected));
});

describe('the form of a secret', () => {
  const forms: [text: string, shown: string][] = [
    ['https://u:p@h/a?key=1&page=2#x', 'https://(hidden)@h/a?key=(hidden)&page=(hidden)#x'],
    ['(see https://token@h/a)', '(see https://(hidden)@h/a)'],
    ['u:p@tcp(h:3306)/d', 'u:(hidden)@tcp(h:3306)/d'],
    ['h:5000/app:v1@sha256:0a and git@h:team/a', 'h:5000/app:v1@sha256:0a and git@h:team/a'],
    ["password='it''s' user=u", "password='(hidden)' user=u"],
    ['  admin-key: correct horse', '  admin-key: (hidden)'],
    ['{"api_key": "a b", "model": "m"}', '{"api_key": "(hidden)", "model": "m"}'],
    ['Authorization: Bearer abc', 'Authorization: Bearer (hidden)'],
    ['bearer abcdefgh12345678 and a bearer of news', 'bearer (hidden) and a bearer of news'],
    ['automountServiceAccountToken: false', 'automountServiceAccountToken: false'],
    ['topologyKey: kubernetes.io/hostname', 'topologyKey: kubernetes.io/hostname'],
    ['key: nvidia.com/gpu', 'key: nvidia.com/gpu'],
    ['secretName: tavern-secrets', 'secretName: tavern-secrets'],
    ['http://host:8080/mcp level=INFO', 'http://host:8080/mcp level=INFO'],
  ];
  for (const [text, shown] of forms) it(text, () => assert.equal(withoutForms(text), shown));
});

it('of a file that cannot be read all is hidden but the keys that the schema knows', () => {
  const text = 'spec:\n  gateway: {a: 1\n  adminKey: s3cr3t\n  tavernKey: s3cr3t\n- "image": x\n';
  assert.deepEqual(shownLines(text, 'f.yaml'), [
    'spec:',
    '  gateway: (hidden)',
    '  adminKey: (hidden)',
    '  (hidden)',
    '- "image": (hidden)',
    '',
  ]);
});

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: tavern}\n';

/** Lines with something wrong, as their findings show them. */
const excerpts: [line: string, shown: string][] = [
  ['spec: {networkPolicy: {enabled: yes}}', 'spec: {networkPolicy: {enabled: yes}}'],
  [
    'spec: {postgresql: {existingSecret: pg, enabled: 3}}',
    'spec: {postgresql: {existingSecret: pg, enabled: 3}}',
  ],
  [
    'spec: {core: {image: {repository: "u:p@h/app"}}, postgresql: {image: "u:p@h/pg:1"}}',
    'spec: {core: {image: {repository: "u:(hidden)@h/app"}}, postgresql: {image: "u:(hidden)@h/pg:1"}}',
  ],
  [
    'spec: {networkPolicy: {enabled: yes}, secrets: {external: {keys: {admin-key: pasted/x}}}}',
    'spec: {networkPolicy: {enabled: yes}, secrets: {external: {keys: {admin-key: (hidden)}}}}',
  ],
  ['spec: {gateway: {replicaCuont: 3}}', 'spec: {gateway: {replicaCuont: 3}}'],
  [
    'spec: {gateway: {adminKey: {value: s3cr3t}, replicaCount: x}}',
    'spec: {gateway: {adminKey: {value: (hidden)}, replicaCount: x}}',
  ],
  [
    'spec: {gateway: {adminKey: {value: s3cr3t, value: 0123}}}',
    'spec: {gateway: {adminKey: {value: (hidden), value: (hidden)}}}',
  ],
  [
    'spec: {gateway: {podPatch: {spec: {automountServiceAccountToken: false, token: s3cr3t}}, a: 1}}',
    'spec: {automountServiceAccountToken: false, token: (hidden)}}, a: 1}}',
  ],
  ['spec: {gateway: {adminKey: {s3cr3t: a}}}', 'spec: {gateway: {adminKey: {(hidden): (hidden)}}}'],
  [
    'spec: {secrets: {external: {keys: {admin-key: s3cr3t}}}}',
    'spec: {secrets: {external: {keys: {admin-key: (hidden)}}}}',
  ],
  ['spec: {vault: {addr: "ftp://u:s3cr3t@h"}}', 'spec: {vault: {addr: (hidden)}}'],
  [
    'spec: {postgresql: {image: "https://s3cr3t@h/i"}}',
    'spec: {postgresql: {image: "https://(hidden)@h/i"}}',
  ],
  [
    'spec: {postgresql: {image: "https://u:s3cr3t@h/i"}}',
    'spec: {postgresql: {image: "https://(hidden)@h/i"}}',
  ],
  [
    'spec: {sealedSecrets: {chart: {repository: "ftp://u:s3cr3t@h"}}}',
    'spec: {sealedSecrets: {chart: {repository: "ftp://(hidden)@h"}}}',
  ],
  [
    'spec: {core: {proxy: {noProxy: ["a b"], https: "http://h?key=s3cr3t"}}}',
    'spec: {core: {proxy: {noProxy: ["a b"], https: "http://h?key=(hidden)"}}}',
  ],
  [
    'spec: {config: {providers: {llm: {name: openai, model: 3, options: {pwd: s3cr3t, headers: [s3cr3t]}}}}}',
    'name: openai, model: 3, options: {pwd: (hidden), headers: [(hidden)]}}}',
  ],
  [
    'spec: {config: {mcp: {servers: [{name: a, command: "run --api-key s3cr3t", transport: carrier}]}}}',
    'spec: {config: {mcp: {servers: [{name: a, command: "run --api-key (hidden)", transport: carrier}]}}}',
  ],
  [
    'spec: {worker: {podPatch: {spec: {containers: [{name: worker, env: [{name: TOKEN, value: s3cr3t}, {name: A, value: yes}]}]}}}}',
    'worker, env: [{name: TOKEN, value: (hidden)}, {name: A, value: yes}]}]}}}}',
  ],
  [
    'spec: {gateway: {replicaCount: x}} # token: s3cr3t',
    'spec: {gateway: {replicaCount: x}} # token: (hidden)',
  ],
  ['spec: {gateway: {adminKey: {value: &a s3cr3t}}}', 'spec: (hidden)'],
];

describe('the line of a finding hides the secrets in it and nothing else', () => {
  for (const [line, shown] of excerpts) {
    it(line, () => {
      const text = `${head}${line}\n`;
      const { findings } = loadConfig(readYaml(text, 'f'));
      const lines = findings.map((finding) => sourceLine(finding, text));
      assert.ok(lines.length > 0);
      assert.doesNotMatch(JSON.stringify([findings, lines]), /s3cr3t/);
      assert.ok(
        lines.some((each) => each?.text.includes(shown)),
        JSON.stringify(lines),
      );
    });
  }

  it('with the caret below what it is about', () => {
    const text = `${head}spec: {gateway: {adminKey: {value: a-long-secret}, replicaCount: x}}\n`;
    const [finding] = loadConfig(readYaml(text, 'f')).findings.filter(({ code }) => code === 'wrong-type');
    const { text: shown, caret } = (finding && sourceLine(finding, text)) ?? { text: '', caret: '' };
    assert.equal(shown[caret.length - 1], 'x');
  });

  it('of a secret on several lines no line', () => {
    const text = `${head}spec:\n  gateway:\n    adminKey:\n      value: |\n        s3cr3t\n        s3cr3t\n      other: 1\n`;
    const { findings } = loadConfig(readYaml(text, 'f'));
    for (let number = 1; number <= text.split('\n').length; number += 1) {
      const position = { file: 'f', line: number, col: 1 };
      for (const finding of findings)
        assert.doesNotMatch(sourceLine({ ...finding, position }, text)?.text ?? '', /s3cr3t/);
    }
  });
});

const secretive = `${head}spec:
  secrets: {provider: kubernetes, publicOptions: [tone]}
  gateway:
    adminKey: {fromEnv: ADMIN}
    podPatch: {spec: {containers: [{name: gateway, env: [{name: MY_TOKEN, value: s3cr3t}, {name: MOOD, value: calm}]}]}}
  database: {dsn: {fromEnv: DSN}}
`;

describe('whatever prints a value prints the same mask', () => {
  it('explain', async (t) => {
    const cwd = folderOf(t, { 'glyphoxa.yaml': secretive });
    for (const path of ['gateway.podPatch', 'gateway.podPatch.spec', 'gateway.podPatch.spec.containers']) {
      const { stdout } = await runCli(['explain', path, '--file', '.'], { cwd });
      assert.doesNotMatch(stdout, /s3cr3t/);
      assert.match(stdout, /\(hidden\)/);
    }
    const { stdout } = await runCli(['explain', 'gateway.podPatch', '--file', '.'], { cwd });
    assert.match(stdout, /"value":"calm"/);
  });

  it('overlay diff', async (t) => {
    const layer = secretive
      .replace('s3cr3t', 's3cr3t-2')
      .replace('calm', 'merry')
      .replace(/ {2}database.*\n/, '');
    const cwd = folderOf(t, { 'glyphoxa.yaml': secretive, 'overlays/e/config.yaml': layer });
    for (const output of ['text', 'json']) {
      const { stdout, exitCode } = await runCli(['overlay', 'diff', '-', 'e', '-o', output], { cwd });
      assert.equal(exitCode, 0);
      assert.doesNotMatch(stdout, /s3cr3t/);
      assert.match(stdout, /MY_TOKEN[\s\S]*\(hidden\)/);
      assert.match(stdout, /calm[\s\S]*merry/);
    }
  });

  it('values of a resource, and objects', () => {
    const { value } = readYaml(secretive, 'f');
    assert.doesNotMatch(JSON.stringify(maskedValue(value ?? null, schema)), /s3cr3t/);
    const provider = { llm: { options: { tone: 'warm', pwd: 's3cr3t' } } };
    const masked = maskedValue({ spec: { config: { providers: provider } } }, schema, ['tone']) as JsonObject;
    assert.match(JSON.stringify(masked), /"tone":"warm","pwd":"\(hidden\)"/);
    const patch = {
      env: [
        { name: 'TOKEN', value: 's3cr3t' },
        { name: 'A B', value: 's3cr3t' },
      ],
    };
    assert.doesNotMatch(JSON.stringify(withoutSecrets(patch, [])), /s3cr3t/);
  });

  it('values below what nothing is known of by their names, and by their form elsewhere', () => {
    const podPatch = { spec: { token: 's3cr3t', env: [{ name: 'MY_TOKEN', value: 's3cr3t' }], a: [1] } };
    const gateway = {
      podPatch,
      adminKey: { value: 12 },
      replicaCount: 12,
      nodeSelector: { a: 'pwd=s3cr3t' },
    };
    assert.deepEqual(maskedValue({ spec: { gateway } }, schema), {
      spec: {
        gateway: {
          podPatch: {
            spec: { token: '(hidden)', env: [{ name: 'MY_TOKEN', value: '(hidden)' }], a: [1] },
          },
          adminKey: { value: '(hidden)' },
          replicaCount: 12,
          nodeSelector: { a: 'pwd=(hidden)' },
        },
      },
    });
  });
});
