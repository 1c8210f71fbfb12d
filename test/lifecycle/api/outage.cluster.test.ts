/** An API server that goes away in the middle of a run. It is stopped for real, so this cluster is nobody else's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kubeconfigFor, requireCluster } from '../../support/cluster.ts';
import { allComponents, startControlPlane } from '../../support/control-plane.ts';
import { makeDeployment } from '../../support/lifecycle.ts';

/** How long it stays away, in milliseconds. */
const awayMs = 10_000;

/** All that the default deployment's deployer needs, and more: what matters here is that RBAC has to load it. */
async function makeDeployer(
  cluster: Awaited<ReturnType<typeof startControlPlane>>,
  namespace: string,
): Promise<string> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
  await cluster.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    metadata: { name: 'deployer' },
  });
  const subjects = [{ kind: 'ServiceAccount', name: 'deployer', namespace }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  await cluster.request('POST', rbac, { metadata: { name: 'deployer' }, subjects, roleRef });
  return kubeconfigFor(cluster, { serviceAccount: 'deployer', namespace });
}

describe('an API server that goes away for ten seconds', () => {
  it('is waited out with a message, also while it does not know yet who may do what', async (t) => {
    if (!requireCluster(t)) return;
    const cluster = await startControlPlane({ components: allComponents });
    t.after(() => cluster.stop());
    // never ready: so the run is surely waiting when the server goes
    const fate = { metadata: { annotations: { 'test.glyphoxa.io/fate': 'never-ready' } } };
    const of = await makeDeployment(t, cluster, { spec: { gateway: { podPatch: fate } } });
    const kubeconfig = await makeDeployer(cluster, of.namespace);
    const run = of.spawn('apply', 'test', `--kubeconfig=${kubeconfig}`);
    await run.says(/glyphoxa-gateway: /);
    await cluster.stopApiServer();
    await run.says(/^the API server .*\(.+\); waiting /m);
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    await cluster.startApiServer();
    await run.says(/API server .*\d+\.\d s/);
    await of.configure({});
    // somebody else's change lets the rollout end: the run that waits sees it
    const path = '/apis/apps/v1/deployments/glyphoxa-gateway';
    const template = { metadata: { annotations: { 'test.glyphoxa.io/fate': null } } };
    await of.request('PATCH', path, { spec: { template } }, 'application/merge-patch+json');
    const { code, stderr } = await run.ended;
    assert.equal(code, 0, stderr);
  });
});
