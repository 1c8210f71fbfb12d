/** `apply --adopt`: what helm, zhi and kubectl created changes hands in place. */
import assert from 'node:assert/strict';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openClient } from '../../../generator/lifecycle/api/client.ts';
import { findCluster } from '../../../generator/lifecycle/api/kube-config.ts';
import { takeOverPatch } from '../../../generator/lifecycle/api/managers.ts';
import { apiPath, knownType } from '../../../generator/lifecycle/api/resources.ts';
import { applyObject } from '../../../generator/lifecycle/api/server-side-apply.ts';
import { comparable } from '../../../generator/lifecycle/changes/comparable.ts';
import { formatFieldPath } from '../../../generator/lifecycle/changes/field-path.ts';
import { diffFields } from '../../../generator/lifecycle/changes/fields.ts';
import { previewAdopted } from '../../../generator/lifecycle/changes/preview.ts';
import { takeOver } from '../../../generator/lifecycle/changes/take-over.ts';
import { isTaken } from '../../../generator/lifecycle/state/holders.ts';
import { isObject, type Json, type JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { requireCluster, testCluster, waitFor } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { type Deployment, makeDeployment, secretValues } from '../../support/lifecycle.ts';
import { objectsOf, uids, verbs, versions } from '../../support/live-objects.ts';
import {
  builtObjects,
  oldAdminKey,
  oldObjects,
  writeChart,
  writeManifests,
} from '../../support/old-chart.ts';
import { requireTool, runTool, type ToolName } from '../../support/tools.ts';

/** The uids of the ReplicaSets and pods of a Deployment. */
async function running(of: Deployment, component: string): Promise<Json[]> {
  const selector = `?labelSelector=app.kubernetes.io/component=${component}`;
  const lists = await Promise.all(
    ['/apis/apps/v1/replicasets', '/pods'].map((path) => of.request('GET', `${path}${selector}`)),
  );
  return (
    lists
      .flatMap(({ items }) => items as KubernetesObject[])
      // a pod that is on its way out is none that runs
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.uid as Json)
      .sort()
  );
}

/** Waits until every pod runs and the controllers have nothing more to write. */
async function rolledOut(of: Deployment): Promise<void> {
  let last = '';
  let since = Date.now();
  await waitFor('controllers that have nothing to do', async () => {
    const lists = await Promise.all(
      ['/apis/apps/v1/deployments', '/apis/apps/v1/replicasets', '/pods'].map((path) =>
        of.request('GET', path),
      ),
    );
    const [workloads = [], , pods = []] = lists.map(({ items }) => items as KubernetesObject[]);
    const now = JSON.stringify(lists.map(({ items }) => items));
    if (now !== last) [last, since] = [now, Date.now()];
    const isReady = workloads.every(({ spec, status }) => {
      const wanted = isObject(spec) ? spec.replicas : undefined;
      return isObject(status) && status.availableReplicas === wanted && status.replicas === wanted;
    });
    const isQuiet = Date.now() - since > 2_000 && pods.every(({ metadata }) => !metadata.deletionTimestamp);
    return (isReady && isQuiet) || undefined;
  });
}

function noSecretIn(...texts: string[]): void {
  for (const value of [...Object.values(secretValues), oldAdminKey])
    assert.ok(!texts.join('').includes(value), 'a secret was shown');
}

function managersIn(objects: ReadonlyMap<string, KubernetesObject>): string[] {
  const entries = [...objects.values()].flatMap(
    ({ metadata }) => metadata.managedFields as { manager: string }[],
  );
  return [...new Set(entries.map(({ manager }) => manager))].sort();
}

