import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  environmentWords,
  Failure,
  type Finding,
  failure,
  finding,
  formatFinding,
  formatHeadline,
  hasCode,
  hasErrors,
  sortFindings,
  uniqueFindings,
  whoseWords,
} from '../../generator/model/finding.ts';

const at = (file: string, line: number, col: number, severity: Finding['severity'] = 'error'): Finding => ({
  code: `${file}${line}:${col}`,
  severity,
  path: [],
  message: 'm',
  hint: 'h',
  position: { file, line, col },
});

test('findings are in the order of their places, errors first at one, and those without a place last', () => {
  const none = finding('none', 'm', 'h');
  const other = finding('other', 'm', 'h', 'warning');
  const ordered = [
    at('a', 1, 1),
    at('a', 1, 1, 'warning'),
    at('a', 1, 2, 'warning'),
    at('a', 2, 1),
    at('a', 10, 1),
    at('b', 1, 1),
    none,
    other,
  ];
  for (const indices of [
    [7, 6, 5, 4, 3, 2, 1, 0],
    [4, 7, 1, 5, 0, 6, 3, 2],
  ]) {
    const shuffled = indices.map((index) => ordered[index] as Finding);
    const rest = shuffled.filter(({ position }) => position === undefined);
    assert.deepEqual(sortFindings(shuffled), [...ordered.slice(0, 6), ...rest]);
  }
});

test('each finding is told once, with all whom it is about', () => {
  const base = finding('a', 'm', 'h');
  const unique = uniqueFindings([
    { ...base, environments: ['prod'] },
    base,
    { ...base, environments: ['dev', 'prod'], tenants: ['t2'] },
    { ...base, message: 'other' },
    { ...base, tenants: ['t1'] },
    base,
  ]);
  assert.deepEqual(unique, [
    { ...base, environments: ['dev', 'prod'], tenants: ['t1', 't2'] },
    base,
    { ...base, message: 'other' },
  ]);
});

test('a finding stands on one line, with what is known of it', () => {
  const full: Finding = { ...at('f.yaml', 2, 3), code: 'c', path: ['a', 0], environments: ['e'] };
  assert.equal(formatFinding(full), 'f.yaml:2:3: error c: a[0]: m (environment e); h');
  assert.equal(formatHeadline(full), 'f.yaml:2:3: error c: a[0]: m (environment e)');
  const { position: _, environments: __, ...bare } = full;
  assert.equal(formatFinding({ ...bare, path: [], message: 'a\u001bb\tc' }), 'error c: a\ufffdb c; h');
});

test('whom a finding is about is said in the right number', () => {
  const base = finding('a', 'm', 'h');
  const ids = ['t1', 't2', 't3', 't4', 't5', 't6', 't7'];
  assert.equal(whoseWords(base), '');
  assert.equal(whoseWords({ ...base, tenants: ['t1'] }), ' (tenant t1)');
  assert.equal(whoseWords({ ...base, tenants: ids }), ' (tenants t1, t2, t3, t4, t5 and 2 more)');
  assert.equal(
    whoseWords({ ...base, environments: ['a', 'b'], tenants: ['t'] }),
    ' (environments a, b; tenant t)',
  );
  assert.equal(environmentWords(['a']), 'environment a');
});

test('a failure holds its findings and is known by their codes', () => {
  const one = failure('c', 'm', 'h', ['a']);
  assert.deepEqual(one.findings, [{ code: 'c', severity: 'error', path: ['a'], message: 'm', hint: 'h' }]);
  const warning = finding('w', 'm', 'h', 'warning');
  const two = new Failure([finding('x', 'm', 'h'), warning]);
  assert.equal(two.message.split('\n').length, 2);
  assert.equal(two.name, 'Failure');
  assert.deepEqual([hasCode(two, 'x'), hasCode(two, 'w'), hasCode(two, 'c')], [true, true, false]);
  assert.ok(!hasCode(new Error('x'), 'x'));
  assert.deepEqual([[], [warning], two.findings].map(hasErrors), [false, false, true]);
});
