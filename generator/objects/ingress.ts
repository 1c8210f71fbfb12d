import type { Config } from '../config/schema/resource.ts';
import type { KubernetesObject } from '../model/object.ts';
import { metadataOf, namesOf, unlessEmpty } from './names.ts';
import { policy, tcp } from './network-policy.ts';

/** The admin API under a host name, by an ingress controller. */
export function ingress(config: Config): KubernetesObject[] {
  const { className, host, tlsSecret, annotations } = config.spec.ingress;
  const name = namesOf(config).gateway;
  const backend = { service: { name, port: { name: 'admin' } } };
  const hosts = host === undefined ? {} : { hosts: [host] };
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { ...metadataOf(config, name, 'gateway'), ...unlessEmpty('annotations', annotations) },
      spec: {
        ...(className === undefined ? {} : { ingressClassName: className }),
        ...(tlsSecret === undefined ? {} : { tls: [{ ...hosts, secretName: tlsSecret }] }),
        rules: [
          {
            ...(host === undefined ? {} : { host }),
            http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
          },
        ],
      },
    },
  ];
}

/** The way of the named controller to the admin API. */
export function ingressPolicy(config: Config): KubernetesObject[] {
  const { controllerNamespace } = config.spec.ingress;
  if (controllerNamespace === undefined) return [];
  const matchLabels = { 'kubernetes.io/metadata.name': controllerNamespace };
  const from = [{ namespaceSelector: { matchLabels } }];
  const ports = [tcp(config.spec.gateway.ports.admin)];
  return [policy(config, namesOf(config).gatewayIngress, 'gateway', { ingress: [{ from, ports }] })];
}
