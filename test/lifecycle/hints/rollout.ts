/** The states of a rollout that does not end. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dig, type JsonObject } from '../../../generator/model/json.ts';
import { writeYaml } from '../../../generator/model/yaml-writer.ts';
import { writeTop } from '../../support/lifecycle.ts';
import { podsOf } from '../../support/voice-session.ts';
import { type Case, follow, look, ranBy } from './follow.ts';
import { onApplied, onCluster, run } from './standing.ts';

const merge = 'application/merge-patch+json';
const gatewayPods = 'app.kubernetes.io/component=gateway';

/** What becomes of the gateway's pods. */
function fated(fate: string, more: JsonObject = {}): JsonObject {
  const metadata = { annotations: { 'test.glyphoxa.io/fate': fate } };
  return { gateway: { replicaCount: 1, podPatch: { metadata } }, ...more };
}

export const rolloutCases = {
  'log-hidden': onCluster(
    async (person) => {
      const argv = person.argv('apply', '--timeout', '60s');
      const command = /^kubectl .*logs glyphoxa-gateway-\S+ -c gateway --previous/;
      await look(person, { argv, says: /its log is not shown/, command }, /connect to database/);
    },
    { spec: fated('crash-loop', { core: { imagePullSecrets: [{ name: 'none' }] } }) },
  ),
  'node-lost': onCluster(
    async (person) => {
      const { of } = person;
      let isOver = false;
      const applying = ranBy(person, person.argv('apply', '--timeout', '20s')).finally(() => {
        isOver = true;
      });
      const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' };
      // each that takes the place of an evicted one is evicted too
      while (!isOver) {
        const pods = await podsOf(of, gatewayPods);
        const running = pods.filter(
          (pod) => dig(pod, ['spec', 'nodeName']) !== undefined && dig(pod, ['status', 'phase']) !== 'Failed',
        );
        for (const pod of running)
          await of
            .request('PATCH', `/pods/${dig(pod, ['metadata', 'name'])}/status`, { status }, merge)
            .catch(() => {}); // gone meanwhile
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      const command = /^kubectl .*describe node/;
      const advice = { argv: [], says: /error rollout-evicted/, command };
      await look(person, advice, /Conditions:/, await applying);
    },
    { spec: fated('never-ready') },
  ),
  'rollout-deadline': onCluster(async (person) => {
    const { of } = person;
    writeTop(of, []);
    const gates = [{ name: 'example.com/later' }];
    const patch = [
      { op: 'add', path: '/spec/progressDeadlineSeconds', value: 5 },
      { op: 'add', path: '/spec/template/spec/schedulingGates', value: gates },
    ];
    const patches = [{ target: { kind: 'Deployment' }, patch: JSON.stringify(patch) }];
    const top = { resources: ['../overlays/test'], patches };
    writeFileSync(join(of.folder, 'top', 'kustomization.yaml'), writeYaml(top));
    const [, , ...lead] = person.argv('apply');
    const argv = ['apply', join(of.folder, 'top'), ...lead.slice(2), '--timeout', '60s'];
    const command = /^kubectl .*describe deployment/;
    await look(person, { argv, says: /error rollout-deadline/, command }, /ProgressDeadlineExceeded/);
  }),
  'rollout-superseded': onCluster(
    async (person) => {
      const { of } = person;
      const hanging = of.spawn(...person.argv('apply'));
      await hanging.says(/glyphoxa-gateway: 0 of/);
      await run(of, 'stop');
      const ran = { exitCode: 1, ...(await hanging.ended) };
      const command = /^glyphoxa-kustomize status test/;
      await look(person, { argv: [], says: /error rollout-superseded/, command }, /stopped/, ran);
    },
    { spec: fated('never-ready') },
  ),
  'rollout-not-ready': onCluster(
    async (person) => {
      const argv = person.argv('apply', '--timeout', '15s');
      const command = /^kubectl .*logs glyphoxa-gateway-\S+ -c gateway/;
      await look(person, { argv, says: /error rollout-not-ready/, command }, /connect to database/);
    },
    { spec: fated('never-ready') },
  ),
  timeout: onCluster(
    async (person) => {
      const argv = person.argv('apply', '--timeout', '15s');
      const command = /^glyphoxa-kustomize status test/;
      await look(person, { argv, says: /error timeout/, command }, /^glyphoxa is unhealthy$/m);
    },
    { spec: fated('never-ready') },
  ),
  'rollout-paused': onApplied(async (person) => {
    const { of } = person;
    await of.request(
      'PATCH',
      '/apis/apps/v1/deployments/glyphoxa-gateway',
      { spec: { paused: true } },
      merge,
    );
    await of.configure({ core: { image: { tag: '0.1.1' } } });
    const argv = person.argv('apply', '--timeout', '60s');
    await follow(person, { argv, says: /error rollout-paused/, command: /^kubectl .*rollout resume/ });
    const { exitCode, stderr } = await of.run('status', 'test');
    assert.equal(exitCode, 0, stderr);
  }),
} satisfies { readonly [state: string]: Case };
