import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { selfSigned } from '../support/certificate.ts';
import { runCli } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { startProblems } from '../support/program-start.ts';
import { findTool, newestKustomize, requireKustomizers } from '../support/tools.ts';
import { unseal } from '../support/unseal.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n';

/** A tree with one environment. */
function treeOf(t: TestContext, spec: string, layer = '', files: { [name: string]: string } = {}): string {
  return folderOf(t, {
    'glyphoxa.yaml': `${head}metadata:\n  name: glyphoxa\nspec:\n${spec}`,
    'overlays/prod/config.yaml': `${head}${layer}`,
    ...files,
  });
}

const kubernetes = `  gateway:
    adminKey: {fromEnv: ADMIN}
  database:
    dsn: {fromEnv: DSN}
  secrets:
    provider: kubernetes
    providerKeys:
      openai: {fromFile: keys/openai}
`;
const sealed = kubernetes.replace('provider: kubernetes', 'provider: sealed-secrets');

const read = (cwd: string, file: string) => readFileSync(path.join(cwd, file), 'utf8');
const valueIn = (text: string, key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1];

test('secrets init writes every key with a comment, a random admin key, and nobody else can read it', async (t) => {
  const cwd = treeOf(t, kubernetes);
  const { exitCode, stdout, stderr } = await runCli(['secrets', 'init', 'prod'], {
    cwd,
    env: { DSN: 'postgres://db' },
  });
  assert.equal(exitCode, 0, stderr);
  const file = 'overlays/prod/secrets.env';
  assert.match(stdout, /create overlays\/prod\/secrets\.env/);
  const text = read(cwd, file);
  assert.equal(statSync(path.join(cwd, file)).mode & 0o777, 0o600);
  assert.match(valueIn(text, 'admin-key') ?? '', /^[\w-]{43}$/);
  assert.equal(valueIn(text, 'database-dsn'), 'postgres://db');
  assert.equal(valueIn(text, 'openai-api-key'), '');
  for (const key of ['admin-key', 'database-dsn', 'openai-api-key'])
    assert.match(text, new RegExp(`^# .+\\n${key}=`, 'm'), 'each key has a comment');
  assert.match(stderr, /made up: admin-key/);
  assert.match(stderr, /fill in: openai-api-key/);
  const ignores = read(cwd, '.gitignore').split('\n');
  assert.ok(ignores.includes('secrets.env') && ignores.includes('overlays/*/secrets/'));
  const two = await runCli(['secrets', 'init', 'prod'], { cwd: treeOf(t, kubernetes) });
  assert.equal(two.exitCode, 0);
});

test('a conflict of a merge in a file of secret values is one finding, and nothing is added to the file', async (t) => {
  const conflict = '<<<<<<< HEAD\nadmin-key=aCanary\n=======\nadmin-key=bCanary\n>>>>>>> other\n';
  for (const file of ['secrets.env', 'secrets/openai-api-key']) {
    const cwd = treeOf(t, kubernetes, '', { 'keys/openai': 'one', [`overlays/prod/${file}`]: conflict });
    await runCli(['generate'], { cwd });
    for (const command of [
      ['secrets', 'init', 'prod'],
      ['secrets', 'status', 'prod'],
      ['generate', '--check'],
    ]) {
      const { stdout, stderr } = await runCli(command, { cwd });
      const said = `${stdout}${stderr}`;
      assert.equal(
        said.match(/error merge-conflict/g)?.length,
        1,
        `${command.join(' ')} of ${file}: ${said}`,
      );
      assert.doesNotMatch(said, /Canary/);
    }
    assert.equal(read(cwd, `overlays/prod/${file}`), conflict);
  }
});

