import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { serveRepository, standIn } from '../support/charts.ts';
import { requireControlPlane, startControlPlane } from '../support/control-plane.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { findTool, requireTool, runTool, toolEnv } from '../support/tools.ts';

test('a real API server takes the operators, then the database; secrets status asks it for keys alone', async (t) => {
  if (!requireControlPlane(t, ['apiserver'])) return;
  if (!requireTool(t, 'kubectl-1.36') || !requireTool(t, 'helm-3')) return;
  const charts = await serveRepository([
    standIn('cloudnative-pg', '0.29.0'),
    standIn('cluster', '0.8.1'),
    standIn('sealed-secrets', '2.19.1'),
  ]);
  t.after(() => charts.close());
  const plane = await startControlPlane({ components: ['apiserver'] });
  t.after(() => plane.stop());
  const from = `{repository: "${charts.url}"}`;
  const identity = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n';
  const certificate = Buffer.from(plane.ca).toString('base64');
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [
      { name: 'test', cluster: { server: plane.server, 'certificate-authority-data': certificate } },
    ],
    users: [{ name: 'test', user: { token: plane.token } }],
  };
  const cwd = folderOf(t, {
    kubeconfig: JSON.stringify(kubeconfig),
    'bin/.keep': '',
    'overlays/prod/config.yaml': identity,
    'glyphoxa.yaml': `${identity}metadata: {name: glyphoxa, namespace: voices}
spec:
  postgresql: {enabled: true, charts: {operator: ${from}, cluster: ${from}}}
  sealedSecrets: {enabled: true, chart: ${from}}
`,
  });
  symlinkSync(findTool('kubectl-1.36') ?? '', path.join(cwd, 'bin/kubectl'));
  symlinkSync(findTool('helm-3') ?? '', path.join(cwd, 'bin/helm'));
  const env = { KUBECONFIG: path.join(cwd, 'kubeconfig'), HOME: cwd, PATH: `${cwd}/bin:/usr/bin:/bin` };
  const shell = async (line: string) => {
    const { exitCode, stdout, stderr } = await runTool('/bin/sh', ['-euc', line], { cwd, env });
    assert.equal(exitCode, 0, `${line}\n${stdout}${stderr}`);
    return stdout;
  };
  const apply = (stage: string) =>
    shell(
      `kubectl kustomize --enable-helm overlays/infrastructure/${stage} | kubectl apply --server-side -f -`,
    );
  assert.equal((await runCli(['generate'], { cwd })).exitCode, 0);

  await apply('operators');
  await shell(
    'kubectl wait --for=condition=Established --timeout=60s crd/clusters.postgresql.cnpg.io crd/databases.postgresql.cnpg.io',
  );
  await shell('kubectl -n kube-system get deployment sealed-secrets-controller');
  await shell('kubectl -n cnpg-system get deployment cnpg-cloudnative-pg');
  await shell('kubectl create namespace voices');
  await apply('database');
  await shell('kubectl -n voices get cluster.postgresql.cnpg.io,database.postgresql.cnpg.io');
  await apply('operators');

  await shell('kubectl -n voices create secret generic glyphoxa-secrets --from-literal=admin-key=canary');
  const world = { cwd, env: toolEnv(env) };
  const { stdout } = await runCli(['secrets', 'status', 'prod', '--cluster'], world);
  assert.match(stdout, /admin-key +there/);
  assert.match(stdout, /glyphoxa-postgresql-app +uri +missing/);
  assert.ok(!stdout.includes('canary'));
  const unreachable = { ...world.env, KUBECONFIG: '/nowhere' };
  const failed = await runCli(['secrets', 'status', 'prod', '--cluster'], { cwd, env: unreachable });
  assert.match(failed.stderr, /error no-kubeconfig: /);
});
