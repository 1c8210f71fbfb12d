import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and those above it that are missing, which it returns, the innermost first. Node's own way of it never
 * ends where a file system refuses new folders by saying that something is not there, as `/proc` does (seen with Node 20).
 *
 * @throws Error of Node where one cannot be made; EEXIST where a file stands in its place
 */
export function makeFolder(folder: string): string[] {
  const missing = missingFolders(path.resolve(folder));
  for (const at of missing.toReversed()) {
    try {
      mkdirSync(at);
    } catch (error) {
      // another run was faster
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(at).isDirectory()) throw error;
    }
  }
  // says so where it is a file
  if (missing.length === 0 && !statSync(folder).isDirectory()) mkdirSync(folder);
  return missing;
}

function missingFolders(folder: string): string[] {
  return existsSync(folder) ? [] : [folder, ...missingFolders(path.dirname(folder))];
}
