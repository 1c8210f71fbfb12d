import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runProgram } from '../../generator/programs/program.ts';

/** Runs a line of a shell. */
const sh = (line: string, options: Partial<Parameters<typeof runProgram>[2]> = {}) =>
  runProgram('/bin/sh', ['-c', line], { env: { PATH: '/usr/bin:/bin' }, ...options });

describe('a program that is run', () => {
  it('gives what it prints, and how it ended', async () => {
    const { ok, stdout, stderr, code, end } = await sh('cat; echo ö; echo why >&2; exit 3', {
      input: 'in\n',
    });
    assert.deepEqual(
      [ok, stdout, stderr, code, end],
      [false, 'in\nö\n', 'why\n', 3, 'ended with exit code 3'],
    );
    const { ok: isDone, stdout: left } = await sh('cat; env', { env: { ONLY: 'this' } });
    assert.ok(
      isDone && left.includes('ONLY=this') && !left.includes('HOME='),
      'no input, no other variables',
    );
  });

  it('may end without reading what it is handed', async () => {
    assert.equal((await sh('exit 0', { input: 'x'.repeat(1 << 20) })).ok, true);
  });

  it('need not be there', async () => {
    const gone = await runProgram('/nowhere/at-all', [], { env: {} });
    assert.deepEqual([gone.ok, gone.isMissing, gone.end], [false, true, 'cannot be run (ENOENT)']);
    const folder = await runProgram('/', [], { env: {} });
    assert.deepEqual([folder.ok, folder.isMissing, folder.end], [false, false, 'cannot be run (EACCES)']);
  });

  it('is asked to end by a signal or after a time, and has ended then, whatever it has started', async () => {
    const slow = 'trap "echo leaving; exit 0" TERM; sleep 30 & wait';
    const late = await sh(slow, { timeout: 300 });
    assert.deepEqual([late.ok, late.code, late.end], [false, undefined, 'did not end within 0.3 seconds']);
    const asked = await sh(slow, { signal: AbortSignal.timeout(300) });
    assert.deepEqual([asked.ok, asked.end], [false, 'was asked to end']);
    assert.equal((await sh('echo no', { signal: AbortSignal.abort() })).ok, false);
  });

  it('says what ended it', async () => {
    assert.equal((await sh('kill -9 $$')).end, 'was ended by SIGKILL');
  });
});