/** A deployment whose objects helm installed. */
async function installed(t: TestContext, helm: string, variables: { [name: string]: string } = {}) {
  const of = await makeDeployment(t, await testCluster(), { secret: false });
  const env = { ...of.env, ...variables };
  const chart = writeChart(of, oldObjects(await builtObjects(of), 'Helm'));
  const run = (...args: string[]) => runTool(helm, [...args, '-n', of.namespace], { env, cwd: of.folder });
  const install = await run('install', 'glyphoxa', chart);
  assert.equal(install.exitCode, 0, install.stderr);
  return { of, chart, helm: run };
}

/** Runs a printed command line as a person would, in a shell that knows no cluster. */
async function inShell(of: Deployment, tools: { [name: string]: string }, command: string) {
  const folder = mkdtempSync(join(of.folder, 'bin-'));
  for (const [name, file] of Object.entries(tools)) symlinkSync(file, join(folder, name));
  const { KUBECONFIG: _, ...env } = of.env;
  const PATH = [folder, of.env.PATH].join(delimiter);
  return runTool('/bin/sh', ['-c', command], { env: { ...env, PATH } });
}

for (const name of ['helm-3', 'helm-4'] as const satisfies ToolName[]) {
  describe(`a release of ${name}`, () => {
    it('is refused, then adopted in place; helm cannot delete it, and has it back by the printed commands', async (t) => {
      const [path, kubectl] = [requireTool(t, name), requireTool(t, 'kubectl-1.36')];
      if (!requireCluster(t) || path === undefined || kubectl === undefined) return;
      const { of, chart, helm } = await installed(t, path);
      assert.equal((await helm('upgrade', 'glyphoxa', chart)).exitCode, 0);
      await rolledOut(of);
      const cluster = ['--kubeconfig', of.cluster.kubeconfig, '--context', 'test'];
      const before = await objectsOf(of);
      const [gateway, mcp] = [await running(of, 'gateway'), await running(of, 'mcp-gateway')];
      assert.equal(mcp.length, 3);

      const refused = await of.run('apply', 'test');
      assert.equal(refused.exitCode, 1);
      assert.match(
        refused.stderr,
        new RegExp(
          `error helm-release: .* and \\d+ more belong to the Helm release glyphoxa in ${of.namespace}`,
        ),
      );
      assert.match(refused.stderr, /--adopt/);
      assert.doesNotMatch(refused.stderr, /error (conflict|refused)/);
      const dry = await of.run('apply', 'test', '--adopt', '--dry-run', '-o', 'json', ...cluster);
      assert.equal(dry.exitCode, 0, dry.stdout);
      assert.deepEqual(versions(await objectsOf(of)), versions(before), 'nothing was touched');
      assert.match((await helm('list')).stdout, /glyphoxa/);

      const done = await of.run('apply', 'test', '--adopt', '-o', 'json', ...cluster);
      assert.equal(done.exitCode, 0, done.stdout);
      const after = await objectsOf(of);
      const told = events(dry.stdout);
      assert.deepEqual(
        events(done.stdout).filter(({ goes }) => goes),
        told.filter(({ goes }) => goes),
        'the dry run says the same',
      );
      for (const [key, object] of after) {
        const old = before.get(key);
        if (old === undefined || !isAdopted(object)) continue;
        const line = told.find(({ goes, object: id }) => goes && key === id);
        assert.deepEqual([...(line?.goes ?? [])].sort(), gone(old, object), key);
      }
      const goes = told.find(
        ({ object, goes: fields }) => fields && object === 'deployment.apps/glyphoxa-gateway',
      );
      const container = 'spec.template.spec.containers[gateway]';
      for (const field of [`${container}.env[OLD_SETTING]`, `${container}.ports[6060/TCP]`])
        assert.ok(goes?.goes?.includes(field), field);
      assert.equal(goes?.restarts, true);
      const other = told.find(
        ({ object, goes: fields }) => fields && object === 'deployment.apps/glyphoxa-mcp-gateway',
      );
      assert.equal(other?.restarts, false);

      const kept = Object.entries(uids(before));
      const now = uids(after);
      for (const [key, uid] of kept) assert.equal(now[key], uid, key);
      assert.deepEqual(await running(of, 'mcp-gateway'), mcp, 'what did not change did not restart');
      assert.notDeepEqual(await running(of, 'gateway'), gateway);
      const ours = new Map([...after].filter(([, object]) => isAdopted(object)));
      assert.equal(ours.size, kept.length - 2);
      assert.ok(!managersIn(ours).includes('helm'));
      assert.doesNotMatch(JSON.stringify([...ours.values()]), /helm\.sh|OLD_SETTING|:6060/);

      const second = await of.run('apply', 'test');
      assert.equal(second.exitCode, 0, second.stderr);
      assert.deepEqual(new Set(Object.values(verbs(second.stdout))), new Set(['unchanged']));
      assert.deepEqual(versions(await objectsOf(of)), {
        ...versions(after),
        ...statuses(after, await objectsOf(of)),
      });

      assert.doesNotMatch((await helm('list', '-a')).stdout, /glyphoxa/);
      const uninstall = await helm('uninstall', 'glyphoxa');
      assert.notEqual(uninstall.exitCode, 0);
      assert.match(uninstall.stderr, /not found/);
      assert.notEqual((await helm('upgrade', '--install', 'glyphoxa', chart)).exitCode, 0);
      assert.deepEqual(uids(await objectsOf(of)), now);

      const left = told.find(({ left: objects }) => objects)?.left;
      assert.deepEqual([...(left ?? [])].sort(), [
        'secret/glyphoxa-secrets',
        'statefulset.apps/glyphoxa-postgresql',
      ]);
      const [unpark = '', rollback = ''] = told.flatMap(({ command }) => command ?? []);
      const tools = { kubectl, helm: path };
      const undo = await inShell(of, tools, unpark);
      assert.equal(undo.exitCode, 0, undo.stderr);
      assert.match((await helm('list')).stdout, /glyphoxa/);
      assert.match(rollback, /^helm rollback glyphoxa 2 /);
      const force = name === 'helm-4' ? ' --force-conflicts' : '';
      const back = await inShell(of, tools, `${rollback}${force}`);
      assert.equal(back.exitCode, 0, back.stderr);
      const { spec } = await of.request('GET', '/apis/apps/v1/deployments/glyphoxa-gateway');
      assert.match(JSON.stringify(spec), /OLD_SETTING/);
      const again = await of.run('apply', 'test');
      assert.match(again.stderr, /error helm-release/);
      const anew = await of.run('apply', 'test', '--adopt', '--no-wait');
      assert.equal(anew.exitCode, 0, anew.stderr);
      assert.match(anew.stderr, /helm rollback glyphoxa 3 /);
      assert.notEqual((await helm('uninstall', 'glyphoxa')).exitCode, 0);
      assert.doesNotMatch(JSON.stringify(await of.request('GET', '/services/glyphoxa-gateway')), /helm|6060/);
      noSecretIn(refused.stderr, refused.stdout, dry.stdout, done.stdout, second.stderr);
    });
  });
}

