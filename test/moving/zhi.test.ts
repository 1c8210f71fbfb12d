/** `import zhi`: every value of the workspace, in each form of its store. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { zhiPaths } from '../../generator/moving/zhi.ts';
import { runCli } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { filesIn, folderOf } from '../support/folder.ts';

async function run(t: TestContext, files: { [name: string]: string }, ...argv: string[]) {
  const folder = folderOf(t, files);
  const ran = await runCli(['import', 'zhi', ...argv], { cwd: folder });
  const read = (name: string) => parseYaml(readFileSync(path.join(folder, name), 'utf8'))[0] as JsonObject;
  return { ...ran, folder, read };
}

const secret = 'kZhi-77';

/** A value other than the default for every path. */
const store: { [path: string]: Json } = {
  'core/release-name': 'acme',
  'core/namespace': 'games',
  'core/topology': 'dedicated',
  'core/image-repository': 'registry.example.com/glyphoxa',
  'core/image-tag': '0.1.3',
  'core/image-pull-policy': 'Always',
  'core/image-pull-secrets': 'one, two',
  'core/run-as-user': 1000,
  'core/run-as-group': '1001',
  'core/fs-group': 1002,
  'gateway/replica-count': 2,
  'gateway/admin-key': `${secret}-a`,
  'gateway/requests/cpu': '300m',
  'gateway/requests/memory': '300Mi',
  'gateway/limits/cpu': '2',
  'gateway/limits/memory': '600Mi',
  'gateway/node-selector': 'glyphoxa.io/tier: dedicated\nzone: a',
  'gateway/tolerations': '- key: glyphoxa.io/tier\n  value: dedicated\n  effect: NoSchedule',
  'gateway/pod-anti-affinity': 'true',
  'gateway/service-account-create': false,
  'gateway/service-account-name': 'theirs',
  'gateway/service-account-annotations': 'example.com/x: "y"',
  'worker/resource-profile': 'local-llm',
  'worker/node-selector': 'glyphoxa.io/tier: dedicated',
  'worker/tolerations': '- {key: glyphoxa.io/tier, value: dedicated, effect: NoSchedule}',
  'worker/gpu-enabled': false,
  'mcp-gateway/replica-count': '3',
  'mcp-gateway/requests/cpu': '100m',
  'mcp-gateway/requests/memory': '100Mi',
  'mcp-gateway/limits/cpu': '3',
  'mcp-gateway/limits/memory': '700Mi',
  'mcp-gateway/node-selector': 'zone: b',
  'mcp-gateway/tolerations': '- {key: x, operator: Exists}',
  'database/dsn': '',
  'autoscaling/min-replicas': 3,
  'autoscaling/max-replicas': 5,
  'autoscaling/target-cpu': 60,
  'postgresql/postgres-password': `${secret}-b`,
  'postgresql/database': 'voice',
  'postgresql/persistence-size': '20Gi',
  'config/server/log-level': 'debug',
  'config/memory/embedding-dimensions': 768,
  'config/campaign/name': 'Strahd',
  'config/campaign/system': 'dnd5e',
  'config/transcript/llm-correction': 'true',
  'config/mcp-servers': '- name: dice\n  transport: streamable-http\n  url: http://dice:7000/mcp',
  'config/providers/llm/name': 'ollama',
  'config/providers/llm/api-key': '',
  'config/providers/llm/base-url': 'http://ollama:11434',
  'config/providers/llm/model': 'llama3',
  'config/providers/llm/options': '',
  'config/providers/stt/name': 'deepgram',
  'config/providers/stt/api-key': `${secret}-c`,
  'config/providers/stt/base-url': '',
  'config/providers/stt/model': 'nova',
  'config/providers/stt/options': 'language: de',
  ...Object.fromEntries(
    ['tts', 's2s', 'embeddings', 'vad', 'audio'].flatMap((kind) =>
      ['name', 'api-key', 'base-url', 'model', 'options'].map((of) => [
        `config/providers/${kind}/${of}`,
        of === 'model' ? 'left' : '',
      ]),
    ),
  ),
};

