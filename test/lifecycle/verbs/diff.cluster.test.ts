/** `diff` on a real API server. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { Client } from '../../../generator/lifecycle/api/client.ts';
import { apiPath } from '../../../generator/lifecycle/api/resources.ts';
import { diffRelease } from '../../../generator/lifecycle/verbs/diff/diff.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { writeYaml } from '../../../generator/model/yaml-writer.ts';
import { requireCluster, testCluster, waitFor } from '../../support/cluster.ts';
import { findTool } from '../../support/find-tool.ts';
import { type Deployment, environment, makeDeployment, secretValues } from '../../support/lifecycle.ts';
import { sessionOf } from '../../support/session.ts';

interface Document {
  readonly objects: readonly {
    object: string;
    change: string;
    fields: readonly JsonObject[];
    after?: JsonObject;
  }[];
  readonly unchanged: number;
  readonly findings: readonly JsonObject[];
}

async function diff(
  deployment: Deployment,
  word = environment,
): Promise<{ exitCode: number; document: Document }> {
  const { exitCode, stdout, stderr } = await deployment.run('diff', word, '-o', 'json');
  assert.ok(stdout.startsWith('{'), stderr);
  return { exitCode, document: JSON.parse(stdout) as Document };
}

async function apply({ run }: Deployment, ...more: string[]): Promise<void> {
  const { exitCode, stderr } = await run('apply', environment, '--no-wait', ...more);
  assert.equal(exitCode, 0, stderr);
}

const merge = 'application/strategic-merge-patch+json';
const gatewayPath = '/apis/apps/v1/deployments/glyphoxa-gateway';

test('before the first apply every object is new, as the environment lists it', async (t) => {
  if (!requireCluster(t)) return;
  const deployment = await makeDeployment(t, await testCluster());
  const { exitCode, document } = await diff(deployment);
  assert.equal(exitCode, 1);
  assert.ok(document.objects.length > 10);
  assert.deepEqual([...new Set(document.objects.map(({ change }) => change))], ['created']);
  const gateway = document.objects.find(({ object }) => object === 'deployment.apps/glyphoxa-gateway');
  const text = JSON.stringify(gateway?.after);
  assert.match(text, /"replicas":3/);
  // the server's defaults
  assert.doesNotMatch(text, /terminationGracePeriodSeconds|dnsPolicy|applyset/);
  const { items } = (await deployment.request('GET', '/apis/apps/v1/deployments')) as { items: JsonObject[] };
  assert.deepEqual(items, []);
});

const configurations: { readonly [name: string]: JsonObject } = {
  'the defaults': {},
  autoscaling: { autoscaling: { enabled: true, minReplicas: 4 } },
  'no tools, no policies': {
    // no less than the scaler before it wants, which may look once more before it goes
    gateway: { replicaCount: 5 },
    mcpGateway: { enabled: false },
    networkPolicy: { enabled: false },
  },
  'a dedicated topology': { core: { topology: 'dedicated' } },
  'pods with a sidecar': {
    gateway: {
      podPatch: {
        spec: {
          containers: [
            { name: 'gateway' },
            {
              name: 'side',
              image: 'busybox:1.36',
              resources: { limits: { cpu: '1000m', memory: '1024Mi' } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
          volumes: [{ name: 'more', emptyDir: { sizeLimit: '1024Mi' } }],
        },
      },
    },
    worker: { resourceProfile: 'local-llm', gpu: { enabled: true } },
  },
  'a namespace of its own': { core: { createNamespace: true } },
};

/** Fields that the server fills in where containers and volumes come or go. */
const serverDefaults = /terminationMessage|defaultMode|successThreshold/;