interface Event {
  readonly type: string;
  readonly object?: string;
  readonly goes?: readonly string[];
  readonly restarts?: boolean;
  readonly left?: readonly string[];
  readonly command?: string;
}

function events(stdout: string): Event[] {
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
  return lines.map(({ time: _, ...event }) => event as never as Event);
}

function isAdopted({ metadata }: KubernetesObject): boolean {
  return (
    JSON.stringify(metadata.managedFields).includes('"glyphoxa-kustomize"') &&
    !/inventory$/.test(metadata.name)
  );
}

/** The fields that really went. */
function gone(before: KubernetesObject, after: KubernetesObject): string[] {
  return diffFields(comparable(before), comparable(after))
    .filter((difference) => difference.before !== undefined && difference.after === undefined)
    .flatMap(({ path, before: value }) =>
      path.at(-1) === 'annotations' && isObject(value)
        ? Object.keys(value).map((name) => [...path, name])
        : [path],
    )
    .map(formatFieldPath)
    .sort();
}

/** Deployments change by themselves while they roll out. */
function statuses(...[, now]: ReadonlyMap<string, KubernetesObject>[]): object {
  return Object.fromEntries(
    Object.entries(versions(now as Map<string, KubernetesObject>)).filter(([key]) =>
      /^(deployment|statefulset)/.test(key),
    ),
  );
}

