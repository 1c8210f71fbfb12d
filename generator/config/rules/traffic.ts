import { isObject, type JsonObject } from '../../model/json.ts';
import { addressesOf, isService, portOf } from '../addresses.ts';
import type { Rule } from './rule.ts';

const servicePort: Rule = {
  code: 'service-port',
  severity: 'warning',
  about:
    "Network policies see a pod's port and not its Service's. An address in the cluster has the Service's: where its server listens on another one by itself, or where that is not known, a rule must say which port its pods listen on.",
  reads: [['spec', 'networkPolicy']],
  check: ({ config }) => {
    const { networkPolicy } = config.spec;
    if (!networkPolicy.enabled) return [];
    return addressesOf(config).flatMap(({ path, url, callers, usualPort }) => {
      const port = portOf(url);
      if (!isService(url.hostname) || port === usualPort) return [];
      const closed = callers.filter(
        (workload) => !networkPolicy[workload].extraEgress.some((rule) => opensPods(rule)),
      );
      if (closed.length === 0) return [];
      const values = closed.map((workload) => `spec.networkPolicy.${workload}.extraEgress`).join(', ');
      const isSure = usualPort !== undefined || port < 1024;
      const pods = usualPort === undefined ? '' : `, usually ${usualPort},`;
      const own = isSure ? '' : `, be it ${port} too,`;
      return [
        {
          path,
          message: `${port} ${isSure ? 'is most likely' : 'may be'} the port of the Service, and network policies see the port of its pods`,
          hint: `open the port that its pods listen on${pods}${own} with ${values}`,
          hidden: true,
        },
      ];
    });
  },
};

/**
 * Whether a rule opens a TCP port of pods in the cluster. Which one is the user's to say: the pods' port may be
 * that of the Service after all.
 */
function opensPods({ to, ports }: JsonObject): boolean {
  const peers = Array.isArray(to) ? to.filter(isObject) : undefined;
  const isToPods = peers?.some((peer) => peer.ipBlock === undefined) ?? true;
  const protocols = Array.isArray(ports) ? ports.filter(isObject).map(({ protocol }) => protocol) : ['TCP'];
  return isToPods && protocols.some((protocol) => protocol === undefined || protocol === 'TCP');
}

const proxyHttps: Rule = {
  code: 'proxy-https-missing',
  severity: 'warning',
  about: 'What the program calls outside is HTTPS, for which `core.proxy.https` names the proxy.',
  check: ({ config }) => {
    const { http, https, noProxy } = config.spec.core.proxy;
    if (https !== undefined || (http === undefined && noProxy.length === 0)) return [];
    const message = 'HTTPS goes past the proxy, and nearly all that the program calls is HTTPS';
    const hint = 'set spec.core.proxy.https, to the same http:// address if the proxy has but one';
    return { path: ['spec', 'core', 'proxy'], message, hint, at: 'key' };
  },
};

/** Rules on what traffic meets on its way. */
export const trafficRules: readonly Rule[] = [servicePort, proxyHttps];
