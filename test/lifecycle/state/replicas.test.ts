/** Who says how many replicas there are. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { holdManager, ownManager } from '../../../generator/lifecycle/api/managers.ts';
import { replicasOf, replicasStep } from '../../../generator/lifecycle/state/replicas.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';

const deployment = (replicas: number | undefined, owners: object[] = []): KubernetesObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'gateway',
      managedFields: owners.map((owner) => ({
        operation: 'Apply',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
        ...owner,
      })),
    },
    spec: replicas === undefined ? {} : { replicas },
  }) as never;

const own = { manager: ownManager };
const hold = { manager: holdManager };
const scaler = { manager: 'kube-controller-manager', subresource: 'scale', operation: 'Update' };
const kubectl = { manager: 'kubectl', subresource: 'scale', operation: 'Update' };

describe('before an apply the replicas of a Deployment', () => {
  it('are held where the environment stops naming them and only it has', () => {
    assert.equal(replicasStep(deployment(undefined), deployment(3, [own]), true), 'hold');
    assert.equal(replicasStep(deployment(undefined), deployment(3, [own, scaler]), true), undefined);
    assert.equal(replicasStep(deployment(undefined), deployment(3), true), undefined);
  });

  it('are taken from a hold or a scaler that goes where the environment names them', () => {
    assert.equal(replicasStep(deployment(2), deployment(0, [hold]), false), 'take');
    assert.equal(replicasStep(deployment(2), deployment(5, [scaler]), false), 'take');
    assert.equal(replicasStep(deployment(2), deployment(5, [scaler]), true), undefined);
    assert.equal(replicasStep(deployment(2), deployment(5, [kubectl]), false), undefined);
  });

  it('need nothing where there is no Deployment, or it is another kind', () => {
    assert.equal(replicasStep(deployment(2), undefined, false), undefined);
    assert.equal(
      replicasStep({ ...deployment(2), kind: 'StatefulSet' }, deployment(0, [hold]), false),
      undefined,
    );
  });

  it('are a number, 0 too', () => {
    assert.deepEqual([replicasOf(deployment(0)), replicasOf(deployment(undefined))], [0, undefined]);
  });
});