/** A deployment whose objects `kubectl apply` made. */
async function applied(t: TestContext, kubectl: string, flags: readonly string[], spec: JsonObject = {}) {
  const of = await makeDeployment(t, await testCluster(), { secret: false, spec });
  const objects = await builtObjects(of);
  const isServerSide = flags.includes('--server-side');
  const file = writeManifests(of, isServerSide ? objects : oldObjects(objects, 'zhi'));
  if (isServerSide)
    await of.request('POST', '/secrets', {
      metadata: { name: 'glyphoxa-secrets' },
      stringData: secretValues,
    });
  // kubectl calls itself by the name of its file
  const program = join(of.folder, 'kubectl');
  symlinkSync(kubectl, program);
  const run = (...args: string[]) =>
    runTool(program, [...args, '-n', of.namespace], { env: of.env, cwd: of.folder });
  const done = await run('apply', '-f', file, ...flags);
  assert.equal(done.exitCode, 0, done.stderr);
  return { of, file, kubectl: run };
}

async function found(of: Deployment): Promise<string[]> {
  const { data } = await of.request('GET', '/configmaps/glyphoxa-inventory');
  return JSON.parse(String((data as JsonObject | undefined)?.found ?? '[]')) as string[];
}

const deployments = '/apis/apps/v1/deployments';

