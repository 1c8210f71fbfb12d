import type { Rule } from './rule.ts';

const reads = [['spec', 'ingress', 'enabled']];

const ingressHost: Rule = {
  code: 'ingress-host',
  severity: 'error',
  about:
    'An Ingress without a host would answer for every name, and the API server takes no address for one.',
  reads,
  check: ({ config }) => {
    const { enabled, host } = config.spec.ingress;
    if (!enabled || (host !== undefined && !/^\d+(?:\.\d+){3}$/.test(host))) return [];
    const message = host === undefined ? 'the Ingress has no host' : 'an address is no host name';
    return { path: ['spec', 'ingress', 'host'], message, hint: 'write it like glyphoxa.example.com' };
  },
};

const ingressTls: Rule = {
  code: 'ingress-tls',
  severity: 'warning',
  about:
    'The admin key goes over the network in each request, so an Ingress has a certificate: `ingress.tlsSecret`.',
  reads,
  check: ({ config }) => {
    const { enabled, tlsSecret } = config.spec.ingress;
    if (!enabled || tlsSecret !== undefined) return [];
    const message = 'the admin key goes over the network as it stands';
    return { path: ['spec', 'ingress', 'tlsSecret'], message, hint: 'set spec.ingress.tlsSecret' };
  },
};

const ingressController: Rule = {
  code: 'ingress-controller',
  severity: 'warning',
  about: 'Network policies let an ingress controller in only where a value names it.',
  reads: [...reads, ['spec', 'networkPolicy']],
  check: ({ config }) => {
    const { ingress, networkPolicy } = config.spec;
    if (!ingress.enabled || !networkPolicy.enabled || ingress.controllerNamespace !== undefined) return [];
    if (networkPolicy.ingressFrom.length > 0) return [];
    const path = ['spec', 'ingress', 'controllerNamespace'];
    const message = 'the network policies let no ingress controller reach the admin API';
    return { path, message, hint: 'set it to the namespace in which the controller runs' };
  },
};

/** Rules on the Ingress of the admin API. */
export const ingressRules: readonly Rule[] = [ingressHost, ingressTls, ingressController];
