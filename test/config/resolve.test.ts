import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Problem } from '../../generator/config/problem.ts';
import { readSecret, resolveSecrets } from '../../generator/config/resolve.ts';
import type { Config } from '../../generator/config/schema/resource.ts';
import type { SecretValue } from '../../generator/config/secret-keys.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import { configOf } from '../objects/samples.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'glyphoxa-resolve-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  mkdirSync(path.join(made, 'resource'));
  return path.join(made, 'resource');
}

const kubernetes = (dsn: JsonObject, more: JsonObject = {}) =>
  configOf({
    secrets: { provider: 'kubernetes' },
    gateway: { adminKey: { fromEnv: 'ADMIN' } },
    database: { dsn },
    ...more,
  });

const fromEnv = (dsn: string | undefined, more: JsonObject = {}) =>
  resolveSecrets(kubernetes({ fromEnv: 'DSN' }, more), { env: { ADMIN: 'a', DSN: dsn }, folder: '.' });

describe('resolveSecrets', () => {
  it('reads variables', () => {
    const { secrets, problems } = fromEnv('postgres://u:p@db/x');
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [...secrets],
      [
        ['admin-key', 'a'],
        ['database-dsn', 'postgres://u:p@db/x'],
      ],
    );
  });

  const dsn: Partial<Problem> = { severity: 'error', path: ['spec', 'database', 'dsn'], hidden: true };
  const wrong: [what: string, value: string | undefined, problem: Partial<Problem>, named: RegExp][] = [
    ['is not set', undefined, { code: 'secret-unreadable', ...dsn }, /\bDSN /],
    ['is empty', '', { code: 'secret-unreadable', ...dsn }, /\bDSN .*empty/],
    ['is no connection string', 'canary', { code: 'dsn-form', ...dsn }, /\bPostgreSQL\b/],
    [
      'leads to another port than the policies open',
      'postgres://canary@db:6432/x',
      { code: 'database-port', severity: 'error', path: ['spec', 'database', 'port'] },
      /\b6432\b/,
    ],
  ];
  for (const [what, value, expected, named] of wrong) {
    it(`says that a DSN ${what}, and never its value`, () => {
      const { problems } = fromEnv(value);
      assert.deepEqual(
        problems.map(({ message: _, hint: __, ...rest }) => rest),
        [expected],
      );
      assert.match(problems[0]?.message ?? '', named);
      assert.doesNotMatch(JSON.stringify(problems), /canary/);
    });
  }

  it('takes a DSN whose hosts listen on several ports, and warns where one of them stays shut', () => {
    const severities = (port: number) =>
      fromEnv('postgres://a,b:7777/x', { database: { dsn: { fromEnv: 'DSN' }, port } }).problems.map(
        ({ code, severity }) => `${severity} ${code}`,
      );
    assert.deepEqual(severities(7777), ['warning database-port']);
    assert.deepEqual(severities(5432), ['warning database-port']);
    assert.deepEqual(severities(6432), ['error database-port']);
  });

  it('says nothing of ports that rules of the gateway and the worker open', () => {
    const extraEgress = [{ ports: [{ port: 7000, endPort: 8000 }] }];
    const codes = (networkPolicy: JsonObject) =>
      fromEnv('postgres://a,b:7777/x', { networkPolicy }).problems.map(({ code }) => code);
    assert.deepEqual(codes({ gateway: { extraEgress }, worker: { extraEgress } }), []);
    assert.deepEqual(codes({ gateway: { extraEgress } }), ['database-port']);
    const udp = [{ ports: [{ port: 7777, protocol: 'UDP' }] }];
    assert.deepEqual(codes({ gateway: { extraEgress: udp }, worker: { extraEgress: udp } }), [
      'database-port',
    ]);
  });

  it('takes a DSN whose host stands in a service file', () => {
    assert.deepEqual(fromEnv('service=glyphoxa').problems, []);
  });

  it('asks for nothing of a DSN that stands in the resource, which rules look at', () => {
    const secrets = { provider: 'kubernetes' };
    const config = configOf({
      secrets,
      gateway: { adminKey: { value: 'a' } },
      database: { dsn: { value: 'postgres://db/x' } },
    });
    const changed = structuredClone(config) as unknown as { spec: { database: JsonObject } };
    changed.spec.database.dsn = { value: 'none' };
    assert.deepEqual(resolveSecrets(changed as unknown as Config, { env: {}, folder: '.' }), {
      secrets: new Map([
        ['admin-key', 'a'],
        ['database-dsn', 'none'],
      ]),
      problems: [],
    });
  });

  it('asks for no port while there are no policies', () => {
    assert.deepEqual(fromEnv('postgres://db:6432/x', { networkPolicy: { enabled: false } }).problems, []);
  });

  it('reads files inside the folder, less the line end, and none outside', (t) => {
    const inside = folder(t);
    writeFileSync(path.join(inside, 'dsn'), 'postgres://db/x\n');
    writeFileSync(path.join(inside, '..', 'outside'), 'postgres://db/x\n');
    symlinkSync('../outside', path.join(inside, 'link'));
    // a sibling whose name begins as the folder's
    mkdirSync(`${inside}-evil`);
    writeFileSync(path.join(`${inside}-evil`, 'dsn'), 'postgres://db/x\n');
    symlinkSync(path.join(`${inside}-evil`, 'dsn'), path.join(inside, 'sibling'));
    writeFileSync(path.join(inside, 'binary'), Buffer.from([0xff, 0xfe]));
    writeFileSync(path.join(inside, 'empty'), '\n');
    writeFileSync(path.join(inside, 'large'), 'x'.repeat(1024 * 1024 + 1));
    mkdirSync(path.join(inside, '.git'));
    writeFileSync(path.join(inside, '.git', 'config'), 'postgres://db/x\n');
    symlinkSync('.git', path.join(inside, 'alias'));
    const read = (fromFile: string) =>
      resolveSecrets(kubernetes({ fromFile }), { env: { ADMIN: 'a' }, folder: inside });
    assert.equal(read('dsn').secrets.get('database-dsn'), 'postgres://db/x');
    for (const [name, message] of [
      ['link', / out of /],
      ['sibling', / out of /],
      ['none', /exist/],
      ['binary', /no UTF-8 text/],
      ['empty', /is empty/],
      ['large', /larger/],
      ['.git/config', /git's own/],
      ['alias/config', /git's own/],
      ['.', / folder| out of /],
    ] as const) {
      const { problems } = read(name);
      assert.match(problems.map((problem) => problem.message).join(), message, name);
    }
  });

  it('reads no pipe, for which nobody may ever write', (t) => {
    const inside = folder(t);
    if (spawnSync('mkfifo', [path.join(inside, 'pipe')]).status !== 0) return t.skip('there is no mkfifo');
    const { problems } = resolveSecrets(kubernetes({ fromFile: 'pipe' }), {
      env: { ADMIN: 'a' },
      folder: inside,
    });
    assert.match(problems.map((problem) => problem.message).join(), /\bordinary file\b/);
  });

  it('reads a file of any line end, and one whose name only looks like the way out', (t) => {
    const inside = folder(t);
    mkdirSync(path.join(inside, '..data'));
    for (const [name, text, value] of [
      ['..data/dsn', 'a\n\n', 'a\n'],
      ['.gitignore', 'b\r\n', 'b'],
      ['git', 'c', 'c'],
    ] as const) {
      writeFileSync(path.join(inside, name), text);
      assert.deepEqual(readSecret({ fromFile: name }, { env: {}, folder: inside }), { value });
    }
    mkdirSync(path.join(inside, 'sub', '.GIT'), { recursive: true });
    writeFileSync(path.join(inside, 'sub', '.GIT', 'config'), 'd');
    assert.ok('hint' in readSecret({ fromFile: 'sub/.GIT/config' }, { env: {}, folder: inside }));
  });

  it('reads nothing with another provider', () => {
    const { secrets, problems } = resolveSecrets(configOf({}), { env: {}, folder: '.' });
    assert.deepEqual([[...secrets], problems], [[], []]);
  });
});

describe('a variable may be read', () => {
  const cases: [env: { [name: string]: string }, allowEnv: string[] | undefined, isRead: boolean][] = [
    [{}, undefined, true],
    [{ CI: '' }, undefined, true],
    [{ CI: '0' }, undefined, true],
    [{ CI: 'False' }, undefined, true],
    [{ CI: 'true' }, undefined, false],
    [{ CI: '1' }, undefined, false],
    [{ CI: 'true' }, ['DSN'], true],
    [{}, ['OTHER'], false],
    [{}, [], false],
    [{ CI: 'true', GLYPHOXA_ALLOW_ENV: 'DSN' }, undefined, true],
    [{ CI: 'true', GLYPHOXA_ALLOW_ENV: 'A, DSN' }, undefined, true],
    [{ GLYPHOXA_ALLOW_ENV: ' DSN\tB ' }, undefined, true],
    [{ GLYPHOXA_ALLOW_ENV: '' }, undefined, false],
    [{ GLYPHOXA_ALLOW_ENV: 'DSN2,MY_DSN' }, undefined, false],
    [{ GLYPHOXA_ALLOW_ENV: 'DSN' }, [], false],
  ];
  for (const [env, allowEnv, isRead] of cases)
    it(`${isRead ? 'with' : 'not with'} ${JSON.stringify(env)} and ${allowEnv ?? 'nothing'} allowed`, () => {
      const sources = { env: { ...env, DSN: 'a' }, folder: '.', ...(allowEnv && { allowEnv }) };
      const read = readSecret({ fromEnv: 'DSN' }, sources);
      if (isRead) assert.deepEqual(read, { value: 'a' });
      else assert.match('hint' in read ? (read.hint ?? '') : '', /GLYPHOXA_ALLOW_ENV=DSN.*--allow-env DSN/);
    });
});

describe('in the image of a release, where no other variable and file is seen', () => {
  const hintOf = (secret: SecretValue, inImage: string | undefined, cwd: string) => {
    const read = readSecret(secret, { env: { GLYPHOXA_IN_IMAGE: inImage }, folder: cwd });
    return 'hint' in read ? (read.hint ?? '') : read;
  };

  it('a hint says how to hand one over', (t) => {
    const inside = folder(t);
    const [handed, mounted] = ['--env DSN', inside];
    for (const [secret, said] of [
      [{ fromEnv: 'DSN' }, handed],
      [{ fromFile: 'none' }, mounted],
    ] as const) {
      assert.ok(String(hintOf(secret, 'true', inside)).includes(said));
      for (const inImage of [undefined, 'false', ''])
        assert.ok(!String(hintOf(secret, inImage, inside)).includes(said));
    }
  });

  it('what can be read is read', (t) => {
    const inside = folder(t);
    writeFileSync(path.join(inside, 'dsn'), 'a');
    assert.deepEqual(hintOf({ fromFile: 'dsn' }, 'true', inside), { value: 'a' });
  });
});