describe('a deployment of zhi', () => {
  it('is refused, then adopted in place, and is ours to prune', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (!requireCluster(t) || kubectl === undefined) return;
    const { of } = await applied(t, kubectl, []);
    await rolledOut(of);
    const before = await objectsOf(of);
    const mcp = await running(of, 'mcp-gateway');
    const refused = await of.run('apply', 'test');
    assert.equal(refused.exitCode, 1);
    tells(refused.stderr, 'error client-side-apply', 'kubectl');
    assert.match(refused.stderr, /goes: .*env\[GLYPHOXA_ADMIN_KEY\]\.value/);
    assert.doesNotMatch(refused.stderr, /error (conflict|refused)/);
    assert.deepEqual(versions(await objectsOf(of)), versions(before), 'nothing was touched');
    const adopted = await of.run('apply', 'test', '--adopt');
    assert.equal(adopted.exitCode, 0, adopted.stderr);
    noSecretIn(refused.stderr, refused.stdout, adopted.stderr, adopted.stdout);
    const after = await objectsOf(of);
    const ours = new Map([...after].filter(([, object]) => isAdopted(object)));
    assert.doesNotMatch(JSON.stringify([...ours.values()]), /last-applied|client-side-apply|OLD_SETTING/);
    for (const [key, uid] of Object.entries(uids(before))) assert.equal(uids(after)[key], uid, key);
    assert.deepEqual(await running(of, 'mcp-gateway'), mcp);
    assert.deepEqual(await found(of), []);
    const second = await of.run('apply', 'test', '--adopt');
    assert.deepEqual(new Set(Object.values(verbs(second.stdout))), new Set(['unchanged']));
    await of.configure({ mcpGateway: { enabled: false } });
    const pruned = await of.run('apply', 'test');
    assert.equal(pruned.exitCode, 0, pruned.stderr);
    assert.equal(verbs(pruned.stdout)['deployment.apps/glyphoxa-mcp-gateway'], 'pruned');
    assert.ok((await objectsOf(of)).has('statefulset.apps/glyphoxa-postgresql'));
  });

  it('keeps the running replicas where the environment leaves them to a scaler', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (!requireCluster(t) || kubectl === undefined) return;
    const { of } = await applied(t, kubectl, [], { gateway: { replicaCount: 4 } });
    await of.configure({ autoscaling: { enabled: true, minReplicas: 2 } });
    const adopted = await of.run('apply', 'test', '--adopt', '--no-wait');
    assert.equal(adopted.exitCode, 0, adopted.stderr);
    assert.doesNotMatch(adopted.stderr, /replicas/);
    const { spec, metadata } = await of.request('GET', `${deployments}/glyphoxa-gateway`);
    assert.equal((spec as JsonObject).replicas, 4);
    // by now it has been there: a number that was lost and found again would show as a generation
    assert.ok(Number((metadata as JsonObject).generation) <= 2);
  });

  it('is not taken from others: what they have set otherwise is a conflict, what they added stays', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (!requireCluster(t) || kubectl === undefined) return;
    const { of, kubectl: run } = await applied(t, kubectl, []);
    assert.equal((await run('rollout', 'restart', 'deployment/glyphoxa-mcp-gateway')).exitCode, 0);
    await rolledOut(of);
    const mcp = await running(of, 'mcp-gateway');
    const path = `${deployments}/glyphoxa-mcp-gateway?fieldManager=argocd-controller`;
    const patch = { spec: { progressDeadlineSeconds: 700, minReadySeconds: 1, revisionHistoryLimit: 3 } };
    await of.request('PATCH', path, patch, 'application/strategic-merge-patch+json');
    assert.equal((await run('scale', 'deployment/glyphoxa-gateway', '--replicas=5')).exitCode, 0);
    const refused = await of.run('apply', 'test', '--adopt');
    assert.equal(refused.exitCode, 1);
    tells(refused.stderr, 'error conflict', 'deployment.apps/glyphoxa-gateway', 'kubectl', '.spec.replicas');
    assert.equal((refused.stderr.match(/error /g) ?? []).length, 1, refused.stderr);
    const forced = await of.run('apply', 'test', '--adopt', '--force-conflicts');
    assert.equal(forced.exitCode, 0, forced.stderr);
    const { spec } = await of.request('GET', `${deployments}/glyphoxa-mcp-gateway`);
    assert.equal((spec as JsonObject).revisionHistoryLimit, 3);
    assert.match(JSON.stringify(spec), /restartedAt/);
    assert.deepEqual(await running(of, 'mcp-gateway'), mcp, 'no pod restarted');
  });
});

describe('a release of a program that helm is built into', () => {
  it('is recognised by the marks of its objects, and adopted', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), { spec: { mcpGateway: { enabled: false } } });
    const annotations = {
      'meta.helm.sh/release-name': 'glyphoxa',
      'meta.helm.sh/release-namespace': of.namespace,
    };
    for (const object of oldObjects(await builtObjects(of), 'Helm')) {
      if (!['ConfigMap', 'Service'].includes(object.kind)) continue;
      const path = `/${object.kind.toLowerCase()}s?fieldManager=terraform-provider-helm_v2.12.1`;
      await of.request('POST', path, { ...object, metadata: { ...object.metadata, annotations } });
    }
    const refused = await of.run('apply', 'test', '--no-wait');
    assert.equal(refused.exitCode, 1);
    tells(refused.stderr, 'error helm-release', 'glyphoxa');
    const adopted = await of.run('apply', 'test', '--adopt', '--no-wait');
    assert.equal(adopted.exitCode, 0, adopted.stderr);
    assert.match(adopted.stderr, /warning helm-no-record/);
    const ours = await objectsOf(of);
    ours.delete('secret/glyphoxa-secrets');
    assert.ok(!managersIn(ours).includes('terraform-provider-helm_v2.12.1'));
    assert.doesNotMatch(JSON.stringify([...ours.values()]), /helm\.sh|:6060/);
    const second = await of.run('apply', 'test', '--no-wait');
    assert.deepEqual(new Set(Object.values(verbs(second.stdout))), new Set(['unchanged']));
  });
});

