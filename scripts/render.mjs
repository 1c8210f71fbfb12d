/**
 * Prints the default deployment, rendered by a real kustomize with the plugin of this repository:
 *
 *     npm run --silent render > deployment.yaml
 *
 * It takes the first program that is new enough of `kustomize` on the PATH, `kubectl` on the PATH and the
 * pinned tools of scripts/tools.json. YAML goes to standard output, everything else to standard error.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { which } from './programs.mjs';
import { ensureTool, findTool } from './tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The programs that can render, with the oldest version that does and the words that start a build. */
const programs = [
  { name: 'kustomize', oldest: [4, 5, 4], versionArgs: ['version'], buildArgs: ['build'] },
  { name: 'kubectl', oldest: [1, 27, 0], versionArgs: ['version', '--client'], buildArgs: ['kustomize'] },
];

/** The pinned kubectl to get where nothing is at hand: it comes ready built. */
const pinnedKubectl = 'kubectl-1.36';

/** A program's version as numbers; undefined where it does not tell one. */
function versionOf(path, args) {
  try {
    const text = execFileSync(path, args, {
      encoding: 'utf8',
      timeout: 60_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return /v(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  } catch {
    return undefined;
  }
}

function isAtLeast(version, oldest) {
  const differs = version.findIndex((number, index) => number !== oldest[index]);
  return differs < 0 || version[differs] > oldest[differs];
}

/** A program on the PATH that can render; says why another is passed over. */
function onPath() {
  for (const { name, oldest, versionArgs, buildArgs } of programs) {
    const path = which(name);
    if (!path) continue;
    const version = versionOf(path, versionArgs);
    if (version && isAtLeast(version, oldest))
      return { path, buildArgs, label: `${name} ${version.join('.')}` };
    const is = version ? `is ${version.join('.')}` : 'does not tell its version';
    console.error(`${name} on the PATH ${is}; at least ${oldest.join('.')} is needed`);
  }
  return undefined;
}

async function pinned() {
  const kustomize = await findTool('kustomize');
  if (kustomize) return { path: kustomize, buildArgs: ['build'], label: 'the pinned kustomize' };
  try {
    const path = await ensureTool(pinnedKubectl);
    return { path, buildArgs: ['kustomize'], label: `the pinned ${pinnedKubectl}` };
  } catch (error) {
    console.error(`${pinnedKubectl} cannot be had: ${String(error.stderr || error.message).trim()}`);
    return undefined;
  }
}

const program = onPath() ?? (await pinned());
if (program) {
  console.error(`rendered by ${program.label}`);
  const build = spawnSync(program.path, [...program.buildArgs, '--enable-alpha-plugins', root], {
    env: { ...process.env, KUSTOMIZE_PLUGIN_HOME: `${root}generator/plugin` },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (build.error) throw build.error;
  process.exitCode = build.status ?? 1;
} else {
  console.error('install kustomize 4.5.4 or newer, or kubectl 1.27 or newer, and put it on the PATH');
  process.exitCode = 1;
}
