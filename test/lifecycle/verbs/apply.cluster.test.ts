/** `apply` on a real API server with real controllers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../../generator/model/json.ts';
import { requireCluster, testCluster, waitFor } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { type Deployment, makeDeployment, secretValues, writeTop } from '../../support/lifecycle.ts';
import { verbs } from '../../support/live-objects.ts';

const deployment = '/apis/apps/v1/deployments';

async function replicas(of: Deployment, name = 'glyphoxa-gateway'): Promise<number> {
  const { spec } = await of.request('GET', `${deployment}/${name}`);
  return (spec as { replicas: number }).replicas;
}

const scaled: JsonObject = { autoscaling: { enabled: true, minReplicas: 2 } };

describe('apply', () => {
  it('creates what the environment lists, waits for it, and finds nothing to do the second time', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const first = await of.run('apply', 'test');
    assert.equal(first.exitCode, 0, first.stderr);
    assert.equal(verbs(first.stdout)['deployment.apps/glyphoxa-gateway'], 'created');
    const { status } = await of.request('GET', `${deployment}/glyphoxa-gateway`);
    assert.equal((status as JsonObject).availableReplicas, 3);
    const second = await of.run('apply', 'test');
    assert.equal(second.exitCode, 0, second.stderr);
    assert.deepEqual(new Set(Object.values(verbs(second.stdout))), new Set(['unchanged']));
    assert.equal(Object.keys(verbs(second.stdout)).length, Object.keys(verbs(first.stdout)).length);
    for (const value of Object.values(secretValues)) {
      assert.doesNotMatch(
        first.stdout + first.stderr + second.stdout + second.stderr,
        new RegExp(value.slice(-20)),
      );
    }
    await assert.rejects(of.request('GET', '/apis/coordination.k8s.io/v1/leases/glyphoxa-lifecycle'), /404/);
  });

  it('makes other namespaces too, and waits for no Deployment there, which status shows all the same', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const namespace = `${of.namespace}-side`;
    t.after(() => of.cluster.request('DELETE', `/api/v1/namespaces/${namespace}`));
    const labels = { app: 'side' };
    const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
    const harmless = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    const containers = [{ name: 'main', image: 'example.org/a:1', securityContext: harmless }];
    const template = { metadata: { labels }, spec: { securityContext, containers } };
    const side = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'side', namespace },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    };
    writeTop(of, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, side]);
    assert.equal((await of.run('diff', 'top')).exitCode, 1);
    const { exitCode, stderr } = await of.run('apply', 'top');
    assert.equal(exitCode, 0, stderr);
    assert.match(
      stderr,
      new RegExp(`deployment\\.apps/side of the namespace ${namespace} is not waited for`),
    );
    const { stdout } = await of.run('status', 'top');
    assert.match(stdout, /^side +example\.org\/a +1 +0\/0 /m);
  });

  it('makes the namespace first, and says of each object once what it did', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), { secret: false });
    const namespace = `${of.namespace}-made`;
    t.after(() => of.cluster.request('DELETE', `/api/v1/namespaces/${namespace}`));
    const layer = {
      apiVersion: 'deploy.glyphoxa.io/v1alpha1',
      kind: 'Glyphoxa',
      metadata: { namespace },
      spec: { core: { createNamespace: true }, mcpGateway: { enabled: false } },
    };
    writeFileSync(join(of.folder, 'overlays', 'test', 'config.yaml'), JSON.stringify(layer));
    assert.equal((await of.run('generate')).exitCode, 0);
    // its Secret comes with the same apply
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'glyphoxa-secrets', namespace },
      stringData: secretValues,
    };
    writeTop(of, [secret]);
    const { exitCode, stdout, stderr } = await of.run('apply', 'top', '--no-wait');
    assert.equal(exitCode, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.equal(lines[0], `namespace/${namespace} created`);
    assert.ok(
      lines.every((line) => line.endsWith(' created')),
      stdout,
    );
    assert.equal(new Set(lines).size, lines.length);
    const again = await of.run('apply', 'top', '--no-wait');
    assert.deepEqual(new Set(Object.values(verbs(again.stdout))), new Set(['unchanged']));
    assert.equal(again.stdout.trim().split('\n').length, lines.length);
  });

  it('changes nothing in a dry run', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const { exitCode, stdout, stderr } = await of.run('apply', 'test', '--dry-run');
    assert.equal(exitCode, 0, stderr);
    assert.equal(verbs(stdout)['deployment.apps/glyphoxa-gateway'], 'created');
    assert.deepEqual((await of.request('GET', `${deployment}`)).items, []);
    const { items } = await of.request('GET', '/configmaps');
    assert.deepEqual(
      (items as JsonObject[]).map(({ metadata }) => (metadata as JsonObject).name),
      ['kube-root-ca.crt'],
    );
  });

  it('names who has set a field otherwise, touches nothing, and takes it with --force-conflicts', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    const scale = { spec: { replicas: 5 } };
    await of.request(
      'PATCH',
      `${deployment}/glyphoxa-gateway/scale?fieldManager=somebody`,
      scale,
      'application/merge-patch+json',
    );
    await of.configure({ gateway: { replicaCount: 4 }, config: { server: { log_level: 'debug' } } });
    const refused = await of.run('apply', 'test');
    assert.equal(refused.exitCode, 1);
    tells(refused.stderr, 'error conflict', 'deployment.apps/glyphoxa-gateway', '.spec.replicas');
    assert.equal(refused.stdout, '');
    const { data } = await of.request('GET', '/configmaps/glyphoxa-config');
    assert.doesNotMatch(String((data as JsonObject)['config.yaml']), /debug/);
    const forced = await of.run('apply', 'test', '--force-conflicts');
    assert.equal(forced.exitCode, 0, forced.stderr);
    assert.equal(await replicas(of), 4);
  });

  it('never lowers the replicas where autoscaling is turned on, and takes them back where it is turned off', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster(), { spec: { gateway: { replicaCount: 4 } } });
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    const seen: number[] = [];
    let watching = true;
    // also where the test fails
    t.after(() => {
      watching = false;
    });
    const watch = (async () => {
      while (watching) seen.push(await replicas(of));
    })();
    await of.configure(scaled);
    const on = await of.run('apply', 'test');
    assert.equal(on.exitCode, 0, on.stderr);
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    assert.equal(await replicas(of), 4);
    // as the scaler does, once it has metrics
    const path = `${deployment}/glyphoxa-gateway/scale?fieldManager=kube-controller-manager`;
    await of.request('PATCH', path, { spec: { replicas: 6 } }, 'application/merge-patch+json');
    const again = await of.run('apply', 'test');
    assert.equal(again.exitCode, 0, again.stderr);
    assert.equal(await replicas(of), 6);
    watching = false;
    await watch;
    assert.ok(Math.min(...seen) >= 4, `was scaled to ${Math.min(...seen)}`);
    await of.configure({ gateway: { replicaCount: 2 } });
    const off = await of.run('apply', 'test');
    assert.equal(off.exitCode, 0, off.stderr);
    const done = Object.entries(verbs(off.stdout)).map((line) => line.join(' '));
    const [scaler, gateway] = [
      'horizontalpodautoscaler.autoscaling/glyphoxa-gateway pruned',
      'deployment.apps/glyphoxa-gateway configured',
    ].map((line) => done.indexOf(line)) as [number, number];
    assert.ok(scaler !== -1 && scaler < gateway, off.stdout);
    assert.equal(await replicas(of), 2);
  });

  it('keeps fields that others add', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await of.run('apply', 'test')).exitCode, 0);
    const sidecar = {
      name: 'sidecar',
      image: 'example.org/sidecar:1',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    };
    const patch = { spec: { template: { spec: { containers: [sidecar] } } } };
    await of.request(
      'PATCH',
      `${deployment}/glyphoxa-gateway?fieldManager=injector`,
      patch,
      'application/strategic-merge-patch+json',
    );
    await of.configure({ config: { server: { log_level: 'debug' } } });
    const { exitCode, stderr } = await of.run('apply', 'test');
    assert.equal(exitCode, 0, stderr);
    const { spec } = await of.request('GET', `${deployment}/glyphoxa-gateway`);
    assert.match(JSON.stringify(spec), /"sidecar"/);
  });

  it('waits for what is on its way out, and makes it anew', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    assert.equal((await of.run('apply', 'test', '--no-wait')).exitCode, 0);
    const path = '/configmaps/glyphoxa-config';
    const finalizers = (names: string[]) =>
      of.request('PATCH', path, { metadata: { finalizers: names } }, 'application/merge-patch+json');
    await finalizers(['test.glyphoxa.io/holds']);
    await of.request('DELETE', path);
    const again = of.spawn('apply', 'test', '--no-wait');
    await again.says(/configmap\/glyphoxa-config /);
    await finalizers([]);
    const { code, stdout, stderr } = await again.ended;
    assert.equal(code, 0, stderr);
    assert.equal(verbs(stdout)['configmap/glyphoxa-config'], 'created');
    await of.request('GET', path);
  });

  it('touches nothing where a ConfigMap is called as the inventory and is not it', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const path = '/configmaps/glyphoxa-inventory';
    await of.request('POST', '/configmaps', { metadata: { name: 'glyphoxa-inventory' }, data: { a: 'b' } });
    for (const target of [['apply'], ['destroy', '--yes'], ['stop']]) {
      const { exitCode, stdout, stderr } = await of.run(...(target as [string]), 'test');
      assert.equal(exitCode, 1, target[0]);
      tells(stderr, 'error not-the-inventory', 'configmap/glyphoxa-inventory');
      assert.equal(stdout, '');
    }
    assert.deepEqual((await of.request('GET', path)).data, { a: 'b' });
    await of.request('DELETE', path);
    assert.equal((await of.run('apply', 'test', '--no-wait')).exitCode, 0);
    // what must not be deleted is not known any more
    for (const found of ['[', 'null', '{}']) {
      await of.request('PATCH', path, { data: { found } }, 'application/merge-patch+json');
      assert.match((await of.run('destroy', 'test', '--yes')).stderr, /error not-the-inventory: .*its found/);
    }
  });

  it('never deletes what somebody else created, however often it comes and goes', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    await of.request('POST', '/configmaps', {
      metadata: { name: 'glyphoxa-mcp-gateway' },
      data: { note: 'mine' },
    });
    for (let round = 0; round < 2; round++) {
      await of.configure({});
      assert.equal((await of.run('apply', 'test', '--no-wait')).exitCode, 0);
      await of.configure({ mcpGateway: { enabled: false } });
      const { exitCode, stdout, stderr } = await of.run('apply', 'test', '--no-wait');
      assert.equal(exitCode, 0, stderr);
      assert.equal(verbs(stdout)['configmap/glyphoxa-mcp-gateway'], 'left');
      assert.equal(verbs(stdout)['service/glyphoxa-mcp-gateway'], 'pruned');
      const { data } = await of.request('GET', '/configmaps/glyphoxa-mcp-gateway');
      assert.equal((data as JsonObject).note, 'mine');
    }
  });

  it('refuses a second run beside the first, and names who holds the lease', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeDeployment(t, await testCluster());
    const lease = '/apis/coordination.k8s.io/v1/leases';
    const renewed = () => ({
      holderIdentity: 'ann@laptop (apply)',
      leaseDurationSeconds: 15,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    });
    await of.request('POST', lease, { metadata: { name: 'glyphoxa-lifecycle' }, spec: renewed() });
    const timer = setInterval(() => {
      const path = `${lease}/glyphoxa-lifecycle`;
      of.request('PATCH', path, { spec: renewed() }, 'application/merge-patch+json').catch(() => {});
    }, 1000);
    const second = await of.run('apply', 'test');
    clearInterval(timer);
    assert.equal(second.exitCode, 1);
    tells(second.stderr, 'error lease-held', 'ann@laptop (apply)');
    assert.deepEqual((await of.request('GET', deployment)).items, []);
    // nobody renews it any more
    const started = Date.now();
    const third = await of.run('apply', 'test');
    assert.equal(third.exitCode, 0, third.stderr);
    assert.ok(Date.now() - started > 2000);
    await waitFor('the lease to go', async () => {
      const gone = await of.request('GET', `${lease}/glyphoxa-lifecycle`).then(
        () => false,
        () => true,
      );
      return gone || undefined;
    });
  });
});
