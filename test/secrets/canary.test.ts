/**
 * Nothing leaks: canaries stand in every secret and in every free-form field that may hold one, and every command
 * runs with every output, where it succeeds and where it fails. They may come out in Secret objects and in the
 * git-ignored files of secret values, and nowhere else.
 */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fingerprint } from '../../generator/model/fingerprint.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { selfSigned } from '../support/certificate.ts';
import { fewOfOneFile, testInProcess } from '../support/draws.ts';
import { type Ran, runInProcess } from '../support/fake-io.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { functionFile, pluginFile, program } from '../support/program.ts';
import { record } from '../support/recorder.ts';
import { findTool, runTool, toolEnv } from '../support/tools.ts';

/** Long enough to be told apart, short enough that a checksum of it could be reversed by guessing. */
const canary = (name: string) => `cnry-${name}-77`;

const names = [
  'admin',
  'dsn',
  'vault',
  'openai',
  'anthropic',
  'gemini',
  'deepseek',
  'mistral',
  'groq',
  'elevenlabs',
  'deepgram',
  'inapi',
  'indsn',
  'intoken',
  'inenv',
  'inclient',
  'insecret',
  'inoption',
  'stale',
];
const canaries = names.map(canary);

/** Everything that a canary could turn into and still be found out: encodings, and checksums of short texts. */
const traces: readonly string[] = canaries.flatMap((text) => {
  const bytes = Buffer.from(text);
  // Base64 inside a longer text: the three ways that it can be cut, without the ends that depend on neighbours.
  const aligned = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  const checksums = ['md5', 'sha1', 'sha256', 'sha512'].flatMap((algorithm) =>
    (['hex', 'base64'] as const).map((form) => createHash(algorithm).update(text).digest(form)),
  );
  return [text, bytes.toString('hex'), encodeURIComponent(text), ...aligned, ...checksums, fingerprint(text)];
});

/** Texts without traces: most files are the same after each command. */
const clean = new Set<string>();

function leaksIn(text: string): string[] {
  if (clean.has(text)) return [];
  const found = traces.filter((trace) => text.includes(trace));
  if (found.length === 0) clean.add(text);
  return found;
}

const keys = ['openai', 'anthropic', 'gemini', 'deepseek', 'mistral', 'groq', 'elevenlabs', 'deepgram'];

type Source = 'value' | 'fromEnv' | 'fromFile';

/** A resource with every secret, from one kind of source. */
function resourceOf(provider: string, source: Source): string {
  const secret = (name: string) => {
    const text = name === 'dsn' ? `postgres://u:${canary('dsn')}@db/x` : canary(name);
    const written = {
      value: JSON.stringify(text),
      fromEnv: `C_${name.toUpperCase()}`,
      fromFile: `keys/${name}`,
    };
    return `{${source}: ${written[source]}}`;
  };
  return `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata: {name: glyphoxa}
spec:
  gateway:
    adminKey: ${secret('admin')}
  database:
    dsn: ${secret('dsn')}
  vault: {enabled: true, addr: "https://vault.example.com", token: ${secret('vault')}}
  secrets:
    provider: ${provider}
    providerKeys:
${keys.map((key) => `      ${key}: ${secret(key)}\n`).join('')}  config:
    memory: {postgres_dsn: "postgres://u:${canary('indsn')}@db/x"}
    providers:
      llm: {name: openai, model: m, api_key: ${canary('inapi')}, options: {auth: {access_token: ${canary('inoption')}}}}
      stt: {name: deepgram}
      tts: {name: elevenlabs}
    mcp:
      servers:
        - name: tools
          transport: stdio
          command: tools
          env: {TOKEN: ${canary('inenv')}}
          auth:
            token: ${canary('intoken')}
            oauth: {client_id: ${canary('inclient')}, client_secret: ${canary('insecret')}, token_url: "https://id.example.com"}
`;
}

