/**
 * Writes the tree of a folder over and over, from two configurations in turn, until the process is killed:
 * `generate-for-ever.ts FOLDER`. The configurations are `a/` and `b/` beside the folder.
 */
import { cpSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { openTree } from '../../generator/tree/disk.ts';
import { generateTree } from '../../generator/tree/generate.ts';

const folder = process.argv[2] ?? '';
for (let round = 0; ; round += 1) {
  const inputs = path.join(path.dirname(folder), round % 2 === 0 ? 'a' : 'b');
  for (const file of readdirSync(inputs, { recursive: true }) as string[]) {
    if (!file.endsWith('.yaml')) continue;
    // Inputs are replaced as a whole too, as an editor does it.
    cpSync(path.join(inputs, file), path.join(folder, `${file}.new`));
    renameSync(path.join(folder, `${file}.new`), path.join(folder, file));
  }
  await generateTree(openTree(folder, '/'));
  if (round === 0) process.stdout.write('started\n');
}
