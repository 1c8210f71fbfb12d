import type { JsonObject } from '../../../../generator/model/json.ts';
import type { Case } from '../case.ts';

export const ingressCases: readonly Case[] = [
  ...[undefined, '10.0.0.1'].map((host) => ({
    code: 'ingress-host',
    spec: { ingress: { enabled: true, ...(host && { host }) } },
    path: 'spec.ingress.host',
    fine: { spec: { ingress: { enabled: true, host: 'glyphoxa.example.com' } } },
  })),
  {
    code: 'ingress-tls',
    spec: { ingress: { enabled: true, host: 'a.example.com' } },
    path: 'spec.ingress.tlsSecret',
    fine: { spec: { ingress: { enabled: true, host: 'a.example.com', tlsSecret: 'tls' } } },
  },
  ...[
    { ingress: { controllerNamespace: 'ingress' } },
    { networkPolicy: { enabled: false } },
    { networkPolicy: { ingressFrom: [{ namespaceSelector: {} }] } },
  ].map((more: JsonObject) => ({
    code: 'ingress-controller',
    spec: { ingress: { enabled: true, host: 'a.example.com' } },
    path: 'spec.ingress.controllerNamespace',
    fine: {
      spec: { ...more, ingress: { enabled: true, host: 'a.example.com', ...(more.ingress as JsonObject) } },
    },
  })),
];
