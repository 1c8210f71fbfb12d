/**
 * Runs bundles of test files in one process, in this order, for scripts/mutate.mjs: a dot for each test that passes, and at
 * the first that fails its bundle's name and exit code 1.
 *
 *     node --test-reporter=scripts/mutate-tests.mjs scripts/mutate-tests.mjs BUNDLE...
 *
 * Properties are tried with the same values at each run, and for a second at most.
 */
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';

// biome-ignore lint/style/noDefaultExport: node:test takes the default export for the reporter
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type === 'test:pass') yield '.';
    if (type !== 'test:fail' || data.todo !== undefined) continue;
    writeSync(1, `\n${data.file}\n`);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fc.configureGlobal({ seed: 1, endOnFailure: true, interruptAfterTimeLimit: 1000 });
  for (const bundle of process.argv.slice(2)) await import(bundle);
}
