/** docs/moving.md says what the import does: its tables are the program's, and its command does what is shown. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rows } from '../../generator/moving/chart.ts';
import { zhiOwn, zhiTable } from '../../generator/moving/zhi.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { improvements } from './improvements.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/moving.md', import.meta.url)), 'utf8');

/** The rows of the table below a heading, as lists of cells. */
function table(heading: string): string[][] {
  const part = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const lines = part.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) => line.slice(2, -2).split(' | '));
}

/** The values of the workspace that say the same as one of the chart. */
function zhiCell(helm: string): string {
  if (helm === 'config.data') return '`config/…`';
  const names = zhiTable
    .filter(([, of]) => of === helm || of.startsWith(`${helm}.`))
    .map(([zhi]) => `\`${zhi}\``);
  return names.length === 0 ? '–' : names.join(', ');
}

it('the table of values is the one that the import works by', () => {
  const expected = [
    ...rows.map(({ helm, to, as }) => [
      `\`${helm}\``,
      zhiCell(helm),
      as === 'secret' ? `key \`${to}\` of the Secret` : `\`${to}\``,
    ]),
    ...zhiOwn.map(([zhi, to]) => ['–', `\`${zhi}\``, `\`${to.join('.')}\``]),
  ];
  assert.deepEqual(table('Values side by side'), expected);
});

it('what gets better is what the proof allows', () => {
  assert.deepEqual(
    table('What gets better').map(([name]) => name),
    improvements.map(({ name }) => name),
  );
});

it('the command on the page prints what is shown', async (t) => {
  const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, text = '']) => ({
    language,
    text,
  }));
  const [values, command, shown] = ['yaml', 'sh', 'text'].map(
    (language) => blocks.find((each) => each.language === language)?.text ?? '',
  );
  const cwd = folderOf(t, { 'values.yaml': values ?? '' });
  const argv = (command ?? '').trim().split(' ').slice(1);
  const { stdout, stderr, exitCode } = await runCli(argv, { cwd });
  assert.equal(exitCode, 0, stderr);
  for (const line of (shown ?? '').trim().split('\n'))
    assert.ok(`${stdout}${stderr}`.includes(`${line}\n`), line);
});
