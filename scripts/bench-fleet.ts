/**
 * `npm run bench:fleet`: what a fleet costs, side by side with a loop of `helm template`, in one run.
 *
 *   npm run bench:fleet [-- TENANTS [ROUNDS]]     1,000 tenants and 5 rounds by default
 *
 * Each program is started and timed by a small shell, since a large process takes long to fork. Each round writes a tree of
 * its own, and nothing is deleted before the end: ext4 passes over the inodes of the last minutes one by one, so that
 * files are made ten times as slowly where as many were deleted just before. TMPDIR says where all of that is.
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
const kustomizeRuns = 10;

const resource = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata:\n  name: glyphoxa\n';
const work = mkdtempSync(path.join(tmpdir(), 'bench-fleet-'));
const env: NodeJS.ProcessEnv = { ...process.env };
delete env.NODE_EXTRA_CA_CERTS;

/** The command, which tells its largest memory when it ends. */
const launcher = `process.on('exit', () => process.stderr.write('\\nmaxRSS ' + process.resourceUsage().maxRSS + '\\n'));
process.argv.splice(1, 0, 'x'); await import(${JSON.stringify(path.join(root, 'generator/bin/glyphoxa-kustomize.js'))});`;

/** Seconds of a clock and of the processors, and MiB where the program tells them. */
interface Run {
  readonly wall: number;
  readonly cpu: number;
  readonly mib: number;
}

const rows = new Map<string, Run[]>();