const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };
const spec: JsonObject = {
  core: {
    image: { repository: 'registry.example.com/glyphoxa', tag: '0.1.3', pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'one' }, { name: 'two' }],
    runAsUser: 1000,
    runAsGroup: 1001,
    fsGroup: 1002,
  },
  gateway: {
    replicaCount: 2,
    adminKey: { secretKeyRef: { name: 'acme-admin-key', key: 'admin-key' } },
    resources: { requests: { cpu: '300m', memory: '300Mi' }, limits: { cpu: '2', memory: '600Mi' } },
    nodeSelector: { zone: 'a' },
    podAntiAffinity: { enabled: true },
    serviceAccount: { create: false, name: 'theirs', annotations: { 'example.com/x': 'y' } },
  },
  worker: { resourceProfile: 'local-llm', gpu: { enabled: false } },
  mcpGateway: {
    replicaCount: 3,
    resources: { requests: { cpu: '100m', memory: '100Mi' }, limits: { cpu: '3', memory: '700Mi' } },
    nodeSelector: { zone: 'b' },
    tolerations: [{ key: 'x', operator: 'Exists' }],
  },
  autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 5, targetCPUUtilizationPercentage: 60 },
  postgresql: { enabled: true, provider: 'bitnami', database: 'voice', storage: { size: '20Gi' } },
  config: {
    server: { log_level: 'debug' },
    memory: { embedding_dimensions: 768 },
    campaign: { name: 'Strahd', system: 'dnd5e' },
    transcript: { llm_correction: true },
    mcp: { servers: [{ name: 'dice', transport: 'streamable-http', url: 'http://dice:7000/mcp' }] },
    providers: {
      llm: { name: 'ollama', base_url: 'http://ollama:11434', model: 'llama3' },
      stt: { name: 'deepgram', model: 'nova', options: { language: 'de' } },
    },
  },
};

const withMetadata = Object.fromEntries(
  Object.entries(store).map(([at, value]) => [
    at,
    { value, metadata: { 'ui.section': 'Core', 'core.type': 'string' } },
  ]),
);

function nested(): JsonObject {
  const tree: JsonObject = {};
  for (const [at, value] of Object.entries(store)) {
    const parts = at.split('/');
    let node = tree;
    for (const part of parts.slice(0, -1)) {
      if (!Object.hasOwn(node, part)) node[part] = {};
      node = node[part] as JsonObject;
    }
    node[parts.at(-1) as string] = value;
  }
  return tree;
}

const forms: { [form: string]: [name: string, text: string] } = {
  'JSON with metadata': ['store.json', JSON.stringify(withMetadata, null, 2)],
  'YAML with metadata': ['store.yaml', writeYaml(withMetadata as JsonObject)],
  'bare values': ['store.json', JSON.stringify(store)],
  'maps inside each other': ['store.yaml', writeYaml(nested())],
};

const components = JSON.stringify({
  'mcp-gateway': true,
  'network-policy': true,
  autoscaling: true,
  postgresql: true,
});

