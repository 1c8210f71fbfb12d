/** Rules of a namespace against the single questions that they stand for, on a real API server. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { allows, openRights, type Permission } from '../../../generator/lifecycle/api/access-review.ts';
import { openClient } from '../../../generator/lifecycle/api/client.ts';
import { findCluster } from '../../../generator/lifecycle/api/kube-config.ts';
import { dig, maps } from '../../../generator/model/json.ts';
import {
  freshNamespace,
  kubeconfigFor,
  requireCluster,
  testCluster,
  waitForRight,
} from '../../support/cluster.ts';

const rbac = 'rbac.authorization.k8s.io';

/** Rules of every form: by name, of a part alone, of every part of a name, of everything in a group. */
const rules = [
  {
    apiGroups: [''],
    resources: ['configmaps', 'secrets'],
    verbs: ['get', 'patch'],
    resourceNames: ['a', 'b'],
  },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: ['apps'], resources: ['*/scale'], verbs: ['patch'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['*'] },
  { apiGroups: ['batch'], resources: ['*'], verbs: ['list'] },
  { apiGroups: ['*'], resources: ['leases'], verbs: ['create'] },
  { apiGroups: [''], resources: ['services'], verbs: ['get'], resourceNames: ['*'] },
];

function* questions(namespaces: readonly string[]): Generator<Permission> {
  const kinds = [
    ['', 'configmaps'],
    ['', 'secrets'],
    ['', 'services'],
    ['', 'pods'],
    ['', 'pods/log'],
    ['apps', 'deployments'],
    ['apps', 'deployments/scale'],
    ['apps', 'statefulsets/scale'],
    ['batch', 'jobs'],
    ['batch', 'jobs/status'],
    ['coordination.k8s.io', 'leases'],
    [rbac, 'roles'],
  ] as const;
  for (const namespace of namespaces)
    for (const [group, resource] of kinds)
      for (const verb of ['get', 'list', 'create', 'patch', '*'])
        for (const named of [{}, { name: 'a' }, { name: 'c' }])
          yield { verb, group, resource, namespace, ...named };
}

it('rules allow what the API server allows when it is asked, and nothing else', async (t) => {
  if (!requireCluster(t)) return;
  const cluster = await testCluster();
  const [namespace, other] = await Promise.all([freshNamespace(cluster), freshNamespace(cluster)]);
  const make = async (path: string, body: object) =>
    assert.equal((await cluster.request('POST', path, body)).status, 201);
  const at = `/apis/${rbac}/v1/namespaces/${namespace}`;
  const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace }];
  const clusterwide = `reader-${namespace}`;
  const everywhere = `/apis/${rbac}/v1`;
  await make(`${at}/roles`, { metadata: { name: 'mixed' }, rules });
  await make(`${everywhere}/clusterroles`, {
    metadata: { name: clusterwide },
    rules: [{ apiGroups: [rbac], resources: ['roles'], verbs: ['get'] }],
  });
  const bind = (kind: string, name: string) => ({
    metadata: { name },
    subjects,
    roleRef: { apiGroup: rbac, kind, name },
  });
  await make(`${at}/rolebindings`, bind('Role', 'mixed'));
  await make(`${everywhere}/clusterrolebindings`, bind('ClusterRole', clusterwide));
  t.after(async () => {
    for (const kind of ['clusterrolebindings', 'clusterroles'])
      await cluster.request('DELETE', `${everywhere}/${kind}/${clusterwide}`);
  });
  const account = { serviceAccount: 'default', namespace };
  await waitForRight(cluster, account, { verb: 'list', group: 'batch', resource: 'jobs' });
  await waitForRight(cluster, account, { verb: 'get', group: rbac, resource: 'roles' });

  const kubeconfig = await kubeconfigFor(cluster, account);
  const access = findCluster({ env: { KUBECONFIG: kubeconfig }, cwd: '/' });
  const silent = { lost: () => {}, back: () => {}, warning: () => {} };
  const client = openClient(access, silent, { signal: AbortSignal.timeout(60_000) });
  t.after(() => client.close());
  const send = async (kind: string, spec: object) =>
    (await client.send('POST', `/apis/authorization.k8s.io/v1/${kind}`, { body: { spec } as never })).status;
  const listed = new Map(
    await Promise.all(
      [namespace, other].map(async (place) => {
        const status = await send('selfsubjectrulesreviews', { namespace: place });
        assert.equal(dig(status, ['incomplete']), false);
        return [place, maps(dig(status, ['resourceRules']))] as const;
      }),
    ),
  );
  const rights = openRights(client);
  let allowed = 0;
  for (const permission of questions([namespace, other])) {
    const { resource, ...rest } = permission;
    const [plural, subresource] = resource.split('/');
    const resourceAttributes = {
      ...rest,
      resource: plural,
      ...(subresource === undefined ? {} : { subresource }),
    };
    const status = await send('selfsubjectaccessreviews', { resourceAttributes });
    const answer = dig(status, ['allowed']) === true;
    const byRules = listed.get(String(permission.namespace))?.some((rule) => allows(rule, permission));
    assert.deepEqual([byRules, await rights.may(permission)], [answer, answer], JSON.stringify(permission));
    if (answer) allowed++;
  }
  assert.ok(allowed > 40, `${allowed} are allowed`);
});
