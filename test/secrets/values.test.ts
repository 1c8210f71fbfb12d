/** Secret values of an environment, each step by itself: what is needed, what is there, and what is written. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SecretSources } from '../../generator/config/resolve.ts';
import { Failure } from '../../generator/model/finding.ts';
import { formatPath, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { readAlone, readEnvironment, type SecretEnvironment } from '../../generator/secrets/environment.ts';
import { initSecrets } from '../../generator/secrets/init.ts';
import { handMadeCommands, missingIgnores, readLocalSecrets } from '../../generator/secrets/local-files.ts';
import { localFindings } from '../../generator/secrets/local-findings.ts';
import { neededKeys } from '../../generator/secrets/needed.ts';
import { type SealOptions, sealEnvironment } from '../../generator/secrets/seal-environment.ts';
import { setSecretValue } from '../../generator/secrets/set.ts';
import { type SecretStatus, secretStatus } from '../../generator/secrets/status.ts';
import { openTree, type Tree } from '../../generator/tree/disk.ts';
import { folderOf } from '../support/folder.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n';

/** A tree with the environment `prod`. */
function treeOf(t: TestContext, spec: object, files: { [name: string]: string } = {}): Tree {
  const folder = folderOf(t, {
    'glyphoxa.yaml': `${head}metadata: {name: voice}\nspec: ${JSON.stringify(spec)}\n`,
    'overlays/prod/config.yaml': head,
    ...files,
  });
  return openTree('.', folder);
}

const read = (tree: Tree, file: string) => readFileSync(path.join(tree.root, file), 'utf8');
const environmentOf = (tree: Tree) => readEnvironment(tree, 'prod', new Map());
const sourcesOf = (tree: Tree, env: { [name: string]: string } = {}): SecretSources => ({
  env,
  folder: tree.root,
});

/** The codes of the findings with which something fails, and where. */
async function refusal(work: () => unknown): Promise<string[]> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error.findings.map(({ code, path: at }) => `${code} ${formatPath(at)}`.trim());
  }
  return [];
}

const kubernetes = (more: object = {}) => ({
  secrets: { provider: 'kubernetes', ...more },
  gateway: { adminKey: { fromEnv: 'ADMIN' } },
  database: { dsn: { fromFile: 'keys/dsn' } },
});
const sealed = (keys: object = {}) => ({ secrets: { provider: 'sealed-secrets', sealed: keys } });
const external = (keys: object) => ({
  secrets: { provider: 'external-secrets', external: { storeRef: { name: 'vault' }, keys } },
});
const keyInFile = { config: { providers: { stt: { name: 'deepgram' } } } };
const groq = { config: { providers: { llm: { name: 'groq', model: 'm' } } } };
const env = { ADMIN: 'admin', DSN: 'postgres://db/x' };

test('a key is needed where pods read it or the resource speaks of it, and required where they do not start without it', async (t) => {
  const cases: [what: string, spec: object, ...keys: string[]][] = [
    ['nothing said', {}, 'admin-key!', 'database-dsn!', 'grpc-mgmt-secret'],
    [
      'development',
      { core: { environment: 'development' } },
      'admin-key',
      'database-dsn!',
      'grpc-mgmt-secret',
    ],
    ['a database here', { postgresql: { enabled: true } }, 'admin-key!', 'grpc-mgmt-secret'],
    [
      'Vault',
      { vault: { enabled: true, addr: 'https://v' } },
      'admin-key!',
      'database-dsn!',
      'vault-token!',
      'grpc-mgmt-secret',
    ],
    ['a provider by a variable', groq, 'admin-key!', 'database-dsn!', 'groq-api-key', 'grpc-mgmt-secret'],
    [
      'a provider in the file',
      keyInFile,
      'admin-key!',
      'database-dsn!',
      'deepgram-api-key!',
      'grpc-mgmt-secret',
      'config.yaml!',
    ],
    ['made here', kubernetes(), 'admin-key!', 'database-dsn!'],
    [
      'a key that nobody uses, made here',
      kubernetes({ providerKeys: { groq: { fromEnv: 'A' } } }),
      'admin-key!',
      'database-dsn!',
      'groq-api-key!',
    ],
    ['sealed', sealed({ 'grpc-mgmt-secret': 'YWJj' }), 'admin-key!', 'database-dsn!', 'grpc-mgmt-secret!'],
  ];
  for (const [what, spec, ...keys] of cases) {
    const { config } = await environmentOf(treeOf(t, spec));
    const found = neededKeys(config).map(({ key, required }) => `${key}${required ? '!' : ''}`);
    assert.deepEqual(found, keys, what);
    const random = neededKeys(config).filter((needed) => needed.random);
    assert.ok(
      random.every(({ key }) => ['admin-key', 'grpc-mgmt-secret'].includes(key)),
      what,
    );
  }
});

