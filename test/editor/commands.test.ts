import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { selfSigned } from '../support/certificate.ts';
import { type Ran, runCli } from '../support/fake-io.ts';
import { codesIn, tells } from '../support/findings.ts';
import { kustomizers } from '../support/kustomizers.ts';
import { get, layer, makeFolder, makeTree, put, snapshot } from '../tree/folder.ts';

const resource = `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata: {name: glyphoxa}
spec:
  # how many
  gateway: {replicaCount: 1} # one is enough
  config:
    providers: {llm: {name: ollama, model: m, base_url: "http://ollama:11434"}}
`;

function treeWith(t: TestContext, rest = '', files: { [file: string]: string } = {}): Promise<string> {
  return makeTree(t, {
    'glyphoxa.yaml': resource,
    'overlays/prod/config.yaml': layer('prod', rest),
    ...files,
  });
}

const in_ =
  (cwd: string) =>
  (line: string, stdin = ''): Promise<Ran> =>
    runCli(line.split(' '), { cwd, stdin });

describe('set', () => {
  test('changes the file, and the tree with it', async (t) => {
    const folder = await treeWith(t);
    const ran = await in_(folder)('set gateway.replicaCount=3 config.npcs[0].name=Greta --env prod');
    assert.deepEqual([ran.exitCode, ran.stderr], [0, '']);
    assert.match(ran.stdout, /^change overlays\/prod\/config.yaml\n(?:create|change) overlays\/prod\//);
    assert.equal(
      get(folder, 'overlays/prod/config.yaml'),
      layer('prod', 'spec:\n  gateway:\n    replicaCount: 3\n  config:\n    npcs:\n      - name: Greta\n'),
    );
    assert.match(get(folder, 'overlays/prod/patches/gateway-deployment.yaml'), /replicas: 3/);
    assert.equal((await in_(folder)('generate --check')).exitCode, 0);
  });

  test('keeps a value as it was written, by what its schema says', async (t) => {
    const folder = makeFolder(t, { 'glyphoxa.yaml': resource });
    const run = in_(folder);
    const id = '123456789012345678';
    for (const line of [
      `set config.campaign.name=${id}`,
      `set gateway.podPatch.metadata.annotations={"example.com/id":"${id}"}`,
      'set gateway.resources.limits.cpu=2',
      'set gateway.resources.limits.memory=2Gi',
      'set config.server.log_level=info',
    ]) {
      const { exitCode, stderr } = await run(line);
      assert.deepEqual([exitCode, stderr.replace(/.*warning[\s\S]*/, '')], [0, ''], line);
    }
    const text = get(folder, 'glyphoxa.yaml');
    assert.match(text, new RegExp(`name: "${id}"`));
    assert.match(text, new RegExp(`example.com/id"?: "${id}"`));
    assert.match(text, /cpu: 2\b[\s\S]*memory: 2Gi/);
    assert.equal((await run('validate')).exitCode, 0);
    for (const force of ['', ' --force']) {
      const lost = await run(`set gateway.podPatch.metadata.annotations={"example.com/id":${id}}${force}`);
      assert.deepEqual([lost.exitCode, /error digits-lost: /.test(lost.stderr)], [1, true]);
    }
    assert.equal(get(folder, 'glyphoxa.yaml'), text);
  });

  test('takes a patch, from a file or from standard input', async (t) => {
    const folder = await treeWith(t, 'spec: {gateway: {replicaCount: 9}}\n', {
      'patch.yaml': 'spec:\n  gateway: {replicaCount: null}\n  config: {server: {log_level: warn}}\n',
    });
    assert.equal((await in_(folder)('set -f patch.yaml --env prod')).exitCode, 0);
    assert.match(get(folder, 'overlays/prod/config.yaml'), /config:\n {4}server:\n {6}log_level: warn\n/);
    assert.equal((await in_(folder)('set -f -', 'gateway: {replicaCount: 4}\n')).exitCode, 0);
    assert.match(get(folder, 'glyphoxa.yaml'), /gateway: \{replicaCount: 4\} # one is enough/);
    const wrong = await in_(folder)('set -f -', 'gateway: {replicas: 4}\n');
    assert.deepEqual([wrong.exitCode, /unknown-path/.test(wrong.stderr)], [1, true]);
  });

  test('told an environment in place of a value, as do others, names the option for it', async (t) => {
    const folder = await treeWith(t);
    const before = snapshot(folder);
    for (const command of ['set prod gateway.replicaCount=5', 'unset prod', 'get prod', 'explain prod']) {
      const { exitCode, stdout, stderr } = await in_(folder)(command);
      assert.deepEqual([exitCode, stdout], [1, ''], command);
      tells(stderr, 'error unknown-path', '--env prod');
    }
    assert.deepEqual(snapshot(folder), before);
  });

  test('with --dry-run shows lines, objects and files, and writes nothing', async (t) => {
    const folder = await treeWith(t);
    const before = snapshot(folder);
    const text = await in_(folder)('set gateway.replicaCount=5 --dry-run');
    assert.equal(text.exitCode, 0);
    assert.match(
      text.stdout,
      /^- {2}gateway: \{replicaCount: 1\} # one is enough\n\+ {2}gateway: \{replicaCount: 5\} # one is enough$/m,
    );
    assert.match(text.stdout, /prod:\n~ Deployment glyphoxa-gateway\n {4}spec.replicas\n {6}- 1\n {6}\+ 5$/m);
    assert.match(text.stdout, /^files .*:\nchange base\/gateway-deployment.yaml$/m);
    const json = JSON.parse((await in_(folder)('set gateway.replicaCount=5 --dry-run -o json')).stdout);
    assert.deepEqual(Object.keys(json), ['changes', 'files', 'deployments', 'findings']);
    assert.deepEqual(snapshot(folder), before);
  });

  test('refuses a value that makes errors, unless it is forced', async (t) => {
    const folder = await treeWith(t);
    const before = snapshot(folder);
    const refused = await in_(folder)('set gateway.replicaCount=-1 --env prod');
    assert.equal(refused.exitCode, 1);
    tells(refused.stderr, 'overlays/prod/config.yaml:7:19: error out-of-range', '^');
    assert.deepEqual(snapshot(folder), before);
    assert.equal((await in_(folder)('set gateway.replicaCount=-1 --env prod --force')).exitCode, 0);
    assert.match(get(folder, 'overlays/prod/config.yaml'), /replicaCount: -1/);
    // errors that are there already are in the way of nothing
    assert.equal((await in_(folder)('set config.server.log_level=warn --env prod')).exitCode, 0);
    assert.equal((await in_(folder)('unset gateway.replicaCount --env prod')).exitCode, 0);
    assert.equal((await in_(folder)('generate --check')).exitCode, 0);
  });

  test('says what is wrong with its words', async (t) => {
    const folder = await treeWith(t);
    const before = snapshot(folder);
    for (const [line, code, words] of [
      ['set', 2, 'error: '],
      ['set gateway.replicaCount', 1, 'error wrong-assignment: spec.gateway.replicaCount'],
      ['set =3', 1, 'error wrong-assignment: "="'],
      ['set gateway.replicaCunt=3', 1, 'spec.gateway.replicaCount?'],
      ['set gateway.replicaCount=[', 1, 'wrong-assignment'],
      ['set gateway.replicaCount=3 --env nowhere', 1, 'known: prod'],
      ['set -f missing.yaml', 1, 'missing.yaml'],
      ['set gateway.adminKey database.dsn --env prod', 2, 'error: '],
      ['set gateway.replicaCount=3 --dir nowhere', 1, 'nowhere'],
    ] as const) {
      const { exitCode, stderr } = await in_(folder)(line);
      assert.deepEqual([exitCode, stderr.includes(words)], [code, true], `${line}: ${stderr}`);
    }
    assert.deepEqual(snapshot(folder), before);
  });
});

describe('set of a secret', () => {
  const secret = 'c4nary-77';
  const elsewhere = (folder: string) =>
    [...snapshot(folder)].filter(([file, text]) => text.includes(secret) && !file.endsWith('secrets.env'));

  test('writes it for its owner alone, names its source, and shows it nowhere', async (t) => {
    const folder = await treeWith(
      t,
      'spec: {secrets: {provider: kubernetes}, database: {dsn: {fromEnv: DSN}}, core: {environment: development}}\n',
    );
    for (const value of ['first', secret]) {
      const ran = await in_(folder)('set gateway.adminKey --env prod', `${value}\n`);
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.ok(!JSON.stringify(ran).includes(value));
    }
    const file = 'overlays/prod/secrets.env';
    assert.match(get(folder, file), new RegExp(`^admin-key=${secret}\n`, 'm'));
    assert.ok(!get(folder, file).includes('first'));
    assert.equal(statSync(path.join(folder, file)).mode & 0o777, 0o600);
    assert.match(get(folder, 'overlays/prod/config.yaml'), /adminKey: \{fromEnv: GLYPHOXA_ADMIN_KEY\}/);
    assert.match(get(folder, '.gitignore'), /^secrets.env$/m);
    assert.deepEqual(elsewhere(folder), []);
    const shown = await in_(folder)('get gateway.adminKey --env prod');
    assert.match(shown.stdout, /^\(hidden\) there: the variable GLYPHOXA_ADMIN_KEY/);
  });

  test('keeps the lines of a key in a file of its own, which the tree reads', async (t) => {
    const rest = 'database: {dsn: {fromEnv: DSN}}, core: {environment: development}';
    const folder = await treeWith(t, `spec: {secrets: {provider: kubernetes}, ${rest}}\n`);
    const lines = `-----BEGIN ${secret}-----\nc4nary-78\n-----END-----`;
    // one that had no source, one that had a line, and a line in the place of several
    for (const [at, value] of [
      ['gateway.adminKey', lines],
      ['database.dsn', 'first'],
      ['database.dsn', lines],
      ['gateway.adminKey', `${secret}-79`],
    ] as const) {
      const ran = await in_(folder)(`set ${at} --env prod`, `${value}\n`);
      assert.deepEqual([ran.exitCode, ran.stderr.includes('c4nary')], [0, false], ran.stderr);
    }
    const own = ['admin-key', 'database-dsn'].map((key) => `overlays/prod/secrets/${key}`);
    assert.deepEqual(
      own.map((file) => get(folder, file)),
      [`${secret}-79`, lines],
    );
    assert.deepEqual(
      own.map((file) => statSync(path.join(folder, file)).mode & 0o777),
      [0o600, 0o600],
    );
    assert.ok(!get(folder, 'overlays/prod/secrets.env').includes('database-dsn'));
    const built = await kustomizers().at(-1)?.build(path.join(folder, 'overlays/prod'));
    if (built !== undefined)
      assert.ok(
        built.stdout.includes(`database-dsn: ${Buffer.from(lines).toString('base64')}`),
        built.stderr,
      );
    assert.deepEqual(
      elsewhere(folder).map(([file]) => file),
      own,
    );
    put(folder, 'overlays/prod/config.yaml', layer('prod', 'spec: {secrets: {provider: existing}}\n'));
    const { stderr } = await in_(folder)('set gateway.adminKey --env prod', lines);
    assert.match(stderr, / generic .*--from-file=overlays\/prod\/secrets\/admin-key/);
    const unfit = await in_(folder)('set gateway.adminKey --env prod', 'a\0b');
    assert.match(unfit.stderr, /error no-value/);
  });

  test('seals it where that is how it is kept', async (t) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const folder = await treeWith(
      t,
      'spec: {secrets: {provider: sealed-secrets}, database: {dsn: {secretKeyRef: {name: db, key: uri}}}, core: {environment: development}}\n',
      {
        'cert.pem': selfSigned({ privateKey }),
      },
    );
    const without = await in_(folder)('set gateway.adminKey --env prod', secret);
    assert.equal(without.exitCode, 0, without.stderr);
    assert.match(without.stderr, /"glyphoxa-kustomize seal prod"/);
    const ran = await in_(folder)('set gateway.adminKey --env prod --cert cert.pem', secret);
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.match(get(folder, 'overlays/prod/config.yaml'), /admin-key: A[\w+/=]{300}/);
    assert.ok(!JSON.stringify([without, ran]).includes(secret));
    assert.deepEqual(elsewhere(folder), []);
  });

  test('says where it is kept, where that is not here', async (t) => {
    const folder = await treeWith(t);
    const existing = await in_(folder)('set gateway.adminKey --env prod', secret);
    assert.equal(existing.exitCode, 0);
    assert.match(existing.stderr, / admin-key: .*"kubectl -n prod create secret /);
    put(
      folder,
      'overlays/prod/config.yaml',
      layer(
        'prod',
        'spec: {secrets: {provider: external-secrets, external: {storeRef: {name: vault}, keys: {admin-key: {key: glyphoxa/admin}}}}}\n',
      ),
    );
    const external = await in_(folder)('set gateway.adminKey --env prod', secret);
    assert.deepEqual(
      [external.exitCode, / vault[\s\S]* glyphoxa\/admin/.test(external.stderr)],
      [1, true],
      external.stderr,
    );
    const alone = await in_(folder)('set gateway.adminKey', secret);
    assert.deepEqual([alone.exitCode, codesIn(alone.stderr)], [1, ['no-environment']]);
    const none = await in_(folder)('set config.providers.llm.api_key --env prod', secret);
    assert.deepEqual([none.exitCode, /no-secret-key/.test(none.stderr)], [1, true], none.stderr);
    const literal = await in_(folder)(`set gateway.adminKey.value=${secret} --env prod`);
    assert.deepEqual(
      [literal.exitCode, /secret-in-file/.test(literal.stderr), literal.stderr.includes(secret)],
      [1, true, false],
    );
    assert.ok(!JSON.stringify([existing, external, alone, none]).includes(secret));
    assert.deepEqual(elsewhere(folder), []);
  });
});

describe('get', () => {
  test('prints values as text, JSON and YAML, with who set them', async (t) => {
    const folder = await treeWith(t, 'spec: {config: {npcs: [{name: Greta}]}}\n');
    const run = in_(folder);
    assert.equal((await run('get gateway.replicaCount --env prod')).stdout, '1\n');
    assert.equal((await run('get gateway/replica-count -o json')).stdout, '1\n');
    assert.equal((await run('get config.npcs -e prod -o yaml')).stdout, '- name: Greta\n');
    assert.equal((await run('get config.npcs[0].name -e prod')).stdout, 'Greta\n');
    const [only] = JSON.parse((await run('get gateway.replicaCount --origin -o json -e prod')).stdout);
    assert.deepEqual(only, {
      path: 'spec.gateway.replicaCount',
      value: 1,
      origin: 'resource',
      setAt: 'glyphoxa.yaml:6:27',
    });
    assert.match((await run('get gateway --origin')).stdout, /^spec.gateway.ports.admin +8081 +default$/m);
    assert.match((await run('get')).stdout, /^metadata.name +glyphoxa$/m);
    const unset = await run('get config.server.log_level');
    assert.deepEqual(
      [unset.stdout, unset.stderr, unset.exitCode],
      ['', 'spec.config.server.log_level is not set\n', 0],
    );
    assert.equal((await run('get gateway.nothing')).exitCode, 1);
    assert.equal((await run('get -e nowhere')).exitCode, 1);
  });

  test('prints what can be read of a file with errors, and no secret', async (t) => {
    const wrong = resource
      .replace('replicaCount: 1', 'replicaCount: many')
      .replace('model: m', 'api_key: c4nary');
    const folder = makeFolder(t, { 'glyphoxa.yaml': wrong });
    for (const line of ['get', 'get -o yaml', 'get config -o json --origin']) {
      const { stdout, stderr, exitCode } = await in_(folder)(line);
      assert.deepEqual(
        [exitCode, stderr, stdout.includes('c4nary')],
        [0, 'there are errors: see validate\n', false],
        line,
      );
      assert.match(stdout, /ollama/);
    }
  });
});
