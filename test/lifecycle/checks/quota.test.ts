/** Quotas without room. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usedUp } from '../../../generator/lifecycle/checks/quota.ts';
import type { JsonObject } from '../../../generator/model/json.ts';

const quota = (hard: JsonObject, used: JsonObject, spec: JsonObject = {}) =>
  usedUp({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small' },
    spec: { hard, ...spec },
    status: { hard, used },
  });

describe('a quota', () => {
  it('is told with what of it is used up, in one warning', () => {
    const found = quota(
      { pods: '5', 'limits.cpu': '2', memory: '1Gi' },
      { pods: '5', 'limits.cpu': '2000m' },
    );
    assert.deepEqual(
      found.map(({ code, severity }) => [code, severity]),
      [['quota', 'warning']],
    );
    assert.match(found[0]?.message ?? '', /\bsmall .*: pods 5 of 5, limits\.cpu 2000m of 2;/);
  });

  it('is none of our business with room, with scopes, or where it counts other objects', () => {
    assert.deepEqual(quota({ pods: '5' }, { pods: '4' }), []);
    assert.deepEqual(quota({ pods: '0' }, { pods: '0' }, { scopes: ['BestEffort'] }), []);
    const scopeSelector = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] };
    assert.deepEqual(quota({ pods: '0' }, {}, { scopeSelector }), []);
    assert.deepEqual(quota({ services: '0' }, { services: '0' }), []);
  });

  it('that is not counted yet is none', () => {
    const uncounted = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'new' },
      spec: { hard: { pods: '0' } },
    };
    assert.deepEqual(usedUp(uncounted), []);
  });
});