test('secrets init never changes a value, and adds what is missing', async (t) => {
  const mine = '# mine\nadmin-key=my own\n\n# other=1';
  const cwd = treeOf(t, kubernetes, '', { 'overlays/prod/secrets.env': `${mine}\n` });
  await runCli(['secrets', 'init', 'prod'], { cwd, env: { ADMIN: 'another' } });
  const text = read(cwd, 'overlays/prod/secrets.env');
  assert.ok(text.startsWith(`${mine}\n`));
  assert.equal(valueIn(text, 'database-dsn'), '');
  const before = filesIn(cwd);
  assert.equal((await runCli(['secrets', 'init', 'prod'], { cwd })).stdout, '');
  assert.deepEqual(filesIn(cwd), before);
});

test('a value of several lines gets a file of its own, which the kustomization reads', async (t) => {
  const cwd = treeOf(t, kubernetes, '', { 'keys/openai': 'one\ntwo\n' });
  await runCli(['secrets', 'init', 'prod'], { cwd, env: { ADMIN: 'a', DSN: 'postgres://db' } });
  assert.equal(read(cwd, 'overlays/prod/secrets/openai-api-key'), 'one\ntwo');
  assert.equal(statSync(path.join(cwd, 'overlays/prod/secrets/openai-api-key')).mode & 0o777, 0o600);
  assert.equal((await runCli(['generate', '--check'], { cwd })).exitCode, 0);
  const kustomize = newestKustomize();
  if (kustomize === undefined) return t.skip('no kustomize');
  const { stdout, stderr } = await kustomize.build(path.join(cwd, 'overlays/prod'));
  const secret = (parseYaml(stdout) as JsonObject[]).find(({ kind }) => kind === 'Secret');
  assert.ok(secret, stderr);
  const data = secret.data as { [key: string]: string };
  assert.equal(Buffer.from(data['openai-api-key'] ?? '', 'base64').toString(), 'one\ntwo');
  assert.equal(Buffer.from(data['admin-key'] ?? '', 'base64').toString(), 'a');
});

test('a configuration file with secrets in it is a file of the tree, kept in step by secrets init', async (t) => {
  const spec = `${kubernetes}  config:\n    memory: {postgres_dsn: "postgres://in-file"}\n`;
  const cwd = treeOf(t, spec);
  const env = { ADMIN: 'a', DSN: 'postgres://db' };
  await runCli(['secrets', 'init', 'prod'], { cwd, env });
  const file = 'overlays/prod/secrets/config.yaml';
  assert.match(read(cwd, file), /postgres:\/\/in-file/);
  writeFileSync(path.join(cwd, 'glyphoxa.yaml'), read(cwd, 'glyphoxa.yaml').replace('in-file', 'in-file-2'));
  const stale = await runCli(['secrets', 'status', 'prod'], { cwd, env });
  assert.match(stale.stdout, /config\.yaml +stale/);
  for (const argv of [['generate'], ['generate', '--check']]) {
    const { stderr } = await runCli(argv, { cwd, env });
    assert.match(stderr, /warning secrets-stale: overlays\/prod\/secrets\/config\.yaml/);
    assert.doesNotMatch(stderr, /in-file/);
  }
  await runCli(['secrets', 'init', 'prod'], { cwd, env });
  assert.match(read(cwd, file), /in-file-2/);
  assert.doesNotMatch((await runCli(['generate', '--check'], { cwd, env })).stderr, /secrets-stale/);
  rmSync(path.join(cwd, file));
  assert.match((await runCli(['generate', '--check'], { cwd, env })).stderr, /secrets-stale/);
  rmSync(path.join(cwd, 'overlays/prod/secrets.env'));
  const elsewhere = await runCli(['generate', '--check'], { cwd, env });
  assert.doesNotMatch(
    elsewhere.stderr,
    /secrets-stale/,
    'a machine without the values has nothing to keep in step',
  );
});

