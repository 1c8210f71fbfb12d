import { addressesOf, isService, portOf } from '../addresses.ts';
import type { Rule } from './rule.ts';

const servicePort: Rule = {
  code: 'service-port',
  severity: 'warning',
  about:
    "Network policies see a pod's port and not its Service's: where an address in the cluster has a port below 1024, its pods most likely listen on another one.",
  reads: [['spec', 'networkPolicy']],
  check: ({ config }) => {
    const { networkPolicy } = config.spec;
    if (!networkPolicy.enabled) return [];
    return addressesOf(config).flatMap(({ path, url, callers }) => {
      const closed = callers.filter((workload) => networkPolicy[workload].extraEgress.length === 0);
      const port = portOf(url);
      if (port >= 1024 || !isService(url.hostname) || closed.length === 0) return [];
      const values = closed.map((workload) => `spec.networkPolicy.${workload}.extraEgress`).join(', ');
      return [
        {
          path,
          message: `${port} is most likely the port of the Service, and network policies see the port of its pods`,
          hint: `open the port that its pods listen on with ${values}`,
          hidden: true,
        },
      ];
    });
  },
};

const proxyHttps: Rule = {
  code: 'proxy-https-missing',
  severity: 'warning',
  about: 'What the program calls outside is HTTPS, for which `core.proxy.https` names the proxy.',
  check: ({ config }) => {
    const { http, https, noProxy } = config.spec.core.proxy;
    if (https !== undefined || (http === undefined && noProxy.length === 0)) return [];
    const message = 'HTTPS goes past the proxy, and nearly all that the program calls is HTTPS';
    const hint = 'set spec.core.proxy.https, to the same http:// address if the proxy has but one';
    return [{ path: ['spec', 'core', 'proxy'], message, hint, at: 'key' }];
  },
};

/** Rules on what traffic meets on its way. */
export const trafficRules: readonly Rule[] = [servicePort, proxyHttps];
