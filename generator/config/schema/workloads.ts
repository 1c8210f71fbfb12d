import { dnsSubdomainPattern } from '../../model/kubernetes-values.ts';
import {
  choice,
  flag,
  group,
  integer,
  map,
  nodeSelector,
  optional,
  podPatch,
  port,
  resources,
  secret,
  section,
  text,
  tolerations,
} from './build.ts';

const deploymentResources = () =>
  resources(
    { title: 'Resources', description: 'CPU and memory of each pod.' },
    { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '1', memory: '512Mi' } },
  );

const observePort = () =>
  port({
    title: 'Observe port',
    description:
      'Port of `/healthz`, `/readyz` and `/metrics`. The same for all workloads, since they share one configuration file.',
    default: 9090,
  });

/** The Discord gateway: bots, voice connections, admin API; starts a worker Job for each voice session. */
export const gateway = section(
  {
    replicaCount: integer({
      title: 'Replicas',
      description: 'Number of gateway pods while autoscaling is off.',
      minimum: 0,
      preset: { shared: 3, dedicated: 1 },
    }),
    adminKey: optional(
      secret({
        title: 'Admin key',
        description: 'Bearer key of the admin API. Without it the admin API rejects every request.',
      }),
    ),
    managementSecret: optional(
      secret({
        title: 'Management secret',
        description:
          'Shared secret of the gRPC management service. Late versions of the program refuse every management request without it.',
      }),
    ),
    ports: group(
      {
        admin: port({ title: 'Admin port', description: 'Port of the admin API.', default: 8081 }),
        grpc: port({ title: 'gRPC port', description: 'Port that workers call back on.', default: 50051 }),
        observe: observePort(),
      },
      { title: 'Ports', description: 'Ports that the gateway listens on.' },
    ),
    resources: deploymentResources(),
    nodeSelector: nodeSelector(),
    tolerations: tolerations(),
    podAntiAffinity: group(
      {
        enabled: flag({
          title: 'Enabled',
          description: 'Prefer nodes that run no other gateway pod of this release.',
          preset: { shared: true, dedicated: false },
        }),
      },
      { title: 'Pod anti-affinity', description: 'Spreading of the gateway pods over nodes.' },
    ),
    serviceAccount: group(
      {
        create: flag({
          title: 'Create',
          description:
            'Create the ServiceAccount. Otherwise one of that name must exist; its rights come from here either way.',
          default: true,
        }),
        name: text({
          title: 'Name',
          description: 'Name of the ServiceAccount that the gateway runs as.',
          derived: '<release>-gateway',
          check: 'dns-subdomain',
          pattern: dnsSubdomainPattern,
          maxLength: 253,
        }),
        annotations: map(
          text({ title: 'Annotation', description: 'The value of the annotation.', minLength: 0 }),
          {
            title: 'Annotations',
            description: 'Annotations of the ServiceAccount, for example for a cloud identity.',
            default: {},
            keys: 'annotation-key',
          },
        ),
      },
      { title: 'Service account', description: 'The identity under which the gateway starts worker Jobs.' },
    ),
    podPatch: podPatch("the gateway's"),
  },
  {
    title: 'Gateway',
    description: 'The Discord gateway, which starts one worker Job for each voice session.',
  },
);

const profile = (name: string, requests: [string, string], limits: [string, string]) =>
  resources(
    { title: `Profile ${name}`, description: `CPU and memory of a worker with the profile \`${name}\`.` },
    {
      requests: { cpu: requests[0], memory: requests[1] },
      limits: { cpu: limits[0], memory: limits[1] },
    },
  );

