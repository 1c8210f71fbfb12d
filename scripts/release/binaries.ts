/**
 * `npm run release:binaries [-- TARGET...]`: the program as one file for each target (all by default) in
 * `release/`, with `SHA256SUMS`. bun compiles what esbuild bundles; its runtimes are pinned in scripts/tools.json.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { common, inlineSchema, root, yamlModules } from '../bundles.ts';
import { kubeConfigWithin, requireBanner } from '../kube-config.ts';
import { ensureTool } from '../tools.mjs';
import { inlineWebAssets } from '../web-assets.ts';
import { signMachO } from './sign-macho.ts';

/** What the file of each target is called. */
export const binaryFiles = {
  'linux-x64': 'glyphoxa-kustomize-linux-x64',
  'linux-arm64': 'glyphoxa-kustomize-linux-arm64',
  'darwin-x64': 'glyphoxa-kustomize-darwin-x64',
  'darwin-arm64': 'glyphoxa-kustomize-darwin-arm64',
  'windows-x64': 'glyphoxa-kustomize-windows-x64.exe',
} as const;

/** A platform that a file is made for. */
export type Target = keyof typeof binaryFiles;

/** What esbuild makes of the whole program. */
export const programBundle: BuildOptions = {
  ...common,
  format: 'esm',
  // A start then loads what it runs, and not the terminal, the page and the API client.
  splitting: true,
  banner: requireBanner,
  alias: yamlModules,
  entryPoints: ['generator/bin/single-file.ts'],
  plugins: [inlineSchema(), inlineWebAssets, kubeConfigWithin],
};

/** The folder of what a release consists of. */
export const releaseFolder = path.join(root, 'release');

/**
 * Builds the files of these targets, and gives their paths. Each is put in place when it is whole.
 *
 * @param folder where they are put; @default `release/` of the clone
 */
export async function buildBinaries(targets: readonly Target[], folder = releaseFolder): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(path.join(path.resolve(folder), '.work-'));
  try {
    await build({ ...programBundle, outdir: work });
    const bundle = path.join(work, 'single-file.js');
    const bun = await ensureTool('bun-linux-x64');
    const made: string[] = [];
    for (const target of targets) {
      const file = path.join(folder, binaryFiles[target]);
      const runtime = await ensureTool(`bun-${target}`);
      const outfile = path.join(work, binaryFiles[target]);
      compile(bun, { bundle, target, runtime, outfile });
      // bun signs what it makes for Apple's own processors, and for Intel leaves a signature that does not fit
      if (target === 'darwin-x64') signMachO(outfile, 'glyphoxa-kustomize');
      renameSync(outfile, file);
      made.push(file);
    }
    return made;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Compilation {
  readonly bundle: string;
  readonly target: Target;
  readonly runtime: string;
  readonly outfile: string;
}

/**
 * How many times later than by default bun compiles what runs often: most commands are over before that pays, and half of
 * their time went there. Writing hundreds of tenants takes no longer.
 */
const jitPolicy = 20;

/** By default bun's executables read `.env` and `bunfig.toml` of the folder they run in, which may be anybody's. */
function compile(bun: string, { bundle, target, runtime, outfile }: Compilation): void {
  const options = [
    ...['--bytecode', '--splitting', '--minify', '--format=esm'],
    ...[`--target=bun-${target}`, `--compile-jit-policy=${jitPolicy}`],
  ];
  const closed = ['dotenv', 'bunfig', 'tsconfig', 'package-json'].map(
    (file) => `--no-compile-autoload-${file}`,
  );
  const words = ['build', '--compile', ...options, ...closed, `--compile-executable-path=${runtime}`];
  execFileSync(bun, [...words, bundle, '--outfile', outfile], {
    cwd: path.dirname(bundle),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  chmodSync(outfile, 0o755);
}

/** Writes `SHA256SUMS` of all files of a release, as `sha256sum --check` reads it. */
export function writeSums(folder = releaseFolder): void {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== sumsFile && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
  const lines = names.map((name) => {
    const sum = createHash('sha256')
      .update(readFileSync(path.join(folder, name)))
      .digest('hex');
    return `${sum}  ${name}\n`;
  });
  writeFileSync(path.join(folder, sumsFile), lines.join(''));
}

const sumsFile = 'SHA256SUMS';

if (process.argv[1] === import.meta.filename) {
  const known = Object.keys(binaryFiles) as Target[];
  const named = process.argv.slice(2);
  const unknown = named.filter((name) => !Object.hasOwn(binaryFiles, name));
  if (unknown.length > 0) {
    console.error(`unknown target: ${unknown.join(', ')}; known: ${known.join(', ')}`);
    process.exit(2);
  }
  for (const file of await buildBinaries(named.length > 0 ? (named as Target[]) : known)) console.log(file);
  writeSums();
}
