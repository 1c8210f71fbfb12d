/** The members of a set, of kinds that no cluster of the tests serves. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Inventory } from '../../../generator/lifecycle/state/inventory.ts';
import { membersOf } from '../../../generator/lifecycle/state/members.ts';
import { stubSession } from '../../support/stub-session.ts';

it('are found in whatever version their kind is served', async (t) => {
  const group = 'gateway.networking.k8s.io';
  const kind = (version: string, name: string) => {
    return { group, version, kind: name, plural: `${name.toLowerCase()}s`, namespaced: true };
  };
  const [preferredVersion, other] = [{ groupVersion: `${group}/v1` }, { groupVersion: `${group}/v1alpha2` }];
  const named = (name: string) => ({ items: [{ apiVersion: group, kind: 'Route', metadata: { name } }] });
  const { session } = await stubSession(
    t,
    {},
    {
      objects: {
        [`/apis/${group}`]: { preferredVersion, versions: [preferredVersion, other] },
        [`/apis/${group}/v1/namespaces/voice/httproutes`]: named('http'),
        [`/apis/${group}/v1alpha2/namespaces/voice/tcproutes`]: named('tcp'),
      },
      kinds: {
        [`${group}/v1`]: [kind('v1', 'HTTPRoute')],
        [`${group}/v1alpha2`]: [kind('v1alpha2', 'HTTPRoute'), kind('v1alpha2', 'TCPRoute')],
      },
    },
  );
  const kinds = ['HTTPRoute', 'TCPRoute', 'UDPRoute'].map((name) => `${name}.${group}`);
  const inventory: Inventory = {
    namespace: 'voice',
    name: 'glyphoxa-inventory',
    id: 'applyset-x-v1',
    groupKinds: [...kinds, 'Gone.example.com'],
    namespaces: [],
    elsewhere: [],
    found: [],
    leaving: [],
    origin: undefined,
    beside: [],
    stopped: undefined,
  };
  const members = await membersOf(session.client, 'glyphoxa', { inventory, exists: true });
  assert.deepEqual(
    members.map(({ metadata }) => metadata.name),
    ['http', 'tcp'],
  );
});
