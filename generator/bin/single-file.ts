/**
 * The program as one file. It is what it is called: `Glyphoxa` the classic plugin, `glyphoxa-kustomize-fn` the KRM
 * function, and everything else the command, whose first word `fn` is the function too.
 */
import path from 'node:path';

const called = path.basename(process.argv0).replace(/\.exe$/i, '');
const words = process.argv.slice(2);
const isFunction = ['Glyphoxa', 'glyphoxa-kustomize-fn'].includes(called);
if (isFunction || (words[0] === 'fn' && words.length === 1)) {
  const { main } = await import('../function/main.ts');
  process.exitCode = await main(isFunction ? words : [], { env: process.env, cwd: process.cwd() });
} else {
  const { main } = await import('../cli/main.ts');
  await main();
}