test('a line of secrets.env that the plugin would put nowhere is told, wherever the files are looked at', async (t) => {
  const cwd = treeOf(t, kubernetes);
  const env = { ADMIN: 'a', DSN: 'postgres://db' };
  await runCli(['secrets', 'init', 'prod'], { cwd, env });
  const file = path.join(cwd, 'overlays/prod/secrets.env');
  const kept = read(cwd, 'overlays/prod/secrets.env');
  const commands = [
    ['generate', '--check'],
    ['secrets', 'status', 'prod'],
    ['secrets', 'init', 'prod'],
  ];
  for (const argv of commands) {
    assert.doesNotMatch((await runCli(argv, { cwd, env })).stderr, /secrets-unread/, argv.join(' '));
  }
  writeFileSync(file, `${kept}discord-bot-token=t\nvault-token=canary\nadmin-kye=canary\n`);
  const lines = kept.split('\n').length;
  for (const argv of commands) {
    const { stderr } = await runCli(argv, { cwd, env });
    const told = [...stderr.matchAll(/secrets\.env:(\d+):1: warning secrets-unread/g)];
    assert.deepEqual(
      told.map(([, line]) => Number(line)),
      [lines + 1, lines + 2],
      `${argv.join(' ')}\n${stderr}`,
    );
    assert.doesNotMatch(stderr, /canary/);
  }
});

test('the tree takes the keys of its Secret one by one: what nothing reads goes nowhere, what is missing fails', async (t) => {
  const all = requireKustomizers(t);
  if (all === undefined) return;
  const cwd = treeOf(t, kubernetes);
  await runCli(['secrets', 'init', 'prod'], { cwd });
  await runCli(['generate'], { cwd });
  const file = path.join(cwd, 'overlays/prod/secrets.env');
  const folder = path.dirname(file);
  // The base64 of the last reads as a number.
  writeFileSync(
    file,
    'admin-key=a\ndatabase-dsn=\nvault-token=canary\nother=canary\nopenai-api-key=\u04cd8\n',
  );
  const data = { 'admin-key': 'YQ==', 'database-dsn': '', 'openai-api-key': '0404' };
  for (const kustomize of [all[0], all.at(-1)]) {
    const { stdout } = (await kustomize?.build(folder)) ?? { stdout: '' };
    const secrets = (parseYaml(stdout) as JsonObject[]).filter(({ kind }) => kind === 'Secret');
    assert.deepEqual(
      secrets.map((secret) => secret.data),
      [data],
      kustomize?.name,
    );
  }
  writeFileSync(file, 'admin-key=a\ndatabase-dsn=\n');
  const env = { PATH: path.dirname(findTool('kustomize') as string) };
  const lacking = await runCli(['check', 'overlays/prod'], { cwd, env });
  assert.match(lacking.stdout, /error build: /);
  assert.match(lacking.stdout, /hint: .*"glyphoxa-kustomize secrets init prod"$/m);
});

