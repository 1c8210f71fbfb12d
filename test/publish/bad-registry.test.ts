/** Registries that are not there, lie, lead away or have had enough: each is told, and the tag stays what it was. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { originOf } from '../../generator/publish/reference.ts';
import type { Ran } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { folderOf } from '../support/folder.ts';
import { startRegistry } from '../support/registry.ts';
import { requireTool } from '../support/tools.ts';
import { put } from '../tree/folder.ts';
import { publish, repository } from './repository.ts';

interface Liar {
  readonly host: string;
  /** What it was asked, with whether credentials came along. */
  readonly asked: string[];
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let committed: Promise<string> | undefined;

/** One repository for all, since it is never changed. */
function shared(): Promise<string> {
  committed ??= repository();
  return committed;
}

/** A server on loopback that answers as the test says. */
async function server(t: TestContext, answer: Answer): Promise<Liar> {
  const asked: string[] = [];
  const started: Server = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    asked.push(`${request.method} ${request.url} ${authorization}`.trim());
    answer(request, response);
  });
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    started.closeAllConnections();
    started.close();
  });
  return { host: `127.0.0.1:${(started.address() as AddressInfo).port}`, asked };
}

const says =
  (status: number, headers: Record<string, string> = {}, body: string | Buffer = ''): Answer =>
  (request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  };

