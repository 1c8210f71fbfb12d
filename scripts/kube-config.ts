/**
 * The one module of the Kubernetes client that is used, as a bundle of its own: the whole package takes a second to
 * load. What that module brings along for API classes, which nothing here calls, is left out.
 */
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const module = '@kubernetes/client-node/dist/config.js';
const file = 'kube-config.js';

/** What CommonJS modules inside an ES module find the modules of Node with. */
const banner = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`;

/** What only the client's API classes need: the classes themselves, and a fetch of its own. */
const unused: { readonly [imported: string]: string } = {
  './gen/index.js': `
    const unused = () => { throw new Error('the API classes are not in this bundle'); };
    export { unused as createConfiguration, unused as ServerConfiguration };`,
  'node-fetch': 'export const Headers = undefined;',
};

const withoutClasses: Plugin = {
  name: 'without-classes',
  setup(bundle) {
    bundle.onResolve({ filter: /^(?:\.\/gen\/index\.js|node-fetch)$/ }, ({ path: imported, importer }) =>
      /client-node[\\/]dist[\\/]config\.js$/.test(importer)
        ? { path: imported, namespace: 'unused' }
        : undefined,
    );
    bundle.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path: imported }) => ({
      contents: unused[imported] ?? '',
      loader: 'js',
    }));
  },
};

/** Writes the bundle into a folder. */
export async function buildKubeConfig(folder: string, common: BuildOptions): Promise<void> {
  await build({
    ...common,
    format: 'esm',
    minify: true,
    banner: { js: banner },
    stdin: { contents: `export { KubeConfig } from '${module}';`, resolveDir: common.absWorkingDir ?? '.' },
    outfile: path.join(folder, file),
    plugins: [withoutClasses],
  });
}

/**
 * Makes other bundles import that one.
 *
 * @param folder where it lies, if not beside them
 */
export function kubeConfigApart(folder?: string): Plugin {
  return {
    name: 'kube-config-apart',
    setup(bundle) {
      bundle.onResolve({ filter: /^@kubernetes\/client-node\/dist\/config\.js$/ }, () => ({
        path: folder === undefined ? `./${file}` : path.join(folder, file),
        external: true,
      }));
    },
  };
}
