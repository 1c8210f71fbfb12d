/** What a destroy takes for its own, on a cluster that is a table. */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { ownManager } from '../../../generator/lifecycle/api/managers.ts';
import { applySetId, idLabel, memberLabel } from '../../../generator/lifecycle/state/inventory.ts';
import { goingObjects, planDestroy } from '../../../generator/lifecycle/verbs/destroy/plan.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { stubSession } from '../../support/stub-session.ts';

const id = applySetId('glyphoxa-inventory', 'voice');
const ours = [{ manager: ownManager, operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1: {} }];

const object = (apiVersion: string, kind: string, name: string, more: JsonObject = {}): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'voice', uid: `${kind}/${name}`, managedFields: ours, ...more },
});

const member = { labels: { [memberLabel]: id } };
const core = '/api/v1/namespaces/voice';
const database = object('apps/v1', 'StatefulSet', 'glyphoxa-postgresql');
const volume = object('v1', 'PersistentVolumeClaim', 'data-glyphoxa-postgresql-0');

const objects: { [path: string]: JsonObject } = {
  '/api/v1/namespaces/voice': object('v1', 'Namespace', 'voice'),
  [`${core}/configmaps/glyphoxa-inventory`]: {
    ...object('v1', 'ConfigMap', 'glyphoxa-inventory', { labels: { [idLabel]: id } }),
    data: { found: '["Service/voice/glyphoxa-gateway"]' },
  },
  '/apis/apps/v1/namespaces/voice/deployments/glyphoxa-gateway': object(
    'apps/v1',
    'Deployment',
    'glyphoxa-gateway',
    member,
  ),
  [`${core}/services/glyphoxa-gateway`]: object('v1', 'Service', 'glyphoxa-gateway', member),
  [`${core}/configmaps/glyphoxa-config`]: object('v1', 'ConfigMap', 'glyphoxa-config', {
    labels: { [memberLabel]: 'applyset-another-v1' },
  }),
  [`${core}/serviceaccounts/glyphoxa-gateway`]: object('v1', 'ServiceAccount', 'glyphoxa-gateway', {
    managedFields: [],
  }),
  '/apis/apps/v1/namespaces/voice/statefulsets/glyphoxa-postgresql': database,
  [`${core}/persistentvolumeclaims`]: { items: [volume] },
};

const keep = { database: false, volumes: false, namespace: false };

async function planOf(t: TestContext, choices: Partial<typeof keep>) {
  const { session } = await stubSession(t, {}, { objects });
  const plan = await planDestroy(session, { ...keep, ...choices });
  const names = goingObjects(plan, { ...keep, ...choices }).map(
    ({ kind, metadata }) => `${kind}/${metadata.name}`,
  );
  return { goes: names, kept: plan.kept.map(({ what }) => what), plan };
}

it('what we created goes; what was there, is of another set, was made by others or holds data stays', async (t) => {
  const { goes, kept, plan } = await planOf(t, {});
  assert.deepEqual(goes, ['Deployment/glyphoxa-gateway']);
  assert.deepEqual(kept.sort(), [
    'configmap/glyphoxa-config',
    'namespace/voice',
    'persistentvolumeclaim/data-glyphoxa-postgresql-0',
    'service/glyphoxa-gateway',
    'serviceaccount/glyphoxa-gateway',
    'statefulset.apps/glyphoxa-postgresql',
  ]);
  assert.deepEqual(
    plan.leaves.map(({ kind }) => kind),
    ['Service'],
    'only what is in our set is let go',
  );
});

it('each thing that cannot be made again goes only where it is named', async (t) => {
  const server = (await planOf(t, { database: true })).goes;
  assert.deepEqual(server, ['Deployment/glyphoxa-gateway', 'StatefulSet/glyphoxa-postgresql']);
  const { goes, kept } = await planOf(t, { database: true, volumes: true, namespace: true });
  assert.deepEqual(goes, [...server, 'PersistentVolumeClaim/data-glyphoxa-postgresql-0']);
  assert.deepEqual(kept, [], 'with the namespace goes all that is in it');
});
