/** What a lease meets that a real cluster does only now and then. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Client } from '../../../generator/lifecycle/api/client.ts';
import { ApiError } from '../../../generator/lifecycle/api/errors.ts';
import type { Session } from '../../../generator/lifecycle/session/session.ts';
import { withLease } from '../../../generator/lifecycle/state/lease.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';

it('a lease is given back, also where a renewal comes between', async () => {
  let lease: KubernetesObject | undefined;
  let version = 1;
  const put = (body: unknown) => {
    const object = body as KubernetesObject;
    lease = { ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: String(version++) } };
    return lease;
  };
  const answer = (method: string, status: number) =>
    new ApiError(method, '/', { status, text: '{}', retryAfter: undefined });
  const client: Partial<Client> = {
    get: async () => lease,
    clockSkewMs: () => 0,
    send: async (method, _, { body } = {}) => {
      if (method === 'POST') return put(body);
      if (lease === undefined) throw answer(method, 404);
      if (method === 'GET') return lease;
      const { preconditions } = body as { preconditions: { resourceVersion: string } };
      // the renewal that was on its way
      if (version === 2) put(lease);
      if (preconditions.resourceVersion !== lease.metadata.resourceVersion) throw answer(method, 409);
      lease = undefined;
      return {};
    },
  };
  const session = { client, target: { release: 'r', namespace: 'n' } } as unknown as Session;
  await withLease(session, 'stop', async () => {});
  assert.equal(lease, undefined);
});

it('whether a holder is alive is told by the clock of the server, not by the one here', async () => {
  const hour = 3_600_000;
  const renewedAt = async (ageMs: number, skewMs: number) => {
    const renewTime = new Date(Date.now() + skewMs - ageMs).toISOString();
    const metadata = { name: 'r', resourceVersion: '1' };
    const lease = { metadata, spec: { holderIdentity: 'somebody', renewTime } } as never;
    const said: string[] = [];
    const client: Partial<Client> = {
      get: async () => lease,
      clockSkewMs: () => skewMs,
      tidying: () => client as Client,
      send: async (method, _, { body } = {}) => {
        if (method === 'POST')
          throw new ApiError(method, '/', { status: 409, text: '{}', retryAfter: undefined });
        return (body ?? lease) as never;
      },
    };
    const signal = AbortSignal.timeout(100);
    const report = { say: (text: string) => said.push(text) };
    const session = {
      client,
      report,
      signal,
      target: { release: 'r', namespace: 'n' },
    } as unknown as Session;
    const took = await withLease(session, 'stop', async () => true).catch(() => false);
    return [took, said.length > 0];
  };
  assert.deepEqual(
    await renewedAt(hour, -2 * hour),
    [true, false],
    'dead for an hour, and this clock is ahead',
  );
  assert.deepEqual(await renewedAt(1_000, -2 * hour), [false, true], 'alive, and this clock is ahead');
  assert.deepEqual(
    await renewedAt(hour, 2 * hour),
    [true, false],
    'dead for an hour, and this clock is behind',
  );
  assert.deepEqual(await renewedAt(1_000, 2 * hour), [false, true], 'alive, and this clock is behind');
});
