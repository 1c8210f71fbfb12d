/**
 * The one module of the Kubernetes client that is used, as a bundle of its own: the whole package takes a second to
 * load. What that module brings along for API classes, which nothing here calls, is left out, and what few kubeconfigs
 * need waits until it is used.
 */
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const module = '@kubernetes/client-node/dist/config.js';
const file = 'kube-config.js';

/** What CommonJS modules inside an ES module find the modules of Node with. */
export const requireBanner = {
  js: `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`,
};

/** What only the client's API classes need: the classes themselves, and a fetch of its own. */
const unused: { readonly [imported: string]: string } = {
  './gen/index.js': `
    const unused = () => { throw new Error('the API classes are not in this bundle'); };
    export { unused as createConfiguration, unused as ServerConfiguration };`,
  'node-fetch': 'export const Headers = undefined;',
};

/** What few kubeconfigs need, which is evaluated when it is first used: proxies by SOCKS, logins by OpenID. */
const rare: { readonly [imported: string]: string } = {
  'socks-proxy-agent': `
    export const SocksProxyAgent = function (...words) {
      return new (require('socks-proxy-agent').SocksProxyAgent)(...words);
    };`,
  'jsonpath-plus': `
    export const JSONPath = (...words) => require('jsonpath-plus').JSONPath(...words);`,
  'openid-client': `
    // the client hands over a text where openid-client wants a URL
    export const discovery = (issuer, ...words) =>
      require('openid-client').discovery(new URL(issuer), ...words);
    export const refreshTokenGrant = (...words) => require('openid-client').refreshTokenGrant(...words);`,
};

/** Leaves out of the client what nothing here calls. */
export const lean: Plugin = {
  name: 'lean',
  setup(bundle) {
    const replacements = { ...unused, ...rare };
    bundle.onResolve({ filter: /./ }, ({ path: imported, importer, resolveDir }) =>
      Object.hasOwn(replacements, imported) && /client-node[\\/]dist[\\/]\w+\.js$/.test(importer)
        ? { path: imported, namespace: 'lean', pluginData: resolveDir }
        : undefined,
    );
    bundle.onLoad({ filter: /./, namespace: 'lean' }, ({ path: imported, pluginData }) => ({
      contents: replacements[imported] ?? '',
      loader: 'js',
      resolveDir: pluginData,
    }));
  },
};

/** Writes the bundle into a folder. */
export async function buildKubeConfig(folder: string, common: BuildOptions): Promise<void> {
  await build({
    ...common,
    format: 'esm',
    minify: true,
    banner: requireBanner,
    stdin: { contents: `export { KubeConfig } from '${module}';`, resolveDir: common.absWorkingDir ?? '.' },
    outfile: path.join(folder, file),
    plugins: [lean],
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
