/** What pods count for in quotas. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podUsage, sumUsage } from '../../../generator/lifecycle/checks/pod-usage.ts';
import { added, excess, isOverQuota } from '../../../generator/lifecycle/checks/quota.ts';
import { countsPod } from '../../../generator/lifecycle/checks/quota-scopes.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';

const pod = (spec: JsonObject): JsonObject => ({ spec });
const sized = (requests: JsonObject, limits: JsonObject = {}) => ({ resources: { requests, limits } });
const usage = (spec: JsonObject) => Object.fromEntries(podUsage(pod(spec)));

describe('the usage of a pod', () => {
  it('is the sum of its containers, in thousandths', () => {
    const containers = [sized({ cpu: '250m', memory: '1Ki' }, { cpu: '1' }), sized({ cpu: '0.5' })];
    assert.deepEqual(usage({ containers }), {
      pods: 1000n,
      'count/pods': 1000n,
      'requests.cpu': 750n,
      cpu: 750n,
      'requests.memory': 1024000n,
      memory: 1024000n,
      'limits.cpu': 1000n,
    });
  });

  it('takes limits for requests that are left out', () => {
    assert.equal(usage({ containers: [sized({}, { memory: '1Gi' })] })['requests.memory'], 1073741824000n);
  });

  it('counts what runs before as far as it takes more, and sidecars all along', () => {
    const containers = [sized({ cpu: '1' })];
    const first = (cpu: string, extra: JsonObject = {}) => ({ ...sized({ cpu }), ...extra });
    const cpu = (initContainers: JsonObject[]) => usage({ containers, initContainers })['requests.cpu'];
    assert.equal(cpu([first('500m')]), 1000n);
    assert.equal(cpu([first('3')]), 3000n);
    assert.equal(cpu([first('500m', { restartPolicy: 'Always' })]), 1500n);
    assert.equal(cpu([first('500m', { restartPolicy: 'Always' }), first('2')]), 2500n);
  });

  it('has the overhead on top, and what the pod asks for as a whole in its place', () => {
    const containers = [sized({ cpu: '1', memory: '1k' })];
    assert.equal(usage({ containers, overhead: { cpu: '250m' } })['requests.cpu'], 1250n);
    assert.equal(usage({ containers, ...sized({ cpu: '4' }) })['requests.cpu'], 4000n);
    assert.equal(usage({ containers, ...sized({ cpu: '4' }) })['requests.memory'], 1000000n);
  });

  it('counts other resources by their requests alone', () => {
    const spec = { containers: [sized({}, { 'nvidia.com/gpu': '1' })] };
    assert.deepEqual(Object.keys(usage(spec)), ['pods', 'count/pods', 'requests.nvidia.com/gpu']);
  });
});

const quota = (hard: JsonObject, used: JsonObject = {}, spec: JsonObject = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q' },
  spec: { hard, ...spec },
  status: { hard, used },
});

describe('what a quota has left', () => {
  const needs = (cpu: bigint) => new Map([['requests.cpu', cpu]]);

  it('is enough to the last thousandth, and no further', () => {
    const half = quota({ 'requests.cpu': '1' }, { 'requests.cpu': '500m' });
    assert.deepEqual(excess(half, needs(500n)), []);
    assert.deepEqual(excess(half, needs(501n)), [{ resource: 'requests.cpu', needed: 501n, free: 500n }]);
  });

  it('is nothing where more is used than there is, which matters only to who needs more', () => {
    const over = quota({ 'requests.cpu': '1' }, { 'requests.cpu': '2' });
    assert.deepEqual(excess(over, needs(1n)), [{ resource: 'requests.cpu', needed: 1n, free: 0n }]);
    assert.deepEqual(excess(over, needs(0n)), []);
    assert.deepEqual(excess(over, needs(-500n)), []);
  });

  it('is all of it as long as nobody has counted', () => {
    const { status: _, ...fresh } = quota({ 'requests.cpu': '1' });
    assert.deepEqual(excess(fresh as KubernetesObject, needs(1000n)), []);
    assert.equal(excess(fresh as KubernetesObject, needs(1001n)).length, 1);
  });

  it('is asked for what comes on top of the pods that are there', () => {
    const template = pod({ containers: [sized({ cpu: '250m' })] });
    const group = { wanted: template, replicas: 3, live: template, liveReplicas: 2 };
    assert.equal(added(quota({}), [group], new Map()).get('requests.cpu'), 250n);
    const objects = new Map([['services', 1000n]]);
    assert.equal(added(quota({}), [group], objects).get('services'), 1000n);
    const scoped = quota({}, {}, { scopes: ['BestEffort'] });
    assert.deepEqual([...added(scoped, [group], objects)], []);
  });

  it('explains the refusal of a pod that alone is too much', () => {
    const template = pod({ containers: [] });
    assert.equal(isOverQuota([quota({ pods: '1' }, { pods: '1' })], template), true);
    assert.equal(isOverQuota([quota({ pods: '2' }, { pods: '1' })], template), false);
    assert.equal(isOverQuota(undefined, template), undefined);
  });

  it('sums several usages, each so many times', () => {
    assert.deepEqual(
      [
        ...sumUsage([
          [needs(2n), 3],
          [needs(1n), -2],
        ]),
      ],
      [['requests.cpu', 4n]],
    );
  });
});

describe('the scopes of a quota', () => {
  const best = { containers: [{}] };
  const sizedPod = { containers: [sized({ cpu: '1' })] };
  const classed = { ...best, priorityClassName: 'high' };
  const term = { topologyKey: 'x' };
  const cases: readonly (readonly [scope: string, spec: JsonObject, counts: boolean])[] = [
    ['Terminating', { ...best, activeDeadlineSeconds: 5 }, true],
    ['Terminating', best, false],
    ['NotTerminating', best, true],
    ['NotTerminating', { ...best, activeDeadlineSeconds: 5 }, false],
    ['BestEffort', best, true],
    ['BestEffort', sizedPod, false],
    ['NotBestEffort', sizedPod, true],
    ['NotBestEffort', best, false],
    ['PriorityClass', classed, true],
    ['PriorityClass', best, false],
    ['CrossNamespacePodAffinity', best, false],
    [
      'CrossNamespacePodAffinity',
      {
        ...best,
        affinity: {
          podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, namespaces: ['a'] }] },
        },
      },
      true,
    ],
    [
      'CrossNamespacePodAffinity',
      {
        ...best,
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
          },
        },
      },
      false,
    ],
    ['SomethingNew', best, false],
  ];
  for (const [scope, spec, counts] of cases) {
    it(`${scope} ${counts ? 'counts' : 'does not count'} ${JSON.stringify(spec)}`, () => {
      assert.equal(countsPod(quota({}, {}, { scopes: [scope] }), pod(spec)), counts);
    });
  }

  it('select priority classes by name', () => {
    const select = (operator: string, values?: string[]) => {
      const expression = {
        scopeName: 'PriorityClass',
        operator,
        ...(values === undefined ? {} : { values }),
      };
      const selected = quota({}, {}, { scopeSelector: { matchExpressions: [expression] } });
      return [countsPod(selected, pod(classed)), countsPod(selected, pod(best))];
    };
    assert.deepEqual(select('In', ['high']), [true, false]);
    assert.deepEqual(select('NotIn', ['high']), [false, true]);
    assert.deepEqual(select('Exists'), [true, false]);
    assert.deepEqual(select('DoesNotExist'), [false, true]);
  });

  it('must all match', () => {
    const both = quota({}, {}, { scopes: ['NotTerminating', 'NotBestEffort'] });
    assert.equal(countsPod(both, pod(sizedPod)), true);
    assert.equal(countsPod(both, pod(best)), false);
    assert.equal(countsPod(quota({}), pod(best)), true);
  });
});
