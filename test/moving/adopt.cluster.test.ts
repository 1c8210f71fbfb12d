/** On a real API server: a release of the old chart, its import, the adoption, and the way back. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { commandsIn } from '../../generator/model/command.ts';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { requireCluster, testCluster, waitFor } from '../support/cluster.ts';
import { filesIn } from '../support/folder.ts';
import { writeGlyphoxaChart } from '../support/glyphoxa-chart.ts';
import { type Deployment, makeDeployment } from '../support/lifecycle.ts';
import { requireTool, runTool } from '../support/tools.ts';
import { differencesOf, unexplained } from './helm-objects.ts';

const secrets = { admin: 'kMovedAdmin-7', dsn: 'postgres://u:kMovedPw-7@db.example/g' };

const values: JsonObject = {
  image: { tag: '0.1.0' },
  gateway: { adminKey: secrets.admin, replicaCount: 1, resources: { limits: { cpu: '2000m' } } },
  mcpGateway: { replicaCount: 1 },
  worker: { resourceProfile: 'whisper-native' },
  config: { data: { server: { log_level: 'debug' } } },
};

/** The pod templates and selectors of the Deployments. */
async function templates(of: Deployment): Promise<KubernetesObject[]> {
  const { items } = await of.request('GET', '/apis/apps/v1/deployments');
  return (items as KubernetesObject[]).map(({ metadata, spec }) => {
    const { template, selector } = spec as JsonObject;
    const name = metadata.name.replace(/^glyphoxa-/, '');
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { template, selector } as JsonObject,
    };
  });
}

async function rolledOut(of: Deployment): Promise<void> {
  await waitFor('pods that run', async () => {
    const { items } = await of.request('GET', '/apis/apps/v1/deployments');
    const all = items as KubernetesObject[];
    return (
      all.every(
        ({ spec, status }) =>
          isObject(spec) && isObject(status) && status.availableReplicas === spec.replicas,
      ) || undefined
    );
  });
}

for (const name of ['helm-3', 'helm-4'] as const)
  describe(`a release of the chart by ${name}`, () => {
    it('is imported, adopted without another change of its pods than the documented, and given back', async (t) => {
      const [path, kubectl] = [requireTool(t, name), requireTool(t, 'kubectl-1.36')];
      if (!requireCluster(t) || path === undefined || kubectl === undefined) return;
      const of = await makeDeployment(t, await testCluster(), { secret: false });
      // the chart's pods are not of the restricted level, which the namespaces of tests enforce
      const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
      await of.request('PATCH', '', { metadata: { labels } }, 'application/merge-patch+json');
      const chart = writeGlyphoxaChart(of.folder);
      writeFileSync(join(of.folder, 'values.yaml'), writeYaml(values));
      const set = `secrets.databaseDSN=${secrets.dsn}`;
      const helm = (...args: string[]) =>
        runTool(path, [...args, '-n', of.namespace], { env: of.env, cwd: of.folder });
      const installed = await helm('install', 'glyphoxa', chart, '-f', 'values.yaml', '--set', set);
      assert.equal(installed.exitCode, 0, installed.stderr);
      await rolledOut(of);
      const before = await templates(of);

      const shared = ['--release', 'glyphoxa', '--namespace', of.namespace, '--environment', 'test'];
      const files = await of.run('import', 'helm', 'values.yaml', '--set', set, ...shared, '--dir', 'moved');
      assert.equal(files.exitCode, 0, files.stderr);
      const record = await of.run(
        'import',
        'helm',
        '--from-release',
        'glyphoxa',
        ...shared.slice(2),
        '--dir',
        'record',
      );
      assert.equal(record.exitCode, 0, record.stderr);
      assert.deepEqual(filesIn(join(of.folder, 'record')), filesIn(join(of.folder, 'moved')));
      assert.match(record.stderr, /release glyphoxa:\d+:\d+: warning secret-not-copied: gateway\.adminKey/);

      const [next = ''] = commandsIn(files.stderr);
      assert.match(next, /^glyphoxa-kustomize apply test --adopt --dry-run/);
      const dry = await of.run(...next.split(' ').slice(1));
      assert.equal(dry.exitCode, 0, dry.stderr);
      assert.deepEqual(await templates(of), before);
      const done = await of.run('apply', 'test', '--adopt', '--dir', 'moved');
      assert.equal(done.exitCode, 0, done.stderr);
      const changed = differencesOf(before, await templates(of));
      assert.ok(changed.length > 0);
      assert.deepEqual(unexplained(changed, new Set()), []);
      const again = await of.run('apply', 'test', '--dir', 'moved');
      assert.equal(again.exitCode, 0, again.stderr);
      assert.doesNotMatch(again.stdout, /configured|created/);
      assert.match(
        (await of.run('import', 'helm', '--from-release', 'glyphoxa', ...shared.slice(2), '--dir', 'late'))
          .stderr,
        /taken over/,
      );

      const commands = [...done.stderr.matchAll(/^ +(kubectl .* label .*|helm rollback .*)$/gm)].map(
        ([, line = '']) => line,
      );
      assert.equal(commands.length, 2, done.stderr);
      for (const command of commands) {
        const ran = await inShell(
          of,
          { kubectl, helm: path },
          `${command}${/^helm/.test(command) && name === 'helm-4' ? ' --force-conflicts' : ''}`,
        );
        assert.equal(ran.exitCode, 0, ran.stderr);
      }
      assert.deepEqual(onlyOf(before, await templates(of)), before, 'what helm had is there again');
      for (const text of [
        ...filesIn(join(of.folder, 'moved')).values(),
        files.stderr,
        record.stderr,
        done.stderr,
        dry.stderr,
      ])
        for (const secret of Object.values(secrets)) assert.ok(!text.includes(secret));
      assert.ok(readFileSync(join(of.folder, 'moved/glyphoxa.yaml'), 'utf8').includes('name: glyphoxa'));
    });
  });

/** The fields of objects that others have: helm 3 leaves what was added to them meanwhile. */
function onlyOf(wanted: readonly KubernetesObject[], found: readonly KubernetesObject[]): Json {
  const pick = (want: Json, have: Json | undefined): Json => {
    if (isObject(want) && isObject(have))
      return Object.fromEntries(Object.entries(want).map(([key, value]) => [key, pick(value, have[key])]));
    if (Array.isArray(want) && Array.isArray(have) && want.every((item) => isObject(item) && 'name' in item))
      return want.map((item) =>
        pick(
          item,
          have.find((other) => isObject(other) && other.name === (item as JsonObject).name),
        ),
      );
    return have ?? null;
  };
  return wanted.map((want) =>
    pick(
      want as Json,
      found.find(({ metadata }) => metadata.name === want.metadata.name) as Json | undefined,
    ),
  );
}

/** Runs a printed command line as a person would. */
async function inShell(of: Deployment, tools: { [name: string]: string }, command: string) {
  const folder = mkdtempSync(join(of.folder, 'bin-'));
  for (const [name, file] of Object.entries(tools)) symlinkSync(file, join(folder, name));
  const PATH = [folder, of.env.PATH].join(delimiter);
  return runTool('/bin/sh', ['-c', command], { env: { ...of.env, PATH } });
}
