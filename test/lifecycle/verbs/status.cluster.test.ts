/** `status` on a real API server with real controllers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Status } from '../../../generator/lifecycle/verbs/status/status.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { parseYaml } from '../../../generator/model/yaml.ts';
import { kubeconfigFor, requireCluster, testCluster, waitFor } from '../../support/cluster.ts';
import { type Deployment, makeDeployment, secretValues } from '../../support/lifecycle.ts';
import { startSession } from '../../support/voice-session.ts';

async function statusOf(of: Deployment, ...more: string[]): Promise<{ code: number; status: Status }> {
  const { exitCode, stdout, stderr } = await of.run('status', 'test', '-o', 'json', ...more);
  for (const value of Object.values(secretValues)) assert.ok(!(stdout + stderr).includes(value));
  return { code: exitCode, status: JSON.parse(stdout) as Status };
}

const crashing: JsonObject = {
  autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 9 },
  mcpGateway: { podPatch: { metadata: { annotations: { 'test.glyphoxa.io/fate': 'crash-loop' } } } },
};

describe('status', () => {
  it('shows what runs, the voice sessions and that nothing differs, in words, JSON and YAML', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    await startSession(of, '0a1b2c3d-4e5f');
    const { code, status } = await statusOf(of);
    assert.equal(code, 0);
    assert.equal(status.health, 'healthy');
    assert.deepEqual(
      status.sessions?.map(({ tenant, id }) => [tenant, id]),
      [['tavern', '0a1b2c3d-4e5f']],
    );
    assert.deepEqual(status.missingSecrets, []);
    const text = await of.run('status', 'test', '--timeout=700h');
    assert.equal(text.exitCode, 0);
    for (const line of [
      /^glyphoxa .*\bhealthy$/m,
      /shared topology/,
      /^glyphoxa-gateway +registry\.example\.com\/glyphoxa +build-17 +3\/3 /m,
      /^glyphoxa-gateway-\S+ +Running +0 /m,
      /tavern/,
      /^database +outside .*unchecked$/m,
      /^secrets +all there$/m,
      /^drift +none/m,
    ])
      assert.match(text.stdout, line);
    const yaml = await of.run('status', 'test', '-o', 'yaml');
    assert.equal((parseYaml(yaml.stdout)[0] as JsonObject).health, 'healthy');
  });

  it('says what is wrong: pods that crash, what the cluster warns of, a Secret that is gone, drift, a stop', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), { spec: crashing });
    assert.equal((await of.run('apply', 'test', '--no-wait')).exitCode, 0);
    await waitFor('a crash', async () => {
      const { stdout } = await of.run('status', 'test');
      return /CrashLoopBackOff/.test(stdout) || undefined;
    });
    const crashed = await statusOf(of);
    assert.equal(crashed.code, 1);
    assert.equal(crashed.status.health, 'unhealthy');
    assert.match(crashed.status.problems.join('\n'), /glyphoxa-mcp-gateway/);
    assert.ok(crashed.status.pods?.some(({ restarts }) => restarts >= 3));
    const [scaler] = crashed.status.autoscalers ?? [];
    assert.deepEqual([scaler?.target, scaler?.min, scaler?.max], ['glyphoxa-gateway', 2, 9]);
    const { stdout } = await of.run('status', 'test');
    for (const line of [
      /^autoscaling +glyphoxa-gateway: (?:\S+ of )?2 to 9; cpu /m,
      /^ +.*\bmcp-gateway .*\b4 .*\b1$/m,
      /BackOff.* pod\/glyphoxa-mcp-gateway-\S+ +Back-off .*$/m,
    ])
      assert.match(stdout, line);

    await of.configure({});
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    await of.configure({ gateway: { replicaCount: 2 } });
    const drifted = await statusOf(of);
    assert.equal(drifted.code, 0);
    assert.match(JSON.stringify(drifted.status.drift), /glyphoxa-gateway/);
    assert.equal((await statusOf(of, '--strict')).code, 1);

    await of.request('DELETE', '/secrets/glyphoxa-secrets');
    const missing = await statusOf(of);
    assert.equal(missing.code, 1);
    assert.deepEqual(
      missing.status.missingSecrets?.map(({ name }) => name),
      ['glyphoxa-secrets'],
    );
    assert.equal((await of.run('stop', 'test')).exitCode, 0);
    const stopped = await statusOf(of);
    assert.equal(stopped.code, 1);
    assert.equal(stopped.status.stopped?.draining, false);
    // what a stop has changed is no drift, and diff says why it differs
    assert.deepEqual(stopped.status.drift?.different, []);
    const diff = await of.run('diff', 'test');
    assert.match(diff.stdout, /^ {4}spec\.replicas: 0 → 2\n {6}\(.*"glyphoxa-kustomize start test".*\)$/m);
  });

  it('is unknown where nobody can tell: no rights, no API server', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const kubeconfig = await kubeconfigFor(of.cluster, {
      serviceAccount: 'default',
      namespace: of.namespace,
    });
    const { code, status } = await statusOf(of, `--kubeconfig=${kubeconfig}`);
    assert.equal(code, 2);
    assert.equal(status.health, 'unknown');
    assert.ok(status.unknown.length > 0);
    const away = await of.run('status', 'test', '--kubeconfig=nowhere');
    assert.equal(away.exitCode, 2);
    assert.match(away.stderr, /error no-kubeconfig/);
  });

  it('works under the built-in role view: what it does not let read is not readable, and does not decide', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    await of.request('POST', '/apis/rbac.authorization.k8s.io/v1/rolebindings', {
      metadata: { name: 'viewer' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: of.namespace }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    });
    const kubeconfig = await kubeconfigFor(of.cluster, {
      serviceAccount: 'default',
      namespace: of.namespace,
    });
    const { code, status } = await statusOf(of, `--kubeconfig=${kubeconfig}`);
    assert.deepEqual(status.unknown.map(({ part }) => part).sort(), ['drift', 'secrets']);
    assert.deepEqual([code, status.health], [0, 'healthy']);
    assert.equal((await statusOf(of, `--kubeconfig=${kubeconfig}`, '--strict')).code, 2);
    const { stdout } = await of.run('status', 'test', `--kubeconfig=${kubeconfig}`);
    assert.match(stdout, /^ {2}\? secrets: not readable: /m);
    assert.match(stdout, /^glyphoxa-gateway .* 3\/3 /m);
  });

  it('with --watch goes on until it is interrupted, and prints what changes', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const watching = of.spawn('status', 'test', '--watch', '--interval=0.5', '-o', 'json');
    let printed = '';
    watching.child.stdout?.on('data', (text: string) => {
      printed += text;
    });
    await waitFor('the first look', async () => (printed.includes('\n') ? true : undefined));
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    await waitFor('what changed', async () => (/"health":"healthy"/.test(printed) ? true : undefined));
    watching.child.kill('SIGINT');
    const { code, stderr } = await watching.ended;
    assert.equal(code, 130);
    assert.equal(stderr, 'interrupted\n');
    for (const line of printed.trim().split('\n')) JSON.parse(line);
  });
});
