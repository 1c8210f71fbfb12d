/** Where the cluster is found, compared with what kubectl does. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { createServer, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { KubeConfig } from '#kube-config';
import { openClient } from '../../../generator/lifecycle/api/client.ts';
import { type ClusterChoice, findCluster } from '../../../generator/lifecycle/api/kube-config.ts';
import { Failure } from '../../../generator/model/finding.ts';
import { isObject, type Json, type JsonObject } from '../../../generator/model/json.ts';
import { selfSigned } from '../../support/certificate.ts';
import { tells } from '../../support/findings.ts';
import { folderOf } from '../../support/folder.ts';
import { requireTool, runTool } from '../../support/tools.ts';

function config(current: string, names: readonly string[], user: JsonObject = { token: 'abc' }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current,
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.example:6443/` } })),
    users: names.map((name) => ({ name, user })),
    contexts: names.map((name) => ({
      name,
      context: { cluster: name, user: name, namespace: `ns-${name}` },
    })),
  });
}

interface Pair {
  readonly key: string;
  readonly cert: string;
}

/** A user's plugin. */
const exec = (command: string): JsonObject => ({
  apiVersion: 'client.authentication.k8s.io/v1',
  command,
  interactiveMode: 'Never',
});

/** The same with the keys of objects in order. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key] as Json)]),
  );
}

function choice(
  t: TestContext,
  files: { [name: string]: string },
  more: Partial<ClusterChoice> = {},
): ClusterChoice {
  const cwd = folderOf(t, files);
  const list = Object.keys(files).map((name) => path.join(cwd, name));
  return { env: { KUBECONFIG: list.join(path.delimiter), HOME: cwd }, cwd, ...more };
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error.findings[0]?.code;
    throw error;
  }
  return undefined;
}

describe('the kubeconfig', () => {
  it('is the current context of the first file that names one', (t) => {
    const { context, server, namespace } = findCluster(
      choice(t, { a: config('', ['one']), b: config('two', ['two']) }),
    );
    assert.deepEqual(
      { context, server, namespace },
      { context: 'two', server: 'https://two.example:6443', namespace: 'ns-two' },
    );
  });

  it('is merged from several files as kubectl does: the first that has a name counts', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (kubectl === undefined) return;
    const other = config('x', ['one']).replace('one.example', 'other.example');
    const given = choice(t, { a: config('one', ['one']), b: other });
    const { stdout } = await runTool(
      kubectl,
      ['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}'],
      { env: { KUBECONFIG: given.env.KUBECONFIG ?? '' } },
    );
    assert.equal(findCluster(given).server, stdout.replace(/\/$/, ''));
  });

  it('of --kubeconfig counts before KUBECONFIG, and ~/.kube/config comes last', (t) => {
    const files = { a: config('one', ['one']), '.kube/config': config('home', ['home']) };
    const given = choice(t, files);
    assert.equal(findCluster({ ...given, kubeconfig: 'a', env: {} }).context, 'one');
    assert.equal(findCluster({ ...given, env: { HOME: given.cwd } }).context, 'home');
    assert.equal(findCluster({ ...given, env: { HOME: given.cwd, KUBECONFIG: '' } }).context, 'home');
  });

  it('gives the context and namespace that are asked for', (t) => {
    const given = choice(t, { a: config('one', ['one', 'two']) });
    assert.equal(findCluster({ ...given, context: 'two' }).namespace, 'ns-two');
    assert.equal(findCluster({ ...given, context: 'two', namespace: 'mine' }).namespace, 'mine');
  });

  it('that lacks something is an error that says what', (t) => {
    const given = choice(t, { a: config('one', ['one']), broken: '{' });
    assert.equal(
      codeOf(() => findCluster({ ...given, env: {}, kubeconfig: 'none' })),
      'no-kubeconfig',
    );
    assert.equal(
      codeOf(() => findCluster({ ...given, env: { HOME: '/nowhere' } })),
      'no-kubeconfig',
    );
    assert.equal(
      codeOf(() => findCluster({ ...given, env: {}, kubeconfig: 'broken' })),
      'kubeconfig',
    );
    assert.equal(
      codeOf(() => findCluster({ ...given, env: {}, kubeconfig: 'a', context: 'onne' })),
      'no-context',
    );
    const dangling = choice(t, { a: config('one', ['one']).replace('"cluster":"one"', '"cluster":"gone"') });
    assert.equal(
      codeOf(() => findCluster(dangling)),
      'no-cluster',
    );
    const nobody = choice(t, { a: config('one', ['one']).replace('"user":"one"', '"user":"gone"') });
    assert.equal(
      codeOf(() => findCluster(nobody)),
      'no-user',
    );
    assert.equal(
      codeOf(() => findCluster(choice(t, { a: '' }))),
      'kubeconfig',
    );
    for (const server of ['api.example:6443', 'https://', 'api']) {
      const text = config('one', ['one']).replace('https://one.example:6443/', server);
      assert.equal(
        codeOf(() => findCluster(choice(t, { a: text }))),
        'no-cluster',
        server,
      );
    }
    const empty = choice(t, { a: config('', ['one']) });
    assert.equal(
      codeOf(() => findCluster(empty)),
      'no-context',
    );
  });

  it('gives a token, a token file, a password and what an exec plugin prints', async (t) => {
    const header = async (user: JsonObject, files: { [name: string]: string } = {}) => {
      const given = choice(t, { a: config('one', ['one'], user), ...files });
      for (const name of Object.keys(files)) chmodSync(path.join(given.cwd, name), 0o755);
      const { credentials } = findCluster({ ...given, kubeconfig: 'a' });
      return (await credentials()).headers.Authorization;
    };
    assert.equal(await header({ token: 'abc' }), 'Bearer abc');
    assert.equal(
      await header({ username: 'u', password: 'p' }),
      `Basic ${Buffer.from('u:p').toString('base64')}`,
    );
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    };
    const script = `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`;
    assert.equal(await header({ exec: exec('./plugin') }, { plugin: script }), 'Bearer from-plugin');
    // beside the kubeconfig, read before a token that stands in it, and with a line break at its end
    assert.equal(
      await header({ tokenFile: 'mine', token: 'old' }, { mine: 'from-file\n' }),
      'Bearer from-file',
    );
  });

  it('has in its bundle what few need: proxies by SOCKS and logins by OpenID', async (t) => {
    const optionsFor = async (more: JsonObject, user: JsonObject) => {
      const reader = new KubeConfig();
      reader.loadFromOptions({
        clusters: [{ name: 'c', server: 'https://127.0.0.1:1', ...more }],
        users: [{ name: 'u', ...user }],
        contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
        currentContext: 'x',
      });
      const options: RequestOptions = { headers: {} };
      await reader.applyToHTTPSOptions(options as never);
      return options;
    };
    const { agent } = await optionsFor({ proxyUrl: 'socks5://127.0.0.1:2' }, { token: 'abc' });
    assert.equal((agent as unknown as { proxy: { type: number } }).proxy.type, 5);
    const part = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const login = {
      'id-token': `${part({ alg: 'none' })}.${part({ exp: 1 })}.x`,
      'refresh-token': 'r',
      'client-id': 'c',
      'client-secret': 's',
      'idp-issuer-url': 'https://127.0.0.1:1',
    };
    // nobody listens there
    const user = { 'auth-provider': { name: 'oidc', config: login } };
    const { credentials } = findCluster({
      ...choice(t, { a: config('one', ['one'], user) }),
      kubeconfig: 'a',
    });
    await assert.rejects(credentials(), /fetch failed/);
  });

  it('gives a certificate that stands in it, in a file, or that a plugin prints', async (t) => {
    const [served, own, printed] = [0, 1, 2].map(() => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      return { key, cert: selfSigned({ privateKey, addresses: ['127.0.0.1'] }) };
    }) as [Pair, Pair, Pair];
    const server = createServer(
      { ...served, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { raw } = (request.socket as TLSSocket).getPeerCertificate();
        response.end(JSON.stringify({ seen: raw === undefined ? '' : new X509Certificate(raw).fingerprint }));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const status = { clientCertificateData: printed.cert, clientKeyData: printed.key };
    const users: [JsonObject, Pair][] = [
      [{ 'client-certificate-data': base64(own.cert), 'client-key-data': base64(own.key) }, own],
      [{ 'client-certificate': 'own.crt', 'client-key': 'own.key' }, own],
      [{ exec: { ...exec('/bin/sh'), args: ['-c', `printf %s '${JSON.stringify({ status })}'`] } }, printed],
    ];
    for (const [user, { cert }] of users) {
      const text = JSON.parse(config('one', ['one'], user));
      const { port } = server.address() as AddressInfo;
      text.clusters[0].cluster = {
        server: `https://127.0.0.1:${port}`,
        'certificate-authority-data': base64(served.cert),
      };
      const files = { a: JSON.stringify(text), 'own.crt': own.cert, 'own.key': own.key };
      const silent = { lost: () => {}, back: () => {}, warning: () => {} };
      const access = findCluster({ ...choice(t, files), kubeconfig: 'a' });
      const client = openClient(access, silent, { signal: AbortSignal.timeout(10_000) });
      t.after(() => client.close());
      const { seen } = await client.send('GET', '/');
      assert.equal(seen, new X509Certificate(cert).fingerprint);
    }
  });

  it('tells a plugin what kubectl tells it', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (kubectl === undefined) return;
    const told: string[] = [];
    for (const more of [{}, { provideClusterInfo: true }]) {
      const user = { exec: { ...exec('./plugin'), ...more, env: [{ name: 'REGION', value: 'eu' }] } };
      const given = choice(t, {
        a: config('one', ['one'], user),
        plugin: '#!/bin/sh\nprintf %s "$REGION $KUBERNETES_EXEC_INFO" > "$0.told"\nexit 3\n',
      });
      const [plugin, file] = ['plugin', 'plugin.told'].map((name) => path.join(given.cwd, name)) as [
        string,
        string,
      ];
      chmodSync(plugin, 0o755);
      const read = (): string => {
        const text = readFileSync(file, 'utf8').replace('example:6443/', 'example:6443');
        const [region, ...info] = text.split(' ');
        return `${region} ${JSON.stringify(sorted(JSON.parse(info.join(' '))))}`;
      };
      const { credentials } = findCluster({ ...given, kubeconfig: 'a' });
      await assert.rejects(credentials(), /error credentials: .*plugin .*\b3\b/);
      told.push(read());
      await runTool(kubectl, ['get', 'pods', '--kubeconfig', path.join(given.cwd, 'a')]).catch(
        () => undefined,
      );
      assert.equal(told.at(-1), read());
    }
    assert.match(told.join(), /^eu .*"server":"https:\/\/one\.example:6443/);
  });

  it('runs a plugin again shortly before its credential ends, and not before', async (t) => {
    const runs = async (lifeMs: number): Promise<number> => {
      const expirationTimestamp = new Date(Date.now() + lifeMs).toISOString();
      const status = { token: 'x', expirationTimestamp };
      const given = choice(t, {
        a: config('one', ['one'], { exec: exec('./plugin') }),
        plugin: `#!/bin/sh\necho >> "$0.runs"\necho '${JSON.stringify({ status })}'\n`,
      });
      chmodSync(path.join(given.cwd, 'plugin'), 0o755);
      const { credentials } = findCluster({ ...given, kubeconfig: 'a' });
      await Promise.all([credentials(), credentials()]);
      await credentials();
      return readFileSync(path.join(given.cwd, 'plugin.runs'), 'utf8').length;
    };
    assert.equal(await runs(3_600_000), 1);
    assert.equal(await runs(5_000), 2);
  });

  it('whose plugin fails is an error that says how, without what the plugin printed', async (t) => {
    const failing = async (plugin: JsonObject, signal?: AbortSignal) => {
      const { credentials } = findCluster(choice(t, { a: config('one', ['one'], { exec: plugin }) }));
      return credentials(signal).then(
        () => assert.fail(),
        (error: Error) => error,
      );
    };
    const gone = await failing({ ...exec('no-such-plugin'), installHint: 'get it from the\nmaker' });
    tells(String(gone), 'error credentials', 'no-such-plugin', 'maker');
    for (const text of ['sk-1234567890', '{}', '{"status":"sk-1234567890"}']) {
      const error = await failing({ ...exec('/bin/sh'), args: ['-c', `echo '${text}'`] });
      tells(String(error), 'error credentials', 'ExecCredential');
      assert.doesNotMatch(String(error), /sk-/);
    }
    // a plugin that waits, and what it has started too
    const time = AbortSignal.timeout(300);
    const late = await failing({ ...exec('/bin/sh'), args: ['-c', 'sleep 5; true'] }, time);
    assert.equal(late, time.reason);
  });
});