/** A real registry behind a server that may answer in its place. */
async function proxy(t: TestContext, instead: (request: IncomingMessage) => Answer | undefined) {
  const { host } = await startRegistry();
  const [hostname, port] = host.split(':');
  return server(t, (incoming, response) => {
    const own = instead(incoming);
    if (own !== undefined) return own(incoming, response);
    const { method, url: path, headers } = incoming;
    const forwarded = request({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(forwarded);
  });
}

/** Docker's configuration with credentials for a host. */
function loggedIn(
  t: TestContext,
  host: string,
  entry: object = { auth: Buffer.from('user:canary').toString('base64') },
) {
  const folder = folderOf(t, {});
  put(folder, 'config.json', JSON.stringify({ auths: { [host]: entry } }));
  return { DOCKER_CONFIG: folder };
}

async function refused(t: TestContext, host: string, [what, ...names]: readonly string[]) {
  const ran: Ran = await publish(await shared(), `oci://${host}/deploy/glyphoxa:prod`, [], loggedIn(t, host));
  assert.deepEqual([ran.exitCode, ran.stdout], [1, ''], ran.stderr);
  tells(ran.stderr, `error registry-${what}`, ...names);
  assert.doesNotMatch(ran.stderr, /canary|at .*\.[jt]s/);
}

test('a registry that is not there is told', async (t) => {
  await refused(t, '127.0.0.1:9', ['unreachable', '127.0.0.1:9']);
});

for (const [what, answer, expected] of [
  [
    'a page of somebody else',
    says(200, { 'content-type': 'text/html' }, '<html>log in</html>'),
    ['answer', 'sha256:'],
  ],
  [
    'a fault of the registry',
    says(500, {}, '{"errors":[{"code":"UNKNOWN","message":"disk full"}]}'),
    ['failed', '(500)', 'UNKNOWN: disk full'],
  ],
  ['too many requests', says(429), ['busy']],
  [
    'credentials that are not taken',
    says(401, { 'www-authenticate': 'Basic realm="x"' }),
    ['login', 'docker login'],
  ],
  ['a right that is missing', says(403, {}, '{"errors":[{"code":"DENIED"}]}'), ['login', 'DENIED']],
  ['a repository that nobody made', says(405), ['answer', '405']],
  ['a login that it does not explain', says(401), ['answer']],
  [
    'a redirect to another host',
    says(307, { location: 'https://elsewhere.example.com/v2/' }),
    ['redirect', 'elsewhere.example.com'],
  ],
  ['an answer without end', says(200, {}, Buffer.alloc(5 << 20)), ['answer']],
  [
    'a connection that breaks',
    (_: IncomingMessage, response: ServerResponse) => response.destroy(),
    ['unreachable'],
  ],
] as const) {
  test(`${what} is told`, async (t) => {
    const { host } = await server(t, answer as Answer);
    await refused(t, host, expected);
  });
}

test('an upload that leads to another host gets nothing', async (t) => {
  if (requireTool(t, 'docker-registry') === undefined) return;
  const other = await server(t, says(201));
  const { host } = await proxy(t, ({ method }) =>
    method === 'POST' ? says(202, { location: `http://${other.host}/upload` }) : undefined,
  );
  await refused(t, host, ['redirect']);
  assert.deepEqual(other.asked, []);
});

test('credentials are not handed to whom a registry names', async (t) => {
  const other = await server(t, says(200, {}, '{"token":"x"}'));
  const realm = `http://login.example.com:${other.host.split(':')[1]}/token`;
  const { host } = await server(t, says(401, { 'www-authenticate': `Bearer realm="${realm}",service="x"` }));
  await refused(t, host, ['redirect', 'login.example.com']);
  assert.deepEqual(other.asked, []);
});

test('a token that is not given, or is none, is told', async (t) => {
  for (const [answer, expected] of [
    [says(401), ['login', 'docker login']],
    [says(200, {}, '{"token":"a\\nb"}'), ['answer', 'token']],
    [says(302, { location: 'https://example.com' }), ['answer', '(302)']],
  ] as const) {
    const liar: Liar = await server(t, (request, response) =>
      request.url?.startsWith('/token')
        ? answer(request, response)
        : says(401, { 'www-authenticate': `Bearer realm="http://${liar.host}/token"` })(request, response),
    );
    await refused(t, liar.host, expected);
  }
});

test('a token is got with a password or an identity token, and shown to the registry', async (t) => {
  if (requireTool(t, 'docker-registry') === undefined) return;
  for (const [entry, expected] of [
    [
      { auth: Buffer.from('user:canary').toString('base64') },
      /^GET \/token\?service=test&scope=repository%3Adeploy%2Fglyphoxa%3Apull%2Cpush Basic /,
    ],
    [{ identitytoken: 'canary-identity' }, /^POST \/token$/],
    [{ registrytoken: 'given' }, undefined],
  ] as const) {
    const { host, asked } = await proxy(t, ({ url, headers }) => {
      if (url?.startsWith('/token')) return says(200, {}, '{"access_token":"given"}');
      if (headers.authorization === 'Bearer given') return undefined;
      return says(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token",service="test"` });
    });
    const ran = await publish(
      await shared(),
      `oci://${host}/deploy/glyphoxa:prod`,
      [],
      loggedIn(t, host, entry),
    );
    assert.equal(ran.exitCode, 0, ran.stderr);
    const tokens = asked.filter((line) => / \/token/.test(line));
    assert.equal(tokens.length, expected === undefined ? 0 : 1);
    if (expected !== undefined) assert.match(tokens[0] as string, expected);
    assert.doesNotMatch(ran.stdout + ran.stderr, /canary|given/);
  }
});

test('a tag that is not what was pushed is told, and so is a blob that was taken for another', async (t) => {
  if (requireTool(t, 'docker-registry') === undefined) return;
  const manifest = /\/manifests\/prod$/;
  let puts = 0;
  const forgets = await proxy(t, ({ method, url = '' }) => {
    if (method === 'PUT' && manifest.test(url)) puts++;
    return puts > 0 && method === 'GET' && manifest.test(url) ? says(200, {}, '{}') : undefined;
  });
  await refused(t, forgets.host, ['answer', 'prod', 'sha256:']);
  const mixes = await proxy(t, ({ method, url = '' }) =>
    method === 'PUT' && /uploads/.test(url) ? says(201, { 'docker-content-digest': 'sha256:00' }) : undefined,
  );
  await refused(t, mixes.host, ['answer', 'sha256:00']);
  assert.ok(mixes.asked.every((line) => !/^PUT .*manifests/.test(line)));
});

test('the tag moves last: where a registry is full in the middle, the tag is what it was', async (t) => {
  if (requireTool(t, 'docker-registry') === undefined) return;
  let uploads = 0;
  const { host, asked } = await proxy(t, ({ method, url = '' }) =>
    method === 'PUT' && /uploads/.test(url) && ++uploads === 2
      ? says(507, {}, '{"errors":[{"message":"no space left"}]}')
      : undefined,
  );
  const folder = await shared();
  const place = `oci://${host}/deploy/glyphoxa:prod`;
  const ran = await publish(folder, place);
  assert.equal(ran.exitCode, 1);
  tells(ran.stderr, 'error registry-failed', '(507)', 'space left');
  assert.ok(asked.every((line) => !/^PUT .*manifests/.test(line)));
  const again = await publish(folder, place);
  assert.equal(again.exitCode, 0, again.stderr);
  assert.equal(asked.filter((line) => /^POST/.test(line)).length, 3);
});

test('only this machine is asked without TLS', () => {
  for (const host of ['localhost:5000', '127.0.0.1', '127.1.2.3:80', '[::1]:5000'])
    assert.equal(originOf(host), `http://${host}`);
  for (const host of [
    'registry.example.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '10.0.0.1:5000',
    '0.0.0.0',
  ])
    assert.equal(originOf(host), `https://${host}`);
  assert.equal(originOf('docker.io'), 'https://registry-1.docker.io');
});
