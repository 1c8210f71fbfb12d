/**
 * Builds dist/ (`npm run build`, and `npm ci` through `dependencies`):
 *
 * - `function.cjs` and `function-*.cjs`: the KRM function and classic plugin, with V8's compiled code for the
 *   Node that builds;
 * - `cli.js` and its chunks: the command;
 * - `index.js` and `types/`: the library.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { buildTypes } from './build-types.ts';
import { common, forFunction, inlineSchema, root, yamlModules } from './bundles.ts';
import { buildKubeConfig, kubeConfigApart, requireBanner } from './kube-config.ts';
import { inlineWebAssets } from './web-assets.ts';

const out = path.join(root, 'dist');

/** The check of pod patches, which few resources have, is a bundle of its own: the function loads it on demand. */
const podPatchApart: Plugin = {
  name: 'pod-patch-apart',
  setup(bundle) {
    bundle.onResolve({ filter: /\/pod-patch\.ts$/ }, ({ kind: how }) =>
      how === 'dynamic-import' ? { path: './function-pod-patch.cjs', external: true } : undefined,
    );
  },
};

/**
 * The YAML library is a bundle of its own, too: what is written simply, as kustomize and most people do, is read without
 * it. Each name that the function imports of it loads it when it is first used.
 */
const yamlApart: Plugin = {
  name: 'yaml-apart',
  setup(bundle) {
    const namespace = 'yaml-apart';
    bundle.onResolve({ filter: /^yaml$/ }, () => ({ path: 'yaml', namespace }));
    bundle.onResolve({ filter: /^\.\/function-yaml\.cjs$/ }, ({ path }) => ({ path, external: true }));
    bundle.onLoad({ filter: /.*/, namespace }, async () => {
      const names = JSON.stringify(Object.keys(await import('yaml')));
      const get = "() => require('./function-yaml.cjs')[name]";
      return {
        contents: `for (const name of ${names}) Object.defineProperty(exports, name, { enumerable: true, get: ${get} });`,
      };
    });
  },
};

async function buildFunction(folder: string): Promise<void> {
  const options: BuildOptions = {
    ...common,
    format: 'cjs',
    minify: true,
    supported: { 'dynamic-import': false },
  };
  const bundles = {
    function: 'generator/bin/function.ts',
    'function-main': 'generator/function/main.ts',
    'function-pod-patch': 'generator/objects/pod-patch.ts',
    'function-yaml': yamlModules.yaml,
  };
  const plugins = [inlineSchema(forFunction), podPatchApart, yamlApart];
  await Promise.all(
    Object.entries(bundles).map(([name, entry]) =>
      build({ ...options, plugins, entryPoints: [entry], outfile: path.join(folder, `${name}.cjs`) }),
    ),
  );
  const bundle = readFileSync(path.join(folder, 'function-main.cjs'), 'latin1');
  // one other character, and V8 holds the whole text in two bytes each
  if (Buffer.byteLength(bundle) > bundle.length)
    throw new Error('the bundle of the function is not plain ASCII');
  execFileSync(process.execPath, [path.join(root, 'scripts/compile-function.cjs'), folder], {
    stdio: 'inherit',
  });
}

async function buildModules(folder: string): Promise<void> {
  await build({
    ...common,
    format: 'esm',
    splitting: true,
    banner: requireBanner,
    alias: yamlModules,
    entryPoints: { cli: 'generator/cli/main.ts', index: 'generator/index.ts' },
    outdir: folder,
    plugins: [inlineSchema(), inlineWebAssets, kubeConfigApart()],
  });
}

/** Builds beside dist/ and swaps, so that nobody ever runs half a build. */
const fresh = path.join(root, `dist.${process.pid}`);
try {
  mkdirSync(fresh, { recursive: true });
  await Promise.all([buildFunction(fresh), buildKubeConfig(fresh, common), buildModules(fresh)]);
  buildTypes(root, path.join(fresh, 'types'));
  const old = `${fresh}.old`;
  if (existsSync(out)) renameSync(out, old);
  renameSync(fresh, out);
  rmSync(old, { recursive: true, force: true });
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
