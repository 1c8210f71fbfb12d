/** Writes the tree of a folder in a process of its own: `generate-in.ts FOLDER`. */
import { Failure, formatFinding } from '../../generator/model/finding.ts';
import { openTree } from '../../generator/tree/disk.ts';
import { generateTree } from '../../generator/tree/generate.ts';

try {
  await generateTree(openTree(process.argv[2] ?? '', '/'));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  for (const finding of error.findings) console.error(formatFinding(finding));
  process.exitCode = 1;
}
