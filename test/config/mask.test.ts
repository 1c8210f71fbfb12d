/** One mask for all that is printed, and what it leaves alone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourceLine } from '../../generator/cli/print/source-line.ts';
import { loadConfig, schema } from '../../generator/config/load.ts';
import { maskedValue, withoutForms, withoutSecrets, withoutTexts } from '../../generator/config/mask.ts';
import { shownLines } from '../../generator/config/mask-yaml.ts';
import type { JsonObject } from '../../generator/model/json.ts';
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
});