test('with the provider existing, secrets init says how the Secret is made of the file', async (t) => {
  const cwd = treeOf(t, '  core: {}\n');
  const { stderr, exitCode } = await runCli(['secrets', 'init', 'prod'], { cwd });
  assert.equal(exitCode, 0);
  assert.match(stderr, /"kubectl -n glyphoxa create secret generic glyphoxa-secrets --from-env-file=/);
});

test('a store keeps its values itself: secrets init refuses', async (t) => {
  const spec = `  secrets:
    provider: external-secrets
    external:
      storeRef: {name: vault}
      keys: {admin-key: {key: a}, database-dsn: {key: b, property: dsn}}
`;
  const cwd = treeOf(t, spec);
  const init = await runCli(['secrets', 'init', 'prod'], { cwd });
  assert.equal(init.exitCode, 1);
  assert.match(init.stderr, /secrets-elsewhere/);
  const status = await runCli(['secrets', 'status', 'prod'], { cwd });
  assert.equal(status.exitCode, 0);
  assert.match(status.stdout, /database-dsn +unknown +ClusterSecretStore vault: b \(dsn\)/);
});

test('an environment that does not exist is told, with a suggestion', async (t) => {
  const cwd = treeOf(t, kubernetes);
  for (const argv of [
    ['secrets', 'init', 'prot'],
    ['secrets', 'status', 'prot'],
    ['seal', 'prot', '--cert', 'x'],
  ]) {
    const { exitCode, stderr } = await runCli(argv, { cwd });
    assert.equal(exitCode, 1);
    assert.match(stderr, /error no-environment: [\s\S]*\bprod\?/);
  }
});

test('secrets status tells what is there, empty and missing, and never a value', async (t) => {
  const values = 'admin-key=canary-1\ndatabase-dsn=\n';
  const cwd = treeOf(t, kubernetes, '', { 'overlays/prod/secrets.env': values });
  chmodSync(path.join(cwd, 'overlays/prod/secrets.env'), 0o600);
  const { stdout, stderr, exitCode } = await runCli(['secrets', 'status', 'prod', '-o', 'json'], { cwd });
  assert.equal(exitCode, 1);
  const rows = JSON.parse(stdout) as JsonObject[];
  assert.deepEqual(
    rows.map(({ key, state }) => `${key} ${state}`),
    ['admin-key there', 'database-dsn empty', 'openai-api-key missing'],
  );
  assert.match(stderr, /not there: glyphoxa-secrets\/database-dsn, glyphoxa-secrets\/openai-api-key/);
  assert.ok(!`${stdout}${stderr}`.includes('canary'));
});

test('a secrets.env that others can read is a warning', async (t) => {
  const cwd = treeOf(t, kubernetes, '', { 'overlays/prod/secrets.env': 'admin-key=a\n' });
  for (const [mode, who] of [
    [0o644, 'everyone'],
    [0o640, 'its group'],
  ] as const) {
    chmodSync(path.join(cwd, 'overlays/prod/secrets.env'), mode);
    const { stderr } = await runCli(['secrets', 'status', 'prod'], { cwd });
    assert.match(stderr, new RegExp(`warning secrets-readable: .*open to ${who}[\\s\\S]*chmod 600`));
  }
});

test('a line that kustomize would misread is an error, without its text', async (t) => {
  const cwd = treeOf(t, kubernetes, '', { 'overlays/prod/secrets.env': 'canary\n' });
  const { stderr, exitCode } = await runCli(['secrets', 'status', 'prod'], { cwd });
  assert.equal(exitCode, 1);
  assert.match(stderr, /overlays\/prod\/secrets\.env:1:1: error secrets-env/);
  assert.ok(!stderr.includes('canary'));
});

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const certificate = selfSigned({ privateKey });
const commented = `# our production
metadata:
  namespace: prod # where it lives

spec:
    # sealed for this namespace
    secrets:
        sealedScope: strict   # the default
        sealed: {}
    core: {tierScheduling: true} # flow
`;
const env = { ADMIN: 'admin value', DSN: 'postgres://db/x' };
const ciphertexts = (cwd: string) => {
  const [layer] = parseYaml(read(cwd, 'overlays/prod/config.yaml')) as {
    spec: { secrets: { sealed: { [key: string]: string } } };
  }[];
  return layer?.spec.secrets.sealed ?? {};
};
const opened = (cwd: string, label = 'prod/glyphoxa-secrets') =>
  Object.fromEntries(
    Object.entries(ciphertexts(cwd)).map(([key, text]) => [key, unseal(privateKey, text, label)]),
  );

const sealedTree = (t: TestContext) =>
  treeOf(t, sealed, commented, { 'cert.pem': certificate, 'keys/openai': 'openai value\n' });

test('seal writes ciphertexts that the controller can open, and the tree builds with them', async (t) => {
  const cwd = sealedTree(t);
  const { exitCode, stdout, stderr } = await runCli(['seal', 'prod', '--cert', 'cert.pem'], { cwd, env });
  assert.equal(exitCode, 0, stderr);
  assert.equal(stdout, 'sealed admin-key\nsealed database-dsn\nsealed openai-api-key\n');
  assert.deepEqual(opened(cwd), {
    'admin-key': 'admin value',
    'database-dsn': 'postgres://db/x',
    'openai-api-key': 'openai value',
  });
  const text = read(cwd, 'overlays/prod/config.yaml');
  for (const comment of [
    '# our production',
    '# where it lives',
    '# sealed for this namespace',
    '# the default',
    '# flow',
  ])
    assert.ok(text.includes(comment), `${comment} is kept in\n${text}`);
  const generated = await runCli(['generate'], { cwd });
  assert.equal(generated.exitCode, 0, generated.stderr);
  assert.equal((await runCli(['secrets', 'status', 'prod'], { cwd })).exitCode, 0);
});

test('what seal remembers lies where git ignores it', async (t) => {
  const cwd = sealedTree(t);
  writeFileSync(path.join(cwd, '.gitignore'), '*.pem');
  const record = 'overlays/prod/secrets/.sealed.json';
  assert.equal((await runCli(['seal', 'prod', '--cert', 'cert.pem'], { cwd, env })).exitCode, 0);
  assert.ok(existsSync(path.join(cwd, record)));
  assert.match(read(cwd, '.gitignore'), /^\*\.pem\n/);
  execFileSync('git', ['init', '--quiet'], { cwd });
  assert.equal(execFileSync('git', ['check-ignore', record], { cwd, encoding: 'utf8' }).trim(), record);
});

test('seal touches only what changed, and leaves the rest of the text byte for byte', async (t) => {
  const cwd = sealedTree(t);
  const seal = (more: string[] = [], use: typeof env = env) =>
    runCli(['seal', 'prod', '--cert', 'cert.pem', ...more], { cwd, env: use });
  await seal();
  const [first, text] = [ciphertexts(cwd), read(cwd, 'overlays/prod/config.yaml')];
  assert.equal(
    (await seal()).stdout,
    'unchanged admin-key\nunchanged database-dsn\nunchanged openai-api-key\n',
  );
  assert.equal(read(cwd, 'overlays/prod/config.yaml'), text);

  const changed = await seal([], { ...env, DSN: 'postgres://db/y' });
  assert.match(changed.stdout, /^sealed database-dsn\nunchanged admin-key\n/);
  const second = ciphertexts(cwd);
  assert.equal(second['admin-key'], first['admin-key']);
  assert.equal(
    read(cwd, 'overlays/prod/config.yaml').replace(second['database-dsn'] ?? '', first['database-dsn'] ?? ''),
    text,
  );

  assert.equal((await seal(['--all'])).stdout.match(/^sealed/gm)?.length, 3);
  assert.equal((await seal(['--key', 'admin-key'])).stdout, 'unchanged admin-key\n');
  rmSync(path.join(cwd, 'overlays/prod/secrets'), { recursive: true });
  assert.equal(
    (await seal()).stdout.match(/^sealed/gm)?.length,
    3,
    'a machine that knows nothing seals again',
  );
});

test('another namespace, name or scope is sealed for again', async (t) => {
  const cwd = sealedTree(t);
  const file = path.join(cwd, 'overlays/prod/config.yaml');
  const seal = () => runCli(['seal', 'prod', '--cert', 'cert.pem'], { cwd, env });
  await seal();
  writeFileSync(file, readFileSync(file, 'utf8').replace('namespace: prod', 'namespace: other'));
  const status = await runCli(['secrets', 'status', 'prod'], { cwd });
  assert.match(status.stdout, /admin-key +stale .*prod\/glyphoxa-secrets/);
  assert.equal((await seal()).stdout.match(/^sealed/gm)?.length, 3);
  assert.equal(opened(cwd, 'other/glyphoxa-secrets')['admin-key'], 'admin value');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('sealedScope: strict', 'sealedScope: namespace-wide'),
  );
  await seal();
  assert.equal(opened(cwd, 'other')['admin-key'], 'admin value');
});

