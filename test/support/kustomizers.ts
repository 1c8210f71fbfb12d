/** Every program that builds kustomizations, as one kind of thing. */
import type { TestContext } from 'node:test';
import {
  findTool,
  requireTool,
  runTool,
  skipWithout,
  type ToolName,
  type ToolRun,
  toolVersion,
} from './find-tool.ts';
import { binary } from './program.ts';

/** What one build is allowed to do. */
export interface BuildOptions {
  /** Pass `--enable-alpha-plugins`. @default false */
  alphaPlugins?: boolean;
  /** Pass `--enable-exec`, which only a standalone kustomize has. @default false */
  exec?: boolean;
  /** The helm program: pass `--enable-helm --helm-command`. @default no helm */
  helm?: string;
  /** Variables on top of {@link toolEnv}, such as `KUSTOMIZE_PLUGIN_HOME`. */
  env?: Record<string, string>;
}

/** A program that builds kustomizations: `kubectl kustomize` or a standalone `kustomize`. */
export interface Kustomizer {
  name: ToolName;
  /** The program's own version: kubectl's, or kustomize's where it stands alone. */
  version: string;
  /** Whether `exec` functions can be enabled. */
  canExec: boolean;
  /** Builds the kustomization in a folder. Throws a TypeError for an option that the program lacks. */
  build(dir: string, options?: BuildOptions): Promise<ToolRun>;
}

/** The oldest kustomize first; within kubectl its own kustomize grows with it. */
const kustomizerNames = [
  'kustomize-4.5.4',
  'kubectl-1.27',
  'kubectl-1.28',
  'kubectl-1.29',
  'kubectl-1.30',
  'kubectl-1.31',
  'kubectl-1.32',
  'kubectl-1.33',
  'kubectl-1.34',
  'kubectl-1.35',
  'kubectl-1.36',
  'kustomize',
] as const satisfies ToolName[];

/**
 * Every kustomize that was found: kustomize 4.5.4, kubectl 1.27 to 1.36, kustomize 5.8.1, the oldest
 * first. A test that runs on all of them uses {@link requireKustomizers}.
 */
export function kustomizers(): Kustomizer[] {
  return kustomizerNames.filter((name) => findTool(name)).map(kustomizer);
}

/** The kustomizers that are there, of which the one file is built by the oldest and the newest; with none of them the test is skipped, and CI demands all. */
export function requireKustomizers(t: TestContext): Kustomizer[] | undefined {
  const missing = kustomizerNames.filter((name) => !findTool(name));
  const all = missing.length === kustomizerNames.length;
  if (missing[0] !== undefined && (all || process.env.CI === 'true')) {
    skipWithout(t, missing[0]);
    return undefined;
  }
  const found = kustomizers();
  return binary === undefined ? found : [...new Set([...found.slice(0, 1), ...found.slice(-1)])];
}

/** The newest kustomize that was found: the standalone one, else the newest kubectl; undefined for none. */
export function newestKustomize(): Kustomizer | undefined {
  return kustomizers().at(-1);
}

/** A standalone kustomize for a test that cannot do without; skips or fails as {@link requireTool} does. */
export function requireKustomize(t: TestContext): Kustomizer | undefined {
  return requireTool(t, 'kustomize') ? kustomizer('kustomize') : undefined;
}

function kustomizer(name: ToolName): Kustomizer {
  const isKubectl = name.startsWith('kubectl-');
  return {
    name,
    version: toolVersion(name),
    canExec: !isKubectl,
    async build(dir, { alphaPlugins, exec, helm, env = {} } = {}) {
      if (exec && isKubectl) throw new TypeError(`${name} has no --enable-exec`);
      const args = [isKubectl ? 'kustomize' : 'build', dir];
      if (alphaPlugins) args.push('--enable-alpha-plugins');
      if (exec) args.push('--enable-exec');
      if (helm) args.push('--enable-helm', '--helm-command', helm);
      return runTool(findTool(name) ?? name, args, { env });
    },
  };
}