/** Rows of a status as `SECRET/KEY STATE`, with `!` where it is required. */
const rowsOf = ({ rows }: SecretStatus) =>
  rows.map(({ secret, key, state, required }) => `${secret}/${key} ${state}${required ? '!' : ''}`);

test('status tells where each value is, whoever keeps it', async (t) => {
  const own = 'voice-secrets';
  const cases: [what: string, spec: object, files: { [name: string]: string }, ...rows: string[]][] = [
    [
      'made by hand',
      {},
      {},
      `${own}/admin-key unknown!`,
      `${own}/database-dsn unknown!`,
      `${own}/grpc-mgmt-secret unknown`,
    ],
    [
      'made here',
      {
        ...kubernetes(),
        ...keyInFile,
        secrets: { provider: 'kubernetes', providerKeys: { deepgram: { fromEnv: 'A' } } },
      },
      { 'overlays/prod/secrets.env': 'admin-key=a\ndatabase-dsn=\n' },
      `${own}/admin-key there!`,
      `${own}/database-dsn empty!`,
      `${own}/deepgram-api-key missing!`,
      `${own}/config.yaml missing!`,
    ],
    [
      'the file is another by now',
      {
        ...kubernetes(),
        ...keyInFile,
        secrets: { provider: 'kubernetes', providerKeys: { deepgram: { fromEnv: 'A' } } },
      },
      {
        'overlays/prod/secrets.env': 'admin-key=a\ndatabase-dsn=b\ndeepgram-api-key=c\n',
        'overlays/prod/secrets/config.yaml': 'old',
      },
      `${own}/admin-key there!`,
      `${own}/database-dsn there!`,
      `${own}/deepgram-api-key there!`,
      `${own}/config.yaml stale!`,
    ],
    [
      'in another Secret',
      { gateway: { adminKey: { secretKeyRef: { name: 'b', key: 'c' } } } },
      {},
      'b/c unknown!',
      `${own}/database-dsn unknown!`,
      `${own}/grpc-mgmt-secret unknown`,
    ],
    [
      'in a store',
      external({ 'admin-key': { key: 'a' }, 'database-dsn': { key: 'b', property: 'c' } }),
      {},
      `${own}/admin-key unknown!`,
      `${own}/database-dsn unknown!`,
    ],
    [
      'sealed',
      sealed({ 'admin-key': 'YWJj' }),
      {},
      `${own}/admin-key there!`,
      `${own}/database-dsn missing!`,
    ],
    [
      'of the operator',
      { postgresql: { enabled: true } },
      {},
      `${own}/admin-key unknown!`,
      `${own}/grpc-mgmt-secret unknown`,
      'voice-postgresql-app/uri unknown!',
    ],
    [
      'of Bitnami',
      { postgresql: { enabled: true, provider: 'bitnami', existingSecret: 'pg' } },
      {},
      `${own}/admin-key unknown!`,
      `${own}/grpc-mgmt-secret unknown`,
      'pg/postgres-password unknown!',
      'pg/password unknown!',
    ],
    [
      'of backups',
      {
        postgresql: {
          enabled: true,
          backup: { enabled: true, destinationPath: 's3://b', existingSecret: 's3' },
        },
      },
      {},
      `${own}/admin-key unknown!`,
      `${own}/grpc-mgmt-secret unknown`,
      'voice-postgresql-app/uri unknown!',
      's3/access-key-id unknown!',
      's3/secret-access-key unknown!',
    ],
    [
      'of backups that are off',
      { postgresql: { enabled: true, backup: { destinationPath: 's3://b', existingSecret: 's3' } } },
      {},
      `${own}/admin-key unknown!`,
      `${own}/grpc-mgmt-secret unknown`,
      'voice-postgresql-app/uri unknown!',
    ],
    [
      'a file of its own',
      { secrets: { configSecret: { name: 'file' } } },
      {},
      `${own}/admin-key unknown!`,
      `${own}/database-dsn unknown!`,
      `${own}/grpc-mgmt-secret unknown`,
      'file/config.yaml unknown!',
    ],
  ];
  for (const [what, spec, files, ...rows] of cases) {
    const tree = treeOf(t, spec, files);
    assert.deepEqual(
      rowsOf(await secretStatus(tree, await environmentOf(tree), sourcesOf(tree))),
      rows,
      what,
    );
  }
});

