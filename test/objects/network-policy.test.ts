/** What the policies let through, as a network policy analyser sees it: the table of the traffic that is needed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { connectivity, requireTool } from '../support/tools.ts';
import { find, objectsOf } from './samples.ts';

const pod = (name: string, labels: JsonObject, namespace = 'games'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: { containers: [{ name: 'a', image: 'a' }] },
});

const namespace = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
});

const inNamespace = (name: string): JsonObject => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});

/** The release, with a worker, its database, another release's worker, and strangers. */
async function network(t: TestContext, spec: JsonObject) {
  if (requireTool(t, 'nca') === undefined) return undefined;
  const objects = objectsOf(spec).filter(({ kind }) => kind === 'NetworkPolicy' || kind === 'Deployment');
  const { data } = find(objectsOf(spec), 'ConfigMap', 'tavern-worker-job-template') as { data?: JsonObject };
  const [job] = parseYaml(String(data?.['job-template.yaml'])) as {
    spec: { template: { metadata: { labels: JsonObject } } };
  }[];
  const labels = job?.spec.template.metadata.labels ?? {};
  const map = await connectivity([
    ...objects,
    namespace('games'),
    namespace('monitoring'),
    pod('worker', labels),
    pod('worker-2', labels),
    pod('other-worker', { ...labels, 'app.kubernetes.io/instance': 'other' }),
    pod('shell', { app: 'shell' }),
    pod('their-worker', { 'app.kubernetes.io/component': 'worker', 'app.kubernetes.io/name': 'theirs' }),
    pod('cnpg', { 'cnpg.io/cluster': 'tavern-postgresql' }),
    pod('bitnami', { 'app.kubernetes.io/name': 'postgresql', 'app.kubernetes.io/instance': 'tavern' }),
    pod('prometheus', { app: 'prometheus' }, 'monitoring'),
    namespace('ingress-nginx'),
    pod('controller', { app: 'controller' }, 'ingress-nginx'),
    namespace('ai'),
    pod('ollama', { app: 'ollama' }, 'ai'),
    namespace('kube-system'),
    pod('coredns', { 'k8s-app': 'kube-dns' }, 'kube-system'),
  ]);
  const namespaces: { [pod: string]: string } = {
    prometheus: 'monitoring',
    controller: 'ingress-nginx',
    ollama: 'ai',
    coredns: 'kube-system',
  };
  const peer = (name: string) =>
    name.includes('.') ? { ip: name } : { namespace: namespaces[name] ?? 'games', name };
  return (from: string, to: string, port: number, protocol: 'TCP' | 'UDP' = 'TCP') =>
    map.allows(peer(from), peer(to), port, protocol);
}

const internet = '203.0.113.7';
const gateway = 'tavern-gateway';
const mcp = 'tavern-mcp-gateway';

type Row = [from: string, to: string, port: number, protocol?: 'TCP' | 'UDP'];

async function holds(t: TestContext, spec: JsonObject, allowed: Row[], refused: Row[]): Promise<void> {
  const allows = await network(t, spec);
  if (allows === undefined) return;
  for (const row of allowed) assert.ok(allows(...row), `refused: ${row.join(' ')}`);
  for (const row of refused) assert.ok(!allows(...row), `allowed: ${row.join(' ')}`);
}

/** The first YAML block of a page of the documentation in which a word stands. */
function example(page: string, word: string): JsonObject {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, block = '']) => block);
  return parseYaml(blocks.find((block) => block.includes(word)) ?? '')[0] as JsonObject;
}

