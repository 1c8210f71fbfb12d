import Type from 'typebox';
import type { JsonObject } from '../../model/json.ts';
import type { CheckName } from '../checks.ts';
import { type About, choice, flag, freeform, group, list, section } from './build.ts';

/** Parts of a NetworkPolicy as Kubernetes writes them, all fields checked. */
const parts = (item: About, check: CheckName, options: About) =>
  list(Type.Unsafe<JsonObject>({ ...freeform(item), check }), { ...options, default: [] });

const peers = (options: About) =>
  parts(
    { title: 'Peer', description: 'podSelector and namespaceSelector, one of the two, or ipBlock.' },
    'network-peer',
    options,
  );

const extras = (whose: string) =>
  group(
    {
      extraIngress: parts(
        { title: 'Ingress rule', description: '`from` and `ports`, each of which may be left out.' },
        'ingress-rule',
        {
          title: 'Extra ingress',
          description: `Rules that let more traffic in to ${whose} pods, as in a NetworkPolicy.`,
        },
      ),
      extraEgress: parts(
        { title: 'Egress rule', description: '`to` and `ports`, each of which may be left out.' },
        'egress-rule',
        {
          title: 'Extra egress',
          description: `Rules that let more traffic out of ${whose} pods, as in a NetworkPolicy.`,
          examples: [
            [
              {
                to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ai' } } }],
                ports: [{ port: 8000, protocol: 'TCP' }],
              },
            ],
          ],
        },
      ),
    },
    { title: 'More rules', description: `What ${whose} pods may do besides what the program needs.` },
  );

const openPorts = (options: About & { default: number[] }) =>
  list(Type.Integer({ title: 'Port', description: 'A port.', minimum: 1, maximum: 65535 }), {
    ...options,
    minItems: 1,
  });

/** Network policies: what the program needs, and what a cluster or its users need besides. */
export const networkPolicy = section(
  {
    enabled: flag({
      title: 'Enabled',
      description: 'Allow only the traffic that the program needs.',
      default: true,
    }),
    apiServerPorts: openPorts({
      title: 'API server ports',
      description:
        'Ports of the Kubernetes API server itself, which the gateway reaches: policies see these, not the 443 of its Service. microk8s has 16443, minikube 8443, agents of K3s 6444. `apply` warns where they are others.',
      default: [443, 6443],
    }),
    dns: group(
      {
        ports: openPorts({
          title: 'Ports',
          description:
            "Ports that the DNS server's pods listen on. OpenShift's have 5353, CoreDNS has 8053 in some clusters.",
          default: [53],
        }),
        to: peers({
          title: 'Where',
          description: 'Where the DNS server is. Empty: anywhere, which holds for node-local caches too.',
        }),
      },
      { title: 'DNS', description: 'Name resolution, for all workloads.' },
    ),
    discordVoice: choice(['port-range', 'all-udp'], {
      title: 'Discord voice',
      description:
        "How Discord's voice servers are reached: UDP from 1024 on as a range of ports (`endPort`), or all of UDP, for network plugins that do not take ranges: Cilium before 1.16 and Azure's Network Policy Manager open the first port only.",
      default: 'port-range',
    }),
    ingressFrom: peers({
      title: 'Ingress from',
      description:
        'Who may reach the admin API besides the pods of this namespace, such as the namespace of an ingress controller.',
      examples: [
        [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }],
      ],
    }),
    gateway: extras("the gateway's"),
    worker: extras("a worker's"),
    mcpGateway: extras("the MCP gateway's"),
  },
  { title: 'Network policy', description: 'NetworkPolicies for all pods of the release.' },
);
