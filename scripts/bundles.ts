/** What all bundles of the program have in common. */
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';
import { schema } from '../generator/config/load.ts';
import type { SchemaNode } from '../generator/config/schema/node.ts';
import { apiVersion, kind } from '../generator/config/schema/resource.ts';

/** The clone. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * For the aliases of a bundle: takes what it needs of yaml into it. From node_modules each start reads seventy files.
 */
export const yamlModules = {
  yaml: fileURLToPath(new URL('../node_modules/yaml/browser/dist/index.js', import.meta.url)),
};

/** What the function has no use for: words for people, and patterns where a check says more. */
export function forFunction(this: SchemaNode, key: string, value: unknown): unknown {
  if (['title', 'description', 'examples', 'section'].includes(key) && typeof value !== 'object')
    return undefined;
  if (key === 'pattern' && this.check !== undefined) return undefined;
  return key === 'propertyNames' && this.keys !== undefined ? undefined : value;
}

/** Puts the evaluated schema where the schema's source stands, so that no bundle builds it at start. */
export function inlineSchema(keep?: typeof forFunction): Plugin {
  return {
    name: 'inline-schema',
    setup(bundle) {
      bundle.onLoad({ filter: /config[\\/]schema[\\/]resource\.ts$/ }, () => {
        const text = JSON.stringify(JSON.stringify(schema, keep));
        const constants = `export const apiVersion = '${apiVersion}';\nexport const kind = '${kind}';\n`;
        return { contents: `${constants}export const resourceSchema = JSON.parse(${text});\n`, loader: 'ts' };
      });
    },
  };
}

/** Options of every bundle. */
export const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
  write: true,
};
