import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Condition, Deployment, Pod } from '../../../generator/lifecycle/rollout/views.ts';
import { type Workload, workloadState } from '../../../generator/lifecycle/rollout/workload.ts';
import { workloadProblems } from '../../../generator/lifecycle/rollout/workload-problems.ts';

interface Counts {
  readonly wanted?: number;
  readonly replicas?: number;
  readonly updated?: number;
  readonly available?: number;
  readonly observed?: number;
  readonly paused?: boolean;
  readonly conditions?: readonly Condition[];
}

function deployment({
  wanted = 3,
  replicas = wanted,
  updated = wanted,
  available = wanted,
  ...more
}: Counts): Deployment {
  const { observed = 2, paused = false, conditions = [] } = more;
  return {
    metadata: { name: 'gateway', uid: 'd', generation: 2 },
    spec: { replicas: wanted, paused },
    status: {
      observedGeneration: observed,
      replicas,
      updatedReplicas: updated,
      availableReplicas: available,
      conditions,
    },
  };
}

const owned = (uid: string) => ({ ownerReferences: [{ uid, controller: true }] });

function replicaSet(uid: string, revision: number, conditions: readonly Condition[] = [], owner = 'd') {
  const annotations = { 'deployment.kubernetes.io/revision': String(revision) };
  return { metadata: { name: uid, uid, annotations, ...owned(owner) }, status: { conditions } };
}

function pod(set: string, state: string, deletionTimestamp?: string): Pod {
  const ready = { type: 'Ready', status: state === 'ready' ? 'True' : 'False' };
  const containerStatuses = [
    { name: 'main', image: 'i', ready: false, state: { waiting: { reason: state } } },
  ];
  return {
    metadata: {
      name: `${set}-${state}`,
      ...owned(set),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    status: { phase: 'Pending', conditions: [ready], ...(state === 'ready' ? {} : { containerStatuses }) },
  };
}

const sets = [replicaSet('old', 1), replicaSet('new', 2), replicaSet('foreign', 9, [], 'other')];

function workload(counts: Counts, pods: readonly Pod[] = [], replicaSets = sets): Workload {
  return { deployment: deployment(counts), replicaSets, pods };
}

describe('the state of a rollout', () => {
  const done = (counts: Counts) => workloadState(workload(counts)).isDone;

  it('is done as kubectl rollout status has it', () => {
    assert.equal(done({}), true);
    assert.equal(done({ observed: 1 }), false, 'the controller has not seen the change');
    assert.equal(done({ updated: 2 }), false, 'an old pod has its place');
    assert.equal(done({ replicas: 4 }), false, 'an old pod is still there');
    assert.equal(done({ available: 2 }), false);
    assert.equal(done({ wanted: 0, replicas: 2, observed: 1 }), true, 'nothing is wanted');
  });

  it('counts the pods of the newest ReplicaSet alone, in words', () => {
    const pods = [
      pod('new', 'ready'),
      pod('new', 'ContainerCreating'),
      pod('old', 'ready'),
      pod('foreign', 'ready'),
      pod('new', 'ready', '2026-01-01T12:00:00Z'),
    ];
    const state = workloadState(workload({ replicas: 3, updated: 2, available: 2 }, pods));
    assert.equal(state.text, '1 of 3 pods ready, 1 starting (ContainerCreating), 1 to come, 1 old');
    assert.equal(state.newest?.metadata.name, 'new');
    const evicted = { ...pod('new', 'Evicted'), status: { phase: 'Failed', reason: 'Evicted' } };
    const { text } = workloadState(workload({ available: 0 }, [evicted]));
    assert.equal(text, '0 of 3 pods ready, 3 to come', 'what has ended starts no more');
    assert.equal(state.ending, 1);
    assert.equal(workloadState(workload({ wanted: 1 })).text, '1 of 1 pod ready');
    assert.equal(workloadState(workload({ wanted: 0 })).text, 'no pods wanted');
    assert.equal(workloadState(workload({ observed: 1 })).text, 'waiting for its controller');
  });

  it('takes a ReplicaSet that a rollback has made the newest', () => {
    const rolledBack = [replicaSet('old', 3), replicaSet('new', 2)];
    assert.equal(workloadState(workload({}, [], rolledBack)).newest?.metadata.name, 'old');
  });
});

describe('what is wrong with a rollout', () => {
  const failed = (message: string): Condition => ({
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message,
  });
  const codes = (subject: Workload) =>
    workloadProblems(subject).map(({ code, certainAfterMs }) => [code, certainAfterMs]);
  const refused = (message: string, pods: readonly Pod[] = []) =>
    codes(workload({ available: 0 }, pods, [replicaSet('old', 1), replicaSet('new', 2, [failed(message)])]));

  it('is who refuses its pods', () => {
    assert.deepEqual(
      refused('pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'),
      [['rollout-quota', 10_000]],
    );
    assert.deepEqual(refused('pods "a" is forbidden: violates PodSecurity "restricted:latest": privileged'), [
      ['rollout-pod-security', 10_000],
    ]);
    assert.deepEqual(refused('admission webhook "x" denied the request'), [['rollout-refused', 10_000]]);
  });

  it('may pass while pods are on their way out', () => {
    const going = pod('old', 'ready', '2026-01-01T12:00:00Z');
    assert.deepEqual(refused('exceeded quota: q', [going]), [['rollout-quota', undefined]]);
  });

  it('is nothing that the old ReplicaSet or its pods have, and nothing when it is done', () => {
    const old = [replicaSet('old', 1, [failed('exceeded quota: q')]), replicaSet('new', 2)];
    assert.deepEqual(codes(workload({ available: 2 }, [pod('old', 'ImagePullBackOff')], old)), []);
    assert.deepEqual(codes(workload({ available: 2 }, [pod('new', 'ImagePullBackOff')], old)), [
      ['rollout-image', 0],
    ]);
    assert.deepEqual(codes(workload({}, [pod('new', 'ImagePullBackOff')], old)), []);
  });

  it('is a pause, and the deadline as the last resort', () => {
    assert.deepEqual(codes(workload({ updated: 0, paused: true })), [['rollout-paused', 0]]);
    const conditions = [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' },
    ];
    assert.deepEqual(codes(workload({ available: 0, conditions })), [['rollout-deadline', 0]]);
  });
});
