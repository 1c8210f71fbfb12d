/** An apply that ends before each of its changes in turn: the next one goes on from there, and nothing is forgotten. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Client } from '../../../generator/lifecycle/api/client.ts';
import type { Session } from '../../../generator/lifecycle/session/session.ts';
import { apply } from '../../../generator/lifecycle/verbs/apply/apply.ts';
import { diffRelease } from '../../../generator/lifecycle/verbs/diff/diff.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { type Deployment, makeDeployment } from '../../support/lifecycle.ts';
import { objectsOf } from '../../support/live-objects.ts';
import { sessionOf } from '../../support/session.ts';

/** A client whose API server is gone for good after so many changes; questions and dry runs are none. */
function cutOff(client: Client, changes: number): { readonly client: Client; isCut(): boolean } {
  let left = changes;
  let isCut = false;
  const count = (isChange: boolean) => {
    if (isChange && left-- === 0) isCut = true;
    if (isCut) throw new Error('cut off');
  };
  const through = (inner: Client): Client => ({
    ...inner,
    async send(method, path, options) {
      const asks = method === 'GET' || path.endsWith('reviews') || options?.query?.dryRun !== undefined;
      count(!asks);
      return inner.send(method, path, options);
    },
    async get(...request) {
      count(false);
      return inner.get(...request);
    },
    async list(...request) {
      count(false);
      return inner.list(...request);
    },
    tidying: () => through(inner.tidying()),
  });
  return { client: through(client), isCut: () => isCut };
}

const choices = { forceConflicts: false, adopt: false, prune: true, wait: false };

/** Applies what has changed, is cut off, and applies again; tells whether it was cut off. */
async function applyTwice(of: Deployment, session: Session, changes: number): Promise<boolean> {
  const { client, isCut } = cutOff(session.client, changes);
  await apply({ ...session, client }, choices).catch((error: unknown) => {
    if (!isCut()) throw error;
  });
  // as it is after the seconds that a killed run keeps it
  if (isCut())
    await of.request('DELETE', '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle').catch(() => {});
  await apply(session, choices);
  const { objects, findings } = await diffRelease(session);
  assert.deepEqual([objects, findings], [[], []]);
  return isCut();
}

/** Two states of an environment. */
async function states(t: TestContext, of: Deployment) {
  const open = async (spec: JsonObject) => {
    await of.configure(spec);
    return sessionOf(t, of);
  };
  const few = await open({ mcpGateway: { enabled: false }, gateway: { replicaCount: 3 } });
  const many = await open({ autoscaling: { enabled: true }, config: { server: { log_level: 'debug' } } });
  return { few, many };
}

test('an apply that is cut off before any of its changes is gone on with by the next', async (t) => {
  if (!requireCluster(t)) return;
  const of = await makeDeployment(t, await testCluster());
  const { few, many } = await states(t, of);
  const foreign = 'configmap/glyphoxa-mcp-gateway';
  const metadata = { name: 'glyphoxa-mcp-gateway' };
  const { metadata: made } = await of.request('POST', '/configmaps?fieldManager=somebody', { metadata });
  const own = [
    'deployment.apps/glyphoxa-mcp-gateway',
    'service/glyphoxa-mcp-gateway',
    'horizontalpodautoscaler.autoscaling/glyphoxa-gateway',
  ];
  for (let [first, cuts] = [0, 1]; cuts > 0; first += 2) {
    cuts = 0;
    // one of them after each even number of changes, the other after each odd one
    for (const [index, session] of [many, few].entries()) {
      const changes = first + index;
      if (await applyTwice(of, session, changes)) cuts++;
      const there = await objectsOf(of);
      const cut = `cut off after ${changes} changes`;
      assert.equal(there.get(foreign)?.metadata.uid, (made as JsonObject).uid, cut);
      const found = JSON.stringify(there.get('configmap/glyphoxa-inventory')?.data ?? {});
      assert.equal(found.includes('ConfigMap/'), session === many, cut);
      for (const id of own) assert.equal(there.has(id), session === many, `${id} ${cut}`);
      // scaled by nobody, so the number that the environment listed last
      const spec = there.get('deployment.apps/glyphoxa-gateway')?.spec as JsonObject;
      assert.equal(spec.replicas, changes === 0 && session === many ? 1 : 3, cut);
    }
    if (cuts === 0) t.diagnostic(`${first} changes`);
  }
});
