import { addressesOf, isService } from '../config/addresses.ts';
import type { Config } from '../config/schema/resource.ts';
import { namesOf } from './names.ts';
import { type EnvVar, literal } from './pod.ts';

/**
 * Where pods and Services have their addresses in nearly every cluster. The gateway dials workers by the IP of their
 * pods, and gRPC goes through proxies too.
 */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/**
 * The variables by which Go's HTTP and gRPC clients find a proxy, and what they reach without: this machine, the
 * cluster's names and addresses, and what the resource adds. A name without a dot ends in nothing that a suffix could
 * cover, so each stands there. Kubernetes puts the API server's address in the place of its variable.
 */
export function proxyVariables(config: Config): EnvVar[] {
  const { http, https, noProxy } = config.spec.core.proxy;
  if (http === undefined && https === undefined) return [];
  const { gateway, mcpGateway, postgresql } = namesOf(config);
  const services = addressesOf(config).flatMap(({ url: { hostname } }) =>
    isService(hostname) && !hostname.includes('.') ? [hostname] : [],
  );
  const direct = [
    ...['localhost', '127.0.0.1', '::1', '.svc', '.cluster.local'],
    ...[gateway, mcpGateway, ...(config.spec.postgresql.enabled ? [postgresql, `${postgresql}-rw`] : [])],
    ...services,
    '$(KUBERNETES_SERVICE_HOST)',
    ...privateRanges,
    ...noProxy,
  ];
  return [
    ...(http === undefined ? [] : [literal('HTTP_PROXY', http)]),
    ...(https === undefined ? [] : [literal('HTTPS_PROXY', https)]),
    { name: 'NO_PROXY', value: [...new Set(direct)].join(',') },
  ];
}
