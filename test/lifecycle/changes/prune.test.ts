/** What is surplus, and what of it is left. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownManager } from '../../../generator/lifecycle/api/managers.ts';
import { findSurplus, whyLeft } from '../../../generator/lifecycle/changes/prune.ts';
import { applySetId, type Inventory, memberKey } from '../../../generator/lifecycle/state/inventory.ts';
import type { Live } from '../../../generator/lifecycle/state/live.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';

const ours = [{ manager: ownManager, operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1: {} }];
const object = (kind: string, name: string, managedFields: object[] = ours): KubernetesObject =>
  ({
    apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
    kind,
    metadata: { name, namespace: 'voice', managedFields },
  }) as never;

const inventory = { id: applySetId('glyphoxa', 'voice'), found: [] } as unknown as Inventory;
const live = (members: KubernetesObject[], wanted: KubernetesObject[] = []): Live =>
  ({
    inventory,
    members,
    unlisted: undefined,
    planned: wanted.map((each) => ({ wanted: each, live: undefined })),
  }) as never;

describe('the surplus', () => {
  it('is what the environment does not list any more', () => {
    const [a, b] = [object('Service', 'a'), object('Service', 'b')];
    const { ours: goes, left } = findSurplus(live([a, b], [object('Service', 'a')]));
    assert.deepEqual([goes, left], [[b], []]);
  });

  it('leaves what holds data, what somebody else created, and what we do not own', () => {
    const claim = object('PersistentVolumeClaim', 'data');
    const foreign = object('Service', 'theirs', []);
    const { ours: goes, left } = findSurplus(live([claim, foreign]));
    assert.deepEqual(goes, []);
    assert.deepEqual(
      left.map((each) => each.object.metadata.name),
      ['data', 'theirs'],
    );
    const found = object('Service', 'found');
    assert.equal(whyLeft(found, inventory), undefined);
    assert.notEqual(whyLeft(found, { ...inventory, found: [memberKey(found)] }), undefined);
  });

  it('is not guessed where members may not be listed', () => {
    const unlisted = new Error('forbidden');
    assert.throws(() => findSurplus({ ...live([]), unlisted } as never), unlisted);
  });
});
