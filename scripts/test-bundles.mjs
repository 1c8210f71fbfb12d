/**
 * The test files as JavaScript, with all that they import of the clone and without packages. One build takes seconds
 * for all of them; each file's process would else spend one in reading TypeScript.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** What dist/ has for all that read kubeconfigs. */
const kubeConfig = fileURLToPath(new URL('../dist/kube-config.js', import.meta.url));

/** Modules ask where they are, and find by it what lies beside their sources. */
const places = {
  name: 'places',
  setup(bundle) {
    // Below node_modules Node does not see what package.json says of names with a #.
    bundle.onResolve({ filter: /^#kube-config$/ }, () => ({ path: kubeConfig, external: true }));
    bundle.onLoad({ filter: /\.m?[jt]s$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      const names = `importMetaUrl = ${JSON.stringify(pathToFileURL(path).href)}, importMetaFilename = ${JSON.stringify(path)}`;
      return { contents: `const ${names};${text}`, loader: path.endsWith('ts') ? 'ts' : 'js' };
    });
  },
};

/**
 * Bundles test files (paths in `root`) into a folder that is there until this process exits, and gives what tells a
 * file's bundle. Throws where a file does not parse or imports what is not there.
 */
export async function bundleTests(root, files) {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  // Below node_modules they find its packages.
  const folder = mkdtempSync(join(cache, 'tests-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    absWorkingDir: root,
    entryPoints: files,
    outbase: root,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.filename': 'importMetaFilename' },
    plugins: [places],
    logLevel: 'warning',
  });
  return (file) => join(folder, file.replace(/\.ts$/, '.mjs'));
}