describe('import zhi', () => {
  it('knows every path that the test has a value for, and no other', () => {
    assert.deepEqual(Object.keys(store).sort(), [...zhiPaths].sort());
  });

  for (const [form, [name, text]] of Object.entries(forms))
    it(`brings every value over: ${form}`, async (t) => {
      const ran = await run(
        t,
        { [name]: text, 'components.json': components },
        name,
        '--components',
        'components.json',
        '--dir',
        'out',
      );
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.deepEqual(ran.read('out/glyphoxa.yaml'), { ...head, metadata: { name: 'acme' }, spec });
      assert.deepEqual(ran.read('out/overlays/production/config.yaml'), {
        ...head,
        metadata: { namespace: 'games' },
        spec: { core: { topology: 'dedicated', tierScheduling: true } },
      });
      const shown = [ran.stdout, ran.stderr, ...filesIn(path.join(ran.folder, 'out')).values()].join('\n');
      assert.ok(!shown.includes(secret));
      tells(ran.stderr, 'warning secret-not-copied', 'gateway/admin-key', 'Secret', 'acme-admin-key');
      assert.match(ran.stderr, /warning secret-not-copied: config\/providers\/stt\/api-key/);
      assert.doesNotMatch(ran.stderr, /unknown-value|no-counterpart|read-as|assumed/);
    });

  it('copies secrets where it is asked to, and the resource then names no other Secret', async (t) => {
    const files = { 'store.json': JSON.stringify(withMetadata), 'components.json': components };
    const ran = await run(
      t,
      files,
      'store.json',
      '--components',
      'components.json',
      '--secrets',
      'secrets.env',
    );
    assert.equal(ran.exitCode, 0, ran.stderr);
    const { gateway } = ran.read('glyphoxa.yaml').spec as { gateway: JsonObject };
    assert.ok(!('adminKey' in gateway));
    assert.match(
      readFileSync(path.join(ran.folder, 'overlays/production/secrets.env'), 'utf8'),
      new RegExp(`^admin-key=${secret}-a$`, 'm'),
    );
  });

  it('says what it takes for granted where the store does not tell', async (t) => {
    const ran = await run(
      t,
      {
        'store.json': JSON.stringify({ 'core/release-name': 'acme', 'postgresql/postgres-password': secret }),
      },
      'store.json',
    );
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.match(ran.stderr, /warning assumed: (?:core\/image-tag|image\.tag) /);
    assert.match(ran.stderr, / mcp-gateway, network-policy, postgresql\b/);
    assert.deepEqual((ran.read('glyphoxa.yaml').spec as JsonObject).postgresql, {
      enabled: true,
      provider: 'bitnami',
    });
  });

  it('tells what the workspace does not have, with its line', async (t) => {
    const ran = await run(
      t,
      { 'store.yaml': `core/image-tag: 0.1.3\ncore/unknown: ${secret}\n` },
      'store.yaml',
    );
    assert.equal(ran.exitCode, 0, ran.stderr);
    tells(ran.stderr, 'store.yaml:2:1: warning unknown-value', 'core/unknown');
    assert.ok(!ran.stderr.includes(secret));
  });

  const wrong: [what: string, text: string, says: RegExp, ...argv: string[]][] = [
    ['no store', 'a: 1\n', /error not-a-store/],
    ['values of helm', 'gateway: {replicaCount: 1}\n', /error not-a-store/],
    ['no YAML', `{"a": ${secret}`, /store\.json:\d+:\d+: error syntax/],
    [
      'a selector that is no YAML',
      `{"core/image-tag": "0.1.3", "gateway/node-selector": "a: [${secret}"}`,
      /store\.json:1:\d+: error not-yaml/,
    ],
    [
      'a word for a number',
      '{"core/image-tag": "0.1.3", "gateway/replica-count": "many"}',
      /store\.json:1:\d+: error wrong-type/,
    ],
    ['another generation', '{"core/image-tag": "latest"}', /error other-generation/],
    ['no components', '{"core/image-tag": "0.1.3"}', /error not-components/, '--components', 'store.json'],
    [
      'a wrong image',
      '{"core/image-tag": "0.1.3"}',
      /error invalid-value: spec\.core\.image/,
      '--image',
      'A B',
    ],
  ];
  for (const [what, text, says, ...argv] of wrong)
    it(`refuses ${what}, and writes nothing`, async (t) => {
      const ran = await run(t, { 'store.json': text }, 'store.json', '--dir', 'out', ...argv);
      assert.equal(ran.exitCode, 1, ran.stderr);
      assert.match(ran.stderr, says);
      assert.ok(!ran.stderr.includes(secret), ran.stderr);
      assert.deepEqual(readdirSync(ran.folder), ['store.json']);
    });
});