const layer = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {namespace: prod}\n';
const environment: { [name: string]: string } = Object.fromEntries(
  ['admin', 'vault', ...keys].map((name) => [`C_${name.toUpperCase()}`, canary(name)]),
);
environment.C_DSN = `postgres://u:${canary('dsn')}@db/x`;

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A tree, with files for `fromFile` and programs for the commands that run some. */
function treeOf(
  t: TestContext,
  resource: string,
  layerText = layer,
): { cwd: string; env: typeof environment } {
  const files = Object.entries(environment).map(([name, value]) => [
    `keys/${name.slice(2).toLowerCase()}`,
    value,
  ]);
  const cwd = folderOf(t, {
    'glyphoxa.yaml': resource,
    'overlays/prod/config.yaml': layerText,
    'cert.pem': selfSigned({ privateKey }),
    ...Object.fromEntries(files),
  });
  const bin = folderOf(t, {});
  const kubectl = findTool('kubectl-1.36');
  if (kubectl !== undefined) symlinkSync(kubectl, path.join(bin, 'kubectl'));
  return { cwd, env: { ...environment, PATH: bin } };
}

/** Files where a value may stand: the input, and what git ignores. */
const isForSecrets = (file: string) =>
  /^(?:glyphoxa\.yaml|overlays\/prod\/config\.yaml|keys\/.*)$/.test(file) ||
  /^overlays\/prod\/(?:secrets\.env|secrets\/[^.].*)$/.test(file) ||
  /^rendered\/secret-glyphoxa-secrets\.yaml$/.test(file);

/** A file's name without what a temporary file beside it has more. */
const plainName = (file: string) => file.replace(/(^|\/)\.([^/]+)\.\d+\.(?:glyphoxa-tmp|tmp)$/, '$1$2');

/** The objects of an output without its Secrets; undefined where it is no objects. */
function withoutSecrets(stdout: string): string {
  const values = (stdout.startsWith('{') ? [JSON.parse(stdout)] : parseYaml(stdout)) as JsonObject[];
  const objects = values.flatMap((value) =>
    Array.isArray(value.items) ? value.items : [value],
  ) as JsonObject[];
  assert.ok(
    objects.every(({ kind }) => typeof kind === 'string'),
    'objects',
  );
  return JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
}

/** Runs a command and looks for canaries in all that it says, writes and starts. */
async function look(
  argv: readonly string[],
  cwd: string,
  env: typeof environment,
  stdin?: string,
): Promise<Ran> {
  const world = { cwd, env, ...(stdin === undefined ? {} : { stdin }) };
  const { result, recorded } = await record(() => runInProcess(argv, world));
  const what = argv.join(' ');
  const rendersObjects =
    argv[0] === 'build' && result.exitCode === 0 && !argv.includes('name') && !argv.includes('files');
  const stdout = rendersObjects ? withoutSecrets(result.stdout) : result.stdout;
  assert.deepEqual(leaksIn(stdout), [], `${what}: standard output`);
  assert.deepEqual(leaksIn(result.stderr), [], `${what}: standard error`);
  assert.deepEqual(leaksIn(recorded.commands.join('\n')), [], `${what}: arguments of programs`);
  for (const { file, mode, text } of recorded.writes) {
    if (leaksIn(text).length === 0) continue;
    const name = plainName(path.relative(cwd, file));
    assert.ok(isForSecrets(name), `${what} writes a secret into ${name}`);
    if (name !== 'overlays/prod/config.yaml') assert.equal(mode, 0o600, `${name} is its owner's alone`);
  }
  for (const [name, text] of filesIn(cwd)) {
    if (isForSecrets(name)) continue;
    assert.deepEqual(leaksIn(text), [], `${what}: ${name}`);
  }
  assert.notEqual(result.exitCode, 70, `${what}: ${result.stderr}`);
  return result;
}

