/** What ends the wait for a rollout that another run has replaced. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ownManager } from '../../../generator/lifecycle/api/managers.ts';
import { look, watch } from '../../../generator/lifecycle/rollout/watched.ts';
import type { Session } from '../../../generator/lifecycle/session/session.ts';
import type { Failure } from '../../../generator/model/finding.ts';

const second = '2026-01-01T00:00:00Z';

/** The fields that an apply of an image has set. */
const imageFields = {
  'f:spec': {
    'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"g"}': { '.': {}, 'f:image': {} } } } },
  },
};

/** A Deployment that an apply of ours was at in a second, with an image that is its own or somebody else's. */
const deployment = (time: string, image: string, fieldsV1: object = imageFields) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'gateway',
    uid: 'u',
    generation: 1,
    managedFields: [{ manager: ownManager, operation: 'Apply', time, fieldsType: 'FieldsV1', fieldsV1 }],
  },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'g' } },
    template: { spec: { containers: [{ name: 'g', image }] } },
  },
  status: { observedGeneration: 1 },
});

/** The codes that the second look ends with. */
async function secondLook(before: object, after: object): Promise<string[]> {
  const answers = [before, after];
  const client = { get: async () => answers.shift(), list: async () => [], clockSkewMs: () => 0 };
  const report = { progress: () => {} };
  const session = { client, report, target: { name: 'test', namespace: 'voice' } } as unknown as Session;
  const one = watch('gateway');
  await look(session, one);
  return look(session, one).then(
    () => [],
    (error: Failure) => error.findings.map(({ code }) => code),
  );
}

it('another apply has replaced it, also one in the same second', async () => {
  const was = deployment(second, 'a');
  assert.deepEqual(await secondLook(was, was), []);
  assert.deepEqual(await secondLook(was, deployment('2026-01-01T00:00:01Z', 'a')), ['rollout-superseded']);
  assert.deepEqual(await secondLook(was, deployment(second, 'b')), ['rollout-superseded']);
  const nothing = deployment(second, 'a', {});
  assert.deepEqual(await secondLook(nothing, was), ['rollout-superseded'], 'a field that it had not set');
});

it('what others do to the pods is a part of the rollout that is waited for', async () => {
  const was = deployment(second, 'a');
  assert.deepEqual(await secondLook(was, deployment(second, 'b', {})), []);
  const theirs = { ...was, spec: { ...was.spec, paused: true } };
  assert.deepEqual(await secondLook(was, theirs), []);
});
