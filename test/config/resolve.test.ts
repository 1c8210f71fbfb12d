import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { resolveSecrets } from '../../generator/config/resolve.ts';
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

  for (const [what, value, more, code, message] of [
    ['is not set', undefined, {}, 'secret-unreadable', /\bDSN /],
    ['is empty', '', {}, 'secret-unreadable', /\bDSN .*empty/],
    ['is no connection string', 'canary', {}, 'dsn-form', /no PostgreSQL connection string/],
    [
      'leads to another port than the policies open',
      'postgres://db:6432/x',
      {},
      'database-port',
      /port 6432/,
    ],
  ] as const) {
    it(`says that a DSN ${what}, and never its value`, () => {
      const { problems } = fromEnv(value, more);
      assert.deepEqual(
        problems.map((problem) => problem.code),
        [code],
      );
      assert.match(problems[0]?.message ?? '', message);
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

  it('reads nothing with another provider', () => {
    const { secrets, problems } = resolveSecrets(configOf({}), { env: {}, folder: '.' });
    assert.deepEqual([[...secrets], problems], [[], []]);
  });
});
