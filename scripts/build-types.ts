/** The types of the library: declarations that need nothing but the package itself. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { schema } from '../generator/config/load.ts';
import { apiVersion, kind } from '../generator/config/schema/resource.ts';
import { configType } from './config-type.ts';

const configFile = path.join('config', 'schema', 'resource.d.ts');

/**
 * Writes `index.d.ts` and what it leads to into a folder.
 *
 * @throws Error where a declaration leads to another package
 */
export function buildTypes(root: string, folder: string): void {
  mkdirSync(folder);
  const made = mkdtempSync(path.join(folder, '.all-'));
  try {
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', 'tsconfig.types.json', '--outDir', made], {
      cwd: root,
      stdio: 'inherit',
    });
    writeFileSync(path.join(made, configFile), configType(schema, apiVersion, kind));
    for (const [file, text] of reachable(made, 'index.d.ts')) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** The declarations that an entry leads to, with imports as they resolve beside the compiled code. */
function reachable(folder: string, entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const queue = [entry];
  for (const file of queue) {
    if (found.has(file)) continue;
    const text = readFileSync(path.join(folder, file), 'utf8');
    const rewritten = text.replaceAll(/(['"])(\.\.?\/[^'"\n]+)\.ts\1/g, '$1$2.js$1');
    found.set(file, rewritten);
    for (const [, target = ''] of rewritten.matchAll(/(?:from |import\(|import )['"]([^'"]+)['"]/g)) {
      if (target === 'glyphoxa-kustomize') continue;
      if (!target.startsWith('.')) throw new Error(`the types of ${file} need the package ${target}`);
      queue.push(path.join(path.dirname(file), target.replace(/\.js$/, '.d.ts')));
    }
  }
  return found;
}
