/**
 * Starts the function: loads its bundle, with V8's compiled code for it where the build made some for this
 * version of Node. Without that the bundle is compiled as usual.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';
import type { main } from './main.ts';

/** The file with V8's compiled code of the bundle, for the Node that runs this. */
export function cacheFile(folder: string): string {
  return path.join(folder, `function-main-${process.version}-${process.platform}-${process.arch}.cache`);
}

/**
 * Loads the function's bundle. The file with the compiled code begins with the text that it was made of, since V8
 * compares no more of a text than its length, and would run old code in place of a bundle that was edited.
 */
export function load(folder: string): { script: Script; exports: { main: typeof main } } {
  const filename = path.join(folder, 'function-main.cjs');
  const text = readFileSync(filename);
  let cachedData: Buffer | undefined;
  try {
    const cache = readFileSync(cacheFile(folder));
    if (cache.subarray(0, text.length).equals(text)) cachedData = cache.subarray(text.length);
  } catch {
    // not built for this version of Node: compiled now
  }
  const script = new Script(`(function(require,module,exports){${text.toString('latin1')}\n})`, {
    filename,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module = { exports: {} };
  script.runInThisContext()(require, module, module.exports);
  return { script, exports: module.exports as { main: typeof main } };
}
