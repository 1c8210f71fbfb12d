/**
 * What is used of the Kubernetes client, as a bundle of its own, for the command and for the tests: of the package's
 * public exports what reads kubeconfigs and logs in, without its API classes.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const client = '@kubernetes/client-node';
const file = 'kube-config.js';

/** What CommonJS modules inside an ES module find the modules of Node with. */
export const requireBanner = {
  js: `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`,
};

/** Takes the client in, and says of its modules what its package.json does not: that none does anything by being loaded. */
export const kubeConfigWithin: Plugin = {
  name: 'kube-config-within',
  setup(bundle) {
    bundle.onResolve({ filter: /^(?:\.|#kube-config$)/ }, async ({ path: imported, pluginData, ...from }) => {
      const isEntry = imported === '#kube-config';
      if (pluginData === client || !(isEntry || /client-node[\\/]dist[\\/]/.test(from.importer)))
        return undefined;
      const { importer, kind, namespace, resolveDir } = from;
      const options = { importer, kind, namespace, resolveDir, pluginData: client };
      return { ...(await bundle.resolve(isEntry ? client : imported, options)), sideEffects: false };
    });
  },
};

/** Writes the bundle into a folder, and its type. */
export async function buildKubeConfig(folder: string, common: BuildOptions): Promise<void> {
  await build({
    ...common,
    format: 'esm',
    minify: true,
    banner: requireBanner,
    stdin: {
      contents: `export { KubeConfig } from '#kube-config';`,
      resolveDir: common.absWorkingDir ?? '.',
    },
    outfile: path.join(folder, file),
    plugins: [kubeConfigWithin],
  });
  writeFileSync(path.join(folder, 'kube-config.d.ts'), `export { KubeConfig } from '${client}';\n`);
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
      bundle.onResolve({ filter: /^#kube-config$/ }, () => ({
        path: folder === undefined ? `./${file}` : path.join(folder, file),
        external: true,
      }));
    },
  };
}
