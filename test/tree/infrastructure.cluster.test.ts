import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { postgresqlCluster } from '../../generator/objects/postgresql-cluster.ts';
import { serveRepository, standIn } from '../support/charts.ts';
import { arbitraryLayers } from '../support/configs.ts';
import { requireControlPlane, startControlPlane } from '../support/control-plane.ts';
import { otherDefinitions } from '../support/database-definitions.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { findTool, requireTool, runTool, toolEnv } from '../support/tools.ts';
import { configsOf } from './law.ts';

/** Databases with all options by turns. */
const drawn = fc
  .sample(arbitraryLayers(), { numRuns: 80, seed: 3 })
  .map(configsOf)
  .map(({ config }) => ({
    config: { ...config, metadata: { ...config.metadata, namespace: 'voices' } },
  }))
  .filter(({ config: { spec } }) => spec.postgresql.provider === 'cloudnative-pg')
  .slice(0, 12);

test('a real API server takes the operators, then the database; secrets status asks it for keys alone', async (t) => {
  if (!requireControlPlane(t, ['apiserver'])) return;
  if (!requireTool(t, 'kubectl-1.36') || !requireTool(t, 'helm-3')) return;
  const charts = await serveRepository([
    standIn('cloudnative-pg', '0.29.0'),
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
  postgresql: {enabled: true, charts: {operator: ${from}}}
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
      `kubectl kustomize --enable-helm infrastructure/${stage} | kubectl apply --server-side --validate=strict -f -`,
    );
  assert.equal((await runCli(['generate'], { cwd })).exitCode, 0);

  await apply('operators');
  await shell(
    'kubectl wait --for=condition=Established --timeout=60s crd/clusters.postgresql.cnpg.io crd/databases.postgresql.cnpg.io',
  );
  await shell('kubectl -n kube-system get deployment sealed-secrets-controller');
  await shell('kubectl -n cnpg-system get deployment cnpg-cloudnative-pg');
  await shell('kubectl create namespace voices');
  // The database needs no helm.
  await shell('kubectl apply --server-side --validate=strict -k infrastructure/database');
  await shell('kubectl -n voices get cluster.postgresql.cnpg.io,database.postgresql.cnpg.io');
  await apply('operators');

  for (const [index, definition] of otherDefinitions.entries()) {
    writeFileSync(path.join(cwd, `definition-${index}.json`), JSON.stringify(definition));
    await shell(`kubectl apply --server-side -f definition-${index}.json`);
  }
  await shell('kubectl wait --for=condition=Established --timeout=60s crd --all');
  // Every form that a database takes, for every option of it.
  for (const { config } of drawn) {
    for (const object of postgresqlCluster(config)) {
      writeFileSync(path.join(cwd, 'object.json'), JSON.stringify(object));
      await shell('kubectl apply --server-side --validate=strict --dry-run=server -n voices -f object.json');
    }
  }

  // The restore of the documentation. No operator runs here: that the server takes it is all that this can show.
  const page = readFileSync(new URL('../../docs/database.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('\n## Restore\n');
  const files = [...section.matchAll(/```yaml\n# (\S+)\n(.*?)```/gs)].slice(0, 2);
  for (const [, name = '', text = ''] of files) {
    mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
    const elsewhere = text.replace(/^kind: Glyphoxa\n/m, '$&metadata: {namespace: restored}\n');
    writeFileSync(path.join(cwd, name), elsewhere);
  }
  assert.equal((await runCli(['generate'], { cwd })).exitCode, 0);
  await shell('kubectl create namespace restored');
  const restored = await shell(
    'kubectl kustomize restore | kubectl apply --server-side --validate=strict --dry-run=server -o yaml -f -',
  );
  assert.match(restored, /recovery:\n\s+database: glyphoxa\n\s+owner: glyphoxa\n\s+source: before/);
  assert.match(restored, /barmanObjectName: glyphoxa-postgresql/);

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