test('after an apply nothing would change, whatever the configuration', async (t) => {
  if (!requireCluster(t)) return;
  const deployment = await makeDeployment(t, await testCluster());
  for (const [name, spec] of Object.entries(configurations)) {
    await deployment.configure(spec);
    const before = await deployment.run('diff', environment);
    assert.equal(before.exitCode, 1, `${name}: ${before.stderr}`);
    assert.doesNotMatch(before.stdout, serverDefaults, name);
    await apply(deployment);
    if (spec.autoscaling !== undefined) {
      await waitFor('the scaler', async () => {
        const { spec: live } = (await deployment.request('GET', gatewayPath)) as { spec: JsonObject };
        return live.replicas === 4 ? true : undefined;
      });
    }
    const { exitCode, stdout, stderr } = await deployment.run('diff', environment);
    assert.deepEqual({ name, exitCode, stdout }, { name, exitCode: 0, stdout: '' }, stderr);
    assert.match(stderr, /^nothing\b/m);
  }
});

test('what controllers write while it looks is no change of ours', async (t) => {
  if (!requireCluster(t)) return;
  const deployment = await makeDeployment(t, await testCluster());
  await apply(deployment);
  const session = await sessionOf(t, deployment);
  const { client } = session;
  const written = new Set<string>();
  const list: Client['list'] = async (type, namespace, query) => {
    const objects = await client.list(type, namespace, query);
    if (!['Deployment', 'ConfigMap'].includes(type.kind) || namespace === undefined) return objects;
    const body = { metadata: { annotations: { 'example.com/written': 'since it was read' } } };
    const options = {
      query: { fieldManager: 'somebody' },
      body,
      contentType: 'application/merge-patch+json',
    };
    for (const { metadata } of objects) {
      await client.send('PATCH', apiPath(type, namespace, metadata.name), options);
      written.add(`${type.kind}/${metadata.name}`);
    }
    return objects;
  };
  const { objects } = await diffRelease({ ...session, client: { ...client, list } });
  assert.ok(written.size >= 5, [...written].join());
  assert.deepEqual(objects, []);
});

