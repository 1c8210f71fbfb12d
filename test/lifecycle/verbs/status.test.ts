/** The parts of a status, of objects as a cluster shows them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { autoscalerStatus } from '../../../generator/lifecycle/verbs/status/autoscalers.ts';
import { databaseStatus } from '../../../generator/lifecycle/verbs/status/database-status.ts';
import { driftOf } from '../../../generator/lifecycle/verbs/status/drift.ts';
import { judge } from '../../../generator/lifecycle/verbs/status/health.ts';
import { sessionStatus } from '../../../generator/lifecycle/verbs/status/session-status.ts';
import { isAbout, newestWarnings } from '../../../generator/lifecycle/verbs/status/warnings.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';

const object = (kind: string, name: string, rest: JsonObject = {}, metadata: JsonObject = {}) =>
  ({ apiVersion: 'v1', kind, metadata: { name, ...metadata }, ...rest }) as KubernetesObject;

describe('an autoscaler', () => {
  const spec = {
    scaleTargetRef: { name: 'gateway' },
    minReplicas: 2,
    maxReplicas: 10,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
      },
      {
        type: 'Pods',
        pods: { metric: { name: 'sessions' }, target: { type: 'AverageValue', averageValue: '5' } },
      },
    ],
  };
  const of = (status: JsonObject) =>
    autoscalerStatus(
      object('HorizontalPodAutoscaler', 'a'),
      object('HorizontalPodAutoscaler', 'a', { spec, status }),
    );

  it('has no numbers while it rests: those that it keeps are of its last decision', () => {
    const conditions = [{ type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled' }];
    const { current, desired, troubles } = of({ currentReplicas: 3, desiredReplicas: 4, conditions });
    assert.deepEqual([current, desired], [undefined, undefined]);
    assert.equal(troubles.length, 1);
  });

  it('has its numbers, and its metrics as far as they are measured', () => {
    const currentMetrics = [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 85 } } },
    ];
    const { current, desired, min, max, target, metrics, troubles } = of({
      currentReplicas: 2,
      desiredReplicas: 4,
      currentMetrics,
    });
    assert.deepEqual([target, current, desired, min, max], ['gateway', 2, 4, 2, 10]);
    assert.deepEqual(metrics, ['cpu 85%/70%', 'sessions ?/5']);
    assert.deepEqual(troubles, []);
  });

  it('has troubles in words, and none where it works as it should', () => {
    const troubles = (type: string, status: string, reason: string, message = '') =>
      of({ conditions: [{ type, status, reason, message }] }).troubles.join();
    assert.match(troubles('ScalingActive', 'False', 'FailedGetResourceMetric'), /metrics server/);
    assert.match(troubles('ScalingActive', 'False', 'ScalingDisabled'), /rests/);
    assert.match(troubles('AbleToScale', 'False', 'FailedGetScale', 'no target: x'), /no target: x/);
    assert.match(troubles('ScalingLimited', 'True', 'TooManyReplicas'), /maximum/);
    assert.equal(troubles('ScalingLimited', 'True', 'TooFewReplicas'), '');
    assert.equal(troubles('ScalingActive', 'True', 'ValidMetricFound'), '');
  });

  it('may not be there', () => {
    assert.equal(
      autoscalerStatus(object('HorizontalPodAutoscaler', 'a', { spec }), undefined).isThere,
      false,
    );
  });
});

describe('the database', () => {
  it('of CloudNativePG has its instances and what its operator says', () => {
    const live = object('Cluster', 'db', {
      spec: { instances: 3 },
      status: { readyInstances: 2, phase: 'Failing over' },
    });
    assert.deepEqual(databaseStatus('cloudnative-pg', 'db', live), {
      provider: 'cloudnative-pg',
      name: 'db',
      isThere: true,
      ready: 2,
      instances: 3,
      phase: 'Failing over',
    });
  });

  it('of the Bitnami chart is a StatefulSet', () => {
    const live = object('StatefulSet', 'db', { spec: { replicas: 1 }, status: {} });
    const { ready, instances } = databaseStatus('bitnami', 'db', live);
    assert.deepEqual([ready, instances], [0, 1]);
    assert.equal(databaseStatus('bitnami', 'db', undefined).isThere, false);
  });
});

describe('a voice session', () => {
  const phase = (status: JsonObject, pods: readonly KubernetesObject[] = [], metadata: JsonObject = {}) => {
    const job = object('Job', 'w-s1', { status }, metadata);
    const session = { id: 's1', tenant: 't', startedAt: '2026-01-01T00:00:00Z', hasEnded: false, job };
    const { phase, reason } = sessionStatus(session, pods);
    return [phase, reason].filter((word) => word !== undefined).join(' ');
  };
  const pod = (status: JsonObject, id = 's1', name = 'w-s1-x') =>
    object('Pod', name, { status }, { labels: { 'glyphoxa.io/session-id': id } });
  const condition = (type: string, reason = '') => ({ conditions: [{ type, status: 'True', reason }] });

  it('starts, runs, ends and fails', () => {
    assert.equal(phase({}), 'starting no pod yet');
    assert.equal(phase({}, [pod({ phase: 'Pending' })]), 'starting Pending');
    const waiting = { state: { waiting: { reason: 'ImagePullBackOff' } } };
    assert.equal(
      phase({}, [pod({ phase: 'Pending', containerStatuses: [waiting] })]),
      'starting ImagePullBackOff',
    );
    assert.equal(phase({}, [pod({ phase: 'Running' })]), 'running');
    assert.equal(phase({}, [pod({ phase: 'Succeeded' })]), 'ended', 'before its Job says so');
    assert.equal(phase({}, [pod({ phase: 'Failed', reason: 'Evicted' })]), 'failed Evicted');
    assert.equal(
      phase({}, [pod({ phase: 'Running' }, 's2'), pod({ phase: 'Running' }, 's1', 'v-s1')]),
      'starting no pod yet',
    );
    assert.equal(phase({}, [], { deletionTimestamp: '2026-01-01T00:00:00Z' }), 'ending');
    assert.equal(phase(condition('Complete')), 'ended');
    assert.equal(phase(condition('Failed', 'DeadlineExceeded')), 'failed DeadlineExceeded');
  });
});

describe('warnings', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  const event = (kind: string, name: string, reason: string, minutes: number, rest: JsonObject = {}) =>
    object('Event', `e-${name}-${minutes}`, {
      involvedObject: { kind, name },
      reason,
      message: `trouble with ${name}`,
      lastTimestamp: at(minutes),
      count: 2,
      ...rest,
    });

  it('of the last hour are told, the newest first, the same of a workload’s pods as one', () => {
    const warnings = newestWarnings(
      [
        event('Pod', 'gateway-a-1', 'BackOff', 30),
        event('Pod', 'gateway-a-2', 'BackOff', 10),
        event('Pod', 'gateway-a-1', 'Unhealthy', 5, {
          lastTimestamp: null,
          series: { lastObservedTime: at(5), count: 9 },
        }),
        event('Pod', 'gateway-a-1', 'FailedMount', 61),
        event('Pod', 'stranger', 'BackOff', 1),
      ],
      ({ name }) => name.startsWith('gateway'),
      now,
    );
    assert.deepEqual(
      warnings.map(({ reason, object, count, last }) => [reason, object, count, last]),
      [
        ['Unhealthy', 'pod/gateway-a-1', 9, at(5)],
        ['BackOff', 'pod/gateway-a-2', 4, at(10)],
      ],
    );
  });

  it('of pods that a ReplicaSet could not make are one, whatever names the pods would have had', () => {
    const said = (pod: string, rest = '') => ({
      message: `${rest}Error creating: pods "gateway-a-${pod}" is forbidden: exceeded quota`,
    });
    const warnings = newestWarnings(
      [
        event('ReplicaSet', 'gateway-a', 'FailedCreate', 3, said('x2x4z')),
        event('ReplicaSet', 'gateway-a', 'FailedCreate', 2, said('b9k7q')),
        event(
          'ReplicaSet',
          'gateway-a',
          'FailedCreate',
          1,
          said('m4d2p', '(combined from similar events): '),
        ),
      ],
      () => true,
      now,
    );
    assert.deepEqual(
      warnings.map(({ count, message }) => [count, message]),
      [[6, said('m4d2p').message]],
    );
  });

  it('show no password that a probe has told', () => {
    const message = 'Readiness probe failed: connect postgres://u:kSecretPw42@db/g: password=kSecretPw43';
    const warnings = newestWarnings([event('Pod', 'g', 'Unhealthy', 1, { message })], () => true, now);
    const shown = warnings[0]?.message ?? '';
    assert.match(shown, /^Readiness probe failed: connect postgres:.*@db\/g: password=/);
    assert.doesNotMatch(shown, /kSecret/);
  });

  it('are those of the release alone', () => {
    const objects = [
      { kind: 'Deployment', name: 'gateway' },
      { kind: 'Service', name: 'gateway' },
    ];
    const about = (kind: string, name: string) => isAbout({ kind, name }, objects, 'gateway-worker-');
    for (const [kind, name] of [
      ['Deployment', 'gateway'],
      ['ReplicaSet', 'gateway-5767b86ff7'],
      ['Pod', 'gateway-5767b86ff7-gbbmk'],
      ['Job', 'gateway-worker-0a1b2c3d'],
      ['Pod', 'gateway-worker-0a1b2c3d-x2x4z'],
    ] as const)
      assert.ok(about(kind, name), name);
    for (const [kind, name] of [
      ['Deployment', 'gateway-other'],
      ['Pod', 'gateway'],
      ['Pod', 'gateway-other-5767b86ff7-gbbmk'],
      ['Node', 'gateway'],
    ] as const)
      assert.ok(!about(kind, name), `${kind} ${name}`);
  });
});

describe('health', () => {
  const workload = {
    name: 'g',
    component: 'gateway',
    isThere: true,
    ready: 3,
    desired: 3,
    isDone: true,
    problems: [],
  };
  const fine = { release: 'r', namespace: 'n', environment: 'e', workloads: [workload], unknown: [] };
  const health = (more: Partial<Parameters<typeof judge>[0]>, strict = false) =>
    judge({ ...fine, ...more }, strict).health;

  it('is that all runs, nothing is missing, and it can be told', () => {
    assert.equal(health({}), 'healthy');
    assert.equal(health({ workloads: [{ ...workload, isDone: false }] }), 'unhealthy');
    assert.equal(health({ workloads: [{ ...workload, ready: 0, desired: 0 }] }), 'unhealthy');
    assert.equal(health({ isGoing: true }), 'unhealthy');
    assert.equal(health({ stopped: { at: 'x', draining: true } }), 'unhealthy');
    assert.equal(
      health({ missingSecrets: [{ name: 's', keys: [], isThere: false, neededBy: [] }] }),
      'unhealthy',
    );
    const database = { provider: 'bitnami', name: 'db', isThere: true, ready: 0 } as const;
    assert.equal(health({ database }), 'unhealthy');
    assert.equal(health({ database: { ...database, ready: 1 } }), 'healthy');
    assert.equal(health({ database: { provider: 'external' } }), 'healthy');
  });

  it('is unknown where what decides cannot be read, and unhealthy where something is known to be wrong', () => {
    const unknown = [{ part: 'workloads', why: 'forbidden' }] as const;
    assert.equal(health({ unknown }), 'unknown');
    for (const part of ['secrets', 'database', 'warnings'] as const)
      assert.equal(health({ unknown: [{ part, why: 'forbidden' }] }), 'healthy');
    assert.equal(health({ unknown: [{ part: 'drift', why: 'forbidden' }] }, true), 'unknown');
    assert.equal(health({ treeDrift: ['old'] }), 'healthy');
    assert.equal(health({ treeDrift: ['old'] }, true), 'unhealthy');
    assert.equal(health({ unknown, workloads: [{ ...workload, isDone: false }] }), 'unhealthy');
  });
});

it('drift is what differs, is missing or not listed any more, but for what a stop has changed', () => {
  const change = (name: string, change: 'created' | 'changed' | 'pruned' | 'left', because?: string) => ({
    object: name,
    change,
    fields:
      change === 'changed'
        ? [
            {
              field: 'spec.replicas',
              change: 'changed' as const,
              ...(because === undefined ? {} : { because }),
            },
          ]
        : [],
  });
  assert.deepEqual(
    driftOf({
      objects: [
        change('new', 'created'),
        change('other', 'changed'),
        change('stopped', 'changed', 'stopped since today'),
        change('old', 'pruned'),
        change('foreign', 'left'),
      ],
    }),
    {
      missing: ['new'],
      different: [{ object: 'other', fields: ['spec.replicas'] }],
      extra: ['old', 'foreign'],
    },
  );
});
