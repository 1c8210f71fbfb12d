/** The page of `edit --web`: the bundle of its client, in the place of generator/web/assets.ts. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';
import { root } from './bundles.ts';

const client = path.join(root, 'generator/web/client');

/** What the page loads. */
export interface WebAssets {
  readonly script: string;
  readonly style: string;
}

/** The bundle of the client, for browsers of the last years. */
export const clientBundle: BuildOptions = {
  absWorkingDir: root,
  entryPoints: [path.join(client, 'app.tsx')],
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome109', 'firefox115', 'safari16'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  charset: 'utf8',
};

/** Bundles the client. */
async function webAssets(): Promise<WebAssets> {
  const { outputFiles } = await build({ ...clientBundle, write: false });
  const css = readFileSync(path.join(client, 'style.css'), 'utf8');
  const { code } = await transform(css, { loader: 'css', minify: true });
  return { script: outputFiles[0]?.text ?? '', style: code };
}

/** Puts the assets into a bundle of the program. */
export const inlineWebAssets: Plugin = {
  name: 'inline-web-assets',
  setup(bundle) {
    bundle.onLoad({ filter: /web[\\/]assets\.ts$/ }, async () => {
      const { script, style } = await webAssets();
      const contents = `export const script = ${JSON.stringify(script)};\nexport const style = ${JSON.stringify(style)};\n`;
      return { contents, loader: 'js' };
    });
  },
};
