/** The cluster that the tests of this process share, and what they need on it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { clientOf, kubeconfigText } from './control-plane/client.ts';
import { removeAtExit } from './control-plane/process.ts';
import {
  type Answer,
  allComponents,
  type ControlPlane,
  requireControlPlane,
  startControlPlane,
} from './control-plane.ts';

/** A cluster on which Deployments roll out and Jobs run; {@link ControlPlane.stop} is not for its tests. */
export interface TestCluster extends ControlPlane {
  /** Path of a kubeconfig file of the cluster admin, context `test`. */
  kubeconfig: string;
}

/** What `npm run cluster` writes for others to join it. */
export type ClusterAccess = Pick<TestCluster, 'server' | 'token' | 'ca' | 'kubeconfig'>;

/**
 * Whether there is a cluster for this test. Where its tools are missing, the test is marked as skipped and
 * must return; with `CI=true` this throws.
 */
export function requireCluster(t: TestContext): boolean {
  return Boolean(process.env.GLYPHOXA_TEST_CLUSTER) || requireControlPlane(t, allComponents);
}

let cluster: Promise<TestCluster> | undefined;

/**
 * The cluster of this process: the one whose access the file in GLYPHOXA_TEST_CLUSTER holds, else one that is
 * started now and ends with the process. Others may work on it too, each in a namespace of its own.
 */
export function testCluster(): Promise<TestCluster> {
  const file = process.env.GLYPHOXA_TEST_CLUSTER;
  cluster ??= file ? joinCluster(file) : startControlPlane({ components: allComponents });
  return cluster;
}

async function joinCluster(file: string): Promise<TestCluster> {
  const access: ClusterAccess = JSON.parse(readFileSync(file, 'utf8'));
  const { request } = clientOf(access);
  const refuse = () => Promise.reject(new Error('this cluster is shared: start one with startControlPlane'));
  const calls = { stopApiServer: refuse, startApiServer: refuse, restartApiServer: refuse, stop: refuse };
  return { ...access, request, ...calls };
}

const namespaces: string[] = [];

// On a cluster that others share, what is left behind would take their room.
after(async () => {
  const { request } = (await cluster?.catch(() => undefined)) ?? {};
  for (const name of namespaces) await request?.('DELETE', `/api/v1/namespaces/${name}`).catch(() => {});
});

/**
 * A new namespace that enforces the restricted Pod Security level, and warns and audits by it. It goes
 * when the tests of this process have ended.
 */
export async function freshNamespace(
  cluster: TestCluster,
  labels: Record<string, string> = {},
): Promise<string> {
  const name = `test-${randomBytes(5).toString('hex')}`;
  const restricted = ['enforce', 'warn', 'audit'].map((mode) => [
    `pod-security.kubernetes.io/${mode}`,
    'restricted',
  ]);
  const metadata = { name, labels: { ...Object.fromEntries(restricted), ...labels } };
  expect(201, await cluster.request('POST', '/api/v1/namespaces', { metadata }));
  namespaces.push(name);
  // What controllers put into every namespace, so that it does not come while a test looks.
  for (const path of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt']) {
    await waitFor(`${path} of ${name}`, async () => {
      const { status } = await cluster.request('GET', `/api/v1/namespaces/${name}/${path}`);
      return status === 200 ? true : undefined;
    });
  }
  return name;
}

/** Path of a kubeconfig file of a ServiceAccount, context `test`; its token lasts an hour. */
export async function kubeconfigFor(
  cluster: TestCluster,
  { serviceAccount, namespace }: { serviceAccount: string; namespace: string },
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = expect(201, await cluster.request('POST', path, request)) as {
    status: { token: string };
  };
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  removeAtExit(folder);
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, kubeconfigText({ ...cluster, token: status.token }, namespace), { mode: 0o600 });
  return file;
}

/** Waits until the API server's authorizer knows a right of a ServiceAccount: it hears of bindings a moment later. */
export async function waitForRight(
  cluster: TestCluster,
  { serviceAccount, namespace }: { serviceAccount: string; namespace: string },
  { group, resource, verb, name }: { group: string; resource: string; verb: string; name?: string },
): Promise<void> {
  const user = `system:serviceaccount:${namespace}:${serviceAccount}`;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const resourceAttributes = { namespace, group, resource, verb, ...(name === undefined ? {} : { name }) };
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  await waitFor(`the right of ${user}`, async () => {
    const answer = await cluster.request('POST', path, { spec: { user, groups, resourceAttributes } });
    const { status } = expect(201, answer) as { status: { allowed: boolean } };
    return status.allowed || undefined;
  });
}

/** Asks until there is an answer. Throws where there is none after `limitMs`, by default five minutes. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  limitMs = 300_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function expect(status: number, answer: Answer): unknown {
  if (answer.status !== status) throw new Error(`HTTP ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
