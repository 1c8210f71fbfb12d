import type { Path } from '../../model/json.ts';
import { checkResourceRequirements } from '../../model/kubernetes-values.ts';
import { otherProgram } from '../generation.ts';
import type { Config } from '../schema/resource.ts';
import type { Found, Rule } from './rule.ts';

const topology: Path = ['spec', 'core', 'topology'];

const dedicatedReplicas: Rule = {
  code: 'dedicated-replicas',
  severity: 'warning',
  about:
    'A dedicated deployment serves one tenant: one gateway replica, or two for high availability, are enough.',
  reads: [topology],
  check: ({ config }) => {
    const { autoscaling, gateway, core } = config.spec;
    const count = autoscaling.enabled ? autoscaling.maxReplicas : gateway.replicaCount;
    if (core.topology !== 'dedicated' || count <= 2) return [];
    return {
      path: autoscaling.enabled
        ? ['spec', 'autoscaling', 'maxReplicas']
        : ['spec', 'gateway', 'replicaCount'],
      message: `${count} gateway replicas for a single tenant`,
      hint: 'use 1, or 2 for high availability',
    };
  },
};

const dedicatedAntiAffinity: Rule = {
  code: 'dedicated-anti-affinity',
  severity: 'warning',
  about: 'A dedicated deployment has few gateway pods, which need not be spread over nodes.',
  reads: [topology],
  check: ({ config }) => {
    const { gateway, core } = config.spec;
    if (core.topology !== 'dedicated' || !gateway.podAntiAffinity.enabled) return [];
    return {
      path: ['spec', 'gateway', 'podAntiAffinity', 'enabled'],
      message: 'anti-affinity spreads the pods of a dedicated topology over the nodes of all tenants',
      hint: 'leave it out',
    };
  },
};

const noReplicas: Rule = {
  code: 'no-replicas',
  severity: 'warning',
  about: 'In production a workload without replicas is more likely forgotten than meant.',
  reads: [['spec', 'core', 'environment']],
  check: ({ config }) => {
    const { core, gateway, mcpGateway, autoscaling } = config.spec;
    if (core.environment !== 'production') return [];
    const found: Found[] = [];
    if (gateway.replicaCount === 0 && !autoscaling.enabled) {
      found.push({
        path: ['spec', 'gateway', 'replicaCount'],
        message: 'no gateway runs with 0 replicas',
        hint: 'use 1 or more; "stop" scales a running deployment down',
      });
    }
    if (mcpGateway.enabled && mcpGateway.replicaCount === 0) {
      found.push({
        path: ['spec', 'mcpGateway', 'replicaCount'],
        message: 'no MCP gateway runs with 0 replicas, and workers wait for it',
        hint: 'use 1 or more, or set spec.mcpGateway.enabled: false',
      });
    }
    return found;
  },
};

type Resources = Config['spec']['gateway']['resources'];

/** Every set of resources, and whether a pod runs with it. */
function allResources(config: Config): { path: Path; resources: Resources; used: boolean }[] {
  const { gateway, mcpGateway, worker, postgresql } = config.spec;
  const profiles = Object.entries(worker.profiles).map(([name, resources]) => {
    const used = name === worker.resourceProfile;
    const asks = used && name === 'local-llm' && worker.gpu.enabled && worker.gpu.requestResource;
    const gpu = asks ? { 'nvidia.com/gpu': '1' } : {};
    const { requests, limits } = resources;
    const merged = { requests: { ...gpu, ...requests }, limits: { ...gpu, ...limits } };
    return { path: ['spec', 'worker', 'profiles', name], resources: merged, used };
  });
  return [
    { path: ['spec', 'gateway', 'resources'], resources: gateway.resources, used: true },
    ...profiles,
    { path: ['spec', 'mcpGateway', 'resources'], resources: mcpGateway.resources, used: mcpGateway.enabled },
    { path: ['spec', 'postgresql', 'resources'], resources: postgresql.resources, used: postgresql.enabled },
  ];
}

const requestsAboveLimits: Rule = {
  code: 'requests-above-limits',
  severity: 'error',
  about:
    'A container may not request more than its limits, also where one of the two is a default; Kubernetes refuses such pods. What no pod uses only warns.',
  check: ({ config, isSet }) =>
    allResources(config).flatMap(({ path, resources, used }) =>
      checkResourceRequirements(resources).map((wrong) => {
        const [, name = ''] = wrong.path;
        const written = (side: string) => isSet([...path, side, name]);
        const atLimit = wrong.path.length === 2 && !written('requests') && written('limits');
        const request = atLimit ? `the request for ${name}, by default ${resources.requests[name]}, ` : '';
        return {
          path: atLimit ? [...path, 'limits', name] : [...path, ...wrong.path],
          message: request === '' ? wrong.message : `${request}does not fit this limit`,
          hint: wrong.hint,
          ...(used ? {} : { severity: 'warning' as const }),
        };
      }),
    ),
};

const otherGeneration: Rule = {
  code: 'other-generation',
  severity: 'error',
  about:
    'This deploys the first generation of Glyphoxa. Its own repository has the second under `latest` and all versions from 0.2 on, which exits on the flags of the first; versions before are older than its modes or were never published, and `main` moves: these warn.',
  reads: [['spec', 'core', 'image', 'repository']],
  check: ({ config }) => {
    const found = otherProgram(config.spec.core.image);
    return found === undefined ? [] : [{ path: ['spec', 'core', 'image', 'tag'], ...found }];
  },
};

const tierSelector: Rule = {
  code: 'tier-selector',
  severity: 'warning',
  about:
    '`core.tierScheduling` sets the node label `glyphoxa.io/tier`, so a node selector with another value for it has no effect.',
  reads: [topology],
  check: ({ config }) => {
    const { core, gateway, worker } = config.spec;
    if (!core.tierScheduling) return [];
    return Object.entries({ gateway, worker }).flatMap(([workload, { nodeSelector }]) => {
      const tier = nodeSelector['glyphoxa.io/tier'];
      if (tier === undefined || tier === core.topology) return [];
      return [
        {
          path: ['spec', workload, 'nodeSelector', 'glyphoxa.io/tier'],
          message: `tier scheduling asks for nodes of the tier ${core.topology}`,
          hint: 'remove this label, or set spec.core.tierScheduling: false',
        },
      ];
    });
  },
};

/** Rules on replicas, placement and resources. */
export const workloadRules: readonly Rule[] = [
  dedicatedReplicas,
  dedicatedAntiAffinity,
  noReplicas,
  requestsAboveLimits,
  otherGeneration,
  tierSelector,
];
