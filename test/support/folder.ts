import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

type Files = { readonly [name: string]: string | Uint8Array };

/** A temporary folder with these files, gone when the test ends. Its path has a space and an accent in it. */
export function folderOf(t: TestContext, files: Files): string {
  const folder = filledFolder('glyphoxa tést-', files);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A temporary folder with these files, gone when this process ends. */
export function makeFolder(files: Files = {}): string {
  const folder = filledFolder('glyphoxa-', files);
  if (made.size === 0) process.once('exit', () => made.forEach(remove));
  made.add(folder);
  return folder;
}

const made = new Set<string>();

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function filledFolder(prefix: string, files: Files): string {
  const folder = mkdtempSync(path.join(tmpdir(), prefix));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

/** Every file below a folder, by its path from there, in the order of the paths. */
export function filesIn(folder: string): Map<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
  return new Map(found.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}