/** Every command with every output. */
const commands: readonly string[][] = [
  ...['yaml', 'json', 'name'].map((format) => ['build', 'overlays/prod', '-o', format]),
  ['build', 'overlays/prod', '-o', 'files', '--dir', 'rendered'],
  ...['text', 'json', 'github'].map((format) => ['validate', '.', 'overlays', '--output', format]),
  ['explain'],
  ...[
    'gateway.adminKey',
    'secrets',
    'config',
    'config.providers.llm.options',
    'database.dsn',
    'config.mcp.servers',
    'nope',
  ].flatMap((value) => ['text', 'json'].map((format) => ['explain', value, '--env', 'prod', '-o', format])),
  ['schema'],
  ...['text', 'json', 'yaml'].flatMap((format) =>
    [[], ['--origin']].map((more) => ['get', '--env', 'prod', '-o', format, ...more]),
  ),
  ...['text', 'json'].map((format) => ['set', 'gateway.replicaCount=2', '--dry-run', '-o', format]),
  ['set', 'config.npcs[0].name=Greta', '--env', 'prod', '--dry-run'],
  ['unset', 'config.providers', 'config.mcp', 'gateway.adminKey', '--dry-run'],
  ['secrets', 'init', 'prod'],
  ...['text', 'json'].map((format) => ['secrets', 'status', 'prod', '-o', format]),
  ['generate', '--check'],
  ['generate'],
  ...['text', 'json', 'github'].map((format) => ['check', 'overlays/prod', '-o', format]),
  ['seal', 'prod', '--cert', 'cert.pem'],
  ['seal', 'prod', '--cert', 'cert.pem'],
  ['seal', 'prod'],
  ['generate'],
  ['overlay', 'list', '-o', 'json'],
  ['overlay', 'create', 'next', '--set', 'core.environment=development'],
  ...['text', 'json'].map((format) => ['overlay', 'diff', '-', 'prod', '-o', format]),
  ['secrets', 'init', 'nope'],
  ['generate', '--force'],
];

for (const provider of ['kubernetes', 'sealed-secrets', 'existing', 'external-secrets']) {
  for (const source of ['value', 'fromEnv', 'fromFile'] as const) {
    testInProcess(`no command leaks: ${provider}, ${source}`, async (t) => {
      const { cwd, env } = treeOf(t, resourceOf(provider, source));
      const codes: number[] = [];
      for (const argv of commands) codes.push((await look(argv, cwd, env)).exitCode);
      const works = provider === 'kubernetes' || provider === 'sealed-secrets';
      assert.equal(codes.includes(0) && codes.includes(1), true);
      if (works) assert.ok(codes.filter((code) => code === 0).length > 15, codes.join());
    });
  }
}

test('the canaries do reach the Secret, and the files of secret values', async (t) => {
  const { cwd, env } = treeOf(t, resourceOf('kubernetes', 'fromEnv'));
  const { stdout } = await look(['build', 'overlays/prod'], cwd, env);
  const secret = (parseYaml(stdout) as JsonObject[]).find(({ kind }) => kind === 'Secret');
  const data = Object.values((secret?.data ?? {}) as { [key: string]: string });
  const text = data.map((value) => Buffer.from(value, 'base64').toString()).join('\n');
  for (const name of names.filter((each) => each !== 'stale')) assert.ok(text.includes(canary(name)), name);
  const { recorded } = await record(() => look(['secrets', 'init', 'prod'], cwd, env));
  const written = recorded.writes
    .filter(({ text }) => leaksIn(text).length > 0)
    .map(({ file }) => plainName(path.relative(cwd, file)));
  assert.deepEqual(
    written.sort(),
    ['overlays/prod/secrets.env', 'overlays/prod/secrets/config.yaml'],
    'writes are noted',
  );
  const local = ['secrets.env', 'secrets/config.yaml'].map((file) =>
    readFileSync(path.join(cwd, 'overlays/prod', file), 'utf8'),
  );
  for (const name of names.filter((each) => each !== 'stale'))
    assert.ok(local.join('').includes(canary(name)), name);
});

/** A pod patch of the gateway in which something is wrong. */
const patched = (containers: string) => (text: string) =>
  text.replace(
    '  gateway:\n',
    `  gateway:\n    podPatch: {spec: {containers: [{name: gateway, ${containers}}]}}\n`,
  );