test('a configuration file with secrets in it is sealed as a whole', async (t) => {
  const spec = `${sealed}  config:\n    providers:\n      llm: {name: openai, model: m, api_key: literal}\n`;
  const cwd = treeOf(t, spec, commented, { 'cert.pem': certificate, 'keys/openai': 'x' });
  const { exitCode, stderr } = await runCli(['seal', 'prod', '--cert', 'cert.pem'], { cwd, env });
  assert.equal(exitCode, 0, stderr);
  assert.match(opened(cwd)['config.yaml'] ?? '', /api_key: literal/);
});

test('what the controller opens is the configuration file that the program starts with', async (t) => {
  const keys = ['openai', 'deepgram', 'elevenlabs'];
  const values = new Map(keys.map((key) => [`${key}-api-key`, `${key}: "#{{ canary }}`]));
  const providerKeys = keys.map((key) => `      ${key}: {fromFile: keys/${key}}\n`).join('');
  const spec = `${sealed.replace(/ {6}openai: .*\n/, providerKeys)}
  config:
    providers:
      llm: {name: openai, model: gpt-4o-mini}
      stt: {name: deepgram}
      tts: {name: elevenlabs}
      embeddings: {name: openai, model: text-embedding-3-small}
    memory: {embedding_dimensions: 1536}
`;
  const files = Object.fromEntries(keys.map((key) => [`keys/${key}`, values.get(`${key}-api-key`) ?? '']));
  const cwd = treeOf(t, spec, commented, { 'cert.pem': certificate, ...files });
  const { exitCode, stderr } = await runCli(['seal', 'prod', '--cert', 'cert.pem'], { cwd, env });
  assert.equal(exitCode, 0, stderr);
  const text = opened(cwd)['config.yaml'] ?? '';
  assert.deepEqual(parseYaml(text), [
    {
      providers: {
        llm: { name: 'openai', model: 'gpt-4o-mini' },
        stt: { name: 'deepgram', api_key: values.get('deepgram-api-key') },
        tts: { name: 'elevenlabs', api_key: values.get('elevenlabs-api-key') },
        embeddings: {
          name: 'openai',
          model: 'text-embedding-3-small',
          api_key: values.get('openai-api-key'),
        },
      },
      memory: { embedding_dimensions: 1536 },
    },
  ]);
  assert.deepEqual(startProblems(text, ['OPENAI_API_KEY']), []);
  // the sealed file is what pods mount, and it changes with what it is made of
  assert.equal((await runCli(['generate'], { cwd })).exitCode, 0);
  const again = () => runCli(['seal', 'prod', '--cert', 'cert.pem'], { cwd, env });
  assert.match((await again()).stdout, /unchanged config\.yaml/);
  writeFileSync(path.join(cwd, 'keys/deepgram'), 'another');
  assert.match((await again()).stdout, /sealed config\.yaml/);
  assert.match(opened(cwd)['config.yaml'] ?? '', /api_key: another/);
  // that it is behind is told where it was sealed
  const told = async (...argv: string[]) => {
    const { stdout, stderr } = await runCli(argv, { cwd, env });
    return [/^warning sealed-stale: (\S+) of prod /m.exec(stderr)?.[1], stdout];
  };
  assert.equal((await told('generate'))[0], undefined);
  const resource = path.join(cwd, 'glyphoxa.yaml');
  const before = readFileSync(resource, 'utf8');
  writeFileSync(resource, before.replace('gpt-4o-mini', 'gpt-4o'));
  assert.equal((await told('generate'))[0], 'config.yaml');
  assert.match((await told('secrets', 'status', 'prod'))[1] ?? '', / config\.yaml +stale /);
  writeFileSync(resource, before);
  writeFileSync(path.join(cwd, 'keys/deepgram'), 'a third');
  assert.match(
    (await told('secrets', 'status', 'prod'))[1] ?? '',
    / deepgram-api-key +stale .* config\.yaml +stale /s,
  );
  await again();
  assert.doesNotMatch((await told('secrets', 'status', 'prod'))[1] ?? '', /stale/);
});

