/** `import helm`: what it writes, what it tells, and that it never loses, leaks or overwrites anything. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { selfSigned } from '../support/certificate.ts';
import { runCli } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { filesIn, folderOf } from '../support/folder.ts';

/** Runs the import in a folder with these files. */
async function run(t: TestContext, files: { [name: string]: string }, ...argv: string[]) {
  const folder = folderOf(t, files);
  const ran = await runCli(['import', 'helm', ...argv], { cwd: folder });
  const read = (name: string) => parseYaml(readFileSync(path.join(folder, name), 'utf8'))[0] as JsonObject;
  return { ...ran, folder, read };
}

const secret = 'kSecret-77';

/** What an import prints and writes outside of files that git ignores. */
function shown({ folder, stdout, stderr }: { folder: string; stdout: string; stderr: string }): string {
  const files = [...filesIn(folder)].filter(([name]) => !/^values|secrets\.env$|\/secrets\//.test(name));
  return [stdout, stderr, ...files.map(([, text]) => text)].join('\n');
}

describe('import helm', () => {
  it('makes the topology overlay of the chart a tier, and keeps the name of the service account', async (t) => {
    const tier =
      'nodeSelector: {glyphoxa.io/tier: shared}, tolerations: [{key: glyphoxa.io/tier, value: shared, effect: NoSchedule}]';
    const { read, stderr, exitCode } = await run(
      t,
      {
        'values.yaml': `topology: shared\nimage: {tag: 0.1.3}\ngateway: {replicaCount: 3, ${tier}}\nworker: {${tier}}\n`,
      },
      ...['values.yaml', '--release', 'acme', '--namespace', 'games', '--environment', 'eu'],
    );
    assert.equal(exitCode, 0, stderr);
    const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };
    assert.deepEqual(read('glyphoxa.yaml'), {
      ...head,
      metadata: { name: 'acme' },
      spec: { core: { image: { tag: '0.1.3' } }, gateway: { serviceAccount: { name: 'glyphoxa-gateway' } } },
    });
    assert.deepEqual(read('overlays/eu/config.yaml'), {
      ...head,
      metadata: { namespace: 'games' },
      spec: { core: { tierScheduling: true } },
    });
  });

  it('tells what it does not know, and what has no counterpart, with file and line', async (t) => {
    const { stderr, exitCode } = await run(
      t,
      {
        'values.yaml': 'image: {tag: 0.1.3}\ngateway:\n  replicaCuont: 2\n  extra:\n    deep: 1\nfoo: bar\n',
        'two.yaml':
          'postgresql:\n  primary:\n    extendedConfiguration: x\nworker:\n  profiles:\n    spare: {}\nfullnameOverride: other\n',
      },
      ...['values.yaml', 'two.yaml', '--set', 'image.pullPolicy=Always,mcpGateway.replica=3'],
    );
    assert.equal(exitCode, 0, stderr);
    const told = [...stderr.matchAll(/^(\S+:\d+):\d+: warning (\S+): (\S+)/gm)].map(
      ([, at, code, name]) => `${at} ${code} ${name}`,
    );
    for (const expected of [
      'values.yaml:3 unknown-value gateway.replicaCuont',
      'values.yaml:4 unknown-value gateway.extra',
      'values.yaml:6 unknown-value foo',
      'two.yaml:3 no-counterpart postgresql.primary.extendedConfiguration',
      'two.yaml:6 no-counterpart worker.profiles.spare',
      'two.yaml:7 no-counterpart fullnameOverride',
      '--set:1 unknown-value mcpGateway.replica',
    ])
      assert.ok(told.includes(expected), `${expected}\n${stderr}`);
    assert.match(stderr, / replicaCount\?/);
  });

  it('tells of a DSN that another one wins over, and shows neither', async (t) => {
    const values = (one: string) =>
      `image: {tag: 0.1.3}\ndatabase: {dsn: "postgres://u:canary-a@db/x"}\nsecrets: {databaseDSN: "postgres://u:${one}@db/x"}\n`;
    const differs = await run(t, { 'values.yaml': values('canary-b') }, 'values.yaml');
    assert.equal(differs.exitCode, 0, differs.stderr);
    assert.match(differs.stderr, /^values.yaml:2:12: warning no-counterpart: database.dsn /m);
    assert.doesNotMatch(differs.stderr + differs.stdout, /canary/);
    const same = await run(t, { 'values.yaml': values('canary-a') }, 'values.yaml');
    assert.doesNotMatch(same.stderr, /no-counterpart: database.dsn/);
  });

  const withSecrets = `image: {tag: 0.1.3}
gateway: {adminKey: ${secret}-a}
secrets: {openaiApiKey: ${secret}-b, elevenlabsApiKey: ${secret}-c}
database: {dsn: "postgres://u:${secret}@db/x"}
postgresql: {auth: {postgresPassword: ${secret}-e}}
vault: {enabled: true, addr: "https://vault.example.com"}
config:
  data:
    providers:
      stt: {name: deepgram, api_key: ${secret}-d}
`;

  it('copies no secret: each is told with the key that pods read, and those that the Secret lacks', async (t) => {
    const ran = await run(t, { 'values.yaml': withSecrets }, 'values.yaml');
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.ok(!shown(ran).includes(secret));
    assert.ok(!existsSync(path.join(ran.folder, 'overlays/production/secrets.env')));
    assert.match(
      ran.stderr,
      /values\.yaml:2:\d+: warning secret-not-copied: .*\badmin-key .*\bglyphoxa-secrets\b/,
    );
    assert.match(ran.stderr, /values\.yaml:4:\d+: warning secret-not-copied: .*\bdatabase-dsn /);
    assert.match(ran.stderr, /values\.yaml:10:\d+: warning secret-not-copied: .*deepgram-api-key/);
    tells(ran.stderr, 'warning secret-key-missing', 'vault-token');
    tells(ran.stderr, 'warning secret-key-missing', 'config.yaml');
    assert.match(ran.stderr, /secret-not-copied: \S*elevenlabsApiKey /);
  });

  it('writes secrets into a file that git ignores, for its owner alone, where it is asked to', async (t) => {
    const ran = await run(t, { 'values.yaml': withSecrets }, 'values.yaml', '--secrets', 'secrets.env');
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.ok(!shown(ran).includes(secret));
    const file = path.join(ran.folder, 'overlays/production/secrets.env');
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /^[a-z]/.test(line));
    assert.deepEqual(lines.sort(), [
      `admin-key=${secret}-a`,
      `database-dsn=postgres://u:${secret}@db/x`,
      `deepgram-api-key=${secret}-d`,
      `openai-api-key=${secret}-b`,
    ]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(
      readFileSync(path.join(ran.folder, 'overlays/production/secrets/config.yaml'), 'utf8'),
      new RegExp(`api_key: ${secret}-d`),
    );
    assert.match(readFileSync(path.join(ran.folder, '.gitignore'), 'utf8'), /^secrets\.env$/m);
  });

  it('seals secrets where it is asked to, and the environment is complete', async (t) => {
    const values = withSecrets.replace('vault: {enabled: true', 'vault: {enabled: false');
    const ran = await run(
      t,
      {
        'values.yaml': values,
        'sealing.pem': selfSigned({
          privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
        }),
      },
      ...['values.yaml', '--secrets', 'sealed', '--cert', 'sealing.pem'],
    );
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.ok(!shown(ran).includes(secret));
    const { spec } = ran.read('overlays/production/config.yaml') as { spec: { secrets: JsonObject } };
    assert.deepEqual(Object.keys(spec.secrets.sealed as JsonObject).sort(), [
      'admin-key',
      'config.yaml',
      'database-dsn',
      'deepgram-api-key',
      'openai-api-key',
    ]);
    const built = await runCli(['validate', '.', 'overlays'], { cwd: ran.folder });
    assert.equal(built.exitCode, 0, built.stderr);
    assert.ok(existsSync(path.join(ran.folder, 'overlays/production/kustomization.yaml')));
  });

  it('makes a file with other secrets a Secret as a whole, and opens the ports that it names', async (t) => {
    const data = `config:\n  data:\n    mcp:\n      servers:\n        - {name: x, transport: streamable-http, url: "http://x:7000", auth: {token: ${secret}}}\n`;
    const ran = await run(
      t,
      { 'values.yaml': `image: {tag: 0.1.3}\n${data}` },
      'values.yaml',
      '--secrets',
      'secrets.env',
    );
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.ok(!shown(ran).includes(secret));
    assert.match(ran.stderr, /values\.yaml:6:\d+: warning file-is-secret/);
    const { spec } = ran.read('glyphoxa.yaml') as { spec: JsonObject };
    assert.deepEqual(spec.secrets, { configSecret: { name: 'glyphoxa-secrets' } });
    assert.deepEqual(spec.networkPolicy, {
      worker: { extraEgress: [{ ports: [{ port: 7000, protocol: 'TCP' }] }] },
      mcpGateway: { extraEgress: [{ ports: [{ port: 7000, protocol: 'TCP' }] }] },
    });
    const file = readFileSync(path.join(ran.folder, 'overlays/production/secrets/config.yaml'), 'utf8');
    assert.match(file, new RegExp(secret));
  });

  /** What is refused: the values, what they are called, and what is said. Nothing is written then. */
  const refused: [what: string, values: string, says: RegExp, ...argv: string[]][] = [
    ['text that is no YAML', `a: [\nb: ${secret}`, /values\.yaml:\d+:\d+: error syntax/],
    ['a list', `- ${secret}\n`, /error not-values/],
    ['a text', `${secret}\n`, /error not-values/],
    ['two documents', 'a: 1\n---\nb: 2\n', /values\.yaml:2:\d+: error several-documents/],
    ['more than 1 MiB', `a: "${'x'.repeat(1_100_000)}"\n`, /larger than/],
    ['many levels', '['.repeat(100_000), /error too-deep/],
    [
      'aliases without end',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'bcdefgh'
        .split('')
        .map(
          (name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}*${'abcdefgh'[index]}]`,
        )
        .join('\n')}\n`,
      /error too-large/,
    ],
    [
      'a key that stands there twice',
      `gateway: {}\ngateway: {adminKey: ${secret}}\n`,
      /values\.yaml:2:1: error duplicate-key/,
    ],
    [
      'values of another chart',
      'replicaCount: 1\nservice: {}\nresources: {}\nimage: {tag: 0.1.3}\n',
      /error other-chart/,
    ],
    [
      'a resource',
      'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: x}\n',
      /error other-chart/,
    ],
    ['a list for a map', 'gateway: [1]\n', /values\.yaml:1:1: error helm-refuses: gateway/],
    ['a null for a group', 'worker: null\n', /values\.yaml:1:1: error helm-refuses: worker/],
    [
      'a secret in the place of a group',
      `secrets: ${secret}\ngateway: {}\n`,
      /values\.yaml:1:1: error helm-refuses/,
    ],
    [
      'a word for a number',
      'image: {tag: 0.1.3}\ngateway:\n  replicaCount: many\n',
      /values\.yaml:3:3: error wrong-type: spec\.gateway\.replicaCount/,
    ],
    [
      'a number for a tag',
      'image: {tag: 1.10}\n',
      /values\.yaml:1:9: error wrong-type: spec\.core\.image\.tag/,
    ],
    ['the other generation', 'image: {tag: latest}\n', /values\.yaml:1:9: error other-generation/],
    [
      'a broken file of the program',
      'image: {tag: 0.1.3}\nconfig: {data: {npc: []}}\n',
      /values\.yaml:2:17: error unknown-field/,
    ],
    [
      'an assignment that is cut off',
      'gateway: {}\n',
      /--set:1:\d+: error wrong-assignment/,
      '--set',
      `a.${secret}`,
    ],
    ['a file that is not there', 'gateway: {}\n', /error unreadable: other\.yaml /, 'other.yaml'],
    [
      'a release with a wrong name',
      'image: {tag: 0.1.3}\n',
      /error invalid-value: metadata\.name/,
      '--release',
      'No_Name',
    ],
    [
      'a wrong namespace',
      'image: {tag: 0.1.3}\n',
      /error invalid-value: metadata\.namespace/,
      '--namespace',
      'No_Name',
    ],
    ['a wrong environment', 'image: {tag: 0.1.3}\n', /error environment-name/, '--environment', '../x'],
  ];
  for (const [what, values, says, ...argv] of refused)
    it(`refuses ${what}, and writes nothing`, async (t) => {
      const ran = await run(t, { 'values.yaml': values }, 'values.yaml', '--dir', 'out', ...argv);
      assert.equal(ran.exitCode, 1, ran.stderr);
      assert.match(ran.stderr, says);
      assert.ok(!ran.stderr.includes(secret), ran.stderr);
      assert.deepEqual(readdirSync(ran.folder), ['values.yaml']);
    });

  it('says what helm takes a text for true or false for', async (t) => {
    const ran = await run(
      t,
      { 'values.yaml': 'image: {tag: 0.1.3}\n' },
      'values.yaml',
      '--set-string',
      'networkPolicy.enabled=false',
    );
    assert.equal(ran.exitCode, 0, ran.stderr);
    tells(ran.stderr, '--set-string:1:1: warning read-as', 'networkPolicy.enabled');
  });

  it('overwrites nothing: neither a resource nor an environment', async (t) => {
    for (const [file, code] of [
      ['glyphoxa.yaml', 'resource-exists'],
      ['overlays/production/config.yaml', 'overlay-exists'],
    ] as const) {
      const ran = await run(t, { 'values.yaml': 'image: {tag: 0.1.3}\n', [file]: 'mine\n' }, 'values.yaml');
      assert.equal(ran.exitCode, 1);
      assert.match(ran.stderr, new RegExp(`error ${code}: `));
      assert.deepEqual([...filesIn(ran.folder).keys()].sort(), ['values.yaml', file].sort());
      assert.equal(readFileSync(path.join(ran.folder, file), 'utf8'), 'mine\n');
    }
    const ran = await run(
      t,
      { 'values.yaml': 'image: {tag: 0.1.3}\n', 'README.md': 'mine\n' },
      'values.yaml',
    );
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.match(ran.stderr, /warning kept: README\.md /);
  });

  it('leaves nothing behind where the folder cannot be written', async (t) => {
    const folder = folderOf(t, { 'values.yaml': 'image: {tag: 0.1.3}\n' });
    mkdirSync(path.join(folder, 'out'));
    chmodSync(path.join(folder, 'out'), 0o555);
    // root writes everywhere but there
    const out = process.getuid?.() === 0 ? '/proc/none' : 'out';
    const ran = await runCli(['import', 'helm', 'values.yaml', '--dir', out], { cwd: folder });
    chmodSync(path.join(folder, 'out'), 0o755);
    assert.equal(ran.exitCode, 1);
    assert.match(ran.stderr, /error cannot-write/);
    assert.deepEqual([...filesIn(folder).keys()], ['values.yaml']);
  });

  it('leaves nothing behind where the tree cannot be written to its end', async (t) => {
    const ran = await run(t, { 'values.yaml': 'image: {tag: 0.1.3}\n', base: 'a file\n' }, 'values.yaml');
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.deepEqual([...filesIn(ran.folder).keys()].sort(), ['base', 'values.yaml']);
  });
});
