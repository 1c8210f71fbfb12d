/** The states of a release as a whole. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freshNamespace, kubeconfigFor, waitForRight } from '../../support/cluster.ts';
import { findTool } from '../../support/find-tool.ts';
import { type Deployment, secretValues } from '../../support/lifecycle.ts';
import { builtObjects, oldObjects, writeChart, writeManifests } from '../../support/old-chart.ts';
import { runTool } from '../../support/tools.ts';
import { startSession } from '../../support/voice-session.ts';
import { type Case, follow, look } from './follow.ts';
import { onApplied, onCluster, type Person, personAt, run } from './standing.ts';

const merge = 'application/merge-patch+json';
const gateway = '/apis/apps/v1/deployments/glyphoxa-gateway';

/** What kubectl has applied on the client's side, as an older tool did. */
async function appliedByHand(of: Deployment): Promise<void> {
  const file = writeManifests(of, oldObjects(await builtObjects(of), 'zhi'));
  const { exitCode, stderr } = await runTool(findTool('kubectl-1.36') ?? '', ['apply', '-f', file], {
    env: { ...of.env },
  });
  assert.equal(exitCode, 0, stderr);
}

/** What helm has installed as the release `glyphoxa`. */
async function installedByHelm(of: Deployment): Promise<void> {
  const chart = writeChart(of, oldObjects(await builtObjects(of), 'Helm'));
  const args = ['install', 'glyphoxa', chart, '-n', of.namespace];
  const { exitCode, stderr } = await runTool(findTool('helm-3') ?? '', args, { env: { ...of.env } });
  assert.equal(exitCode, 0, stderr);
}

/** The namespace is held back while it is being deleted. */
async function leaving({ of }: Person, done: (hook: () => Promise<unknown>) => void): Promise<void> {
  const hold = (finalizers: string[] | null) =>
    of.request('PATCH', '/configmaps/hold', { metadata: { finalizers } }, merge);
  await of.request('POST', '/configmaps', { metadata: { name: 'hold' } });
  await hold(['example.com/hold']);
  done(() => hold(null));
  await of.cluster.request('DELETE', `/api/v1/namespaces/${of.namespace}`);
}

/** Writes the environment anew, for a namespace. */
async function moveTo(of: Deployment, namespace: string): Promise<void> {
  const layer = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa', metadata: { namespace } };
  writeFileSync(join(of.folder, 'overlays/test/config.yaml'), JSON.stringify(layer));
  const { exitCode, stderr } = await of.run('generate');
  assert.equal(exitCode, 0, stderr);
}

/** A namespace with the Secret that the deployment needs. */
async function namespaceWithSecret({ cluster }: Deployment): Promise<string> {
  const namespace = await freshNamespace(cluster);
  const secret = { metadata: { name: 'glyphoxa-secrets' }, stringData: secretValues };
  await cluster.request('POST', `/api/v1/namespaces/${namespace}/secrets`, secret);
  return namespace;
}

const roleBindings = '/apis/rbac.authorization.k8s.io/v1/rolebindings';

/** Lets an account do everything in its namespace. */
async function allow(of: Deployment, account: string): Promise<void> {
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace: of.namespace }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  await of.request('POST', roleBindings, { metadata: { name: account }, subjects, roleRef });
  const serviceAccount = { serviceAccount: account, namespace: of.namespace };
  const right = { group: 'rbac.authorization.k8s.io', resource: 'roles', verb: 'patch' };
  await waitForRight(of.cluster, serviceAccount, right);
}

const start = /^glyphoxa-kustomize start test/;

/** The namespace of the environment is not there. */
function withoutNamespace(verb: string, says: RegExp) {
  return async (person: Person, t: TestContext) => {
    const namespace = `${person.of.namespace}-${verb}`;
    t.after(() => person.of.cluster.request('DELETE', `/api/v1/namespaces/${namespace}`));
    await moveTo(person.of, namespace);
    await follow(person, { argv: person.argv(verb), says, command: /^kubectl .*create namespace/ });
  };
}

function whileStopped(verb: string, says: RegExp) {
  return async (person: Person) => {
    await run(person.of, 'stop');
    await follow(person, { argv: person.argv(verb), says, command: start });
  };
}

