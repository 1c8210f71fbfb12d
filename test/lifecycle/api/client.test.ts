/** Which answers are tried again: a server that gives them on demand, since no real one does. */
import assert from 'node:assert/strict';
import { Agent, createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type Client, openClient } from '../../../generator/lifecycle/api/client.ts';
import { ApiError, ConnectionError } from '../../../generator/lifecycle/api/errors.ts';
import { pause } from '../../../generator/lifecycle/api/pause.ts';
import { knownType } from '../../../generator/lifecycle/api/resources.ts';
import { retryDelayMs } from '../../../generator/lifecycle/api/retry.ts';
import { Failure, failure, hasCode } from '../../../generator/model/finding.ts';

type Answer = (response: ServerResponse) => void;

const status =
  (code: number, body: object = {}, headers: { [name: string]: string } = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end(JSON.stringify(body));
const cut: Answer = (response) => response.destroy();

/** A client of a server that gives these answers, one after the other; the last goes on. */
async function clientOf(
  t: TestContext,
  ...answers: Answer[]
): Promise<{
  client: Client;
  asked: () => number;
  told: string[];
  abort: AbortController;
  names: { unknown: number };
}> {
  let count = 0;
  const server = createServer((_, response) => {
    (answers[count] ?? answers.at(-1))?.(response);
    count++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const names = { unknown: 0 };
  const lookup: LookupFunction = (host, _, found) => {
    if (names.unknown-- > 0) found(Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' }), []);
    else found(null, [{ address: '127.0.0.1', family: 4 }]);
  };
  const agent = new Agent({ lookup });
  const abort = new AbortController();
  const told: string[] = [];
  const access = {
    context: 'test',
    server: `http://api.example:${(server.address() as AddressInfo).port}`,
    namespace: undefined,
    credentials: async () => ({ agent, headers: {} }),
  };
  const events = {
    lost: () => told.push('lost'),
    back: () => told.push('back'),
    warning: (text: string) => told.push(text),
  };
  const client = openClient(access, events, { signal: abort.signal });
  t.after(() => client.close());
  return { client, asked: () => count, told, abort, names };
}

const ok = status(200, { kind: 'Fine' });
const conflict = {
  reason: 'Conflict',
  details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.a', message: 'conflict with "x"' }] },
};

const trouble = { kind: 'Status', status: 'Failure' };

const again: [string, string, Answer[]][] = [
  ['a server that is too busy', 'GET', [status(429, {}, { 'retry-after': '0.05' }), ok]],
  ['a gateway that has nobody behind it', 'PATCH', [status(502), status(503), status(504), ok]],
  ['an internal error of a read', 'GET', [status(500), ok]],
  ['a webhook that does not answer', 'PATCH', [status(500, { ...trouble, reason: 'InternalError' }), ok]],
  [
    'a database of the server without a leader',
    'PATCH',
    [status(500, { ...trouble, message: 'etcdserver: leader changed' }), ok],
  ],
  ['a server that lost a race with itself', 'PATCH', [status(409, { reason: 'Conflict' }), ok]],
  ['a connection that is cut, once the server was there', 'GET', [ok, cut, cut, ok]],
  ['a 403 after a lost connection', 'GET', [ok, cut, status(403), status(403), ok]],
  ['a 401 after a lost connection', 'GET', [ok, cut, status(401), ok]],
  [
    'trouble after a connection that was lost for long',
    'GET',
    [ok, ...Array<Answer>(9).fill(cut), status(503, trouble), status(500), ok],
  ],
];

const atOnce: [string, string, Answer, number][] = [
  ['who is not known', 'GET', status(401), 401],
  ['what is not allowed', 'GET', status(403), 403],
  ['what is wrong', 'PATCH', status(422), 422],
  ['fields that somebody else has set', 'PATCH', status(409, conflict), 409],
  ['what is there already', 'POST', status(409, { reason: 'AlreadyExists' }), 409],
  ['an apply that the schema does not have', 'PATCH', status(500), 500],
];

describe('the client', { concurrency: true }, () => {
  for (const [what, method, answers] of again) {
    it(`tries again: ${what}`, async (t) => {
      const { client, asked } = await clientOf(t, ...answers);
      let last = {};
      while (asked() < answers.length) last = await client.send(method, '/x');
      assert.deepEqual(last, { kind: 'Fine' });
      assert.equal(asked(), answers.length);
    });
  }

  for (const [what, method, answer, code] of atOnce) {
    it(`tells at once: ${what}`, async (t) => {
      const { client, asked } = await clientOf(t, answer);
      await assert.rejects(
        client.send(method, '/x'),
        (error) => error instanceof ApiError && error.status === code,
      );
      assert.equal(asked(), 1);
    });
  }

  it('gives up on a server that goes on having trouble', async (t) => {
    const { client, asked } = await clientOf(t, status(503, trouble, { 'retry-after': '0.01' }));
    await assert.rejects(client.send('GET', '/x'), ApiError);
    assert.ok(asked() > 3);
  });

  it('says once that the server is away, and once that it is back', async (t) => {
    const { client, told } = await clientOf(t, ok, cut, cut, cut, ok);
    await client.send('GET', '/x');
    await Promise.all([client.send('GET', '/x'), client.send('GET', '/y')]);
    assert.deepEqual(told, ['lost', 'back']);
  });

  it('waits for a server whose name is unknown for a moment, once it was there', async (t) => {
    const { client, told, names } = await clientOf(t, ok);
    await client.send('GET', '/x');
    names.unknown = 2;
    await client.send('GET', '/x');
    assert.deepEqual(told, ['lost', 'back']);
  });

  it('waits for a server behind a proxy that says that it is away', async (t) => {
    const { client, told } = await clientOf(t, ok, ...Array<Answer>(9).fill(status(503)), ok);
    await client.send('GET', '/x');
    await client.send('PATCH', '/x');
    assert.deepEqual(told, ['lost', 'back']);
  });

  it('reads a list page by page', async (t) => {
    const page = (name: string, next: object) =>
      status(200, { metadata: next, items: [{ metadata: { name } }] });
    const pages = [page('a', { continue: 'b' }), page('b', { continue: 'c' }), page('c', { continue: '' })];
    const { client, asked } = await clientOf(t, ...pages);
    const listed = await client.list(knownType('v1', 'Pod'), 'n');
    assert.deepEqual(
      listed.map(({ metadata }) => metadata.name),
      ['a', 'b', 'c'],
    );
    assert.equal(asked(), 3);
  });

  it('reads a list anew whose next page is kept no more', async (t) => {
    const item = (name: string) => ({ metadata: { name } });
    const expired = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 };
    const { client } = await clientOf(
      t,
      status(200, { metadata: { continue: 'next' }, items: [item('a'), item('b')] }),
      status(410, expired),
      status(200, { metadata: {}, items: [item('b'), item('c')] }),
    );
    const listed = await client.list(knownType('v1', 'Pod'), 'n');
    assert.deepEqual(
      listed.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['Pod b', 'Pod c'],
    );
  });

  it('says that something else answers in the place of an API server', async (t) => {
    const { client } = await clientOf(t, (response) => response.writeHead(200).end('<html>Log in</html>'));
    await assert.rejects(
      client.send('GET', '/x'),
      (error) => error instanceof Failure && error.findings[0]?.code === 'no-api-server',
    );
  });

  it('waits for a server that does not answer yet, and says so at once', async (t) => {
    const { client, told } = await clientOf(t, cut, cut, ok);
    const sent = client.send('GET', '/x');
    while (told.length === 0) await pause(1);
    assert.deepEqual(told, ['lost']);
    await sent;
    assert.deepEqual(told, ['lost', 'back']);
  });

  it('says why a server that never answered cannot be reached when the time is up', async (t) => {
    const { client, told, abort } = await clientOf(t, cut);
    const sent = client.send('GET', '/x');
    while (told.length === 0) await pause(1);
    abort.abort(failure('timeout', 'not done in 1 s', 'wait'));
    await assert.rejects(sent, (error) => hasCode(error, 'cluster-unreachable'));
  });

  it('does not wait where trying again cannot help, and says what to do', async (t) => {
    const { client, names } = await clientOf(t, ok);
    names.unknown = 1;
    await assert.rejects(
      client.send('GET', '/x'),
      (error) => hasCode(error, 'cluster-unreachable') && /resolve/.test(error.findings[0]?.hint ?? ''),
    );
    for (const [code, hint] of [
      ['DEPTH_ZERO_SELF_SIGNED_CERT', /certificate-authority/],
      ['CERT_HAS_EXPIRED', /clock/],
      ['ERR_TLS_CERT_ALTNAME_INVALID', /tls-server-name/],
      ['ERR_SSL_WRONG_VERSION_NUMBER', /TLS/],
    ] as const) {
      const error = new ConnectionError(Object.assign(new Error(code), { code }));
      assert.equal(error.isFinal, true, code);
      assert.match(error.hint, hint);
    }
  });

  it('ends what is under way when it is told to, with the reason', async (t) => {
    const { client, abort } = await clientOf(t, ok, () => {});
    await client.send('GET', '/x');
    const sent = client.send('GET', '/x');
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await assert.rejects(sent, /enough/);
    await assert.rejects(client.send('GET', '/x'), /enough/);
  });

  it('leaves nothing under way when it is closed', async (t) => {
    const { client, asked, told } = await clientOf(t, ok, () => client.close(), status(403));
    await client.send('GET', '/x');
    await assert.rejects(client.send('GET', '/x'), ConnectionError);
    assert.equal(asked(), 2);
    assert.deepEqual(told, []);
  });

  it('waits for a write that a webhook holds up', async (t) => {
    const late: Answer = (response) => setTimeout(() => ok(response), 16_000);
    const { client, asked } = await clientOf(t, late);
    await client.send('PATCH', '/x');
    assert.equal(asked(), 1);
  });

  it('tells warnings', async (t) => {
    const { client, told } = await clientOf(
      t,
      status(200, {}, { warning: '299 - "would \\"violate\\" it"' }),
    );
    await client.send('GET', '/x');
    assert.deepEqual(told, ['would "violate" it']);
  });

  it('waits longer each time, never less than it was asked to, and never the same for all', () => {
    const waits = [0, 1, 2, 3, 9].map((attempt) => retryDelayMs(undefined, attempt, () => 0.5));
    assert.deepEqual(waits, [100, 200, 400, 800, 2000]);
    assert.notEqual(
      retryDelayMs(undefined, 1, () => 0),
      retryDelayMs(undefined, 1, () => 1),
    );
    const busy = new ApiError('GET', '/', { status: 429, text: '', retryAfter: '3' });
    assert.ok(retryDelayMs(busy, 0, () => 0) >= 3000);
  });
});
