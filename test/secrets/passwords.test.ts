import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { generate } from '../../generator/objects/generate.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { type PostgreSql, startPostgreSql } from '../support/postgresql.ts';
import { findTool, requireKustomizers, requireTool, runTool } from '../support/tools.ts';
import { configOf } from '../tree/law.ts';

const printable = Array.from({ length: 0x7e - 0x20 + 1 }, (_, i) => String.fromCharCode(0x20 + i)).join('');

/** Passwords, and the users who have them. */
const passwords: { readonly [user: string]: string } = {
  postgres: printable,
  reversed: [...printable].reverse().join(''),
  quotes: `'"\`\\'' "" \\\\`,
  url: 'a:b@c/d?e#f%20%zz&g=h+i j',
  shell: '$(id) $HOME `id` ; rm -rf / | & < > ! * ~',
  expansions: '$(POSTGRES_PASSWORD) $$(X) $$',
  spaces: ' a b ',
  unicode: 'pässwörd 😀',
};

let server: PostgreSql | undefined;

before(async () => {
  if (findTool('postgresql') === undefined || findTool('pgx') === undefined) return;
  server = await startPostgreSql();
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const roles = Object.entries(passwords).map(([user, password]) => {
    const verb = user === 'postgres' ? 'alter' : 'create';
    return `${verb} role ${user} login password ${literal(password)};`;
  });
  await server.sql(
    ['set standard_conforming_strings = on;', ...roles, 'create database glyphoxa;'].join('\n'),
  );
});

after(() => server?.stop());

/** Connects as the program does, and tells who it is. */
async function connect(env: { [name: string]: string }): Promise<{ user?: string; error: string }> {
  const { stdout, stderr, exitCode } = await runTool(findTool('pgx') ?? 'pgx', [], { env });
  return exitCode === 0 ? { ...(JSON.parse(stdout) as { user: string }), error: '' } : { error: stderr };
}

const dsnOf = (user: string, password: string) =>
  `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${server?.port}/glyphoxa?sslmode=disable`;

for (const [user, password] of Object.entries(passwords)) {
  test(`the password of ${user} works percent-encoded in a DSN, and as PGPASSWORD beside one`, async (t) => {
    if (!requireTool(t, 'postgresql') || !requireTool(t, 'pgx')) return;
    const whole = await connect({ GLYPHOXA_DATABASE_DSN: dsnOf(user, password) });
    assert.deepEqual(whole, { user, database: 'glyphoxa', error: '' });
    const without = `postgres://${user}@127.0.0.1:${server?.port}/glyphoxa?sslmode=disable`;
    const beside = await connect({ GLYPHOXA_DATABASE_DSN: without, PGPASSWORD: password });
    assert.deepEqual(beside, { user, database: 'glyphoxa', error: '' });
  });
}

test('a wrong password is refused, and not in the error', async (t) => {
  if (!requireTool(t, 'postgresql') || !requireTool(t, 'pgx')) return;
  const { error } = await connect({ GLYPHOXA_DATABASE_DSN: dsnOf('postgres', 'canary-wrong') });
  assert.match(error, /password authentication/);
  assert.ok(!error.includes('canary'));
});

test('with Bitnami the variables of the gateway lead to the database', async (t) => {
  if (!requireTool(t, 'postgresql') || !requireTool(t, 'pgx')) return;
  const config = configOf({
    apiVersion: 'deploy.glyphoxa.io/v1alpha1',
    kind: 'Glyphoxa',
    metadata: { name: 'glyphoxa' },
    spec: { postgresql: { enabled: true, provider: 'bitnami' } },
  });
  const objects = generate(config, new Map());
  const gateway = objects.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'glyphoxa-gateway',
  );
  assert.ok(gateway);
  const { template } = gateway.spec as { template: { spec: { containers: { env: JsonObject[] }[] } } };
  const env = template.spec.containers[0]?.env ?? [];
  const dsn = String(env.find(({ name }) => name === 'GLYPHOXA_DATABASE_DSN')?.value);
  assert.ok(env.some(({ name, valueFrom }) => name === 'PGPASSWORD' && valueFrom !== undefined));
  const here = dsn.replace('glyphoxa-postgresql:5432', `127.0.0.1:${server?.port}`);
  assert.notEqual(here, dsn);
  const connected = await connect({ GLYPHOXA_DATABASE_DSN: here, PGPASSWORD: printable });
  assert.equal(connected.user, 'postgres');
});

test('a DSN on its way through secrets.env, kustomize and the Secret still connects', async (t) => {
  const kustomize = requireKustomizers(t)?.at(-1);
  if (kustomize === undefined || !requireTool(t, 'postgresql') || !requireTool(t, 'pgx')) return;
  const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n';
  const spec = `spec:
  gateway: {adminKey: {fromEnv: ADMIN}}
  database: {port: ${server?.port}, dsn: {fromEnv: DSN}}
  secrets: {provider: kubernetes}
`;
  const cwd = folderOf(t, {
    'glyphoxa.yaml': `${head}metadata: {name: glyphoxa}\n${spec}`,
    'overlays/prod/config.yaml': head,
  });
  for (const [user, password] of Object.entries(passwords)) {
    const env = { ADMIN: 'a', DSN: dsnOf(user, password) };
    writeFileSync(path.join(cwd, 'overlays/prod/secrets.env'), '');
    for (const argv of [['generate'], ['secrets', 'init', 'prod']]) {
      const { exitCode, stderr } = await runCli(argv, { cwd, env });
      assert.equal(exitCode, 0, stderr);
    }
    assert.ok(readFileSync(path.join(cwd, 'overlays/prod/secrets.env'), 'utf8').includes(env.DSN));
    const built = await kustomize.build(path.join(cwd, 'overlays/prod'));
    const plugin = await runCli(['build', 'overlays/prod'], { cwd, env });
    for (const yaml of [built.stdout, plugin.stdout]) {
      const secret = (parseYaml(yaml) as JsonObject[]).find(({ kind }) => kind === 'Secret');
      assert.ok(secret);
      const data = secret.data as { [key: string]: string };
      const dsn = Buffer.from(data['database-dsn'] ?? '', 'base64').toString('utf8');
      assert.equal((await connect({ GLYPHOXA_DATABASE_DSN: dsn })).user, user);
    }
  }
});