describe('the preview of an adoption', () => {
  /** A Deployment without pods whose variables have this order; in `zy` are those that an injector adds. */
  const orders: readonly (readonly [there: string, injected: string, wanted: string])[] = [
    ['abc', '', 'abc'],
    ['cba', 'z', 'abc'],
    ['xabcw', 'zy', 'cb'],
    ['axbc', 'z', 'cab'],
    ['xw', 'z', 'ab'],
    ['abcd', 'zy', 'dxba'],
  ];
  const variables = (names: string) => names.split('').map((name) => ({ name, value: name }));

  function deployment(env: Json[], more: JsonObject = {}): KubernetesObject {
    const labels = { app: 'preview' };
    const container = { name: 'main', image: 'example.org/main:1', env, ...more };
    const spec = {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    };
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'preview' }, spec };
  }

  it('is what comes, in the order in which it comes', async (t) => {
    if (!requireCluster(t)) return;
    const cluster = await testCluster();
    const of = await makeDeployment(t, cluster);
    const access = findCluster({ env: of.env, cwd: of.folder });
    const events = { lost: () => {}, back: () => {}, warning: () => {} };
    const client = openClient(access, events, { signal: new AbortController().signal });
    const type = knownType('apps/v1', 'Deployment');
    const place = { namespace: of.namespace };
    for (const [there, injected, wanted] of orders) {
      const name = [there, injected, wanted].join('-').replaceAll('--', '-');
      const put = (object: KubernetesObject) => ({
        ...object,
        metadata: { ...object.metadata, ...place, name },
      });
      const old = deployment(variables(there), { args: ['old'], livenessProbe: { tcpSocket: { port: 1 } } });
      await of.request('POST', `${deployments}?fieldManager=kubectl-client-side-apply`, put(old));
      const sidecar = deployment(variables(injected));
      if (injected !== '')
        await applyObject(client, type, put(sidecar), { manager: 'injector', force: true });
      const ours = put(deployment(variables(wanted), { args: ['new'], command: ['run'] }));
      const live = (await client.get(apiPath(type, of.namespace, name))) as KubernetesObject;
      const preview = await previewAdopted(client, type, live, ours);
      await takeOver(client, type, live);
      const after = await applyObject(client, type, ours, { force: true });
      assert.deepEqual(preview.spec, after.spec, name);
      assert.doesNotMatch(JSON.stringify(after.spec), /livenessProbe|"old"/);
    }
    client.close();
  });
});

describe('a deployment of kubectl apply --server-side', () => {
  it('is applied with a warning and not ours to delete, until it is adopted', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (!requireCluster(t) || kubectl === undefined) return;
    const { of } = await applied(t, kubectl, ['--server-side']);
    const first = await of.run('apply', 'test');
    assert.equal(first.exitCode, 0, first.stderr);
    tells(first.stderr, 'warning kubectl-apply', 'kubectl');
    assert.ok((await found(of)).includes(`Deployment.apps/${of.namespace}/glyphoxa-gateway`));
    const adopted = await of.run('apply', 'test', '--adopt');
    assert.equal(adopted.exitCode, 0, adopted.stderr);
    assert.deepEqual(await found(of), []);
    await of.configure({ mcpGateway: { enabled: false } });
    const pruned = await of.run('apply', 'test');
    assert.equal(verbs(pruned.stdout)['deployment.apps/glyphoxa-mcp-gateway'], 'pruned');
  });
});

