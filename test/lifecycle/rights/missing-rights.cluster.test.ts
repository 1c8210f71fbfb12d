/** Commands of somebody who lacks rights, on a real API server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kubeconfigFor, requireCluster, testCluster, waitForRight } from '../../support/cluster.ts';
import { makeDeployment } from '../../support/lifecycle.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';

describe('somebody who may only read Deployments', () => {
  it('is told by every command all rights that are missing, and nothing is changed', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    const rules = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] }];
    await of.request('POST', `${rbac}/roles`, { metadata: { name: 'reader' }, rules });
    await of.request('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: of.namespace }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    });
    const kubeconfig = await kubeconfigFor(of.cluster, {
      serviceAccount: 'default',
      namespace: of.namespace,
    });
    const missing: { readonly [command: string]: readonly string[] } = {
      'stop test': ['configmaps', 'jobs.batch', 'pods', 'leases.coordination.k8s.io', 'deployments.apps'],
      'stop test --drain': ['roles.rbac.authorization.k8s.io', 'jobs.batch', 'deployments.apps'],
      'stop test --dry-run': ['configmaps', 'jobs.batch', 'pods'],
      'start test': ['configmaps', 'leases.coordination.k8s.io', 'replicasets.apps', 'deployments.apps'],
      'restart test': ['configmaps', 'leases.coordination.k8s.io', 'pods', 'deployments.apps'],
      'destroy test --yes': [
        'configmaps',
        'services',
        'jobs.batch',
        'create, get, update, delete leases.coordination.k8s.io',
        'delete deployments.apps (glyphoxa-gateway, glyphoxa-mcp-gateway)',
      ],
      'diff test': ['configmaps', 'get, patch, list services', 'roles.rbac.authorization.k8s.io'],
    };
    for (const [command, kinds] of Object.entries(missing)) {
      const { exitCode, stderr } = await of.run(...command.split(' '), `--kubeconfig=${kubeconfig}`);
      assert.notEqual(exitCode, 0, command);
      const told = [...stderr.matchAll(/^error permission-missing: \S+ may not .*$/gm)].map(String);
      for (const kind of kinds)
        assert.ok(
          told.some((line) => line.includes(` ${kind}`)),
          `${command} does not name ${kind}: ${stderr}`,
        );
      if (command.endsWith('--dry-run')) assert.doesNotMatch(stderr, /leases|patch/);
    }
    // who may read everything may still not ask for a dry run
    const more = { apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['get', 'list'] };
    await of.request('POST', `${rbac}/roles`, { metadata: { name: 'roles' }, rules: [more] });
    for (const [kind, name] of [
      ['ClusterRole', 'view'],
      ['Role', 'roles'],
    ] as const)
      await of.request('POST', `${rbac}/rolebindings`, {
        metadata: { name },
        subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: of.namespace }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      });
    const account = { serviceAccount: 'default', namespace: of.namespace };
    await waitForRight(of.cluster, account, {
      verb: 'list',
      group: more.apiGroups[0] ?? '',
      resource: 'roles',
    });
    await waitForRight(of.cluster, account, { verb: 'list', group: '', resource: 'services' });
    const diff = await of.run('diff', 'test', `--kubeconfig=${kubeconfig}`);
    assert.equal(diff.exitCode, 2);
    assert.match(diff.stderr, / patch services \(glyphoxa-gateway, glyphoxa-mcp-gateway\) /);
    assert.doesNotMatch(diff.stderr, /error forbidden/);
    const deployments = await of.request('GET', '/apis/apps/v1/deployments');
    for (const { spec } of deployments.items as { spec: { replicas: number } }[])
      assert.ok(spec.replicas > 0);
  });
});