test('the objects that change are those that kubectl diff names', async (t) => {
  if (!requireCluster(t)) return;
  const deployment = await makeDeployment(t, await testCluster());
  await apply(deployment);
  await deployment.configure({
    core: { image: { tag: 'build-18' } },
    config: { server: { log_level: 'debug' } },
    gateway: { replicaCount: 5 },
    worker: { activeDeadlineSeconds: 99 },
    networkPolicy: { enabled: true },
  });
  const { document } = await diff(deployment);
  const folder = join(deployment.folder, 'overlays', environment);
  const args = ['diff', '--server-side', '--force-conflicts', '-k', folder];
  const options = { env: deployment.env as NodeJS.ProcessEnv };
  const { stdout } = await promisify(execFile)(findTool('kubectl-1.36') ?? 'kubectl', args, options).catch(
    (error: { code: number; stdout: string; stderr: string }) => {
      assert.equal(error.code, 1, error.stderr);
      return error;
    },
  );
  const named = [...stdout.matchAll(/^diff .*\/LIVE-\d+\/(\S+) /gm)].map(([, file = '']) => {
    const [, group = '', kind = '', name = ''] = /^(?:(.*)\.)?v\d\.([A-Z]\w+)\.[^.]+\.(.*)$/.exec(file) ?? [];
    return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${name}`;
  });
  assert.ok(named.length > 3);
  assert.deepEqual(document.objects.map(({ object }) => object).sort(), named.sort());
});

test('fields, conflicts and what goes are told, and Secrets by their keys', async (t) => {
  if (!requireCluster(t)) return;
  const deployment = await makeDeployment(t, await testCluster(), { secret: false });
  const spec = {
    secrets: { provider: 'kubernetes' },
    gateway: { adminKey: { fromEnv: 'ADMIN_KEY' } },
    database: { dsn: { fromEnv: 'DSN' } },
  };
  const values = (adminKey: string) => {
    const lines = `admin-key=${adminKey}\ndatabase-dsn=${secretValues['database-dsn']}\n`;
    writeFileSync(join(deployment.folder, 'overlays', environment, 'secrets.env'), lines);
  };
  await deployment.configure(spec);
  values(secretValues['admin-key']);
  await apply(deployment);
  const container = { name: 'gateway', image: 'other:1' };
  const body = { spec: { template: { spec: { containers: [container] } } } };
  await deployment.request('PATCH', `${gatewayPath}?fieldManager=somebody`, body, merge);
  values('kSecretOther43');
  await deployment.configure({ ...spec, mcpGateway: { enabled: false } });

  const { exitCode, document } = await diff(deployment);
  assert.equal(exitCode, 1);
  const of = (name: string) => document.objects.find(({ object }) => object === name);
  assert.deepEqual(of('secret/glyphoxa-secrets')?.fields, [
    { field: 'data.admin-key', change: 'changed', isSecret: true },
    { field: 'data.database-dsn', change: 'unchanged', isSecret: true },
  ]);
  const image = of('deployment.apps/glyphoxa-gateway')?.fields.find(
    ({ field }) => field === 'spec.template.spec.containers[gateway].image',
  );
  assert.deepEqual([image?.before, image?.manager], ['other:1', 'somebody']);
  assert.equal(of('deployment.apps/glyphoxa-mcp-gateway')?.change, 'pruned');

  const text = await deployment.run('diff', environment);
  assert.match(text.stdout, /^- deployment\.apps\/glyphoxa-mcp-gateway$/m);
  assert.match(text.stdout, /\(conflict: somebody\b/);
  assert.doesNotMatch(JSON.stringify([text, document]), /kSecret|a1NlY3JldE/);
});

test('what the API server refuses or does not know is a failure, and the rest is told', async (t) => {
  if (!requireCluster(t)) return;
  const deployment = await makeDeployment(t, await testCluster());
  await apply(deployment);
  const folder = join(deployment.folder, 'clusters', 'eu');
  mkdirSync(folder, { recursive: true });
  const patch = (kind: string, name: string, op: string, path: string) => ({
    target: { kind, name },
    patch: JSON.stringify([{ op, path, value: 5 }]),
  });
  const kustomization = {
    resources: [`../../overlays/${environment}`, 'more.yaml'],
    patches: [
      patch('Deployment', 'glyphoxa-mcp-gateway', 'replace', '/spec/replicas'),
      patch('Service', 'glyphoxa-gateway', 'add', '/spec/nonsense'),
    ],
  };
  writeFileSync(join(folder, 'kustomization.yaml'), writeYaml(kustomization));
  writeFileSync(
    join(folder, 'more.yaml'),
    [
      'apiVersion: nobody.example.com/v1\nkind: Thing\nmetadata: {name: thing}\n',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: number}\nstringData: {pin: 42424242}\n',
    ].join('---\n'),
  );
  const { exitCode, document } = await diff(deployment, 'clusters/eu');
  assert.equal(exitCode, 2);
  assert.deepEqual(document.findings.map(({ code }) => code).sort(), ['no-such-kind', 'refused', 'refused']);
  const number = document.findings.find(({ message }) => String(message).startsWith('secret/number'));
  assert.match(String(number?.message), /\.stringData\.pin: \w+ string\b/);
  assert.doesNotMatch(JSON.stringify(document), /42424242/);
  const changed = document.objects.find(({ object }) => object === 'deployment.apps/glyphoxa-mcp-gateway');
  assert.deepEqual(changed?.fields, [{ field: 'spec.replicas', change: 'changed', before: 2, after: 5 }]);
});

test('a cluster that cannot be reached is a failure', async (t) => {
  if (!requireCluster(t)) return;
  const deployment = await makeDeployment(t, await testCluster());
  const { exitCode, stdout, stderr } = await deployment.run('diff', environment, '--context=nowhere');
  assert.deepEqual({ exitCode, stdout }, { exitCode: 2, stdout: '' });
  assert.match(stderr, /no-context/);
});
