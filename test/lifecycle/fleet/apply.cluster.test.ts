/** `apply` and `diff` of the tenants of a fleet, on a real API server with real controllers. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../../generator/model/json.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { tells } from '../../support/findings.ts';
import { makeFleet } from '../../support/fleet.ts';
import { secretValues } from '../../support/lifecycle.ts';

const waves = { waves: ['canary', 'rest'] };
const tenants = { a: { wave: 'canary' }, b: null, c_d: { spec: { gateway: { replicaCount: 2 } } } };
const failing = { 'test.glyphoxa.io/fate': 'crash-loop' };

interface Event extends JsonObject {
  type: string;
  tenant: string;
  state: string;
}

function eventsIn(text: string): Event[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

/** The states that tenants went through, in their order. */
function statesIn(text: string): string[] {
  return eventsIn(text)
    .filter(({ type }) => type === 'tenant')
    .map(({ tenant, state }) => `${tenant} ${state}`);
}

describe('apply --all', () => {
  it('applies wave after wave, does nothing a second time, and only what is left after a change', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeFleet(t, await testCluster(), { tenants, more: waves });
    const planned = await of.run('diff', '--all');
    assert.equal(planned.exitCode, 1);
    assert.match(planned.stdout, /^2 tenants: a, b: \d+ .*\b0 /m);
    const first = await of.run('apply', '--all', '-o', 'json');
    assert.equal(first.exitCode, 0, first.stdout);
    for (const value of Object.values(secretValues)) assert.ok(!first.stdout.includes(value));
    const states = statesIn(first.stdout);
    assert.deepEqual(states.slice(0, 2), ['a running', 'a done'], 'the first wave ends before the next');
    assert.deepEqual(states.slice(2).sort(), ['b done', 'b running', 'c_d done', 'c_d running']);
    for (const id of Object.keys(tenants)) {
      const { status } = await of.request(id, 'GET', '/apis/apps/v1/deployments/glyphoxa-gateway');
      assert.equal((status as JsonObject).readyReplicas, id === 'c_d' ? 2 : 1);
    }
    const again = await of.run('apply', '--all', '-o', 'json');
    assert.equal(again.exitCode, 0);
    assert.deepEqual(
      statesIn(again.stdout)
        .filter((state) => !state.endsWith(' running'))
        .sort(),
      ['a done', 'b done', 'c_d done'],
    );
    assert.deepEqual(
      eventsIn(again.stdout).filter(({ type }) => type === 'result'),
      [],
    );
    assert.equal((await of.run('diff', '--all')).exitCode, 0);
    assert.equal((await of.run('stop', 'tenants/a')).exitCode, 0);
    const passed = await of.run('apply', '--all');
    assert.deepEqual([passed.exitCode, /^a: stopped\b/m.test(passed.stdout)], [0, true]);
    assert.equal((await of.run('status', '--wave', 'canary')).exitCode, 1);
    assert.equal((await of.run('start', 'tenants/a')).exitCode, 0);

    await of.configure({ ...tenants, b: { spec: { gateway: { replicaCount: 3 } } } });
    const changed = await of.run('diff', '--all', '-o', 'json');
    assert.equal(changed.exitCode, 1);
    const listed = (JSON.parse(changed.stdout) as { tenants: { tenant: string; objects: object[] }[] })
      .tenants;
    assert.deepEqual(
      listed.map(({ tenant, objects }) => [tenant, objects.length]),
      [
        ['a', 0],
        ['b', 1],
        ['c_d', 0],
      ],
    );
    const third = await of.run('apply', '--wave', 'rest');
    assert.equal(third.exitCode, 0);
    assert.match(third.stdout, /^b: applied: \d+ unchanged, 1 configured/m);
    assert.match(third.stdout, /^c_d: (?!applied|failed)/m);
    assert.doesNotMatch(third.stdout, /^a:/m);
  });

  it('begins no wave after one in which a tenant failed, and says why; the next run goes on', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeFleet(t, await testCluster(), {
      tenants: {
        a: { wave: 'canary', spec: { gateway: { podPatch: { metadata: { annotations: failing } } } } },
        a2: { wave: 'canary' },
        b: null,
      },
      more: waves,
    });
    const { exitCode, stdout, stderr } = await of.run('apply', '--all');
    assert.equal(exitCode, 1);
    assert.match(stdout, /^a: failed: deployment.apps\/glyphoxa-gateway: /m);
    assert.match(stdout, /^a2: applied: /m, 'the others of the wave are done');
    assert.match(stderr, /^error rollout-\S+: .*\(tenant a\)$/m);
    assert.match(stderr, /^wave rest: not begun, 1 tenant$/m);
    assert.match(stderr, /^1 done, 1 failed \(a\), 1 not begun \(b\); /m);
    await of.configure({ a: { wave: 'canary' }, a2: { wave: 'canary' }, b: null });
    const events = await of.run('apply', '--all', '-o', 'json');
    assert.equal(events.exitCode, 0);
    const done = eventsIn(events.stdout).filter(({ type, state }) => type === 'tenant' && state === 'done');
    assert.deepEqual(done.map(({ tenant, message }) => [tenant, message === 'up to date']).sort(), [
      ['a', false],
      ['a2', true],
      ['b', false],
    ]);
  });

  it('has tenants with errors fail by themselves, and refuses what all are built on while it is out of date', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeFleet(t, await testCluster(), { tenants: { a: null, b: null, c: null } });
    const file = path.join(of.folder, 'tenants.yaml');
    const right = readFileSync(file, 'utf8');
    const kustomization = path.join(of.folder, 'tenants/b/kustomization.yaml');
    writeFileSync(kustomization, `${readFileSync(kustomization, 'utf8')}namePrefix: x-\n`);
    writeFileSync(file, right.replace(/\n {2}a:.*/, '\n  a: { spec: { gateway: { replicaCount: -1 } } }'));
    const { exitCode, stdout, stderr } = await of.run('apply', '--all', '--no-wait');
    assert.equal(exitCode, 1);
    assert.match(stdout, /^a: failed: -1 /m);
    assert.match(stdout, /^b: failed: .*\btenants.yaml\b/m);
    assert.match(stdout, /^c: applied: /m);
    tells(stderr, 'error out-of-range', '(tenant a)');
    tells(stderr, 'error tree-stale', '(tenant b)');
    writeFileSync(
      path.join(of.folder, 'glyphoxa.yaml'),
      `${readFileSync(path.join(of.folder, 'glyphoxa.yaml'), 'utf8')}  worker: { ttlSecondsAfterFinished: 9 }\n`,
    );
    const refused = await of.run('apply', '--all');
    assert.equal(refused.exitCode, 1);
    assert.equal(refused.stdout, '');
    tells(refused.stderr, 'error tree-stale', 'environment dedicated');
  });

  it('that is interrupted leaves what runs tidy and begins nothing more; the next run does the rest', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeFleet(t, await testCluster(), {
      tenants: Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, null])),
    });
    const killed = of.spawn('apply', '--all', '--parallel=2', '-o', 'json');
    let said = '';
    killed.child.stdout?.on('data', (text: string) => {
      const isBegun = said.includes('"verb":"created"');
      said += text;
      // a second signal ends the process at once
      if (!isBegun && said.includes('"verb":"created"')) killed.child.kill('SIGINT');
    });
    const { code, stdout } = await killed.ended;
    assert.equal(code, 130);
    const last = new Map(
      eventsIn(stdout)
        .filter(({ type }) => type === 'tenant')
        .map(({ tenant, state }) => [tenant, state]),
    );
    assert.equal(last.size, 4, 'each tenant is told of');
    assert.ok([...last.values()].includes('interrupted'));
    assert.ok([...last.values()].includes('not-begun'));
    for (const id of last.keys()) {
      const { items } = await of.request(id, 'GET', '/apis/coordination.k8s.io/v1/leases');
      assert.deepEqual(items, [], 'no lease is left');
    }
    const again = await of.run('apply', '--all');
    assert.equal(again.exitCode, 0, again.stderr);
    assert.equal((await of.run('diff', '--all')).exitCode, 0);
  });

  it('that is killed at any moment is done by the next run; two at once leave what one would', async (t) => {
    if (!requireCluster(t)) return;
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const of = await makeFleet(t, await testCluster(), {
      tenants: Object.fromEntries(ids.map((id) => [id, null])),
    });
    for (const ms of [900, 1500, 2500]) {
      const killed = of.spawn('apply', '--all', '--parallel=3');
      setTimeout(() => killed.child.kill('SIGKILL'), ms);
      await killed.ended;
    }
    const both = await Promise.all([of.spawn('apply', '--all').ended, of.spawn('apply', '--all').ended]);
    for (const { code, stderr } of both)
      if (code !== 0) assert.match(stderr, /error (?:lease-held|rollout-superseded|conflict)/, stderr);
    const last = await of.run('apply', '--all');
    assert.equal(last.exitCode, 0, last.stderr);
    assert.equal((await of.run('diff', '--all')).exitCode, 0);
  });
});

describe('a tenant', () => {
  it('is applied by its id and by its folder, with its own configuration', async (t) => {
    if (!requireCluster(t)) return;
    const of = await makeFleet(t, await testCluster(), { tenants: { a: null, b: null } });
    const { exitCode, stderr } = await of.run('apply', '--tenant', 'a', '--no-wait');
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /^tenants\/a: .*\bglyphoxa .*\bfleet-/);
    assert.equal((await of.run('apply', 'tenants/a')).exitCode, 0);
    assert.equal((await of.run('diff', '--tenant', 'a')).exitCode, 0);
    assert.equal((await of.run('diff', 'tenants/b')).exitCode, 1);
    assert.equal((await of.run('status', 'tenants/a')).exitCode, 0);
  });
});