test('secrets.env is a source too, also for keys that only others know', async (t) => {
  const spec = '  secrets: {provider: sealed-secrets}\n';
  const values = 'admin-key=a\ndatabase-dsn=postgres://db\ndiscord-bot-token=t\n';
  const cwd = treeOf(t, spec, commented, { 'cert.pem': certificate, 'overlays/prod/secrets.env': values });
  const { exitCode, stderr } = await runCli(['seal', 'prod', '--cert', 'cert.pem'], { cwd });
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(opened(cwd), {
    'admin-key': 'a',
    'database-dsn': 'postgres://db',
    'discord-bot-token': 't',
  });
});

const refused: [string, string[], { [name: string]: string }, RegExp][] = [
  ['no certificate', [], env, /no-certificate[\s\S]*--fetch/],
  ['a certificate that is not there', ['--cert', 'none.pem'], env, /certificate-unreadable/],
  [
    'a variable that is not set',
    ['--cert', 'cert.pem'],
    { DSN: 'postgres://db' },
    /secret-unreadable.*\bADMIN\b/,
  ],
  ['a key that nobody knows', ['--cert', 'cert.pem', '--key', 'nope'], env, /unknown-key/],
  ['an expired certificate', ['--cert', 'old.pem'], env, /certificate-expired/],
];
for (const [what, argv, variables, expected] of refused) {
  test(`seal refuses ${what} and writes nothing`, async (t) => {
    const old = selfSigned({ privateKey, notBefore: new Date(0), notAfter: new Date(86_400_000) });
    const files = { 'cert.pem': certificate, 'old.pem': old, 'keys/openai': 'x' };
    const cwd = treeOf(t, sealed, commented, files);
    const before = filesIn(cwd);
    const { exitCode, stdout, stderr } = await runCli(['seal', 'prod', ...argv], { cwd, env: variables });
    assert.equal(exitCode, 1);
    assert.equal(stdout, '');
    assert.match(stderr, expected);
    assert.match(stderr, /hint: /);
    assert.deepEqual(filesIn(cwd), before);
  });
}

