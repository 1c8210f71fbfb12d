import { isObject, type Json } from '../../model/json.ts';
import { quantityMillis } from '../../model/quantity.ts';
import { patchContainers } from './pod-patch.ts';
import type { Found, Rule } from './rule.ts';

const minAboveMax: Rule = {
  code: 'min-above-max-replicas',
  severity: 'error',
  about: '`autoscaling.minReplicas` may not be above `autoscaling.maxReplicas`.',
  check: ({ config, isSet }) => {
    const { minReplicas, maxReplicas, enabled } = config.spec.autoscaling;
    if (minReplicas <= maxReplicas) return [];
    const least = isSet(['spec', 'autoscaling', 'minReplicas']);
    return {
      path: ['spec', 'autoscaling', least ? 'minReplicas' : 'maxReplicas'],
      message: `minReplicas is ${minReplicas} and maxReplicas is ${maxReplicas}`,
      hint: 'let minReplicas be at most maxReplicas',
      ...(enabled ? {} : { severity: 'warning' as const }),
    };
  },
};

const replicasWhileAutoscaling: Rule = {
  code: 'replicas-while-autoscaling',
  severity: 'warning',
  about: '`gateway.replicaCount` has no effect while autoscaling is on.',
  check: ({ config, isSet }) => {
    const path = ['spec', 'gateway', 'replicaCount'];
    if (!config.spec.autoscaling.enabled || !isSet(path)) return [];
    const hint = 'remove it, and set spec.autoscaling.minReplicas';
    return { path, message: 'the number of replicas has no effect while autoscaling is on', hint };
  },
};

const autoscalingWithoutRequests: Rule = {
  code: 'autoscaling-without-cpu-request',
  severity: 'error',
  about:
    'CPU use is measured in percent of the CPU requests, so autoscaling needs one above 0 on every container of the gateway.',
  check: ({ config }) => {
    const { autoscaling, gateway } = config.spec;
    if (!autoscaling.enabled) return [];
    const found: Found[] = [];
    const hint = 'request CPU, for example 250m';
    if (!isPositive(gateway.resources.requests.cpu)) {
      const path = ['spec', 'gateway', 'resources', 'requests', 'cpu'];
      found.push({ path, message: 'the gateway requests no CPU, so its use cannot be measured', hint });
    }
    for (const { path, container } of patchContainers(config, 'gateway')) {
      const { name, resources, $patch } = container;
      if (name === 'gateway' || $patch !== undefined) continue;
      const { requests, limits } = isObject(resources) ? resources : {};
      const asks = [requests, limits].some((amounts) => isObject(amounts) && isPositive(amounts.cpu));
      if (asks) continue;
      const message = 'this container requests no CPU, so the use of its pod cannot be measured';
      found.push({ path, message, hint, severity: 'warning' });
    }
    return found;
  },
};

function isPositive(amount: Json | undefined): boolean {
  if (typeof amount !== 'string' && typeof amount !== 'number') return false;
  return (quantityMillis(amount) ?? 0n) > 0n;
}

/** Rules on horizontal scaling of the gateway. */
export const autoscalingRules: readonly Rule[] = [
  minAboveMax,
  replicasWhileAutoscaling,
  autoscalingWithoutRequests,
];
