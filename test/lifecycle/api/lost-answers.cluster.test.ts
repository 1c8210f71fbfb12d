/** Connections that are cut again and again: what was asked may have been done, and is asked once more. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { type Deployment, makeDeployment } from '../../support/lifecycle.ts';

/** How often connections may be cut, in milliseconds. */
const cutEveryMs = 120;

/** Path of a kubeconfig whose server is a port that cuts all of its connections at about every other moment. */
async function throughCuts(t: TestContext, { cluster, folder }: Deployment): Promise<string> {
  const { port } = new URL(cluster.server);
  const sockets = new Set<Socket>();
  const relay = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const timer = setInterval(() => Math.random() < 0.5 && cut(), cutEveryMs);
  t.after(() => {
    clearInterval(timer);
    relay.close();
    cut();
  });
  const file = path.join(folder, 'kubeconfig');
  const own = `:${(relay.address() as AddressInfo).port}`;
  writeFileSync(file, readFileSync(cluster.kubeconfig, 'utf8').replaceAll(`:${port}`, own));
  return file;
}

it('targets do what they should over connections that are cut again and again', async (t) => {
  if (!requireCluster(t)) return;
  const of = await makeDeployment(t, await testCluster());
  const kubeconfig = await throughCuts(t, of);
  let told = '';
  for (const words of [
    'apply',
    'stop --drain',
    'start',
    'restart',
    'stop',
    'start',
    'diff',
    'destroy --yes',
  ]) {
    const [target = '', ...more] = words.split(' ');
    const { exitCode, stdout, stderr } = await of.run(target, 'test', `--kubeconfig=${kubeconfig}`, ...more);
    assert.equal(exitCode, 0, `${words}: ${stdout}${stderr}`);
    told += stderr;
  }
  assert.match(told, /API server .*again/);
  assert.deepEqual((await of.request('GET', '/apis/apps/v1/deployments')).items, []);
  assert.deepEqual((await of.request('GET', '/apis/coordination.k8s.io/v1/leases')).items, []);
});
