/**
 * `npm run bench`: what a build costs, side by side in one run. Whole processes are timed in turn (A B C A B
 * C …), so that a machine whose speed drifts slows all of them alike; ratios count, milliseconds drift.
 *
 *   npm run bench [-- RUNS]     RUNS of each process, 21 by default
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../generator/config/load.ts';
import { parseYaml, readYaml, writeYaml } from '../generator/model/yaml.ts';
import { generate } from '../generator/objects/generate.ts';
import { findTool } from '../test/support/find-tool.ts';
import { buildBinaries } from './release/binaries.ts';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const rounds = Number(process.argv[2] ?? 21);

/** The environment of every process: that variable slows each start of Node, and says nothing about us. */
const env = { ...process.env };
delete env.NODE_EXTRA_CA_CERTS;

const resource = `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata:
  name: glyphoxa
`;

interface Process {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly input?: string;
  readonly times: number[];
}

/** The rows of the table, with what they need on disk. */
function processes(work: string, binary: string): Process[] {
  const { config } = loadConfig(readYaml(resource, 'glyphoxa.yaml'));
  if (config === undefined) throw new Error('the resource of the benchmark is wrong');
  const objects = generate(config, new Map());
  const folder = (name: string, files: { [file: string]: string }): string => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(work, name, file)), { recursive: true });
      writeFileSync(path.join(work, name, file), text);
    }
    return path.join(work, name);
  };
  const plugin = folder('plugin', {
    'glyphoxa.yaml': resource,
    'kustomization.yaml': 'generators: [glyphoxa.yaml]\n',
  });
  const names = objects.map((_, index) => `object-${index}.yaml`);
  const files = Object.fromEntries(objects.map((object, index) => [names[index] ?? '', writeYaml(object)]));
  const plain = folder('plain', { ...files, 'kustomization.yaml': writeYaml({ resources: names }) });
  const list = { apiVersion: 'config.kubernetes.io/v1', kind: 'ResourceList', items: [] };
  const input = writeYaml({ ...list, functionConfig: parseYaml(resource)[0] ?? null });
  const rows: Omit<Process, 'times'>[] = [
    { name: 'node -e 0', command: process.execPath, args: ['-e', '0'], cwd: work },
    {
      name: 'function, classic plugin',
      command: path.join(root, 'generator/plugin/deploy.glyphoxa.io/v1alpha1/glyphoxa/Glyphoxa'),
      args: ['glyphoxa.yaml'],
      cwd: plugin,
    },
    {
      name: 'function, ResourceList',
      command: path.join(root, 'generator/bin/function'),
      args: [],
      cwd: plugin,
      input,
    },
    {
      name: 'glyphoxa-kustomize build',
      command: process.execPath,
      args: [path.join(root, 'generator/bin/glyphoxa-kustomize.js'), 'build'],
      cwd: plugin,
    },
    { name: 'one file, build', command: binary, args: ['build'], cwd: plugin },
    { name: 'one file, ResourceList', command: binary, args: ['fn'], cwd: plugin, input },
  ];
  const asPlugin = path.join(work, 'Glyphoxa');
  symlinkSync(binary, asPlugin);
  rows.push({ name: 'one file, classic plugin', command: asPlugin, args: ['glyphoxa.yaml'], cwd: plugin });
  const kubectl = findTool('kubectl-1.36');
  if (kubectl !== undefined) {
    rows.push({
      name: 'kubectl kustomize, plain files',
      command: kubectl,
      args: ['kustomize', '.'],
      cwd: plain,
    });
    rows.push({
      name: 'kubectl kustomize, with the plugin',
      command: kubectl,
      args: ['kustomize', '--enable-alpha-plugins', '.'],
      cwd: plugin,
    });
  }
  const helm = findTool('helm-4');
  if (helm !== undefined) {
    const templates = Object.fromEntries(
      objects.map((object, index) => [`templates/${names[index]}`, asTemplate(writeYaml(object))]),
    );
    const values = writeYaml({ release: 'glyphoxa', image: 'ghcr.io/mrwong99/glyphoxa:no-image-chosen' });
    const chart = folder('chart', {
      'Chart.yaml': 'apiVersion: v2\nname: glyphoxa\nversion: 0.1.0\n',
      'values.yaml': values,
      ...templates,
    });
    rows.push({
      name: 'helm template, as many objects',
      command: helm,
      args: ['template', 'glyphoxa', chart],
      cwd: work,
    });
  }
  return rows.map((row) => ({ ...row, times: [] }));
}