test('only what is unknown is asked of the cluster, once for each Secret', async (t) => {
  const tree = treeOf(t, {
    gateway: { adminKey: { secretKeyRef: { name: 'b', key: 'c' } } },
    vault: { enabled: true, addr: 'https://v' },
  });
  const asked: string[] = [];
  const status = await secretStatus(
    tree,
    await environmentOf(tree),
    sourcesOf(tree),
    async (namespace, secret) => {
      asked.push(`${namespace}/${secret}`);
      return secret === 'b' ? undefined : ['database-dsn', 'c'];
    },
  );
  assert.deepEqual(asked.sort(), ['glyphoxa/b', 'glyphoxa/voice-secrets']);
  assert.deepEqual(rowsOf(status), [
    'b/c missing!',
    'voice-secrets/database-dsn there!',
    'voice-secrets/vault-token missing!',
    'voice-secrets/grpc-mgmt-secret missing',
  ]);
  const there = treeOf(t, sealed({ 'admin-key': 'YWJj', 'database-dsn': 'YWJj' }));
  const none = await secretStatus(there, await environmentOf(there), sourcesOf(there), async () => undefined);
  assert.deepEqual(
    none.rows.map(({ state }) => state),
    ['there', 'there'],
  );
});

test('init takes a value from its source, else from the cluster, else makes one up, else leaves it empty', async (t) => {
  const spec = { ...groq, vault: { enabled: true, addr: 'https://v' } };
  const tree = treeOf(t, spec, {
    'overlays/prod/secrets.env': 'groq-api-key=mine\n',
    '.gitignore': 'dist',
  });
  const result = await initSecrets(
    tree,
    await environmentOf(tree),
    sourcesOf(tree),
    async (namespace, secret) => {
      assert.deepEqual([namespace, secret], ['glyphoxa', 'voice-secrets']);
      return new Map([
        ['vault-token', 'one\ntwo'],
        ['groq-api-key', 'other'],
        ['grpc-mgmt-secret', ''],
      ]);
    },
  );
  assert.deepEqual(result.changes, [
    { path: '.gitignore', what: 'change' },
    { path: 'overlays/prod/secrets.env', what: 'change' },
    { path: 'overlays/prod/secrets/vault-token', what: 'create' },
  ]);
  assert.deepEqual(
    [result.random, result.taken, result.empty, result.unset],
    [['admin-key', 'grpc-mgmt-secret'], ['vault-token'], ['database-dsn'], []],
  );
  const { values, lines } = readLocalSecrets(tree, 'overlays/prod');
  assert.equal(values.get('groq-api-key'), 'mine');
  assert.equal(values.get('vault-token'), 'one\ntwo');
  assert.equal(values.get('database-dsn'), '');
  assert.match(values.get('admin-key') ?? '', /^[\w-]{43}$/);
  assert.ok(!lines.has('vault-token'));
  assert.match(read(tree, '.gitignore'), /^dist\n#.*\nsecrets\.env\noverlays\/\*\/secrets\/\n$/);
  const again = await initSecrets(tree, await environmentOf(tree), sourcesOf(tree), async () => {
    throw new Error('nothing is missing, so nothing is asked');
  });
  assert.deepEqual([again.changes, again.random, again.taken], [[], [], []]);
});

test('init makes what the resource names sources of, and names new files of several lines in the tree', async (t) => {
  const tree = treeOf(t, { ...kubernetes(), ...groq }, { 'keys/dsn': 'one\ntwo\n' });
  const { changes, random, empty } = await initSecrets(tree, await environmentOf(tree), sourcesOf(tree, env));
  assert.deepEqual(changes.slice(0, 3), [
    { path: '.gitignore', what: 'create' },
    { path: 'overlays/prod/secrets.env', what: 'create' },
    { path: 'overlays/prod/secrets/database-dsn', what: 'create' },
  ]);
  assert.ok(changes.some((change) => change.path === 'overlays/prod/kustomization.yaml'));
  assert.deepEqual([random, empty], [[], []]);
  const text = read(tree, 'overlays/prod/secrets.env');
  assert.match(text, /^# .*\n# .*\n\n# .*\(spec\.gateway\.adminKey\)\nadmin-key=admin\n$/);
});

test('init adds a single line to a file, too', async (t) => {
  const tree = treeOf(t, {}, { 'overlays/prod/secrets.env': 'admin-key=a\ngrpc-mgmt-secret=b\n' });
  const { changes } = await initSecrets(tree, await environmentOf(tree), sourcesOf(tree));
  assert.ok(changes.some((change) => change.path === 'overlays/prod/secrets.env'));
  assert.match(read(tree, 'overlays/prod/secrets.env'), /^admin-key=a\n[\s\S]*\ndatabase-dsn=\n$/);
});

test('init refuses what is kept elsewhere, and files with a conflict in them', async (t) => {
  const conflict = '<<<<<<< a\nadmin-key=1\n=======\nadmin-key=2\n>>>>>>> b\n';
  for (const [expected, spec, files] of [
    [
      'secrets-elsewhere spec.secrets.provider',
      external({ 'admin-key': { key: 'a' }, 'database-dsn': { key: 'b' } }),
      {},
    ],
    ['merge-conflict', {}, { 'overlays/prod/secrets.env': conflict }],
    ['merge-conflict', {}, { 'overlays/prod/secrets/other': conflict }],
  ] as [string, object, { [name: string]: string }][]) {
    const tree = treeOf(t, spec, files);
    assert.deepEqual(
      await refusal(async () => initSecrets(tree, await environmentOf(tree), sourcesOf(tree))),
      [expected],
    );
  }
});

/** A resource alone, in a folder of its own. */
async function aloneOf(
  t: TestContext,
  spec: object,
  files: { [name: string]: string } = {},
): Promise<[Tree, SecretEnvironment]> {
  const tree = openTree(
    '.',
    folderOf(t, {
      'voice.yaml': `${head}metadata: {name: voice}\nspec: ${JSON.stringify(spec)}\n`,
      ...files,
    }),
  );
  return [tree, await readAlone(tree, 'voice.yaml', new Map())];
}

test('of a resource alone, init makes the files that it names and says which variables it lacks', async (t) => {
  const spec = {
    secrets: { provider: 'kubernetes' },
    gateway: { adminKey: { fromFile: 'keys/admin' }, managementSecret: { fromEnv: 'M' } },
    database: { dsn: { fromFile: 'keys/dsn' } },
  };
  const [tree, environment] = await aloneOf(t, spec);
  const before = await secretStatus(tree, environment, sourcesOf(tree));
  assert.deepEqual(rowsOf(before), [
    'voice-secrets/admin-key missing!',
    'voice-secrets/database-dsn missing!',
    'voice-secrets/grpc-mgmt-secret missing!',
  ]);
  const { changes, random, empty, unset, taken } = await initSecrets(tree, environment, sourcesOf(tree));
  assert.deepEqual(
    changes,
    ['.gitignore', 'keys/admin', 'keys/dsn'].map((file) => ({ path: file, what: 'create' })),
  );
  assert.deepEqual([random, empty, unset, taken], [['admin-key'], ['keys/dsn'], ['M'], []]);
  assert.match(read(tree, 'keys/admin'), /^[\w-]{43}$/);
  assert.deepEqual(
    [read(tree, 'keys/dsn'), read(tree, '.gitignore')],
    ['', '# Secret values stay on this machine.\nkeys/admin\nkeys/dsn\n'],
  );
  const again = await initSecrets(tree, environment, sourcesOf(tree, { M: 'm' }));
  assert.deepEqual([again.changes, again.random, again.empty, again.unset], [[], [], ['keys/dsn'], []]);
  assert.deepEqual(rowsOf(await secretStatus(tree, environment, sourcesOf(tree, { M: 'm' }))), [
    'voice-secrets/admin-key there!',
    'voice-secrets/database-dsn missing!',
    'voice-secrets/grpc-mgmt-secret there!',
  ]);
});

test('a resource alone with a Secret made by hand has secrets.env beside it; sealed values have no place', async (t) => {
  const [tree, environment] = await aloneOf(t, {});
  const { changes } = await initSecrets(tree, environment, sourcesOf(tree));
  assert.deepEqual(
    changes.map((change) => change.path),
    ['.gitignore', './secrets.env'],
  );
  assert.match(read(tree, '.gitignore'), /\nsecrets\.env\nsecrets\/\n$/);
  const [sealedTree, sealedAlone] = await aloneOf(t, sealed({ 'admin-key': 'YWJj', 'database-dsn': 'YWJj' }));
  assert.deepEqual(await refusal(() => initSecrets(sealedTree, sealedAlone, sourcesOf(sealedTree))), [
    'secrets-elsewhere spec.secrets.provider',
  ]);
});

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Seals, and gives what was sealed, what was not, and the findings as `SEVERITY CODE`. */
async function seals(tree: Tree, values: { [name: string]: string }, more: Partial<SealOptions> = {}) {
  const options = { key: async () => publicKey, sources: sourcesOf(tree, values), ...more };
  const { sealed: done, unchanged, findings } = await sealEnvironment(tree, 'prod', options, new Map());
  return [done, unchanged, findings.map(({ severity, code }) => `${severity} ${code}`)];
}

test('seal writes what changed since it was sealed here, and remembers it', async (t) => {
  const tree = treeOf(t, {
    ...sealed(),
    gateway: { adminKey: { fromEnv: 'ADMIN' } },
    database: { dsn: { fromEnv: 'DSN' } },
  });
  const both = ['admin-key', 'database-dsn'];
  assert.deepEqual(await seals(tree, env), [both, [], []]);
  const layer = (
    parseYaml(read(tree, 'overlays/prod/config.yaml'))[0] as { spec: { secrets: { sealed: JsonObject } } }
  ).spec.secrets.sealed;
  assert.deepEqual(Object.keys(layer), both);
  const never = { key: () => Promise.reject(new Error('no key is asked for')) };
  assert.deepEqual(await seals(tree, env, never), [[], both, []]);
  assert.deepEqual(await seals(tree, { ...env, ADMIN: 'new' }), [['admin-key'], ['database-dsn'], []]);
  assert.deepEqual(await seals(tree, { ...env, DSN: 'postgres://new/x' }, { only: ['admin-key'] }), [
    ['admin-key'],
    [],
    [],
  ]);
  assert.deepEqual(await seals(tree, env, { all: true, only: ['admin-key'] }), [['admin-key'], [], []]);
  // A source that is not here is made up for by the ciphertext that is.
  assert.deepEqual(await seals(tree, { DSN: env.DSN }), [
    [],
    ['database-dsn'],
    ['warning secret-unreadable'],
  ]);
});

test('seal takes values of the files, too, and refuses what has none', async (t) => {
  const files = {
    'overlays/prod/secrets.env': 'admin-key=a\ndatabase-dsn=postgres://db/x\nextra=e\nblank=\n',
  };
  const tree = treeOf(t, sealed(), files);
  const [done] = await seals(tree, {});
  assert.deepEqual(done, ['admin-key', 'database-dsn', 'extra']);
  assert.deepEqual(await refusal(() => seals(tree, {}, { only: ['other'] })), ['unknown-key']);
  assert.deepEqual(await refusal(() => seals(treeOf(t, sealed()), {})), [
    'no-value spec.gateway.adminKey',
    'no-value spec.database.dsn',
  ]);
  const unread = treeOf(t, {
    ...sealed(),
    gateway: { adminKey: { fromEnv: 'A' } },
    database: { dsn: { value: 'postgres://db/x' } },
  });
  assert.deepEqual(await refusal(() => seals(unread, {})), ['secret-unreadable spec.gateway.adminKey']);
  assert.deepEqual(await refusal(() => seals(treeOf(t, {}), {})), [
    'not-sealed-secrets spec.secrets.provider',
  ]);
});

test('a sealed value that changed is told by status and by the tree, until it is sealed again', async (t) => {
  const tree = treeOf(t, sealed(), {
    'overlays/prod/secrets.env': 'admin-key=a\ndatabase-dsn=postgres://db/x\n',
  });
  await seals(tree, {});
  const state = async () => {
    const environment = await environmentOf(tree);
    const { rows } = await secretStatus(tree, environment, sourcesOf(tree));
    const codes = localFindings(tree, 'prod', environment.config).map(({ code }) => code);
    return [
      ...rows.map(({ key, state: now }) => `${key} ${now}`),
      ...codes.filter((code) => code !== 'secrets-readable'),
    ];
  };
  assert.deepEqual(await state(), ['admin-key there', 'database-dsn there']);
  const { config } = await environmentOf(tree);
  setSecretValue(tree, 'prod', config, ['spec', 'gateway', 'adminKey'], 'b');
  assert.deepEqual(await state(), ['admin-key stale', 'database-dsn there', 'sealed-stale']);
  await seals(tree, {});
  assert.deepEqual(await state(), ['admin-key there', 'database-dsn there']);
});

test('a value is set in its line, or in a file of its own where it has several', async (t) => {
  const dsn = ['spec', 'database', 'dsn'];
  const admin = ['spec', 'gateway', 'adminKey'];
  const written = '# mine\nadmin-key=1\n\n# DSN (spec.database.dsn)\ndatabase-dsn=2\nother=3';
  const tree = treeOf(t, {}, { 'overlays/prod/secrets.env': written });
  const { config } = await environmentOf(tree);
  const file = 'overlays/prod/secrets.env';
  const set = (at: string[], value: string) => {
    const { key, changes, file: own, fromEnv } = setSecretValue(tree, 'prod', config, at, value);
    return [key, changes.map(({ path: name, what }) => `${what} ${name}`), own, fromEnv];
  };
  assert.deepEqual(set(admin, 'new'), [
    'admin-key',
    ['create .gitignore', `change ${file}`],
    undefined,
    undefined,
  ]);
  assert.equal(read(tree, file), written.replace('admin-key=1', 'admin-key=new'));
  const own = 'overlays/prod/secrets/database-dsn';
  assert.deepEqual(set(dsn, 'a\nb'), [
    'database-dsn',
    [`create ${own}`, `change ${file}`],
    'secrets/database-dsn',
    undefined,
  ]);
  assert.equal(read(tree, file), '# mine\nadmin-key=new\n\nother=3');
  // kustomize reads it from where it has stood
  assert.deepEqual(set(dsn, 'c'), ['database-dsn', [`change ${own}`], 'secrets/database-dsn', undefined]);
  assert.equal(read(tree, own), 'c');
  set(['spec', 'gateway', 'managementSecret'], 'm');
  assert.match(read(tree, file), /other=3\n\n# .*\(spec\.gateway\.managementSecret\)\ngrpc-mgmt-secret=m\n$/);
});

test('a value that cannot be kept is refused, and the variable that the resource has to name is told', async (t) => {
  const admin = ['spec', 'gateway', 'adminKey'];
  const cases: [code: string, spec: object, at: string[], value: string][] = [
    ['no-value', {}, admin, ''],
    ['no-value', {}, admin, 'a\0'],
    ['no-value', {}, admin, '\ud800'],
    ['no-secret-key', {}, ['spec', 'gateway'], 'a'],
    ['secrets-elsewhere', { gateway: { adminKey: { secretKeyRef: { name: 'a', key: 'b' } } } }, admin, 'a'],
    ['secrets-elsewhere', external({ 'admin-key': { key: 'a' }, 'database-dsn': { key: 'b' } }), admin, 'a'],
  ];
  for (const [code, spec, at, value] of cases) {
    const tree = treeOf(t, spec);
    const { config } = await environmentOf(tree);
    assert.deepEqual(await refusal(() => setSecretValue(tree, 'prod', config, at, value)), [
      `${code} ${at.join('.')}`,
    ]);
  }
  const tree = treeOf(t, kubernetes());
  const { config } = await environmentOf(tree);
  const variableOf = (...at: string[]) => setSecretValue(tree, 'prod', config, ['spec', ...at], 'v').fromEnv;
  assert.equal(variableOf('gateway', 'adminKey'), undefined);
  assert.equal(variableOf('database', 'dsn'), undefined);
  assert.equal(variableOf('vault', 'token'), 'VAULT_TOKEN');
  assert.equal(variableOf('secrets', 'providerKeys', 'elevenlabs'), 'ELEVENLABS_API_KEY');
});

test('git ignores what it does not ignore yet', (t) => {
  const text = '# Secret values stay on this machine.\n';
  for (const [before, after] of [
    [undefined, `${text}secrets.env\noverlays/*/secrets/\n`],
    ['dist', `dist\n${text}secrets.env\noverlays/*/secrets/\n`],
    ['/secrets.env \r\n', `/secrets.env \r\n${text}overlays/*/secrets/\n`],
    ['overlays/*/secrets/\nsecrets.env\n', undefined],
  ]) {
    const tree = treeOf(t, {}, before === undefined ? {} : { '.gitignore': before });
    assert.equal(missingIgnores(tree), after, before);
  }
});

test('files of values are for their owner alone, and those of editors are none', (t) => {
  const tree = treeOf(
    t,
    {},
    { 'overlays/prod/secrets.env': 'a=1\n', 'overlays/prod/secrets/b': '2', 'overlays/prod/secrets/.c': '3' },
  );
  const at = (name: string) => path.join(tree.root, 'overlays/prod', name);
  const codes = (env: number, own: number) => {
    chmodSync(at('secrets.env'), env);
    chmodSync(at('secrets/b'), own);
    return readLocalSecrets(tree, 'overlays/prod').findings.map(
      ({ severity, code }) => `${severity} ${code}`,
    );
  };
  assert.deepEqual(codes(0o600, 0o400), []);
  for (const mode of [0o640, 0o620, 0o610, 0o604, 0o602, 0o601])
    assert.deepEqual(codes(mode, 0o600), ['warning secrets-readable']);
  assert.equal(codes(0o644, 0o644).length, 2);
  const { values, lines, exists } = readLocalSecrets(tree, 'overlays/prod');
  assert.deepEqual(
    [[...values], [...lines], exists],
    [
      [
        ['a', '1'],
        ['b', '2'],
      ],
      [['a', 1]],
      true,
    ],
  );
  assert.equal(readLocalSecrets(tree, 'overlays/none').exists, false);
  const commands = async () =>
    handMadeCommands(tree, 'overlays/prod', (await environmentOf(tree)).config).join('\n');
  return commands().then((text) => {
    assert.match(text, /secrets\.env/);
    assert.match(text, /secrets\/b/);
    assert.doesNotMatch(text, /\.c\b/);
  });
});

test('what is wrong with a file of values is an error at its line, which is not shown', (t) => {
  const tree = treeOf(t, {}, { 'overlays/prod/secrets.env': 'a=1\ncanary\n' });
  const [finding] = readLocalSecrets(tree, 'overlays/prod').findings;
  assert.deepEqual(
    [finding?.severity, finding?.code, finding?.position, finding?.showSource],
    ['error', 'secrets-env', { file: 'overlays/prod/secrets.env', line: 2, col: 1 }, false],
  );
});

test('values that are too large for a Secret together are an error', (t) => {
  const half = 'x'.repeat(600 * 1024);
  const codes = (files: object) =>
    readLocalSecrets(treeOf(t, {}, files as { [name: string]: string }), 'overlays/prod')
      .findings.map(({ code }) => code)
      .filter((code) => code !== 'secrets-readable');
  assert.deepEqual(codes({ 'overlays/prod/secrets/a': half }), []);
  assert.deepEqual(codes({ 'overlays/prod/secrets/a': half, 'overlays/prod/secrets/b': half }), [
    'object-too-large',
  ]);
});

test('a line that nothing reads, and a file that is not there or another, are told where values are', async (t) => {
  const spec = { ...kubernetes({ providerKeys: { deepgram: { fromEnv: 'A' } } }), ...keyInFile };
  const values = 'admin-key=a\ndatabase-dsn=b\ndeepgram-api-key=c\n';
  const cases: [files: { [name: string]: string }, ...codes: string[]][] = [
    [{}],
    [{ 'overlays/prod/secrets.env': values }, 'secrets-stale'],
    [
      {
        'overlays/prod/secrets.env': `${values}discord-bot-token=t\nvault-token=v\n`,
        'overlays/prod/secrets/config.yaml': 'x',
      },
      'secrets-stale',
      'secrets-unread 5',
    ],
    [{ 'overlays/prod/secrets.env': 'admin-key=a\n' }],
  ];
  for (const [files, ...codes] of cases) {
    const tree = treeOf(t, spec, files);
    const { config } = await environmentOf(tree);
    const found = localFindings(tree, 'prod', config).filter(({ code }) => code !== 'secrets-readable');
    assert.deepEqual(
      found.map(({ code, position }) =>
        [code, position?.line].filter((part) => part !== undefined).join(' '),
      ),
      codes,
    );
    assert.ok(found.every(({ severity }) => severity === 'warning'));
  }
});

test('an environment is read in spite of secrets that are missing where sealing gives them, and in spite of nothing else', async (t) => {
  assert.deepEqual(await refusal(() => environmentOf(treeOf(t, { secrets: { provider: 'kubernetes' } }))), [
    'admin-key-missing spec.gateway.adminKey',
    'dsn-missing spec.database.dsn',
  ]);
  const { findings, folder, name, isAlone } = await environmentOf(treeOf(t, sealed()));
  assert.deepEqual([findings, folder, name, isAlone], [[], 'overlays/prod', 'prod', false]);
  const tree = treeOf(t, {});
  assert.deepEqual(await refusal(() => readEnvironment(tree, 'prot', new Map())), ['no-environment']);
  assert.deepEqual((await refusal(() => readEnvironment(tree, '../x', new Map()))).length, 1);
  const texts = new Map<string, string>();
  await readEnvironment(tree, 'prod', texts);
  assert.deepEqual([...texts.keys()], ['glyphoxa.yaml', 'overlays/prod/config.yaml']);
});
