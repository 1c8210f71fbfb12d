/** Trees in temporary folders. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { openTree, type Tree } from '../../generator/tree/disk.ts';
import { type Generated, type GenerateOptions, generateTree } from '../../generator/tree/generate.ts';

/** A resource with nothing but its name. */
export const minimal = `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata:
  name: glyphoxa
`;

/** A layer in the namespace `name`, with more lines behind it. */
export function layer(namespace: string, rest = ''): string {
  return `apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata:\n  namespace: ${namespace}\n${rest}`;
}

/** A temporary folder that goes with the test, with files in it. */
export function makeFolder(t: TestContext, files: { readonly [file: string]: string } = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tree-'));
  t.after(() => {
    unlock(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [file, text] of Object.entries(files)) put(folder, file, text);
  return folder;
}

/** A tree of a minimal resource with environments, which is written. */
export async function makeTree(
  t: TestContext,
  files: { readonly [file: string]: string } = { 'overlays/prod/config.yaml': layer('prod') },
): Promise<string> {
  const folder = makeFolder(t, { 'glyphoxa.yaml': minimal, ...files });
  await generateIn(folder);
  return folder;
}

/** Writes the tree in a folder. */
export function generateIn(folder: string, options: GenerateOptions = {}): Promise<Generated> {
  return generateTree(treeIn(folder), options);
}

/** Opens a folder; findings name its files relative to it. */
export function treeIn(folder: string): Tree {
  return openTree('.', folder);
}

/** Writes a file and the folders that it needs. */
export function put(folder: string, file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), content);
}

/** The text of a file. */
export function get(folder: string, file: string): string {
  return readFileSync(path.join(folder, file), 'utf8');
}

/** All files of a folder with their content, sorted by path; links are named, not followed. */
export function snapshot(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const file of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    const stats = lstatSync(path.join(folder, file));
    if (stats.isFile()) files.set(file, readFileSync(path.join(folder, file), 'utf8'));
    else if (stats.isSymbolicLink()) files.set(file, 'a link');
  }
  return files;
}

function unlock(folder: string): void {
  for (const file of [
    folder,
    ...(readdirSync(folder, { recursive: true }) as string[]).map((f) => path.join(folder, f)),
  ]) {
    if (lstatSync(file).isDirectory()) chmodSync(file, 0o755);
  }
}
