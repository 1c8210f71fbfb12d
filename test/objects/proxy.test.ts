/** What goes through a proxy and what does not, as Go's own client decides from the variables of the pods. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { requireTool, runTool } from '../support/tools.ts';
import { find, objectsOf } from './samples.ts';

const proxy = 'http://proxy.example.com:3128';
const spec: JsonObject = {
  core: { proxy: { http: proxy, https: proxy, noProxy: ['.example.internal', '198.51.100.0/24'] } },
  postgresql: { enabled: true },
  config: { providers: { llm: { name: 'ollama', model: 'llama3', base_url: 'http://ollama:11434' } } },
};

/** The address of the API server as Kubernetes tells it to every container. */
const apiServer = '203.0.113.9';

/** The variables of a workload's container as the program sees them: Kubernetes has expanded `$(NAME)`. */
function environmentOf(workload: string, from: JsonObject): { [name: string]: string } {
  const objects = objectsOf(from);
  const template = find(objects, 'ConfigMap', 'tavern-worker-job-template');
  const owner =
    workload === 'worker'
      ? (parseYaml(String((template.data as JsonObject)['job-template.yaml']))[0] as JsonObject)
      : find(objects, 'Deployment', `tavern-${workload}`);
  const path = ['spec', 'template', 'spec', 'containers'];
  const containers = path.reduce<Json>((at, key) => (isObject(at) ? (at[key] ?? null) : null), owner);
  const [{ env }] = containers as [{ env: { name: string; value?: string }[] }];
  const expanded = (value: string) => value.replaceAll('$(KUBERNETES_SERVICE_HOST)', apiServer);
  return Object.fromEntries(
    env.flatMap(({ name, value = '' }) => (name.endsWith('_PROXY') ? [[name, expanded(value)]] : [])),
  );
}

describe('a proxy', () => {
  for (const workload of ['gateway', 'worker', 'mcp-gateway']) {
    it(`is what the ${workload} calls the internet through, and nothing of the cluster`, async (t) => {
      const go = requireTool(t, 'go-proxy');
      if (go === undefined) return;
      const direct = [
        'https://tavern-gateway:50051',
        'http://tavern-mcp-gateway:8080/mcp',
        'https://tavern-postgresql-rw:5432',
        'http://ollama:11434',
        'http://ollama.ai.svc:11434',
        'https://vault.vault.svc.cluster.local:8200',
        'https://10.244.1.7:50051',
        'https://100.64.3.4:50051',
        'https://[fd00::7]:50051',
        `https://${apiServer}:443`,
        'https://db.example.internal',
        'https://198.51.100.7',
      ];
      const through = [
        'https://api.openai.com',
        'https://discord.com',
        'http://example.com',
        'https://203.0.113.8',
      ];
      const clean = Object.fromEntries(['http_proxy', 'https_proxy', 'no_proxy'].map((name) => [name, '']));
      const env = { ...clean, ...environmentOf(workload, spec) };
      const { stdout } = await runTool(go, [...direct, ...through], { env });
      assert.deepEqual(stdout.trim().split('\n'), [
        ...direct.map(() => 'direct'),
        ...through.map(() => proxy),
      ]);
    });
  }

  it('has no variables where it is not set', () => {
    assert.deepEqual(environmentOf('gateway', {}), {});
    assert.deepEqual(environmentOf('worker', { core: { proxy: { noProxy: ['a'] } } }), {});
    const { NO_PROXY, ...rest } = environmentOf('worker', { core: { proxy: { https: proxy } } });
    assert.deepEqual(rest, { HTTPS_PROXY: proxy });
    assert.notEqual(NO_PROXY, undefined);
  });

  it('may come from a Secret as a whole, by a pod patch, with the rest as it is', () => {
    const env = [
      { name: 'HTTPS_PROXY', value: null, valueFrom: { secretKeyRef: { name: 'proxy', key: 'url' } } },
    ];
    const objects = objectsOf({
      ...spec,
      gateway: { podPatch: { spec: { containers: [{ name: 'gateway', env }] } } },
    });
    const text = JSON.stringify(find(objects, 'Deployment', 'tavern-gateway'));
    assert.ok(
      text.includes('{"name":"HTTPS_PROXY","valueFrom":{"secretKeyRef":{"name":"proxy","key":"url"}}}'),
      text,
    );
    assert.ok(text.includes('"NO_PROXY"'));
  });
});
