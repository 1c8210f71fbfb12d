/**
 * `npm run bench:editor`: what an editing session takes with 20 environments: to open, and from a change of a value that
 * all share to all findings and the preview.
 *
 *   npm run bench:editor [-- RUNS]     RUNS changes that are measured, 60 by default, after as many that are not
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSession } from '../generator/editor/session.ts';
import { openTree } from '../generator/tree/disk.ts';
import { generateTree } from '../generator/tree/generate.ts';
import { manyEnvironments } from '../test/support/many-environments.ts';
import { put } from '../test/tree/folder.ts';

const runs = Number(process.argv[2] ?? 60);
const level = ['spec', 'config', 'server', 'log_level'];
const folder = mkdtempSync(path.join(tmpdir(), 'glyphoxa-bench-'));

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

try {
  for (const [file, text] of Object.entries(manyEnvironments(20))) put(folder, file, text);
  const tree = openTree('.', folder);
  await generateTree(tree, {});
  const timed = async (work: () => unknown): Promise<number> => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const opened: number[] = [];
  for (let run = 0; run < 11; run += 1) opened.push(await timed(() => openSession(tree)));
  const session = await openSession(tree);
  const changes: number[] = [];
  for (let run = 0; run < 2 * runs; run += 1) {
    const value = run % 2 === 0 ? 'warn' : 'debug';
    changes.push(
      await timed(async () => {
        await session.set([{ path: level, value }]);
        session.findings();
        if (session.preview().deployments.length !== 20) throw new Error('not all environments changed');
      }),
    );
  }
  const row = (what: string, times: readonly number[], most: number) =>
    console.log(`| ${what} | ${median(times).toFixed(1)} | ${Math.min(...times).toFixed(1)} | ${most} |`);
  console.log('| with 20 environments | ms, median | quickest | at most |');
  console.log('| --- | ---: | ---: | ---: |');
  row('opened, the first time in a process', opened.slice(0, 1), 150);
  row('opened again', opened.slice(1), 150);
  row('a change that concerns all, to findings and preview', changes.slice(runs), 30);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
