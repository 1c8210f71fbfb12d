/** Who may talk to whom: as the program needs it, as the configuration names it, and as an analyser of policies sees it. */
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import * as fc from 'fast-check';
import { loadConfig } from '../../generator/config/load.ts';
import type { Traffic } from '../../generator/graph/party.ts';
import {
  allPorts,
  common,
  type Ports,
  portWords,
  range,
  united,
  without,
} from '../../generator/graph/ports.ts';
import { trafficOf } from '../../generator/graph/traffic.ts';
import { hasErrors } from '../../generator/model/finding.ts';
import { isObject, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { generate } from '../../generator/objects/generate.ts';
import { configOf } from '../objects/samples.ts';
import { arbitraryResource } from '../support/configs.ts';
import { connectivity, requireTool } from '../support/tools.ts';
import { everything } from './samples.ts';

/** The flows in words: `gateway > Discord: 443`. */
function flowsOf({ parties, flows }: Traffic): string[] {
  const names = new Map(parties.map(({ id, name }) => [id, name]));
  return flows.map(({ from, to, ports }) => `${names.get(from)} > ${names.get(to)}: ${portWords(ports)}`);
}

describe('the traffic of a deployment', () => {
  it('is what the program needs', () => {
    assert.deepEqual(flowsOf(trafficOf(configOf({}))), [
      'gateway > worker: 50051',
      'gateway > Discord: 443, UDP 1024–65535',
      'gateway > Kubernetes API: 443, 6443',
      'gateway > PostgreSQL: 5432',
      'gateway > DNS: 53 TCP+UDP',
      'worker > gateway: 50051',
      'worker > mcp-gateway: 8080',
      'worker > PostgreSQL: 5432',
      'worker > DNS: 53 TCP+UDP',
      'worker > Any address: 443',
      'mcp-gateway > DNS: 53 TCP+UDP',
      'mcp-gateway > Any address: 443',
      'Anyone > gateway: 9090',
      'Anyone > worker: 9090',
      'Anyone > mcp-gateway: 9090',
      'Pods of the namespace > gateway: 8081',
    ]);
  });

  it('names whom the configuration names, and follows each value', () => {
    const traffic = trafficOf(configOf(everything));
    assert.deepEqual(flowsOf(traffic), [
      'gateway > worker: 50051',
      'gateway > Discord: 443, UDP 1024–65535',
      'gateway > Kubernetes API: 443, 16443',
      'gateway > Vault: 8200',
      'gateway > tavern-postgresql: 5432',
      'gateway > Proxy: 3128',
      'gateway > DNS: 53 TCP+UDP',
      'worker > gateway: 50052',
      'worker > mcp-gateway: 8080',
      'worker > tavern-postgresql: 5432',
      'worker > openai: 443',
      'worker > deepgram: 443',
      'worker > coqui: 5002',
      'worker > wiki: 443',
      'worker > Proxy: 3128',
      'worker > DNS: 53 TCP+UDP',
      'worker > Namespace ai: 11434',
      'mcp-gateway > wiki: 443',
      'mcp-gateway > Proxy: 3128',
      'mcp-gateway > DNS: 53 TCP+UDP',
      'Anyone > gateway: 9090',
      'Anyone > worker: 9090',
      'Anyone > mcp-gateway: 9090',
      'Namespace ingress > gateway: 8081',
      'Pods of the namespace > gateway: 8081',
    ]);
    const about = Object.fromEntries(traffic.parties.map((party) => [party.name, party]));
    assert.deepEqual(about.gateway?.replicas, { min: 2, max: 10 });
    assert.deepEqual(about['tavern-postgresql']?.replicas, { min: 3, max: 3 });
    assert.deepEqual(about.openai?.details, ['llm gpt-4o-mini', 'embeddings text-embedding-3-small']);
    assert.deepEqual(about['Namespace ingress']?.details, ['ingress for tavern.example.com']);
    assert.deepEqual(about.worker?.details.slice(1), ['profile cloud', 'vad by silero']);
    assert.deepEqual(about['mcp-gateway']?.details, ['Deployment', 'runs dice']);
    assert.equal(traffic.topology, 'shared');
  });

  it('without policies is what they would open, and says that nothing is shut', () => {
    const shut = trafficOf(configOf({}));
    const open = trafficOf(configOf({ networkPolicy: { enabled: false } }));
    assert.deepEqual(open.flows, shut.flows);
    assert.deepEqual([shut.hasPolicies, open.hasPolicies], [true, false]);
  });

  it('leads to no server that is in the pod itself', () => {
    const llm = { name: 'ollama', model: 'm', base_url: 'http://localhost:11434' };
    const traffic = trafficOf(configOf({ config: { providers: { llm } } }));
    assert.ok(!traffic.parties.some(({ name }) => name === 'ollama'));
    assert.ok(traffic.parties.some(({ details }) => details.includes('calls its own pod on 11434')));
  });

  it('reads no secret', () => {
    const canary = 'cAnArY-7f3a';
    const traffic = trafficOf(
      configOf({
        secrets: { provider: 'kubernetes', providerKeys: { openai: { value: canary } } },
        database: { dsn: { value: `postgres://u:${canary}@${canary}.example.com:6432/x` } },
        gateway: { adminKey: { value: canary } },
        config: {
          providers: { llm: { name: 'openai', model: 'm', options: { token: canary } } },
          mcp: {
            servers: [
              {
                name: 'x',
                transport: 'streamable-http',
                url: `https://x.example.com/${canary}?key=${canary}`,
              },
            ],
          },
        },
      }),
    );
    assert.ok(!JSON.stringify(traffic).includes(canary));
    assert.ok(flowsOf(traffic).includes('worker > PostgreSQL: 6432'));
  });

  it('gives every port that a random configuration needs: the policies open what is called', () => {
    fc.assert(
      fc.property(arbitraryResource(), (resource) => {
        const { config, findings } = loadConfig({ value: resource, findings: [] });
        if (config === undefined || hasErrors(findings)) return;
        const traffic = trafficOf(config);
        const called = traffic.flows.map(({ to }) => to);
        const named = traffic.parties.filter(({ kind }) =>
          ['provider', 'tool', 'service', 'database'].includes(kind),
        );
        assert.deepEqual(
          named.filter(({ id }) => !called.includes(id)),
          [],
        );
        const ids = traffic.parties.map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length);
        for (const { from, to, ports } of traffic.flows)
          assert.ok(ids.includes(from) && ids.includes(to) && ports.length > 0);
        assert.deepEqual(trafficOf(config), traffic);
      }),
      { numRuns: 25 },
    );
  });
});