/** The voice pipeline of one session. The gateway creates these Jobs from a template. */
export const worker = section(
  {
    resourceProfile: choice(['cloud', 'whisper-native', 'local-llm'], {
      title: 'Resource profile',
      description:
        'What the voice pipeline runs itself: nothing (`cloud`), speech recognition, or a language model.',
      default: 'cloud',
    }),
    profiles: group(
      {
        cloud: profile('cloud', ['500m', '384Mi'], ['2', '768Mi']),
        'whisper-native': profile('whisper-native', ['1', '1Gi'], ['4', '2Gi']),
        'local-llm': profile('local-llm', ['4', '4Gi'], ['8', '8Gi']),
      },
      { title: 'Profiles', description: 'CPU and memory of each resource profile.' },
    ),
    activeDeadlineSeconds: integer({
      title: 'Longest session',
      description: 'Seconds after which Kubernetes ends a worker, whatever it does.',
      default: 14400,
      minimum: 1,
    }),
    ttlSecondsAfterFinished: integer({
      title: 'Keep finished Jobs',
      description: 'Seconds for which a finished worker Job stays, for its logs.',
      default: 300,
      minimum: 0,
    }),
    ports: group(
      {
        grpc: port({
          title: 'gRPC port',
          description: 'Port that the gateway dials. The program supports 50051 only.',
          default: 50051,
        }),
        observe: observePort(),
      },
      { title: 'Ports', description: 'Ports that a worker listens on.' },
    ),
    nodeSelector: nodeSelector(),
    tolerations: tolerations(),
    gpu: group(
      {
        enabled: flag({
          title: 'Enabled',
          description: 'Schedule workers with the profile `local-llm` on GPU nodes.',
          default: true,
        }),
        nodeSelector: nodeSelector({
          description: "Labels of GPU nodes, merged with the worker's own; acts with `local-llm` only.",
          default: { 'nvidia.com/gpu': 'true' },
        }),
        tolerations: tolerations({
          description: "Taints of GPU nodes, added to the worker's own; acts with `local-llm` only.",
          default: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }],
        }),
        requestResource: flag({
          title: 'Request a GPU',
          description: 'Ask for the resource `nvidia.com/gpu: 1`, without which a container gets no GPU.',
          default: false,
        }),
      },
      { title: 'GPU', description: 'GPU scheduling for the profile `local-llm`.' },
    ),
    podPatch: podPatch("a worker's"),
  },
  { title: 'Worker', description: 'The voice pipeline: one Job for each voice session.' },
);

/** The shared MCP tool server. */
export const mcpGateway = section(
  {
    enabled: flag({ title: 'Enabled', description: 'Run the MCP gateway.', default: true }),
    replicaCount: integer({
      title: 'Replicas',
      description: 'Number of MCP gateway pods.',
      default: 2,
      minimum: 0,
    }),
    ports: group(
      {
        mcp: port({ title: 'MCP port', description: 'Port of `POST /mcp`.', default: 8080 }),
        observe: observePort(),
      },
      { title: 'Ports', description: 'Ports that the MCP gateway listens on.' },
    ),
    resources: deploymentResources(),
    nodeSelector: nodeSelector(),
    tolerations: tolerations(),
    podPatch: podPatch("the MCP gateway's"),
  },
  {
    title: 'MCP gateway',
    description: 'Tools that all voice sessions share, over the Model Context Protocol.',
  },
);

/** Horizontal scaling of the gateway. */
export const autoscaling = section(
  {
    enabled: flag({
      title: 'Enabled',
      description: 'Scale the gateway by CPU use. `gateway.replicaCount` has no effect then.',
      default: false,
    }),
    minReplicas: integer({ title: 'Fewest replicas', description: 'Lower bound.', default: 2, minimum: 1 }),
    maxReplicas: integer({ title: 'Most replicas', description: 'Upper bound.', default: 10, minimum: 1 }),
    targetCPUUtilizationPercentage: integer({
      title: 'Target CPU use',
      description: 'Average CPU use to aim for, in percent of the CPU request.',
      default: 70,
      minimum: 1,
    }),
  },
  { title: 'Autoscaling', description: 'A HorizontalPodAutoscaler for the gateway.' },
);
