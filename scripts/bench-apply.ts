/**
 * `npm run bench:apply`: what the apply step of a deployment that has not changed costs beside
 * `kubectl apply --server-side` of the same objects: whole processes, in turn, on a real API server. The step is
 * what `apply` does without building, checking the cluster and waiting; reading the objects that are there and
 * looking for what to prune is part of it.
 *
 *   npm run bench:apply [-- RUNS]     RUNS of each process, 31 by default
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadConfig } from '../generator/config/load.ts';
import { readYaml, writeYaml } from '../generator/model/yaml.ts';
import { generate } from '../generator/objects/generate.ts';
import { clientOf } from '../test/support/control-plane/client.ts';
import { allComponents, startControlPlane } from '../test/support/control-plane.ts';
import { findTool } from '../test/support/find-tool.ts';
import { yamlModules } from './bundles.ts';
import { kubeConfigApart, requireBanner } from './kube-config.ts';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const rounds = Number(process.argv[2] ?? 31);
const namespaces = { ours: 'bench-ours', theirs: 'bench-theirs' };

/** The default deployment in a namespace. */
function objectsFor(namespace: string) {
  const resource = {
    apiVersion: 'deploy.glyphoxa.io/v1alpha1',
    kind: 'Glyphoxa',
    metadata: { name: 'glyphoxa', namespace },
  };
  const { config } = loadConfig(readYaml(writeYaml(resource), 'glyphoxa.yaml'));
  if (config === undefined) throw new Error('the resource of the benchmark is wrong');
  const items = generate(config, new Map());
  return { apiVersion: 'v1', kind: 'List', items };
}

async function bundle(folder: string): Promise<string> {
  const file = path.join(folder, 'step.mjs');
  await build({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: requireBanner,
    alias: yamlModules,
    entryPoints: ['scripts/bench-apply-step.ts'],
    outfile: file,
    plugins: [kubeConfigApart(path.join(root, 'dist'))],
    logLevel: 'warning',
  });
  return file;
}

function time(command: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  const start = process.hrtime.bigint();
  const run = spawnSync(command, args, { env, encoding: 'utf8' });
  const taken = Number(process.hrtime.bigint() - start) / 1e6;
  if (run.status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${run.stderr}`);
  return taken;
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const kubectl = findTool('kubectl-1.36');
if (kubectl === undefined)
  throw new Error('missing tool kubectl-1.36 (get it: node scripts/tools.mjs kubectl-1.36)');
const shared = process.env.GLYPHOXA_TEST_CLUSTER;
const own = shared ? undefined : await startControlPlane({ components: allComponents });
const access = own ?? JSON.parse(readFileSync(shared ?? '', 'utf8'));
const cluster = {
  kubeconfig: access.kubeconfig as string,
  request: own?.request ?? clientOf(access).request,
};
const work = mkdtempSync(path.join(tmpdir(), 'glyphoxa-bench-'));
try {
  const env: NodeJS.ProcessEnv = { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: work };
  delete env.NODE_EXTRA_CA_CERTS;
  for (const [side, name] of Object.entries(namespaces)) {
    await cluster.request('POST', '/api/v1/namespaces', { metadata: { name } });
    writeFileSync(path.join(work, `${side}.json`), JSON.stringify(objectsFor(name)));
  }
  const ours = [await bundle(work), path.join(work, 'ours.json')];
  const theirs = ['apply', '--server-side', '-f', path.join(work, 'theirs.json')];
  const run = () => [time(process.execPath, ours, env), time(kubectl, theirs, env)] as const;
  // the first runs create the objects, and their pods start
  for (let warm = 0; warm < 3; warm++) run();
  const times = Array.from({ length: rounds }, run);
  const ratio = median(times.map(([a, b]) => a / b));
  console.log(
    `Whole processes, median of ${rounds} runs of each in turn, ${objectsFor('x').items.length} objects that have not changed.\n`,
  );
  console.log('| process | ms |\n| --- | ---: |');
  console.log(`| the apply step of glyphoxa-kustomize | ${median(times.map(([a]) => a)).toFixed(0)} |`);
  console.log(`| kubectl apply --server-side | ${median(times.map(([, b]) => b)).toFixed(0)} |`);
  console.log(`\nratio, median of pairs: ${ratio.toFixed(2)}`);
} finally {
  for (const name of Object.values(namespaces))
    await cluster.request('DELETE', `/api/v1/namespaces/${name}`).catch(() => undefined);
  await own?.stop();
  rmSync(work, { recursive: true, force: true });
}
