/** Where the cluster is found, compared with what kubectl does. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type ClusterChoice, findCluster } from '../../generator/cluster/api/kube-config.ts';
import { Failure } from '../../generator/model/finding.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import { folderOf } from '../support/folder.ts';
import { requireTool, runTool } from '../support/tools.ts';

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
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: './plugin',
      interactiveMode: 'Never',
    };
    assert.equal(await header({ exec }, { plugin: script }), 'Bearer from-plugin');
  });

  it('whose plugin fails is an error without what the plugin knows', async (t) => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/nowhere/plugin' };
    const { credentials } = findCluster(choice(t, { a: config('one', ['one'], { exec }) }));
    await assert.rejects(
      credentials(),
      (error) => error instanceof Failure && error.findings[0]?.code === 'credentials',
    );
  });

  it('has in its bundle what few need: proxies by SOCKS and logins by OpenID', async () => {
    const { KubeConfig } = (await import(
      new URL('../../dist/kube-config.js', import.meta.url).href
    )) as typeof import('@kubernetes/client-node');
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
    await assert.rejects(optionsFor({}, { authProvider: { name: 'oidc', config: login } }), /fetch failed/);
  });
});