/** Mistakes in free-form fields that may hold a secret. */
const freeForm: readonly [what: string, spoil: (resource: string) => string][] = [
  ['a variable of a pod patch that is a list', patched(`env: [{name: TOKEN, value: [${canary('stale')}]}]`)],
  ['a variable of a pod patch with a wrong name', patched(`env: [{name: "A B", value: ${canary('stale')}}]`)],
  [
    'a header in a pod patch',
    patched(`livenessProbe: {httpGet: {port: nope, httpHeaders: [{name: A, value: [${canary('stale')}]}]}}`),
  ],
  [
    'credentials in the address of Vault',
    (text) => text.replace('https://vault.example.com', `ftp://u:${canary('stale')}@vault`),
  ],
  [
    'credentials in the address of a provider',
    (text) => text.replace('name: openai, ', `name: openai, base_url: "ftp://u:${canary('stale')}@x", `),
  ],
  ['an environment that is a list', (text) => text.replace(/env: \{TOKEN: .*/, `env: [${canary('stale')}]`)],
  ['an environment that is a text', (text) => text.replace(/env: \{TOKEN: .*/, `env: ${canary('stale')}`)],
];

/** Mistakes close to a secret, by what stands in the place of the admin key's line. */
const mistakes: readonly [what: string, spoil: (resource: string) => string][] = [
  ['a string instead of a source', (text) => text.replace(/adminKey: .*/, `adminKey: ${canary('admin')}`)],
  [
    'two sources',
    (text) => text.replace(/adminKey: .*/, `adminKey: {value: ${canary('admin')}, fromEnv: A}`),
  ],
  ['an unknown source', (text) => text.replace(/adminKey: .*/, `adminKey: {vaule: ${canary('admin')}}`)],
  ['a list', (text) => text.replace(/adminKey: .*/, `adminKey: {value: [${canary('admin')}]}`)],
  [
    'a name that is a secret',
    (text) => text.replace(/adminKey: .*/, `adminKey: {fromEnv: "${canary('admin')}"}`),
  ],
  [
    'a file that is a secret',
    (text) => text.replace(/adminKey: .*/, `adminKey: {fromFile: "../${canary('admin')}"}`),
  ],
  ['an unclosed quote', (text) => text.replace(/adminKey: .*/, `adminKey: {value: "${canary('admin')}}`)],
  ['a tab', (text) => text.replace(/adminKey: .*/, `adminKey:\n\t  value: ${canary('admin')}`)],
  [
    'a duplicate key',
    (text) => text.replace(/adminKey: .*/, `adminKey: {value: a, value: ${canary('admin')}}`),
  ],
  ['an anchor', (text) => text.replace(/adminKey: .*/, `adminKey: {value: &a ${canary('admin')}}`)],
  [
    'a control character',
    (text) => text.replace(/adminKey: .*/, `adminKey: {value: "${canary('admin')}\u0007"}`),
  ],
  [
    'a DSN that cannot be read',
    (text) => text.replace(/dsn: \{.*/, `dsn: {value: "postgres://u:${canary('dsn')}%zz@db"}`),
  ],
  ['a key of the file that is unknown', (text) => text.replace('api_key:', 'apikey:')],
  ['an option that is no map', (text) => text.replace(/options: \{.*\}\}/, `options: ${canary('inoption')}`)],
  [
    'credentials that are a list',
    (text) => text.replace(/token: cnry-intoken-77/, `token: [${canary('intoken')}]`),
  ],
  [
    'a secret as a provider',
    (text) =>
      text.replace('provider: kubernetes', `provider: kubernetes\n    sealed: {x: "${canary('stale')}!"}`),
  ],
  ['a missing variable', (text) => text.replace(/adminKey: .*/, 'adminKey: {fromEnv: NOT_SET_HERE}')],
  ...freeForm,
  ['another document', (text) => `${text}---\nvalue: ${canary('stale')}\n`],
];

for (const [what, spoil] of mistakes) {
  testInProcess(`no command leaks where the resource has ${what}`, async (t) => {
    const { cwd, env } = treeOf(t, spoil(resourceOf('kubernetes', 'value')));
    const some = commands.filter(([name]) => name !== 'check' && name !== 'schema' && name !== 'overlay');
    // Nothing of what is sealed changes: once is enough, since a password hash takes its time.
    const once = new Map(some.map((argv) => [argv.join(' '), argv]));
    const codes: number[] = [];
    for (const argv of once.values()) codes.push((await look(argv, cwd, env)).exitCode);
    assert.ok(codes.includes(1));
    const stdin = readFileSync(path.join(cwd, 'glyphoxa.yaml'), 'utf8');
    await look(['build', '-'], cwd, env, stdin);
  });
}

test('an edited file of the tree is shown, and no value of a secret with it', async (t) => {
  const { cwd, env } = treeOf(t, resourceOf('kubernetes', 'fromEnv'));
  await look(['secrets', 'init', 'prod'], cwd, env);
  await look(['generate'], cwd, env);
  const file = path.join(cwd, 'base/gateway-service.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}status: edited\n`);
  assert.match((await look(['generate'], cwd, env)).stderr, /edited/);
  chmodSync(path.join(cwd, 'overlays/prod/secrets.env'), 0o644);
  assert.match((await look(['generate', '--force'], cwd, env)).stderr, /secrets-readable/);
  writeFileSync(path.join(cwd, 'overlays/prod/secrets.env'), `${canary('stale')}\n${canary('admin')}=x y\n`);
  const { stderr } = await look(['secrets', 'status', 'prod'], cwd, env);
  assert.match(stderr, /error secrets-env/);
});

test('the function and the classic plugin leak nothing', async (t) => {
  const variants = [
    resourceOf('kubernetes', 'value'),
    ...fewOfOneFile(mistakes, 5).map(([, spoil]) => spoil(resourceOf('kubernetes', 'value'))),
  ];
  for (const text of variants) {
    const { cwd } = treeOf(t, text);
    const classic = await runTool(pluginFile, [path.join(cwd, 'glyphoxa.yaml')], { cwd, env: environment });
    assert.deepEqual(leaksIn(classic.stderr), []);
    assert.deepEqual(leaksIn(classic.exitCode === 0 ? withoutSecrets(classic.stdout) : classic.stdout), []);
    let functionConfig: JsonObject | undefined;
    try {
      [functionConfig] = parseYaml(text) as JsonObject[];
    } catch {
      continue;
    }
    const list = JSON.stringify({
      apiVersion: 'config.kubernetes.io/v1',
      kind: 'ResourceList',
      items: [],
      functionConfig,
    });
    const krm = await runTool(functionFile, [], { cwd, input: list, env: environment });
    assert.deepEqual(leaksIn(krm.stderr), []);
    if (krm.exitCode !== 0) continue;
    const [answer] = parseYaml(krm.stdout) as JsonObject[];
    const { functionConfig: _, items, ...rest } = answer ?? {};
    assert.deepEqual(leaksIn(JSON.stringify(rest)), []);
    assert.deepEqual(leaksIn(withoutSecrets(JSON.stringify({ items }))), []);
  }
});

test('a process of the command has no secret among its arguments', async (t) => {
  const { cwd } = treeOf(t, resourceOf('kubernetes', 'fromEnv'));
  const trace = path.join(cwd, 'calls.log');
  const kubectl = findTool('kubectl-1.36');
  if (kubectl === undefined) return t.skip('no kubectl');
  const wrapper = path.join(cwd, 'wrapper');
  mkdirSync(wrapper);
  writeFileSync(
    path.join(wrapper, 'kubectl'),
    `#!/bin/sh\nprintf '%s\\n' "$*" >> '${trace}'\nexec '${kubectl}' "$@"\n`,
  );
  chmodSync(path.join(wrapper, 'kubectl'), 0o755);
  const env = { ...toolEnv(environment), PATH: `${wrapper}:/usr/bin:/bin` };
  for (const argv of [
    ['secrets', 'init', 'prod'],
    ['generate'],
    ['check', 'overlays/prod'],
    ['secrets', 'status', 'prod', '--cluster'],
  ]) {
    const { stdout, stderr } = await runTool(program.command, [...program.words, ...argv], { cwd, env });
    assert.deepEqual(leaksIn(`${stdout}${stderr}`), [], argv.join(' '));
  }
  assert.deepEqual(leaksIn(readFileSync(trace, 'utf8')), []);
});