/** Between the workloads, the picture and the analyser must agree on every port and protocol. */
const compared: { [name: string]: JsonObject } = {
  default: {},
  everything,
  'rules of a user': {
    networkPolicy: {
      gateway: {
        extraEgress: [{ to: [{ podSelector: {} }] }],
        extraIngress: [{ ports: [{ port: 'grpc' }] }],
      },
      mcpGateway: {
        extraIngress: [
          { from: [{ namespaceSelector: {} }], ports: [{ port: 9000, endPort: 9100, protocol: 'TCP' }] },
        ],
      },
      worker: {
        extraEgress: [
          {
            to: [
              {
                podSelector: {
                  matchExpressions: [
                    { key: 'app.kubernetes.io/component', operator: 'In', values: ['gateway'] },
                  ],
                },
              },
            ],
            ports: [{ port: 'admin' }],
          },
        ],
      },
    },
  },
};

describe('between the workloads, an analyser of network policies sees the same', () => {
  for (const [name, spec] of Object.entries(compared))
    it(name, async (t) => {
      if (requireTool(t, 'nca') === undefined) return;
      const config = configOf(spec);
      const traffic = trafficOf(config);
      const { allows } = await connectivity(standIns(generate(config, new Map())));
      const workloads = ['gateway', 'worker', 'mcp-gateway'];
      let allowed = 0;
      for (const from of workloads)
        for (const to of workloads.filter((other) => other !== from))
          for (const port of [53, 443, 3128, 5432, 8080, 8081, 9050, 9090, 50051, 50052])
            for (const protocol of ['TCP', 'UDP'] as const) {
              const flow = traffic.flows.find((one) => one.from === from && one.to === to);
              const drawn = common(flow?.ports ?? [], [range(protocol, port)]).length > 0;
              const pod = (workload: string) => ({ namespace: 'games', name: `tavern-${workload}` });
              assert.equal(
                drawn,
                allows(pod(from), pod(to), port, protocol),
                `${from} > ${to} ${protocol} ${port}`,
              );
              if (drawn) allowed += 1;
            }
      assert.ok(allowed >= 3);
    });
});

/** The policies, the Deployments, and a pod of a worker, in their namespace. */
function standIns(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const kept = objects.filter(({ kind }) => kind === 'NetworkPolicy' || kind === 'Deployment');
  const { spec } = kept.find(({ metadata }) => metadata.name === 'tavern-worker') as { spec?: JsonObject };
  const labels = isObject(spec?.podSelector) ? (spec.podSelector.matchLabels as JsonObject) : {};
  const ports = [
    { name: 'grpc', containerPort: 50051 },
    { name: 'observe', containerPort: 9090 },
  ];
  return [
    ...kept,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'games' } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'tavern-worker', namespace: 'games', labels },
      spec: { containers: [{ name: 'a', image: 'a', ports }] },
    },
  ];
}

describe('sets of ports', () => {
  const arbitraryPorts = fc
    .array(
      fc.record({
        protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
        first: fc.integer({ min: 1, max: 40 }),
        length: fc.integer({ min: 0, max: 10 }),
      }),
      { maxLength: 5 },
    )
    .map((drawn) =>
      united(drawn.map(({ protocol, first, length }) => range(protocol, first, first + length))),
    );
  const has = (ports: readonly Ports[], protocol: 'TCP' | 'UDP', port: number) =>
    ports.some((one) => 'first' in one && one.protocol === protocol && one.first <= port && port <= one.last);

  it('are cut and joined port by port', () => {
    fc.assert(
      fc.property(arbitraryPorts, arbitraryPorts, (a, b) => {
        for (const protocol of ['TCP', 'UDP'] as const)
          for (let port = 1; port <= 52; port++) {
            const [inA, inB] = [has(a, protocol, port), has(b, protocol, port)];
            assert.equal(has(common(a, b), protocol, port), inA && inB);
            assert.equal(has(without(a, b), protocol, port), inA && !inB);
            assert.equal(has(united([...a, ...b]), protocol, port), inA || inB);
          }
      }),
    );
  });

  const words: [Ports[], string][] = [
    [[...allPorts], 'any port'],
    [[range('TCP', 443)], '443'],
    [[range('UDP', 53), range('TCP', 53)], '53 TCP+UDP'],
    [[range('UDP', 1024, 65535), range('TCP', 443)], '443, UDP 1024–65535'],
    [[range('UDP', 1, 65535)], 'UDP any'],
    [[range('SCTP', 9), { protocol: 'TCP', name: 'http' }], 'http, SCTP 9'],
  ];
  for (const [ports, said] of words) test(said, () => assert.equal(portWords(united(ports)), said));
});
