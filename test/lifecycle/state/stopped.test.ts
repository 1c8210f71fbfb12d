/** What a stop remembers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveDeployment } from '../../../generator/lifecycle/state/deployments.ts';
import { selectorText } from '../../../generator/lifecycle/state/gone.ts';
import type { Inventory, Stopped } from '../../../generator/lifecycle/state/inventory.ts';
import { rememberReplicas } from '../../../generator/lifecycle/state/stopped.ts';

const now = '2026-01-02T03:04:05.000Z';

function running(
  stopped: Stopped | undefined,
  replicas: { [name: string]: [live: number, wanted?: number] },
) {
  const deployments = Object.entries(replicas).map(([name, [live, wanted]]): LiveDeployment => {
    const head = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } };
    return {
      name,
      live: { ...head, spec: { replicas: live } },
      wanted: wanted === undefined ? undefined : { ...head, spec: { replicas: wanted } },
      isGateway: name === 'gateway',
    };
  });
  const inventory: Inventory = {
    namespace: 'n',
    name: 'i',
    id: '',
    groupKinds: [],
    namespaces: [],
    elsewhere: [],
    found: [],
    leaving: [],
    origin: undefined,
    beside: [],
    stopped,
  };
  return { inventory, deployments };
}

describe('a stop', () => {
  it('remembers what runs, not what the environment says', () => {
    const { replicas, at, draining } = rememberReplicas(
      running(undefined, { gateway: [5, 3], mcp: [0, 2] }),
      now,
    );
    assert.deepEqual(
      { replicas, at, draining },
      { replicas: { gateway: 5, mcp: 0 }, at: now, draining: false },
    );
  });

  it('never forgets what an earlier one remembers, and adds what has come since', () => {
    const before: Stopped = { at: 'then', replicas: { gateway: 5 }, draining: true, rules: { role: [] } };
    const after = rememberReplicas(running(before, { gateway: [0, 3], new: [1] }), now);
    assert.deepEqual(after, { ...before, replicas: { gateway: 5, new: 1 } });
  });

  it('remembers what the environment says where somebody has scaled all of it down by hand', () => {
    const { replicas } = rememberReplicas(running(undefined, { gateway: [0, 3], old: [0] }), now);
    assert.deepEqual(replicas, { gateway: 3, old: 0 });
  });
});

describe('a selector as text', () => {
  it('has labels and expressions', () => {
    const matchExpressions = [
      { key: 'b', operator: 'In', values: ['1', '2'] },
      { key: 'c', operator: 'NotIn', values: ['3'] },
      { key: 'd', operator: 'Exists' },
      { key: 'e', operator: 'DoesNotExist' },
    ];
    assert.equal(
      selectorText({ matchLabels: { a: '0' }, matchExpressions }),
      'a=0,b in (1,2),c notin (3),d,!e',
    );
  });
});
