import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podProblems } from '../../../generator/lifecycle/rollout/pod-problems.ts';
import type {
  ContainerState,
  ContainerStatus,
  Pod,
  PodEvent,
} from '../../../generator/lifecycle/rollout/views.ts';

const unready = { type: 'Ready', status: 'False', reason: 'ContainersNotReady' };

function pod(status: NonNullable<Pod['status']>, spec: NonNullable<Pod['spec']> = {}): Pod {
  return { metadata: { name: 'p', uid: 'u', creationTimestamp: '2026-01-01T12:00:00Z' }, spec, status };
}

function running(state: ContainerState, more: Partial<ContainerStatus> = {}): Pod {
  const main = { name: 'main', image: 'ghcr.io/a/b:1', ready: false, restartCount: 0, state, ...more };
  return pod({ phase: 'Running', conditions: [unready], containerStatuses: [main] });
}

const waiting = (reason: string, message?: string) => ({
  waiting: { reason, ...(message === undefined ? {} : { message }) },
});

const event = (reason: string, message: string, lastTimestamp = '2026-01-01T12:00:00Z'): PodEvent => ({
  metadata: { name: 'e' },
  reason,
  message,
  lastTimestamp,
});

/** Code and certainty of each problem. */
const kinds = (subject: Pod, events?: readonly PodEvent[]) =>
  podProblems(subject, events).map(({ code, certainAfterMs }) => [code, certainAfterMs]);