/** A Helm template that renders to the same object. */
function asTemplate(text: string): string {
  return text
    .replaceAll('{{', '{{ "{{" }}')
    .replaceAll('ghcr.io/mrwong99/glyphoxa:no-image-chosen', '{{ .Values.image }}')
    .replaceAll('glyphoxa-', '{{ .Values.release }}-');
}

function time({ command, args, cwd, input }: Process): number {
  const start = process.hrtime.bigint();
  const pluginHome = path.join(root, 'generator/plugin');
  const run = spawnSync(command, args, {
    cwd,
    input,
    env: { ...env, KUSTOMIZE_PLUGIN_HOME: pluginHome },
    maxBuffer: 2 ** 28,
  });
  const taken = Number(process.hrtime.bigint() - start) / 1e6;
  if (run.status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${run.stderr ?? run.error}`);
  return taken;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** What the one file promises beside others. */
const promises: readonly (readonly [one: string, other: string, most: string])[] = [
  ['one file, build', 'helm template, as many objects', '0.80'],
  ['one file, build', 'glyphoxa-kustomize build', '0.50'],
  ['one file, classic plugin', 'function, classic plugin', '1.00'],
  ['one file, ResourceList', 'function, ResourceList', '1.00'],
];

async function cold(): Promise<void> {
  const work = mkdtempSync(path.join(tmpdir(), 'glyphoxa-bench-'));
  try {
    const [binary = ''] = await buildBinaries(['linux-x64'], path.join(work, 'release'));
    const rows = processes(work, binary);
    for (const row of rows) time(row);
    for (let round = 0; round < rounds; round += 1) for (const row of rows) row.times.push(time(row));
    const base = rows[0]?.times ?? [];
    console.log(
      `Cold, whole processes: median of ${rounds} runs of each, in turn. Node ${process.version}, NODE_EXTRA_CA_CERTS unset.\n`,
    );
    console.log('| process | ms | × node -e 0 |');
    console.log('| --- | ---: | ---: |');
    for (const { name, times } of rows) {
      const ratio = median(times.map((taken, round) => taken / (base[round] ?? Number.NaN)));
      console.log(`| ${name} | ${median(times).toFixed(1)} | ${ratio.toFixed(2)} |`);
    }
    console.log('\n| one file beside | ratio | at most |');
    console.log('| --- | ---: | ---: |');
    for (const [one, other, most] of promises) {
      const [ours, theirs] = [one, other].map((wanted) => rows.find(({ name }) => name === wanted));
      if (ours === undefined || theirs === undefined) continue;
      const ratio = median(ours.times.map((taken, round) => taken / (theirs.times[round] ?? Number.NaN)));
      console.log(`| ${one}, beside ${other} | ${ratio.toFixed(2)} | ${most} |`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Renders resources one after the other, as a stream does, in a process of its own: peak memory is a process's. */
function warm(count: number): { ms: number; mib: number } {
  const script = path.join(root, 'scripts/bench-warm.mjs');
  const run = spawnSync(process.execPath, [script, String(count)], { cwd: root, env, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as { ms: number; mib: number };
}

await cold();
console.log('\nWarm, in one process: resources checked and rendered to objects, one after the other.\n');
console.log('| resources | ms | ms per 1,000 | peak MiB |');
console.log('| ---: | ---: | ---: | ---: |');
for (const count of [100, 1_000, 10_000]) {
  const { ms, mib } = warm(count);
  console.log(`| ${count} | ${ms.toFixed(0)} | ${((ms / count) * 1000).toFixed(0)} | ${mib.toFixed(0)} |`);
}
