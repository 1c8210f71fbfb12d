/** What all bundles of the program have in common. */
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';
import * as engine from '../generator/config/schema/engine.ts';
import * as fleet from '../generator/config/schema/fleet.ts';
import type { SchemaNode } from '../generator/config/schema/node.ts';
import * as resource from '../generator/config/schema/resource.ts';

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

/** The files of schemas that are made at start, each with what it exports. */
const schemas: { readonly [file: string]: object } = { resource, fleet, engine };

/** Puts the evaluated schemas where their sources stand, so that no bundle builds them at start. */
export function inlineSchema(keep?: typeof forFunction): Plugin {
  return {
    name: 'inline-schema',
    setup(bundle) {
      bundle.onLoad({ filter: /config[\\/]schema[\\/](?:resource|fleet|engine)\.ts$/ }, ({ path }) => {
        const constants = Object.entries(schemas[path.replace(/^.*[\\/]|\.ts$/g, '')] ?? {});
        const asCode = (value: unknown) =>
          typeof value === 'string'
            ? JSON.stringify(value)
            : `JSON.parse(${JSON.stringify(JSON.stringify(value, keep))})`;
        const contents = constants
          .map(([name, value]) => `export const ${name} = ${asCode(value)};\n`)
          .join('');
        return { contents, loader: 'ts' };
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