describe('the network policies', () => {
  it('open the port of each host of a DSN, and of nothing else', (t) =>
    holds(
      t,
      {
        database: { dsn: { value: 'postgres://u@a:7777,b:7778/x' } },
        gateway: { adminKey: { secretKeyRef: { name: 'keys', key: 'admin' } } },
        secrets: { provider: 'kubernetes' },
      },
      [gateway, 'worker'].flatMap((from): Row[] => [
        [from, internet, 7777],
        [from, internet, 7778],
      ]),
      [
        [gateway, internet, 5432],
        [mcp, internet, 7777],
        [mcp, internet, 7778],
      ],
    ));

  it('let through what the program needs, and no more', (t) =>
    holds(
      t,
      {},
      [
        ['shell', gateway, 8081],
        ['their-worker', gateway, 8081],
        ['worker', gateway, 50051],
        [gateway, 'worker', 50051],
        ['worker', mcp, 8080],
        ['prometheus', gateway, 9090],
        ['prometheus', mcp, 9090],
        ['prometheus', 'worker', 9090],
        [gateway, internet, 443],
        [gateway, internet, 6443],
        [gateway, internet, 1024, 'UDP'],
        [gateway, internet, 65535, 'UDP'],
        [gateway, internet, 5432],
        ['worker', internet, 5432],
        ['worker', internet, 443],
        [mcp, internet, 443],
        ...[gateway, 'worker', mcp].flatMap((from): Row[] => [
          [from, internet, 53],
          [from, internet, 53, 'UDP'],
        ]),
      ],
      [
        ['worker', gateway, 8081],
        ['other-worker', gateway, 8081],
        ['other-worker', gateway, 50051],
        ['other-worker', mcp, 8080],
        ['prometheus', gateway, 8081],
        ['shell', gateway, 50051],
        ['shell', mcp, 8080],
        ['shell', 'worker', 50051],
        ['worker', 'worker-2', 50051],
        ['worker-2', 'worker', 443],
        [mcp, internet, 5432],
        [mcp, 'cnpg', 5432],
        [mcp, gateway, 50051],
        [gateway, mcp, 8080],
        ['worker', internet, 11434],
        ['worker', internet, 50000, 'UDP'],
        [mcp, internet, 8443],
        [gateway, internet, 8200],
      ],
    ));

  it('follow the ports of the configuration', (t) =>
    holds(
      t,
      {
        gateway: { ports: { admin: 8082, grpc: 50052 } },
        mcpGateway: { ports: { mcp: 8888 } },
        database: { port: 6432 },
        vault: { enabled: true, addr: 'https://vault.example.com:8200' },
        config: {
          providers: {
            llm: { name: 'ollama', model: 'm', base_url: 'http://ollama.example.com:11434' },
            tts: { name: 'coqui', base_url: 'http://coqui.example.com' },
          },
          mcp: {
            servers: [
              { name: 'dice', transport: 'streamable-http', url: 'https://dice.example.com:8443/mcp' },
            ],
          },
        },
      },
      [
        ['shell', gateway, 8082],
        ['worker', gateway, 50052],
        ['worker', mcp, 8888],
        [gateway, internet, 6432],
        ['worker', internet, 6432],
        [gateway, internet, 8200],
        ['worker', internet, 11434],
        ['worker', internet, 80],
        // workers connect to tool servers as well as the MCP gateway does
        ['worker', internet, 8443],
        [mcp, internet, 8443],
      ],
      [
        ['shell', gateway, 8081],
        ['worker', gateway, 50051],
        [gateway, internet, 5432],
        ['worker', internet, 5432],
        [mcp, internet, 11434],
        ['worker', internet, 8200],
      ],
    ));

  it('reach the database by its pods where it runs in the namespace', async (t) => {
    for (const [provider, server, other] of [
      ['cloudnative-pg', 'cnpg', 'bitnami'],
      ['bitnami', 'bitnami', 'cnpg'],
    ] as const) {
      await holds(
        t,
        { postgresql: { enabled: true, provider } },
        [
          [gateway, server, 5432],
          ['worker', server, 5432],
        ],
        [
          [gateway, internet, 5432],
          ['worker', other, 5432],
          [mcp, server, 5432],
        ],
      );
    }
  });

  it('take the port from a DSN that stands in the resource', (t) =>
    holds(
      t,
      {
        secrets: { provider: 'kubernetes' },
        gateway: { adminKey: { value: 'a' } },
        database: { dsn: { value: 'postgres://u:p@db.example.com:7777/x' } },
      },
      [['worker', internet, 7777]],
      [['worker', internet, 5432]],
    ));

  it('open the ports of the API server and of DNS that a cluster has, where DNS is', (t) =>
    holds(
      t,
      {
        networkPolicy: { apiServerPorts: [16443], dns: { ports: [5353], to: [inNamespace('kube-system')] } },
      },
      [
        [gateway, internet, 16443],
        [gateway, internet, 443],
        ...[gateway, 'worker', mcp].flatMap((from): Row[] => [
          [from, 'coredns', 5353],
          [from, 'coredns', 5353, 'UDP'],
        ]),
      ],
      [
        [gateway, internet, 6443],
        ['worker', internet, 16443],
        ['worker', 'coredns', 53, 'UDP'],
        ['worker', internet, 5353, 'UDP'],
        ['worker', 'ollama', 5353, 'UDP'],
      ],
    ));

  it('open all of UDP for Discord voice where ranges of ports are not taken', (t) =>
    holds(
      t,
      { networkPolicy: { discordVoice: 'all-udp' } },
      [
        [gateway, internet, 50000, 'UDP'],
        [gateway, internet, 1, 'UDP'],
      ],
      [
        [gateway, internet, 50000],
        ['worker', internet, 50000, 'UDP'],
      ],
    ));

  it('let an ingress controller of another namespace to the admin API alone', (t) =>
    holds(
      t,
      { networkPolicy: { ingressFrom: [inNamespace('ingress-nginx')] } },
      [
        ['controller', gateway, 8081],
        ['shell', gateway, 8081],
      ],
      [
        ['controller', gateway, 50051],
        ['controller', mcp, 8080],
        ['ollama', gateway, 8081],
        ['worker', gateway, 8081],
      ],
    ));

  it('let the controller of the Ingress to the admin API alone', (t) =>
    holds(
      t,
      { ingress: { enabled: true, host: 'a.example.com', controllerNamespace: 'ingress-nginx' } },
      [
        ['controller', gateway, 8081],
        ['shell', gateway, 8081],
        [gateway, internet, 443],
      ],
      [
        ['controller', gateway, 50051],
        ['ollama', gateway, 8081],
        ['worker', gateway, 8081],
      ],
    ));

  it('let the Ingress of the documentation work, with the value that stands beside it', async (t) => {
    const { spec } = example('customising.md', 'kind: Ingress') as { spec: JsonObject };
    assert.ok(JSON.stringify(spec).includes('{"name":"glyphoxa-gateway","port":{"name":"admin"}}'));
    for (const page of ['customising.md', 'traffic.md']) {
      const { spec: values } = example(page, 'ingressFrom') as { spec: JsonObject };
      await holds(t, values, [['controller', gateway, 8081]], [['ollama', gateway, 8081]]);
    }
  });

  it('have more rules for each workload', (t) =>
    holds(
      t,
      {
        networkPolicy: {
          gateway: { extraEgress: [{ to: [inNamespace('ai')], ports: [{ port: 7001 }] }] },
          worker: {
            extraEgress: [{ to: [inNamespace('ai')], ports: [{ port: 8000, endPort: 8010 }] }],
            extraIngress: [{ from: [inNamespace('ai')], ports: [{ port: 7002 }] }],
          },
          mcpGateway: {
            extraEgress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24' } }], ports: [{ port: 7003 }] }],
            extraIngress: [{ from: [{ podSelector: { matchLabels: { app: 'shell' } } }] }],
          },
        },
      },
      [
        [gateway, 'ollama', 7001],
        ['worker', 'ollama', 8005],
        ['ollama', 'worker', 7002],
        [mcp, internet, 7003],
        ['shell', mcp, 8080],
      ],
      [
        ['worker', 'ollama', 7001],
        [gateway, 'ollama', 8005],
        ['ollama', gateway, 7002],
        ['worker', internet, 7003],
        ['shell', 'worker', 7002],
      ],
    ));

  it('open the port of a proxy for every workload', (t) => {
    const each = (port: number) => [gateway, 'worker', mcp].map((from): Row => [from, internet, port]);
    return holds(
      t,
      { core: { proxy: { http: 'http://proxy.example.com', https: 'http://proxy.example.com:3128' } } },
      [...each(80), ...each(3128)],
      each(8080),
    );
  });

  it('are absent where they are off, and need no MCP gateway', () => {
    const names = (spec: JsonObject) =>
      objectsOf(spec).flatMap(({ kind, metadata }) => (kind === 'NetworkPolicy' ? [metadata.name] : []));
    assert.deepEqual(names({ networkPolicy: { enabled: false } }), []);
    assert.deepEqual(names({ mcpGateway: { enabled: false } }), ['tavern-gateway', 'tavern-worker']);
  });
});