/** An API server that answers what a test says, and notes what it was asked: no controller runs behind a real one here. */
async function fakeApi(
  t: TestContext,
  answer: (path: string) => { status: number; body: string },
): Promise<{ kubeconfig: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    asked.push(`${request.headers.authorization} ${path}`);
    const { status, body } = answer(path);
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const named = (name: string, value: JsonObject) => ({ name, ...value });
  const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'near',
    clusters: [named('c', { cluster })],
    users: ['near', 'far'].map((name) => named(name, { user: { token: name } })),
    contexts: ['near', 'far'].map((name) => named(name, { context: { cluster: 'c', user: name } })),
  };
  return { kubeconfig: path.join(folderOf(t, { config: JSON.stringify(config) }), 'config'), asked };
}

const ports = JSON.stringify({ spec: { ports: [{ name: 'http', port: 8080 }] } });

test('the certificate is fetched as kubeseal does, through the Service of the controller', async (t) => {
  const cwd = sealedTree(t);
  const { kubeconfig, asked } = await fakeApi(t, (at) => ({
    status: 200,
    body: at.includes('/proxy/') ? certificate : ports,
  }));
  const { exitCode, stderr } = await runCli(['seal', 'prod', '--fetch', '--context', 'far'], {
    cwd,
    env: { ...env, KUBECONFIG: kubeconfig },
  });
  assert.equal(exitCode, 0, stderr);
  assert.equal(opened(cwd)['admin-key'], 'admin value');
  const raw = '/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy/v1/cert.pem';
  assert.equal(asked.at(-1), `Bearer far ${raw}`);
});

