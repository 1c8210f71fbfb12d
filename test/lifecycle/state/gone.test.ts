import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { selectorText } from '../../../generator/lifecycle/state/gone.ts';

describe('a label selector', () => {
  it('is written as lists take it', () => {
    const matchExpressions = [
      { key: 'a', operator: 'In', values: ['x', 'y'] },
      { key: 'b', operator: 'NotIn', values: ['z'] },
      { key: 'c', operator: 'Exists' },
      { key: 'd', operator: 'DoesNotExist' },
    ];
    const selector = { matchLabels: { app: 'g', tier: 't' }, matchExpressions };
    assert.equal(selectorText(selector), 'app=g,tier=t,a in (x,y),b notin (z),c,!d');
    assert.equal(selectorText(undefined), '');
  });
});