/** Runs what stands in a shell's words, and adds it to its row. */
function timed(row: string, folder: string, script: string, args: readonly string[] = []): void {
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', `TIMEFORMAT='took %R %U %S'; time { ${script}; } >/dev/null`, 'bash', ...args],
    { cwd: folder, env: { ...env, XDG_CACHE_HOME: path.join(folder, 'cache') }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${row}: ${stderr}`);
  const [, wall = 0, user = 0, system = 0] = (/^took (\S+) (\S+) (\S+)$/m.exec(stderr) ?? []).map(Number);
  const mib = Number(/^maxRSS (\d+)/m.exec(stderr)?.[1] ?? 0) / 1024;
  rows.set(row, [...(rows.get(row) ?? []), { wall, cpu: user + system, mib }]);
}

function generateTree(row: string, folder: string): void {
  timed(row, folder, '"$@"', [process.execPath, '--input-type=module', '-e', launcher, 'generate']);
}

function put(folder: string, file: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}

/** What tenants change: half of them a second replica, and each the name of its campaign. */
const values = (name: string, index: number, indent: string) =>
  `spec:\n  gateway:\n    replicaCount: ${1 + (index % 2)}\n  config:\n    campaign:\n      name: ${name}\n`.replace(
    /^(?=.)/gm,
    indent,
  );

function fleet(count: number, changed = -1, engine = ''): string {
  const all = Array.from({ length: count }, (_, index) => {
    const name = `Campaign ${index}${index === changed ? ' changed' : ''}`;
    const labels = `    labels:\n      plan: ${index % 2 ? 'gold' : 'basic'}\n`;
    return `  tenant_${index}:\n${labels}${values(name, index, '    ')}`;
  });
  return `apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: dedicated\n${engine}defaults:\n  spec:\n    core:\n      createNamespace: true\ntenants:\n${all.join('')}`;
}

/** A folder with what a tree is made of. */
function newTree(name: string, text: string): string {
  const folder = path.join(work, name);
  const dedicated = readFileSync(path.join(root, 'overlays/dedicated/config.yaml'), 'utf8');
  put(folder, 'glyphoxa.yaml', resource);
  put(folder, 'overlays/dedicated/config.yaml', dedicated);
  put(folder, 'tenants.yaml', text);
  return folder;
}

/** A chart of as many objects as a tenant has. */
function writeChart(): void {
  const { config } = loadConfig(readYaml(resource, 'glyphoxa.yaml'));
  if (config === undefined) throw new Error('the resource of the benchmark is wrong');
  put(work, 'chart/Chart.yaml', 'apiVersion: v2\nname: glyphoxa\nversion: 0.1.0\n');
  put(work, 'chart/values.yaml', 'campaign: none\n');
  for (const [index, object] of generate(config, new Map()).entries())
    put(work, `chart/templates/${index}.yaml`, writeYaml(object).replaceAll('{{', '{{ "{{" }}'));
}

const kustomizeRows = ['kubectl kustomize, an environment', 'kubectl kustomize, a tenant'] as const;

/** A tenant, beside the environment that one would write for it, with labels as it has them. */
function timeKustomize(): void {
  const kubectl = findTool('kubectl-1.36');
  if (kubectl === undefined) return;
  const folder = newTree('kustomize', fleet(2));
  const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata:\n  namespace: peer\n';
  const own = values('Campaign 1', 1, '').replace('spec:\n', '');
  const spec = `spec:\n  core:\n    topology: dedicated\n    createNamespace: true\n${own}`;
  put(folder, 'overlays/peer/config.yaml', head + spec);
  generateTree('once', folder);
  const file = path.join(folder, 'overlays/peer/kustomization.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}labels:\n- pairs:\n    plan: gold\n    peer: tenant_1\n`);
  for (let run = 0; run < kustomizeRuns * rounds; run += 1)
    for (const [row, at] of [
      [kustomizeRows[0], 'overlays/peer'],
      [kustomizeRows[1], 'tenants/tenant_1'],
    ] as const)
      timed(row, folder, '"$@"', [kubectl, 'kustomize', at]);
  rows.delete('once');
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function report(): void {
  const many = (number: number) => number.toLocaleString('en');
  console.log(
    `${many(tenants)} tenants, ${rounds} rounds in turn, medians. helm: a loop of ${helmRuns}, scaled.\n`,
  );
  console.log('| Run | s | s of processors | MiB | helm takes |\n|---|---|---|---|---|');
  const helm = rows.get('helm template') ?? [];
  for (const [row, runs] of rows) {
    const [wall, cpu] = [median(runs.map((run) => run.wall)), median(runs.map((run) => run.cpu))];
    const mib = Math.max(...runs.map((run) => run.mib));
    // beside the loop of the same round: a machine that slows down slows both
    const times = median(helm.map((loop, round) => loop.wall / (runs[round]?.wall ?? Number.NaN)));
    const isBeside = runs.length === helm.length && runs !== helm && !row.startsWith('ten times');
    const beside = isBeside ? `${times.toFixed(0)} × as long` : '';
    console.log(`| ${row} | ${wall.toFixed(2)} | ${cpu.toFixed(2)} | ${mib.toFixed(0)} | ${beside} |`);
  }
  const [environment = [], tenant = []] = kustomizeRows.map((row) => rows.get(row) ?? []);
  const ratio = median(tenant.map(({ cpu }, run) => cpu / (environment[run]?.cpu ?? Number.NaN)));
  console.log(`\nkubectl kustomize of a tenant: ${ratio.toFixed(2)} × that of an environment (processors).`);
}

try {
  writeChart();
  const helm = findTool('helm-4');
  for (let round = 0; round < rounds; round += 1) {
    const folder = newTree(`tree-${round}`, fleet(tenants));
    generateTree('all new', folder);
    generateTree('nothing changed', folder);
    put(folder, 'tenants.yaml', fleet(tenants, round % tenants));
    generateTree('one changed', folder);
    const engine = 'engine:\n  argocd:\n    repoURL: https://git.example.com/team/deploy.git\n';
    generateTree('all new, Argo CD', newTree(`argocd-${round}`, fleet(tenants, -1, engine)));
    if (helm === undefined) continue;
    const loop = `for i in {1..${helmRuns}}; do "$1" template t$i chart --namespace t$i --set campaign=c$i || exit; done`;
    timed('helm template', work, loop, [helm]);
    const last = rows.get('helm template')?.pop() as Run;
    const scale = tenants / helmRuns;
    rows.get('helm template')?.push({ wall: last.wall * scale, cpu: last.cpu * scale, mib: 0 });
  }
  const ten = newTree('ten', fleet(10 * tenants));
  generateTree('ten times as many, all new', ten);
  generateTree('ten times as many, nothing changed', ten);
  put(ten, 'tenants.yaml', fleet(10 * tenants, 7));
  generateTree('ten times as many, one changed', ten);
  timeKustomize();
  report();
} finally {
  rmSync(work, { recursive: true, force: true });
}
