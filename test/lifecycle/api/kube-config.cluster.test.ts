/** Who an API server takes us for, compared with whom it takes kubectl for. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openClient } from '../../../generator/lifecycle/api/client.ts';
import { type ClusterChoice, findCluster } from '../../../generator/lifecycle/api/kube-config.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { freshNamespace, kubeconfigFor, requireCluster, testCluster } from '../../support/cluster.ts';
import { folderOf } from '../../support/folder.ts';
import { requireTool, runTool } from '../../support/tools.ts';

/** Who asks, as the API server knows it. */
async function whoAmI(t: TestContext, choice: ClusterChoice): Promise<JsonObject> {
  const silent = { lost: () => {}, back: () => {}, warning: () => {} };
  const client = openClient(findCluster(choice), silent, { signal: AbortSignal.timeout(30_000) });
  t.after(() => client.close());
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const { status } = await client.send('POST', path, { body: {} });
  return (status as { userInfo: JsonObject }).userInfo;
}

describe('the API server', () => {
  it('takes us for whom it takes kubectl for', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (kubectl === undefined || !requireCluster(t)) return;
    const cluster = await testCluster();
    const { token } = cluster;
    const status = { token };
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status };
    const plugin = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: '/bin/sh',
      args: ['-c', `echo '${JSON.stringify(credential)}'`],
      interactiveMode: 'IfAvailable',
    };
    const as = { as: 'lyra', 'as-groups': ['bards', 'elves'], 'as-uid': '7' };
    const extra = { 'as-user-extra': { 'example.com/team': ['a', 'b'] } };
    const users: JsonObject[] = [
      { token },
      { tokenFile: 'token' },
      { exec: plugin },
      { token, ...as, ...extra },
      { exec: plugin, ...as },
    ];
    const cwd = folderOf(t, { token: `${token}\n` });
    const kubeconfig = path.join(cwd, 'kubeconfig');
    for (const user of users) {
      const text = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8'));
      text.users[0].user = user;
      writeFileSync(kubeconfig, JSON.stringify(text), { mode: 0o600 });
      const { stdout } = await runTool(kubectl, ['auth', 'whoami', '-o', 'json', '--kubeconfig', kubeconfig]);
      const { userInfo } = JSON.parse(stdout).status;
      // each login has an id of its own
      const known = ({ extra: all, ...rest }: JsonObject) => ({
        ...rest,
        extra: (all as JsonObject | undefined)?.['example.com/team'],
      });
      const ours = await whoAmI(t, { kubeconfig, env: {}, cwd });
      assert.deepEqual(known(ours), known(userInfo), Object.keys(user).join());
    }
  });

  it('takes a pod without a kubeconfig for its own account', async (t) => {
    if (!requireCluster(t)) return;
    const cluster = await testCluster();
    const namespace = await freshNamespace(cluster);
    const file = await kubeconfigFor(cluster, { serviceAccount: 'default', namespace });
    const { users } = JSON.parse(readFileSync(file, 'utf8'));
    const accountFolder = folderOf(t, { token: users[0].user.token, 'ca.crt': cluster.ca, namespace });
    const { hostname, port } = new URL(cluster.server);
    const env = { HOME: accountFolder, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    const choice = { env, cwd: accountFolder, accountFolder };
    const access = findCluster(choice);
    assert.deepEqual(
      [access.context, access.server, access.namespace],
      ['in-cluster', cluster.server, namespace],
    );
    const { username } = await whoAmI(t, choice);
    assert.equal(username, `system:serviceaccount:${namespace}:default`);
    // a pod whose account is not mounted, and a context that only a kubeconfig could have
    for (const other of [{ accountFolder: '/nowhere' }, { context: 'production' }])
      assert.throws(() => findCluster({ ...choice, ...other }), /no-kubeconfig/);
  });

  it('is reached through the proxy of the environment, as by kubectl', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (kubectl === undefined || !requireCluster(t)) return;
    const cluster = await testCluster();
    const { port } = new URL(cluster.server);
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      asked.push(url);
      const target = connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      for (const end of [target, socket]) end.on('error', () => target.destroy() && socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => proxy.close());
    const text = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8'));
    Object.assign(text.clusters[0].cluster, {
      server: 'https://api.example:6443',
      'tls-server-name': '127.0.0.1',
    });
    const cwd = folderOf(t, { kubeconfig: JSON.stringify(text) });
    const kubeconfig = path.join(cwd, 'kubeconfig');
    const env = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    await runTool(kubectl, ['auth', 'whoami', '--kubeconfig', kubeconfig], { env });
    assert.deepEqual(new Set(asked.splice(0)), new Set(['api.example:6443']));
    await whoAmI(t, { kubeconfig, env, cwd });
    assert.deepEqual(new Set(asked), new Set(['api.example:6443']));
  });
});
