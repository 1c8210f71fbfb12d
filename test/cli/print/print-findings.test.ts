/** How findings, words and progress look on a terminal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReport } from '../../../generator/cli/print/cluster-report.ts';
import { printFindings } from '../../../generator/cli/print/print-findings.ts';
import type { Finding } from '../../../generator/model/finding.ts';
import { fakeIo } from '../../support/fake-io.ts';

const columns = 40;
const words = 'the quick brown fox jumps over the lazy dog and then runs on through the night';

/** An `Io` whose standard error is a terminal, and what is written to it. */
function terminal() {
  let written = '';
  const { io } = fakeIo();
  const stderr = { write: (text: string) => (written += text), columns, rows: 24 };
  return { io: { ...io, stderr }, written: () => written };
}

function assertWhole(text: string): void {
  const lines = text.trimEnd().split('\n');
  assert.ok(lines.length > 1 && lines.every((line) => line.length <= columns), text);
  const known = new Set([...words.split(' '), 'error', 'x:', 'hint:']);
  for (const word of text.split(/\s+/)) assert.ok(word === '' || known.has(word), `broken: ${word}`);
}

describe('on a terminal no word is broken', () => {
  it('in findings and their hints', () => {
    const { io, written } = terminal();
    const finding: Finding = { code: 'x', severity: 'error', path: [], message: words, hint: words };
    printFindings([finding], io);
    assertWhole(written());
  });

  it('in what is said', () => {
    const { io, written } = terminal();
    createReport(io, false, new Map()).say(`  ${words}`);
    assertWhole(written());
    assert.ok(
      written()
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('  ')),
    );
  });
});

it('progress says how long it has been going on', async () => {
  const { io, written } = terminal();
  const report = createReport(io, false, new Map());
  report.progress('x', 'waiting');
  assert.match(written(), /x: waiting\n/);
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  report.progress('x', 'waiting');
  assert.match(written(), /x: waiting \(1s\)\n/);
  report.progress('x', 'ready', { done: true });
  assert.match(written(), /x: ready\n/);
  report.settle();
});
