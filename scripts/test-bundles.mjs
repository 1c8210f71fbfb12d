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
const places = (read) => ({
  name: 'places',
  setup(bundle) {
    // Below node_modules Node does not see what package.json says of names with a #.
    bundle.onResolve({ filter: /^#kube-config$/ }, () => ({ path: kubeConfig, external: true }));
    bundle.onLoad({ filter: /\.m?[jt]s$/ }, ({ path }) => {
      const text = read(path);
      const names = `importMetaUrl = ${JSON.stringify(pathToFileURL(path).href)}, importMetaFilename = ${JSON.stringify(path)}`;
      const contents = text.includes('import.meta') ? `const ${names};${text}` : text;
      return { contents, loader: path.endsWith('ts') ? 'ts' : 'js' };
    });
  },
});

/**
 * How esbuild bundles test files (paths in `root`), and where to: a folder that is there until this process exits. Below
 * node_modules they find its packages. `read` gives a source's text.
 */
export function testBundles(root, files, read = (path) => readFileSync(path, 'utf8')) {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'tests-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return {
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
    plugins: [places(read)],
    logLevel: 'warning',
  };
}

/** The bundle of a test file. */
export function bundleOf(folder, file) {
  return join(folder, file.replace(/\.ts$/, '.mjs'));
}

/** Bundles test files, and gives what tells a file's bundle. Throws where a file does not parse or imports what is not there. */
export async function bundleTests(root, files) {
  const options = testBundles(root, files);
  await build(options);
  return (file) => bundleOf(options.outdir, file);
}