describe('what is wrong with a pod', () => {
  it('is nothing while it is on its way, ready or being deleted', () => {
    assert.deepEqual(kinds(pod({ phase: 'Pending' })), []);
    assert.deepEqual(kinds(running(waiting('ContainerCreating'))), []);
    assert.deepEqual(kinds(running(waiting('PodInitializing'))), []);
    assert.deepEqual(kinds(pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] })), []);
    const going = running(waiting('CrashLoopBackOff'), { restartCount: 9 });
    assert.deepEqual(
      kinds({ ...going, metadata: { name: 'p', deletionTimestamp: '2026-01-01T12:00:00Z' } }),
      [],
    );
  });

  it('is certain for an image once the kubelet has given up trying at once', () => {
    assert.deepEqual(kinds(running(waiting('ErrImagePull', 'not found'))), [['rollout-image', undefined]]);
    assert.deepEqual(kinds(running(waiting('ImagePullBackOff'))), [['rollout-image', 0]]);
    assert.deepEqual(kinds(running(waiting('InvalidImageName'))), [['rollout-image', 0]]);
    const [problem] = podProblems(running(waiting('ErrImagePull', 'registry said:\n denied')));
    assert.match(problem?.message ?? '', / ghcr\.io\/a\/b:1 .*\(ErrImagePull: registry said: denied\)$/);
  });

  it('is certain for a crash loop from the third restart on, and names how it ended', () => {
    const lastState = {
      terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: '2026-01-01T12:00:01Z' },
    };
    const crash = (restartCount: number) => running(waiting('CrashLoopBackOff'), { restartCount, lastState });
    assert.deepEqual(kinds(crash(2)), [['rollout-crash-loop', undefined]]);
    assert.deepEqual(kinds(crash(3)), [['rollout-crash-loop', 0]]);
    const [problem] = podProblems(crash(3));
    assert.match(problem?.message ?? '', / main .*\b4 .*\b137 \(OOMKilled\)$/);
    assert.match(problem?.hint ?? '', /limits\.memory/);
    assert.equal(problem?.ranAt, '2026-01-01T12:00:01Z');
  });

  it('keeps what a program left behind apart from what the cluster says', () => {
    const terminated = { exitCode: 2, message: 'dsn postgres://u:pw@db/g is wrong' };
    const [problem] = podProblems(running({ terminated }));
    assert.match(problem?.message ?? '', / main .*\b1 .*\b2$/);
    assert.equal(problem?.said, terminated.message);
  });

  it('is a loop as well while the container runs for a moment', () => {
    const lastState = { terminated: { exitCode: 1 } };
    assert.deepEqual(kinds(running({ running: {} }, { restartCount: 5, lastState })), [
      ['rollout-crash-loop', undefined],
    ]);
  });

  it('is a missing Secret or other setting in the words of the kubelet', () => {
    const lacks = (message: string) =>
      podProblems(running(waiting('CreateContainerConfigError', message)))[0];
    const secret = lacks('secret "glyphoxa-secrets" not found');
    assert.equal(secret?.code, 'rollout-missing-secret');
    assert.match(secret?.message ?? '', / main .*: secret "glyphoxa-secrets" not found$/);
    assert.equal(secret?.certainAfterMs, 20_000);
    assert.equal(lacks("couldn't find key a in Secret ns/b")?.code, 'rollout-missing-secret');
    assert.equal(lacks('configmap "c" not found')?.code, 'rollout-config');
    assert.equal(lacks('container has runAsNonRoot and image will run as root')?.code, 'rollout-config');
    assert.deepEqual(kinds(running(waiting('RunContainerError', 'no such mount'))), [
      ['rollout-container', undefined],
    ]);
  });

  it('is found in init containers too, but not in one that has ended well', () => {
    const init = (state: ContainerState, restartCount = 0) =>
      pod({
        phase: 'Pending',
        conditions: [unready],
        initContainerStatuses: [{ name: 'prepare', image: 'i', restartCount, ready: false, state }],
        containerStatuses: [
          { name: 'main', image: 'm', ready: false, restartCount: 0, state: waiting('PodInitializing') },
        ],
      });
    assert.deepEqual(kinds(init(waiting('ImagePullBackOff'))), [['rollout-image', 0]]);
    assert.deepEqual(kinds(init(waiting('CrashLoopBackOff'), 3)), [['rollout-crash-loop', 0]]);
    assert.deepEqual(kinds(init({ terminated: { exitCode: 1 } })), [['rollout-crash-loop', undefined]]);
    assert.deepEqual(kinds(init({ terminated: { exitCode: 0, reason: 'Completed' } })), []);
    assert.deepEqual(kinds(init({ terminated: { exitCode: 0, reason: 'Completed' } }, 1)), []);
  });

  it('is that no node takes it, unless one is on its way', () => {
    const unscheduled = (more: object = {}) =>
      pod({
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/5 nodes are available',
          },
        ],
        ...more,
      });
    assert.deepEqual(kinds(unscheduled(), []), [['rollout-unschedulable', 15_000]]);
    assert.deepEqual(kinds(unscheduled(), [event('NotTriggerScaleUp', 'no')]), [
      ['rollout-unschedulable', 15_000],
    ]);
    assert.deepEqual(kinds(unscheduled()), [['rollout-unschedulable', 60_000]], 'events are not known');
    for (const reason of ['TriggeredScaleUp', 'Nominated'])
      assert.deepEqual(kinds(unscheduled(), [event(reason, 'a node comes')]), [
        ['rollout-unschedulable', undefined],
      ]);
    assert.deepEqual(kinds(unscheduled({ nominatedNodeName: 'n' }), []), [
      ['rollout-unschedulable', undefined],
    ]);
    const gated = pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] });
    assert.deepEqual(kinds(gated, []), []);
  });

  it('is a volume that cannot be mounted, by the newest of its events', () => {
    const creating = pod({
      phase: 'Pending',
      conditions: [unready],
      containerStatuses: [
        { name: 'main', ready: false, restartCount: 0, state: waiting('ContainerCreating') },
      ],
    });
    const text = 'MountVolume.SetUp failed for volume "tls" : ';
    const older = event('FailedMount', `${text}configmap "c" not found`, '2026-01-01T12:00:00Z');
    const newer = event('FailedMount', `${text}secret "s" not found`, '2026-01-01T12:00:05Z');
    assert.deepEqual(kinds(creating, [older, newer]), [['rollout-missing-secret', 20_000]]);
    assert.deepEqual(kinds(creating, [older]), [['rollout-volume', 30_000]]);
    assert.deepEqual(kinds(creating, []), []);
  });

  it('is the probe that does not succeed, with what it got last', () => {
    const probes = {
      readinessProbe: { httpGet: { path: '/readyz', port: 'observe' } },
      startupProbe: { tcpSocket: { port: 1 } },
    };
    const main = (started: boolean) => ({
      ...running({ running: {} }, { started }),
      spec: { containers: [{ name: 'main', ...probes }] },
    });
    const events = [event('Unhealthy', 'Readiness probe failed: 503')];
    const [problem] = podProblems(main(true), events);
    assert.equal(problem?.code, 'rollout-not-ready');
    assert.equal(problem?.certainAfterMs, undefined);
    assert.match(problem?.message ?? '', / main .*\breadiness .* \(GET \/readyz .*\bobserve\)$/);
    assert.equal(problem?.said, 'Readiness probe failed: 503');
    assert.match(podProblems(main(false))[0]?.message ?? '', /\bstartup .* \(.*\b1\)$/);
  });

  it('is that its node put it out', () => {
    const [problem] = podProblems(pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }));
    assert.match(problem?.message ?? '', / \(Evicted: low on .+\)$/);
  });
});
