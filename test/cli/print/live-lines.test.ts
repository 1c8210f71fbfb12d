import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReport } from '../../../generator/cli/print/cluster-report.ts';
import { finding } from '../../../generator/model/finding.ts';
import { fakeIo } from '../../support/fake-io.ts';

/** What a terminal shows of what was written to it: rows that are as wide as it is, no colours. */
function show(text: string, columns: number): string[] {
  const rows = [''];
  let [row, column] = [0, 0];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of terminals
  for (const [part, up] of text.matchAll(/\u001b\[(\d*)A|\u001b\[J|\u001b\[[0-9;]*m|[^\u001b]/gu)) {
    if (up !== undefined) row = Math.max(0, row - Number(up));
    else if (part === '\u001b[J') {
      rows.length = row + 1;
      rows[row] = (rows[row] ?? '').slice(0, column);
    } else if (part === '\r') column = 0;
    else if (part === '\n') [row, column] = [row + 1, 0];
    else if (!part.startsWith('\u001b')) {
      if (column === columns) [row, column] = [row + 1, 0];
      rows[row] =
        (rows[row] ?? '').padEnd(column).slice(0, column) + part + (rows[row] ?? '').slice(column + 1);
      column++;
    }
    while (rows.length <= row) rows.push('');
  }
  return rows.at(-1) === '' ? rows.slice(0, -1) : rows;
}

/** A report on a terminal, and what that shows. */
function terminal({ columns = 40, rows = 24, color = false } = {}) {
  const { io } = fakeIo({ env: { TERM: 'xterm' }, color });
  let written = '';
  const stderr = { columns, rows, write: (text: string) => (written += text) };
  const report = createReport({ ...io, stderr, stdout: stderr }, false, new Map());
  return { report, stderr, shown: () => show(written, stderr.columns), written: () => written };
}

describe('live lines', () => {
  it('are updated in place, and stay below what is said', () => {
    const { report, shown } = terminal();
    report.say('hello');
    report.progress('a', '0 of 2');
    report.progress('b', '0 of 1');
    report.progress('a', '1 of 2');
    report.result('created', 'service/x');
    report.warn('careful', 'watch out', 'do this');
    report.progress('a', '2 of 2');
    assert.deepEqual(shown(), [
      'hello',
      'service/x created',
      'warning careful: watch out',
      '    hint: do this',
      'a: 2 of 2',
      'b: 0 of 1',
    ]);
  });

  it('stay when they are settled, and others come below', () => {
    const { report, shown } = terminal();
    report.progress('a', '1 of 1');
    report.settle();
    report.findings([{ ...finding('wrong', 'no', 'do this'), details: ['line 1', 'line 2'] }]);
    report.progress('a', 'again');
    assert.deepEqual(shown(), [
      'a: 1 of 1',
      'error wrong: no',
      '    | line 1',
      '    | line 2',
      '    hint: do this',
      'a: again',
    ]);
  });

  it('are never wider than the screen, coloured or not', () => {
    for (const color of [false, true]) {
      const { report, shown } = terminal({ columns: 20, color });
      report.progress('deployment.apps/glyphoxa-gateway', '0 of 2 pods ready', { done: true });
      report.progress('b', 'x');
      report.progress('b', 'y');
      assert.deepEqual(shown(), ['deployment.apps/gl…', 'b: y']);
    }
  });

  it('find their place again on a screen that has become narrower', () => {
    const { report, stderr, written } = terminal({ columns: 40 });
    report.progress('a', 'x'.repeat(30));
    const before = written().length;
    stderr.columns = 20;
    report.progress('a', 'y');
    // the line of 33 columns stands in two rows now
    assert.equal(written().slice(before), '\r\u001b[2A\u001b[Ja: y\n');
    report.progress('a', 'y');
    assert.ok(written().endsWith('a: y\n'));
    stderr.columns = 30;
    report.progress('a', 'y');
    assert.ok(
      written().endsWith('a: y\n\r\u001b[1A\u001b[Ja: y\n'),
      'a change of the size draws anew, and only that',
    );
  });

  it('leave room where there are more than rows', () => {
    const { report, shown } = terminal({ rows: 5 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) report.progress(key, '1');
    assert.deepEqual(shown(), ['… and 3 more', 'd: 1', 'e: 1']);
  });

  it('are plain lines elsewhere, one for each text that is new', () => {
    const { io, printed } = fakeIo();
    const report = createReport(io, false, new Map());
    for (const text of ['0 of 2', '0 of 2', '1 of 2']) report.progress('a', text);
    report.say('end');
    assert.equal(printed().stderr, 'a: 0 of 2\na: 1 of 2\nend\n');
  });

  it('are events in JSON', () => {
    const { io, printed } = fakeIo();
    const report = createReport(io, true, new Map());
    for (const text of ['0 of 2', '0 of 2']) report.progress('a', text, { ready: 0 });
    const { time, ...event } = JSON.parse(printed().stdout);
    assert.deepEqual(event, { type: 'progress', object: 'a', message: '0 of 2', ready: 0 });
    assert.ok(Date.parse(time));
  });
});