describe('an adoption that was cut off', () => {
  it('goes on, wherever it was; never does helm see a release with an object of ours', async (t) => {
    const path = requireTool(t, 'helm-4');
    if (!requireCluster(t) || path === undefined) return;
    const { of, helm } = await installed(t, path);
    const before = await objectsOf(of);
    // what helm would delete, looked at all the time
    let isOver = false;
    // also where the test fails
    t.after(() => {
      isOver = true;
    });
    const exposed: string[] = [];
    const watch = (async () => {
      while (!isOver) {
        const ours = [...(await objectsOf(of)).values()].some(isAdopted);
        const { items } = await of.request('GET', '/secrets?labelSelector=owner=helm');
        if (ours && (items as Json[]).length > 0) exposed.push(new Date().toISOString());
      }
    })();
    for (const cut of [/"command":/, /"verb":"adopted"/]) {
      const { child, ended } = of.spawn('apply', 'test', '--adopt', '--no-wait', '-o', 'json');
      child.stdout?.on('data', (text: string) => {
        if (cut.test(text)) child.kill('SIGKILL');
      });
      assert.equal((await ended).code, null, 'it was killed');
      // as it is after the seconds that a killed run keeps it
      await of.request('DELETE', '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle').catch(() => {});
    }
    isOver = true;
    await watch;
    assert.deepEqual(exposed, []);
    const done = await of.run('apply', 'test', '--adopt', '--no-wait');
    assert.equal(done.exitCode, 0, done.stderr);
    const after = await objectsOf(of);
    for (const [key, uid] of Object.entries(uids(before))) assert.equal(uids(after)[key], uid, key);
    const ours = new Map([...after].filter(([, object]) => isAdopted(object)));
    assert.equal(ours.size, before.size - 2);
    assert.doesNotMatch(JSON.stringify([...ours.values()]), /helm\.sh|OLD_SETTING/);
    assert.deepEqual(await found(of), []);
    assert.notEqual((await helm('uninstall', 'glyphoxa')).exitCode, 0);
    const second = await of.run('apply', 'test', '--no-wait');
    assert.deepEqual(new Set(Object.values(verbs(second.stdout))), new Set(['unchanged']));
  });

  it('goes on from a parked release and a part of its objects, also with records in ConfigMaps', async (t) => {
    const [path, kubectl] = [requireTool(t, 'helm-3'), requireTool(t, 'kubectl-1.36')];
    if (!requireCluster(t) || path === undefined || kubectl === undefined) return;
    const { of, helm } = await installed(t, path, { HELM_DRIVER: 'configmap' });
    const park = [
      'label',
      'configmap',
      '-n',
      of.namespace,
      '-l',
      'owner=helm',
      'owner=parked-by-glyphoxa-kustomize',
      '--overwrite',
    ];
    assert.equal((await runTool(kubectl, park, { env: of.env })).exitCode, 0);
    const service = (await of.request('GET', '/services/glyphoxa-gateway')) as KubernetesObject;
    const patch = takeOverPatch(service, isTaken) as Json;
    await of.request('PATCH', '/services/glyphoxa-gateway', patch, 'application/json-patch+json');
    const refused = await of.run('apply', 'test');
    assert.match(refused.stderr, /error helm-release/);
    assert.match(refused.stderr, / parked /);
    assert.notEqual((await helm('uninstall', 'glyphoxa')).exitCode, 0);
    const done = await of.run('apply', 'test', '--adopt', '--no-wait');
    assert.equal(done.exitCode, 0, done.stderr);
    assert.deepEqual(await found(of), []);
    assert.doesNotMatch(JSON.stringify(await of.request('GET', '/services/glyphoxa-gateway')), /helm|6060/);
    const destroyed = await of.run('destroy', 'test', '--dry-run');
    assert.match(destroyed.stderr, /"kubectl \S+ -n \S+ delete configmap -l name=glyphoxa,owner=parked/);
    const [command = ''] = /kubectl .* owner=helm --overwrite/.exec(done.stderr) ?? [];
    assert.equal((await inShell(of, { kubectl }, `KUBECONFIG=${of.env.KUBECONFIG} ${command}`)).exitCode, 0);
    assert.match((await helm('list')).stdout, /glyphoxa/);
  });
});