test('a controller that is not there or does not answer is told', async (t) => {
  const table: [number, RegExp][] = [
    [404, /certificate-unreachable[\s\S]*infrastructure\/operators/],
    [422, /certificate-unreachable[\s\S]*\bkubeconfig\b/],
    [403, /certificate-unreachable[\s\S]*--cert\b/],
  ];
  for (const [status, expected] of table) {
    const { kubeconfig } = await fakeApi(t, () => ({ status, body: '' }));
    const { exitCode, stderr } = await runCli(['seal', 'prod', '--fetch'], {
      cwd: sealedTree(t),
      env: { ...env, KUBECONFIG: kubeconfig },
    });
    assert.equal(exitCode, 1);
    assert.match(stderr, expected);
  }
  const cwd = sealedTree(t);
  const none = await runCli(['seal', 'prod', '--fetch'], { cwd, env: { ...env, HOME: cwd } });
  assert.match(none.stderr, /no-kubeconfig/);
});

test('secrets status asks the cluster, and keeps the names of keys alone', async (t) => {
  const cwd = treeOf(t, '  postgresql: {enabled: true}\n');
  const { kubeconfig } = await fakeApi(t, (at) =>
    at.endsWith('/secrets/glyphoxa-secrets')
      ? { status: 200, body: JSON.stringify({ data: { 'admin-key': 'c2VjcmV0' } }) }
      : { status: 404, body: '' },
  );
  const { stdout, stderr, exitCode } = await runCli(
    ['secrets', 'status', 'prod', '--cluster', '-o', 'json'],
    {
      cwd,
      env: { KUBECONFIG: kubeconfig },
    },
  );
  assert.equal(exitCode, 1);
  assert.doesNotMatch(stdout + stderr, /c2VjcmV0/);
  const rows = JSON.parse(stdout) as JsonObject[];
  assert.deepEqual(
    rows.map(({ secret, key, state }) => `${secret} ${key} ${state}`),
    [
      'glyphoxa-secrets admin-key there',
      'glyphoxa-secrets grpc-mgmt-secret missing',
      'glyphoxa-postgresql-app uri missing',
    ],
  );
});

test('another context than the one that an environment is for is not asked, with its hint it is', async (t) => {
  const { kubeconfig, asked } = await fakeApi(t, () => ({ status: 200, body: '{}' }));
  const cwd = treeOf(t, `${sealed}  core: {context: far}\n`, '', { 'keys/openai': 'x' });
  const world = { cwd, env: { ...env, KUBECONFIG: kubeconfig } };
  for (const argv of [
    ['seal', 'prod', '--fetch'],
    ['secrets', 'status', 'prod', '--cluster'],
  ]) {
    const { exitCode, stderr } = await runCli(argv, world);
    assert.equal(exitCode, 1);
    tells(stderr, 'error wrong-context', 'prod', 'far', 'near');
    assert.deepEqual(asked, []);
  }
  const [, hint = ''] =
    /(--context=\w+)/.exec((await runCli(['seal', 'prod', '--fetch'], world)).stderr) ?? [];
  await runCli(['secrets', 'status', 'prod', '--cluster', hint], world);
  assert.notDeepEqual(asked, []);
});

test('the key that seals is the one in the certificate', () => {
  assert.ok(createPublicKey(privateKey).equals(createPublicKey(certificate)));
});

test('generate warns of a secrets.env that others can read', async (t) => {
  const cwd = treeOf(t, kubernetes, '', { 'overlays/prod/secrets.env': 'admin-key=a\n' });
  const { stderr, exitCode } = await runCli(['generate'], { cwd });
  assert.equal(exitCode, 0);
  assert.match(stderr, /warning secrets-readable/);
});
