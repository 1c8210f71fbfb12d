/**
 * `npm run bench:fleet`: what a fleet costs, side by side with a loop of `helm template`, in one run.
 *
 *   npm run bench:fleet [-- TENANTS [ROUNDS]]     1,000 tenants and 5 rounds by default
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../generator/config/load.ts';
import { readYaml, writeYaml } from '../generator/model/yaml.ts';
import { generate } from '../generator/objects/generate.ts';
import { findTool } from '../test/support/find-tool.ts';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const tenants = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 5);
const helmRuns = 20;

const resource = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata:\n  name: glyphoxa\n';
const work = mkdtempSync(path.join(tmpdir(), 'bench-fleet-'));
const env: NodeJS.ProcessEnv = { ...process.env, XDG_CACHE_HOME: path.join(work, 'cache') };
delete env.NODE_EXTRA_CA_CERTS;

/** The command, which tells its largest memory when it ends. */
const launcher = `process.on('exit', () => process.stderr.write('\\nmaxRSS ' + process.resourceUsage().maxRSS + '\\n'));
process.argv.splice(1, 0, 'x'); await import(${JSON.stringify(path.join(root, 'generator/bin/glyphoxa-kustomize.js'))});`;

interface Run {
  readonly ms: number;
  readonly mib: number;
}

function put(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(work, file)), { recursive: true });
  writeFileSync(path.join(work, file), text);
}

function fleet(changed: number): string {
  const all = Array.from(
    { length: tenants },
    (_, i) =>
      `  tenant_${i}:\n    labels:\n      plan: ${i % 2 ? 'gold' : 'basic'}\n    spec:\n      gateway:\n        replicaCount: ${1 + (i % 2)}\n      config:\n        campaign:\n          name: Campaign ${i}${i === changed ? ' changed' : ''}\n`,
  );
  return `apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: dedicated\ndefaults:\n  spec:\n    core:\n      createNamespace: true\ntenants:\n${all.join('')}`;
}

function timed(command: string, args: readonly string[]): Run {
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, { cwd: work, env, encoding: 'utf8', maxBuffer: 1e9 });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return { ms, mib: Number(/^maxRSS (\d+)/m.exec(stderr)?.[1] ?? 0) / 1024 };
}

const generateTree = () => timed(process.execPath, ['--input-type=module', '-e', launcher, 'generate']);

/** A chart of as many objects as a tenant has. */
function writeChart(): void {
  const { config } = loadConfig(readYaml(resource, 'glyphoxa.yaml'));
  if (config === undefined) throw new Error('the resource of the benchmark is wrong');
  put('chart/Chart.yaml', 'apiVersion: v2\nname: glyphoxa\nversion: 0.1.0\n');
  put('chart/values.yaml', 'campaign: none\n');
  for (const [index, object] of generate(config, new Map()).entries())
    put(`chart/templates/${index}.yaml`, writeYaml(object).replaceAll('{{', '{{ "{{" }}'));
}

function median(runs: readonly Run[], of: (run: Run) => number): number {
  return runs.map(of).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? 0;
}

try {
  put('glyphoxa.yaml', resource);
  put(
    'overlays/dedicated/config.yaml',
    readFileSync(path.join(root, 'overlays/dedicated/config.yaml'), 'utf8'),
  );
  writeChart();
  const helm = findTool('helm-4');
  const rows: { [name: string]: Run[] } = {
    'all new': [],
    'nothing changed': [],
    'one changed': [],
    helm: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const folder of ['tenants', 'base', 'components', 'cache'])
      rmSync(path.join(work, folder), { recursive: true, force: true });
    put('tenants.yaml', fleet(-1));
    rows['all new']?.push(generateTree());
    rows['nothing changed']?.push(generateTree());
    put('tenants.yaml', fleet(round % tenants));
    rows['one changed']?.push(generateTree());
    if (helm === undefined) continue;
    const loop = Array.from({ length: helmRuns }, (_, i) =>
      timed(helm, ['template', `t${i}`, 'chart', '--namespace', `t${i}`, '--set', `campaign=c${i}`]),
    );
    rows.helm?.push({ ms: (loop.reduce((sum, { ms }) => sum + ms, 0) / helmRuns) * tenants, mib: 0 });
  }
  console.log(`${tenants} tenants, ${rounds} rounds, medians; helm: a loop of ${helmRuns}, scaled\n`);
  console.log('| Run | ms | MiB | helm template in a loop |\n|---|---|---|---|');
  const helmMs = median(rows.helm ?? [], ({ ms }) => ms);
  for (const [name, runs] of Object.entries(rows)) {
    const ms = median(runs, (run) => run.ms);
    const times = helmMs === 0 || name === 'helm' ? '' : `${(helmMs / ms).toFixed(0)} times as long`;
    console.log(`| ${name} | ${ms.toFixed(0)} | ${median(runs, ({ mib }) => mib).toFixed(0)} | ${times} |`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