export const releaseCases = {
  adopt: onCluster(
    async (person) => {
      await appliedByHand(person.of);
      const argv = person.argv('apply');
      const command = /^glyphoxa-kustomize apply test --adopt/;
      await follow(person, { argv, says: /error client-side-apply/, command });
    },
    { secret: false },
  ),
  immutable: onCluster(async (person) => {
    const { of } = person;
    const labels = { app: 'other' };
    const containers = [{ name: 'a', image: 'registry.example/a:1' }];
    const spec = {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    };
    const advice = {
      argv: person.argv('apply', '--force-conflicts'),
      says: /error refused: .*field is immutable/,
      command: /^kubectl .*delete deployment\.apps\/glyphoxa-gateway/,
    };
    const foreign = { metadata: { name: 'glyphoxa-gateway' }, spec };
    await of.request('POST', '/apis/apps/v1/deployments', foreign);
    await follow(person, advice);
    await run(of, 'destroy', '--yes');
    // as kubectl applies on the client's side
    const last = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    await of.request('POST', '/apis/apps/v1/deployments?fieldManager=kubectl-client-side-apply', {
      ...foreign,
      metadata: { name: 'glyphoxa-gateway', annotations: last },
    });
    await follow(person, { ...advice, argv: person.argv('apply', '--adopt') });
  }),
  'kept-of-helm': onCluster(
    async (person) => {
      await installedByHelm(person.of);
      const argv = person.argv('destroy', '--dry-run');
      await follow(person, { argv, says: /Helm made it/, command: /^helm uninstall/ });
    },
    { secret: false },
  ),
  'kept-parked': onCluster(
    async (person) => {
      await installedByHelm(person.of);
      await run(person.of, 'apply', '--adopt');
      const argv = person.argv('destroy', '--dry-run');
      await follow(person, { argv, says: /parked/, command: /^kubectl .* delete secret/ });
    },
    { secret: false },
  ),
  'namespace-leaving': onApplied(async (person, t) => {
    await leaving(person, (hook) => t.after(hook));
    const command = /^kubectl .*get namespace/;
    for (const verb of ['apply', 'stop', 'destroy'])
      await look(person, { argv: person.argv(verb), says: /error namespace-going/, command }, /Terminating/);
  }),
  'namespace-missing': onCluster(withoutNamespace('apply', /error namespace-missing/)),
  'namespace-missing/diff': onCluster(withoutNamespace('diff', /warning namespace-missing/)),
  'not-deployed': onCluster(async (person) => {
    const command = /^glyphoxa-kustomize apply test/;
    await follow(person, { argv: person.argv('stop', '--dry-run'), says: /error not-deployed/, command });
  }),
  'not-deployed/status': onCluster(async (person) => {
    const command = /^glyphoxa-kustomize apply test/;
    await follow(person, { argv: person.argv('status'), says: /is not deployed/, command });
  }),
  paused: onApplied(async (person) => {
    await person.of.request('PATCH', gateway, { spec: { paused: true } }, merge);
    const argv = person.argv('restart');
    await follow(person, { argv, says: /error paused/, command: /^kubectl .*rollout resume/ });
  }),
  'runs-elsewhere': onApplied(async (person) => {
    let old = person.of.namespace;
    for (const [verb, says] of [
      ['apply', /error runs-elsewhere/],
      ['diff', /error runs-elsewhere/],
      ['status', /the environment runs as glyphoxa in the namespace/],
    ] as const) {
      const next = await namespaceWithSecret(person.of);
      await moveTo(person.of, next);
      await follow(person, {
        argv: person.argv(verb),
        says,
        command: /^glyphoxa-kustomize destroy test -n/,
        typed: `test ${old}`,
      });
      await run(person.of, 'apply');
      old = next;
    }
  }),
  'runs-elsewhere/beside': onApplied(async (person) => {
    await moveTo(person.of, await namespaceWithSecret(person.of));
    const command = /^glyphoxa-kustomize apply test --beside/;
    await follow(person, { argv: person.argv('apply'), says: /error runs-elsewhere/, command });
  }),
  'runs-on': onCluster(
    async (person) => {
      await appliedByHand(person.of);
      const command = /^glyphoxa-kustomize apply test --adopt/;
      const argv = person.argv('destroy', '--yes');
      await follow(person, { argv, says: /error runs-on/, command });
    },
    { secret: false },
  ),
  draining: onApplied(async ({ of }, t) => {
    await of.request('POST', '/serviceaccounts', { metadata: { name: 'drainer' } });
    await allow(of, 'drainer');
    const account = { serviceAccount: 'drainer', namespace: of.namespace };
    const person = personAt(t, of, await kubeconfigFor(of.cluster, account));
    await startSession(of, 'aaaa1111');
    const draining = of.spawn(...person.argv('stop', '--drain'));
    await draining.says(/voice sessions: 1 left/);
    await of.request('DELETE', `${roleBindings}/drainer`);
    const { stdout, stderr } = await draining.ended;
    await allow(of, 'drainer');
    const ran = { exitCode: 1, stdout, stderr };
    const advice = { argv: [], says: /warning not-given-back/, command: start };
    await look(person, advice, /role\S+ configured/, ran);
    const { stdout: now } = await of.run('status', 'test');
    assert.doesNotMatch(now, /new sessions are kept out/);
  }),
  'stop-superseded': onApplied(async (person) => {
    const { of } = person;
    await startSession(of, 'aaaa1111');
    const draining = of.spawn(...person.argv('stop', '--drain'));
    await draining.says(/voice sessions: 1 left/);
    await run(of, 'start');
    const ran = { exitCode: 1, ...(await draining.ended) };
    const command = /^glyphoxa-kustomize status test/;
    await look(
      person,
      { argv: [], says: /error stop-superseded/, command },
      /aaaa1111 +tavern +running/,
      ran,
    );
  }),
  stopped: onApplied(async (person) => {
    const argv = person.argv('stop');
    await look(person, { argv, says: /is stopped; /, command: start }, /glyphoxa-gateway scaled/);
  }),
  'stopped/apply': onApplied(whileStopped('apply', /error stopped/)),
  'stopped/diff': onApplied(whileStopped('diff', /stopped since/)),
  'stopped/restart': onApplied(whileStopped('restart', /error stopped/)),
  'stopped/status': onApplied(whileStopped('status', /it is stopped since/)),
} satisfies { readonly [state: string]: Case };
