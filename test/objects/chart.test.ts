/**
 * What the Helm chart of the program renders, written down here as facts, and what is better here. A live
 * deployment moves over in place, so names, selectors, ports, probes and the order of lists are the chart's.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { find, objectsOf } from './samples.ts';

const selector = (component: string) => ({
  'app.kubernetes.io/name': 'glyphoxa',
  'app.kubernetes.io/instance': 'tavern',
  'app.kubernetes.io/component': component,
});

type Container = JsonObject & { env: { name: string }[]; args: string[]; ports: JsonObject[] };

function podOf(object: KubernetesObject): { container: Container; [key: string]: unknown } {
  const { template } = object.spec as { template: { spec: JsonObject & { containers: Container[] } } };
  return { ...template.spec, container: template.spec.containers[0] as Container };
}

function job(objects: readonly KubernetesObject[]): KubernetesObject {
  const { data } = find(objects, 'ConfigMap', 'tavern-worker-job-template') as { data?: JsonObject };
  return parseYaml(String(data?.['job-template.yaml']))[0] as KubernetesObject;
}

const probe = (path: string, rest: object) => ({ httpGet: { path, port: 'observe' }, ...rest });
const server = { initialDelaySeconds: 5, periodSeconds: 10 };
const startup = { failureThreshold: 30, periodSeconds: 2 };
const port = (name: string, containerPort: number) => ({ name, containerPort, protocol: 'TCP' });
const small = { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '1', memory: '512Mi' } };

describe('as in the Helm chart', () => {
  const objects = objectsOf({});

  it('the objects have its names', () => {
    assert.deepEqual(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      [
        'ServiceAccount tavern-gateway',
        'Role tavern-job-manager',
        'RoleBinding tavern-job-manager',
        'ConfigMap tavern-config',
        'ConfigMap tavern-mcp-gateway',
        'ConfigMap tavern-worker-job-template',
        'Service tavern-gateway',
        'Service tavern-mcp-gateway',
        'Deployment tavern-gateway',
        'Deployment tavern-mcp-gateway',
        'NetworkPolicy tavern-gateway',
        'NetworkPolicy tavern-mcp-gateway',
        'NetworkPolicy tavern-worker',
        'NetworkPolicy tavern-worker-mcp',
      ],
    );
    assert.ok(objects.every(({ metadata }) => metadata.namespace === 'games'));
  });

  for (const [name, component, replicas] of [
    ['tavern-gateway', 'gateway', 3],
    ['tavern-mcp-gateway', 'mcp-gateway', 2],
  ] as const) {
    it(`${name} has its selector, replicas, resources and probes`, () => {
      const deployment = find(objects, 'Deployment', name);
      const spec = deployment.spec as { replicas: number; selector: object };
      assert.deepEqual(spec.selector, { matchLabels: selector(component) });
      assert.equal(spec.replicas, replicas);
      const { container } = podOf(deployment);
      assert.equal(container.name, component);
      assert.equal(container.image, 'ghcr.io/mrwong99/glyphoxa:no-image-chosen');
      assert.equal(container.imagePullPolicy, 'IfNotPresent');
      assert.deepEqual(container.resources, small);
      assert.deepEqual(container.livenessProbe, probe('/healthz', server));
      assert.deepEqual(container.readinessProbe, probe('/readyz', server));
      assert.deepEqual(container.startupProbe, probe('/healthz', startup));
    });
  }

  it('containers and Services have its ports, in its order', () => {
    const gateway = podOf(find(objects, 'Deployment', 'tavern-gateway')).container;
    assert.deepEqual(gateway.ports, [port('admin', 8081), port('grpc', 50051), port('observe', 9090)]);
    const mcp = podOf(find(objects, 'Deployment', 'tavern-mcp-gateway')).container;
    assert.deepEqual(mcp.ports, [port('mcp', 8080), port('observe', 9090)]);
    for (const [name, component, ports] of [
      [
        'tavern-gateway',
        'gateway',
        [
          ['admin', 8081],
          ['grpc', 50051],
          ['observe', 9090],
        ],
      ],
      [
        'tavern-mcp-gateway',
        'mcp-gateway',
        [
          ['mcp', 8080],
          ['observe', 9090],
        ],
      ],
    ] as const) {
      assert.deepEqual(find(objects, 'Service', name).spec, {
        type: 'ClusterIP',
        ports: ports.map(([named, number]) => ({
          name: named,
          port: number,
          targetPort: named,
          protocol: 'TCP',
        })),
        selector: selector(component),
      });
    }
  });

  // But for the keys of elevenlabs and deepgram, which the program reads from its file alone.
  it("the gateway prefers nodes without another, and its variables begin in the chart's order", () => {
    const pod = podOf(
      find(objectsOf({ vault: { enabled: true, addr: 'https://vault' } }), 'Deployment', 'tavern-gateway'),
    );
    assert.deepEqual(pod.affinity, {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              labelSelector: { matchLabels: selector('gateway') },
              topologyKey: 'kubernetes.io/hostname',
            },
          },
        ],
      },
    });
    assert.deepEqual(
      pod.container.env.slice(0, 7).map(({ name }) => name),
      [
        'GLYPHOXA_ADMIN_KEY',
        'GLYPHOXA_GRPC_ADDR',
        'GLYPHOXA_DATABASE_DSN',
        'VAULT_ADDR',
        'VAULT_TOKEN',
        'GEMINI_API_KEY',
        'OPENAI_API_KEY',
      ],
    );
  });

  it('the worker Job has its numbers and its startup probe only', () => {
    const { spec, metadata } = job(objects) as KubernetesObject & { spec: JsonObject };
    assert.equal(metadata.name, 'tavern-worker-SESSION_ID');
    const { parallelism, completions, activeDeadlineSeconds, ttlSecondsAfterFinished } = spec;
    assert.deepEqual(
      [parallelism, completions, activeDeadlineSeconds, ttlSecondsAfterFinished],
      [1, 1, 14400, 300],
    );
    const { container, restartPolicy } = podOf(job(objects));
    assert.equal(restartPolicy, 'Never');
    assert.deepEqual(container.ports, [port('grpc', 50051), port('observe', 9090)]);
    assert.deepEqual(container.startupProbe, probe('/healthz', startup));
    assert.ok(!('livenessProbe' in container) && !('readinessProbe' in container));
    assert.deepEqual(container.resources, {
      requests: { cpu: '500m', memory: '384Mi' },
      limits: { cpu: '2', memory: '768Mi' },
    });
  });

  it('GPU nodes are asked for with local-llm only, after what the worker asks itself', () => {
    const spec = {
      worker: { nodeSelector: { zone: 'a' }, tolerations: [{ key: 'own', operator: 'Exists' }] },
    };
    const plain = podOf(job(objectsOf(spec)));
    assert.deepEqual(plain.nodeSelector, { zone: 'a' });
    const gpu = podOf(job(objectsOf({ worker: { ...spec.worker, resourceProfile: 'local-llm' } })));
    assert.deepEqual(gpu.nodeSelector, { 'nvidia.com/gpu': 'true', zone: 'a' });
    assert.deepEqual(gpu.tolerations, [
      { key: 'own', operator: 'Exists' },
      { key: 'nvidia.com/gpu', effect: 'NoSchedule' },
    ]);
  });

  it('the topologies have its replicas, spreading and tier', () => {
    for (const [topology, replicas] of [
      ['shared', 3],
      ['dedicated', 1],
    ] as const) {
      const tiered = objectsOf({ core: { topology, tierScheduling: true } });
      const deployment = find(tiered, 'Deployment', 'tavern-gateway');
      assert.equal((deployment.spec as JsonObject).replicas, replicas);
      for (const pod of [podOf(deployment), podOf(job(tiered))]) {
        assert.deepEqual(pod.nodeSelector, { 'glyphoxa.io/tier': topology });
        assert.deepEqual(pod.tolerations, [
          { key: 'glyphoxa.io/tier', value: topology, effect: 'NoSchedule' },
        ]);
      }
      assert.equal('affinity' in podOf(deployment), topology === 'shared');
      assert.ok(!('nodeSelector' in podOf(find(tiered, 'Deployment', 'tavern-mcp-gateway'))));
    }
  });

  it('the HorizontalPodAutoscaler has its target, and the Deployment then no replicas', () => {
    const scaled = objectsOf({ autoscaling: { enabled: true } });
    assert.deepEqual(find(scaled, 'HorizontalPodAutoscaler', 'tavern-gateway').spec, {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'tavern-gateway' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
    });
    assert.ok(!('replicas' in (find(scaled, 'Deployment', 'tavern-gateway').spec as object)));
  });
});

describe('better than the Helm chart', () => {
  const objects = objectsOf({});
  const env = (container: Container, name: string) =>
    container.env.find((variable) => variable.name === name);

  it('the gateway knows its namespace, its Job template and its configuration', () => {
    const { container } = podOf(find(objects, 'Deployment', 'tavern-gateway'));
    assert.deepEqual(env(container, 'GLYPHOXA_K8S_NAMESPACE'), {
      name: 'GLYPHOXA_K8S_NAMESPACE',
      valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
    });
    assert.deepEqual(env(container, 'GLYPHOXA_JOB_TEMPLATE_CM'), {
      name: 'GLYPHOXA_JOB_TEMPLATE_CM',
      value: 'tavern-worker-job-template',
    });
    assert.deepEqual(container.args, ['--mode=gateway', '--config=/etc/glyphoxa/config.yaml']);
    assert.ok(container.workingDir);
  });

  it('the gateway may read that one ConfigMap, and nothing else beyond Jobs and pods', () => {
    assert.deepEqual(find(objects, 'Role', 'tavern-job-manager').rules, [
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get', 'list', 'watch', 'delete'] },
      { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list', 'watch'] },
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: ['tavern-worker-job-template'],
        verbs: ['get'],
      },
    ]);
    const foreign = objectsOf({ gateway: { serviceAccount: { create: false, name: 'theirs' } } });
    assert.ok(!foreign.some(({ kind }) => kind === 'ServiceAccount'));
    assert.deepEqual(find(foreign, 'RoleBinding', 'tavern-job-manager').subjects, [
      { kind: 'ServiceAccount', name: 'theirs', namespace: 'games' },
    ]);
  });

  it('the Job template names no namespace, services by short names, and runs once', () => {
    const { data } = find(objects, 'ConfigMap', 'tavern-worker-job-template') as { data?: JsonObject };
    const text = String(data?.['job-template.yaml']);
    assert.ok(!text.includes('games'));
    const { container } = podOf(job(objects));
    assert.equal(env(container, 'GLYPHOXA_GATEWAY_ADDR')?.name, 'GLYPHOXA_GATEWAY_ADDR');
    assert.ok(text.includes('value: tavern-gateway:50051'));
    assert.equal((job(objects).spec as JsonObject).backoffLimit, 0);
    assert.equal(text.split("'")[1], 'ghcr.io/mrwong99/glyphoxa:no-image-chosen');
    assert.equal(text.split("'").length, 3);
  });

  it("workers learn the MCP gateway's address from a ConfigMap that may be absent", () => {
    const variable = env(podOf(job(objects)).container, 'GLYPHOXA_MCP_GATEWAY_URL');
    const configMapKeyRef = { name: 'tavern-mcp-gateway', key: 'url', optional: true };
    assert.deepEqual(variable, { name: 'GLYPHOXA_MCP_GATEWAY_URL', valueFrom: { configMapKeyRef } });
    const address = find(objects, 'ConfigMap', 'tavern-mcp-gateway') as { data?: object };
    assert.deepEqual(address.data, { url: 'http://tavern-mcp-gateway:8080/mcp' });
    const without = objectsOf({ mcpGateway: { enabled: false } });
    assert.deepEqual(job(without), job(objects));
  });

  it('pods hold no token but the gateway', () => {
    assert.equal(
      podOf(find(objects, 'Deployment', 'tavern-mcp-gateway')).automountServiceAccountToken,
      false,
    );
    assert.equal(podOf(job(objects)).automountServiceAccountToken, false);
    assert.ok(!('automountServiceAccountToken' in podOf(find(objects, 'Deployment', 'tavern-gateway'))));
  });

  it('a changed file or template rolls the pods that read it, and another image changes no checksum', () => {
    const annotations = (spec: JsonObject, name: string) => {
      const { template } = find(objectsOf(spec), 'Deployment', name).spec as {
        template: { metadata: JsonObject };
      };
      return template.metadata.annotations as JsonObject;
    };
    const base = annotations({}, 'tavern-gateway');
    const configured = annotations({ config: { server: { log_level: 'debug' } } }, 'tavern-gateway');
    assert.notEqual(configured['checksum/config'], base['checksum/config']);
    assert.equal(configured['checksum/job-template'], base['checksum/job-template']);
    const templated = annotations({ worker: { activeDeadlineSeconds: 60 } }, 'tavern-gateway');
    assert.notEqual(templated['checksum/job-template'], base['checksum/job-template']);
    assert.deepEqual(annotations({ core: { image: { tag: '0.1.9' } } }, 'tavern-gateway'), base);
    assert.deepEqual(Object.keys(annotations({}, 'tavern-mcp-gateway')), ['checksum/config']);
    const secret = annotations(
      {
        secrets: { provider: 'kubernetes' },
        config: { providers: { llm: { name: 'openai', model: 'm', api_key: 'k' } } },
        gateway: { adminKey: { fromEnv: 'A' } },
        database: { dsn: { fromEnv: 'B' } },
      },
      'tavern-gateway',
    );
    assert.deepEqual(Object.keys(secret), ['checksum/job-template']);
  });

  it('dollars in literal values reach the program as they stand', () => {
    const vault = objectsOf({ vault: { enabled: true, addr: 'https://vault/$(HOME)/$$x' } });
    const variable = env(podOf(find(vault, 'Deployment', 'tavern-gateway')).container, 'VAULT_ADDR');
    assert.deepEqual(variable, { name: 'VAULT_ADDR', value: 'https://vault/$$(HOME)/$$$x' });
  });

  it('quantities are written as the API server stores them', () => {
    const sized = objectsOf({
      gateway: {
        resources: { requests: { cpu: 0.5, memory: '1024Mi' }, limits: { cpu: '2000m', memory: '2Gi' } },
      },
    });
    assert.deepEqual(podOf(find(sized, 'Deployment', 'tavern-gateway')).container.resources, {
      requests: { cpu: '500m', memory: '1Gi' },
      limits: { cpu: '2', memory: '2Gi' },
    });
  });

  it("other ports reach the program's configuration file too", () => {
    const moved = objectsOf({
      gateway: { ports: { admin: 8082, observe: 9191 } },
      mcpGateway: { ports: { observe: 9191 } },
      worker: { ports: { observe: 9191 } },
    });
    const { data } = find(moved, 'ConfigMap', 'tavern-config') as { data?: JsonObject };
    assert.deepEqual(parseYaml(String(data?.['config.yaml'])), [
      { server: { listen_addr: ':8082', observe_addr: ':9191' } },
    ]);
  });
});
