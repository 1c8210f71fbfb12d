/** `apply --adopt`: what helm, zhi and kubectl created changes hands in place. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { knownType, shortName } from '../../generator/cluster/api/resources.ts';
import { comparable } from '../../generator/cluster/diff/comparable.ts';
import { formatFieldPath } from '../../generator/cluster/diff/field-path.ts';
import { diffFields } from '../../generator/cluster/diff/fields.ts';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { requireCluster, testCluster, waitFor } from '../support/cluster.ts';
import { type Deployment, makeDeployment, secretValues } from '../support/lifecycle.ts';
import { builtObjects, oldAdminKey, oldObjects, writeChart, writeManifests } from '../support/old-chart.ts';
import { requireTool, runTool, type ToolName } from '../support/tools.ts';

const resources = {
  v1: 'ServiceAccount ConfigMap Secret Service',
  'apps/v1': 'Deployment StatefulSet',
  'rbac.authorization.k8s.io/v1': 'Role RoleBinding',
  'networking.k8s.io/v1': 'NetworkPolicy',
  'policy/v1': 'PodDisruptionBudget',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
};

/** Everything of a deployment in its namespace, by kind and name. */
async function everything(of: Deployment): Promise<Map<string, KubernetesObject>> {
  const types = Object.entries(resources).flatMap(([version, kinds]) =>
    kinds.split(' ').map((kind) => knownType(version, kind)),
  );
  const lists = await Promise.all(
    types.map(async ({ group, version, kind, plural }) => {
      const path = group === '' ? `/${plural}` : `/apis/${group}/${version}/${plural}`;
      const apiVersion = group === '' ? version : `${group}/${version}`;
      const { items } = await of.request('GET', path);
      return (items as KubernetesObject[]).map((item) => ({ ...item, apiVersion, kind }));
    }),
  );
  const own = lists.flat().filter(({ metadata }) => /^glyphoxa-/.test(metadata.name));
  return new Map(own.map((object) => [shortName(object), object]));
}

function versions(objects: ReadonlyMap<string, KubernetesObject>): { [key: string]: Json | undefined } {
  return Object.fromEntries([...objects].map(([key, { metadata }]) => [key, metadata.resourceVersion]));
}

function uids(objects: ReadonlyMap<string, KubernetesObject>): { [key: string]: Json | undefined } {
  return Object.fromEntries([...objects].map(([key, { metadata }]) => [key, metadata.uid]));
}

/** The uids of the ReplicaSets and pods of a Deployment. */
async function running(of: Deployment, component: string): Promise<Json[]> {
  const selector = `?labelSelector=app.kubernetes.io/component=${component}`;
  const lists = await Promise.all(
    ['/apis/apps/v1/replicasets', '/pods'].map((path) => of.request('GET', `${path}${selector}`)),
  );
  return lists
    .flatMap(({ items }) => (items as KubernetesObject[]).map(({ metadata }) => metadata.uid as Json))
    .sort();
}

async function rolledOut(of: Deployment): Promise<void> {
  await waitFor('the old pods', async () => {
    const { items } = await of.request('GET', '/apis/apps/v1/deployments');
    const all = items as { spec: { replicas: number }; status: { availableReplicas?: number } }[];
    return all.every(({ spec, status }) => status.availableReplicas === spec.replicas) || undefined;
  });
}

function verbs(stdout: string): { [object: string]: string } {
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
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
async function installed(t: TestContext, helm: string, spec: JsonObject = {}) {
  const of = await makeDeployment(t, await testCluster(), { secret: false, spec });
  const chart = writeChart(of, oldObjects(await builtObjects(of), 'Helm'));
  const run = (...args: string[]) =>
    runTool(helm, [...args, '-n', of.namespace], { env: of.env, cwd: of.folder });
  const install = await run('install', 'glyphoxa', chart);
  assert.equal(install.exitCode, 0, install.stderr);
  return { of, chart, helm: run };
}

/** Runs a printed command line as a person would, in a shell. */
async function inShell(of: Deployment, kubectl: string, command: string) {
  const bin = join(of.folder, 'bin');
  try {
    symlinkSync(kubectl, join(of.folder, 'kubectl'));
  } catch {
    // from an earlier command
  }
  const PATH = [of.folder, bin, of.env.PATH].join(delimiter);
  return runTool('/bin/sh', ['-c', command], { env: { ...of.env, PATH } });
}

for (const name of ['helm-3', 'helm-4'] as const satisfies ToolName[]) {
  describe(`a release of ${name}`, () => {
    it('is refused, then adopted in place; helm cannot delete it, and has it back by the printed command', async (t) => {
      const [path, kubectl] = [requireTool(t, name), requireTool(t, 'kubectl-1.36')];
      if (!requireCluster(t) || path === undefined || kubectl === undefined) return;
      const { of, chart, helm } = await installed(t, path);
      await rolledOut(of);
      const before = await everything(of);
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
      const dry = await of.run('apply', 'test', '--adopt', '--dry-run', '-o', 'json');
      assert.equal(dry.exitCode, 0, dry.stdout);
      assert.deepEqual(versions(await everything(of)), versions(before), 'nothing was touched');
      assert.match((await helm('list')).stdout, /glyphoxa/);

      const done = await of.run('apply', 'test', '--adopt', '-o', 'json');
      assert.equal(done.exitCode, 0, done.stdout);
      const after = await everything(of);
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
      for (const field of [
        `${container}.env[OLD_SETTING]`,
        `${container}.env[GLYPHOXA_ADMIN_KEY].value`,
        `${container}.ports[6060/TCP]`,
      ])
        assert.ok(goes?.goes?.includes(field), field);
      assert.equal(goes?.restarts, true);

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
      assert.deepEqual(versions(await everything(of)), {
        ...versions(after),
        ...statuses(after, await everything(of)),
      });

      assert.doesNotMatch((await helm('list', '-a')).stdout, /glyphoxa/);
      const uninstall = await helm('uninstall', 'glyphoxa');
      assert.notEqual(uninstall.exitCode, 0);
      assert.match(uninstall.stderr, /not found/);
      assert.notEqual((await helm('upgrade', '--install', 'glyphoxa', chart)).exitCode, 0);
      assert.deepEqual(uids(await everything(of)), now);

      const left = told.find(({ left: objects }) => objects)?.left;
      assert.deepEqual([...(left ?? [])].sort(), [
        'secret/glyphoxa-secrets',
        'statefulset.apps/glyphoxa-postgresql',
      ]);
      const command = told.find(({ command: line }) => line)?.command as string;
      const undo = await inShell(of, kubectl, command);
      assert.equal(undo.exitCode, 0, undo.stderr);
      assert.match((await helm('list')).stdout, /glyphoxa/);
      const rollback = await helm('rollback', 'glyphoxa', '1');
      assert.equal(rollback.exitCode, 0, rollback.stderr);
      const { spec } = await of.request('GET', '/apis/apps/v1/deployments/glyphoxa-gateway');
      assert.match(JSON.stringify(spec), /OLD_SETTING/);
      const again = await of.run('apply', 'test');
      assert.match(again.stderr, /error helm-release/);
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

void writeManifests;
