/** Whether the gateway's policies let it reach the API server on the port where that really listens. */
import { finding } from '../../model/finding.ts';
import { dig, type JsonObject, maps } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Release } from '../../tree/check/release.ts';
import { selectsPodsOf } from '../../tree/check/selectors.ts';
import { apiPath, knownType } from '../api/resources.ts';
import { type Check, may } from './context.ts';

const slices = knownType('discovery.k8s.io/v1', 'EndpointSlice');

/**
 * Policies see the port of the API server itself, and not the 443 of its Service. Where it listens stands in the
 * EndpointSlice that every API server keeps of itself.
 */
export const checkApiServerPort: Check = async (preflight) => {
  const { client, target } = preflight.session;
  const policies = egressPolicies(target.parts);
  if (policies.length === 0) return [];
  if (!(await may(preflight, 'get', slices, 'default', 'kubernetes'))) return [];
  const slice = await client.get(apiPath(slices, 'default', 'kubernetes'));
  const ports = maps(slice?.ports).flatMap(({ port }) => (typeof port === 'number' ? [port] : []));
  const shut = ports.filter((port) => !policies.some((policy) => opens(policy, port)));
  if (shut.length === 0) return [];
  const message = `the API server listens on port ${shut.join(', ')}, which the gateway's network policies keep shut, so that no worker can be started`;
  const hint = `add ${shut.join(', ')} to spec.networkPolicy.apiServerPorts`;
  return [finding('api-server-port', message, hint, 'warning')];
};

function egressPolicies({ objects, gateway }: Release): KubernetesObject[] {
  return objects.filter((object) => {
    const types = dig(object, ['spec', 'policyTypes']);
    const isPolicy = object.kind === 'NetworkPolicy' && Array.isArray(types) && types.includes('Egress');
    return isPolicy && selectsPodsOf(object, gateway);
  });
}

/** Whether a policy lets TCP out to a port of some address; addresses themselves are not compared. */
function opens(policy: KubernetesObject, port: number): boolean {
  return maps(dig(policy, ['spec', 'egress'])).some((rule) => {
    const isAddress = rule.to === undefined || maps(rule.to).some(({ ipBlock }) => ipBlock !== undefined);
    return isAddress && (rule.ports === undefined || maps(rule.ports).some((range) => isIn(range, port)));
  });
}

function isIn({ protocol = 'TCP', port: first, endPort }: JsonObject, port: number): boolean {
  if (protocol !== 'TCP') return false;
  if (first === undefined || first === port) return true;
  return typeof first === 'number' && typeof endPort === 'number' && first <= port && port <= endPort;
}
