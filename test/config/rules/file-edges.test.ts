/** Where rules on the program's configuration file begin and end: beside the `cases`. */
import { type Edges, edges } from './edges.ts';

const configSecret = { secrets: { configSecret: { name: 'own' } } };
const volumes = { podPatch: { spec: { volumes: [{ name: 'a', emptyDir: {} }] } } };
const sidecar = { podPatch: { spec: { initContainers: [{ name: 'x', image: 'x:1' }] } } };
const providers = (value: object) => ({ config: { providers: value } });
const npcs = (...list: object[]) => ({ config: { npcs: list } });
const servers = (...list: object[]) => ({
  config: { mcp: { servers: list.map((each) => ({ name: 'a', ...each })) } },
});
const oauth = (value: object) =>
  servers({ transport: 'streamable-http', url: 'https://a', auth: { oauth: value } });
const npx = servers({ transport: 'stdio', command: 'npx server' });
const tls = (value: object) => ({ config: { server: { tls: value } } });
const embeddings = (model: string | undefined, size?: number) => ({
  config: {
    providers: { embeddings: { name: 'openai', ...(model && { model }) } },
    ...(size === undefined ? {} : { memory: { embedding_dimensions: size } }),
  },
});
const dimensions = 'warning spec.config.memory.embedding_dimensions';
const vad = (options: object) => providers({ vad: { name: 'silero', model: 'm', options } });
const frame = 'warning spec.config.providers.vad.options.frame_size_ms';
const around = JSON.stringify({ campaign: { name: '' } }).length;
const file = (bytes: number, character = 'x') => ({
  config: { campaign: { name: character.repeat((bytes - around) / Buffer.byteLength(character)) } },
});
const ollama = { name: 'ollama', model: 'm' };
const called = (url: string) => providers({ llm: { ...ollama, base_url: url } });

edges({
  'not-expanded': [
    ...['$A', `$${'{A}'}`, `a $${'{_b1}'} c`].map((name): Edges[string][number] => [
      name,
      { config: { campaign: { name } } },
      'warning spec.config.campaign.name',
    ]),
    ...['$1', '$A b', `$${'{}'}`, `$${'{1}'}`, 'A'].map((name): [string, object] => [
      name,
      { config: { campaign: { name } } },
    ]),
    [
      'in lists and free-form values',
      {
        config: {
          campaign: { entity_files: ['a', '$A'] },
          providers: { vad: { name: 'energy', options: { a: [{ b: '$A' }, 1, null] } } },
        },
      },
      'warning spec.config.campaign.entity_files[1]',
      'warning spec.config.providers.vad.options.a[0].b',
    ],
    ['in a file that nobody reads', { ...configSecret, config: { campaign: { name: '$A' } } }],
  ],
  'config-size': [
    ['as much as is annotated', file(250 * 1024)],
    ['more', file(250 * 1024 + 1), 'warning spec.config'],
    ['as much as a ConfigMap holds', file(1024 * 1024), 'warning spec.config'],
    ['more than it holds', file(1024 * 1024 + 1), 'error spec.config'],
    ['characters of several bytes', file(250 * 1024 + 2, '\u4e16\u754c'), 'warning spec.config'],
    [
      'many short values',
      {
        config: {
          npcs: Array.from({ length: 5000 }, (_, index) => ({
            name: `${index}`,
            tools: ['a', 'b'],
            gm_helper: false,
            knowledge_scope: [],
          })),
        },
      },
      'warning spec.config',
    ],
    ['in a Secret', { ...configSecret, ...file(1024 * 1024 + 1) }],
  ],
  'server-tls': [
    ['a key alone', tls({ key_file: '/k' }), 'warning spec.config.server.tls.cert_file'],
    [
      'mounted into others',
      { ...tls({ cert_file: '/c', key_file: '/k' }), worker: volumes },
      'warning spec.config.server.tls',
    ],
    ['nothing', tls({})],
  ],
  'campaign-files': [
    [
      'both',
      { config: { campaign: { entity_files: ['a'], vtt_imports: [{ path: 'b' }] } } },
      'warning spec.config.campaign.entity_files',
      'warning spec.config.campaign.vtt_imports',
    ],
    ['none', { config: { campaign: { entity_files: [] } } }],
    [
      'mounted into the gateway',
      { config: { campaign: { vtt_imports: [{ path: 'b' }] } }, gateway: volumes },
    ],
  ],
  'model-files': [
    [
      'of a library',
      vad({ frame_size_ms: 32, onnx_lib_path: '/l' }),
      'warning spec.config.providers.vad.options.onnx_lib_path',
    ],
    ['of a server', providers({ llm: { name: 'openai', model: '/m' } })],
    ['no text', providers({ llm: { name: 'openai', model: 'm', options: { model_path: 3 } } })],
    [
      'mounted elsewhere',
      { ...vad({ frame_size_ms: 32, model_path: '/m' }), gateway: volumes },
      'warning spec.config.providers.vad.options.model_path',
    ],
  ],
  'unnamed-provider': [['a name alone', providers({ vad: { name: 'energy' } })]],
  'unknown-provider': [['no name', providers({ vad: { options: { a: 1 } } })]],
  'provider-key-missing': [
    [
      'once for each key',
      {
        secrets: { provider: 'kubernetes' },
        ...providers({ llm: { name: 'openai', model: 'm' }, s2s: { name: 'openai-realtime' } }),
      },
      'warning spec.config.providers.llm.name',
    ],
    [
      'in a Secret of its own',
      {
        secrets: { provider: 'kubernetes', configSecret: { name: 'own' } },
        ...providers({ llm: { name: 'openai', model: 'm' } }),
      },
    ],
    [
      'of none',
      { secrets: { provider: 'kubernetes' }, ...providers({ llm: { ...ollama, base_url: 'http://o' } }) },
    ],
  ],
  'key-not-in-file': [
    [
      'from elsewhere',
      {
        secrets: { provider: 'kubernetes', providerKeys: { deepgram: { fromEnv: 'A' } } },
        ...providers({ stt: { name: 'deepgram' } }),
      },
    ],
  ],
  'base-url-missing': [
    ...['ollama', 'llamacpp', 'llamafile'].map((name): Edges[string][number] => [
      name,
      providers({ llm: { name, model: 'm' } }),
      'warning spec.config.providers.llm.name',
    ]),
    [
      'of a profile that has one',
      { ...providers({ llm: ollama, embeddings: ollama }), worker: { resourceProfile: 'local-llm' } },
    ],
    ['beside the worker', { ...providers({ llm: ollama }), worker: sidecar }],
    ['of a service', providers({ llm: { name: 'openai', model: 'm' } })],
  ],
  'loopback-address': [
    ...['localhost', 'a.localhost', '127.0.0.1', '127.1.2.3', '0.0.0.0', '[::1]', '[::]'].map(
      (host): Edges[string][number] => [
        host,
        called(`http://${host}:11434`),
        'warning spec.config.providers.llm.base_url',
      ],
    ),
    ...['localhost.example.com', 'mylocalhost', '127.example.com', '10.0.0.0', '[::2]'].map(
      (host): [string, object] => [host, called(`http://${host}:11434`)],
    ),
    ['beside the worker', { ...called('http://localhost'), worker: sidecar }],
    [
      'beside another',
      { ...called('http://localhost'), gateway: sidecar },
      'warning spec.config.providers.llm.base_url',
    ],
    ['in a file that nobody reads', { ...called('http://localhost'), ...configSecret }],
    [
      'beside a file that nobody reads',
      { ...configSecret, vault: { enabled: true, addr: 'http://localhost:8200' } },
      'warning spec.vault.addr',
    ],
    [
      'of one of three callers',
      { core: { proxy: { https: 'http://localhost' } }, worker: sidecar, gateway: sidecar },
      'warning spec.core.proxy.https',
    ],
    ...[
      ['gateway', 'gateway'],
      ['worker', 'worker'],
      ['mcpGateway', 'mcp-gateway'],
    ].map(([workload = '', name]): Edges[string][number] => [
      `the container ${name} is no other`,
      {
        ...(workload === 'gateway' ? {} : { gateway: sidecar }),
        ...(workload === 'worker' ? {} : { worker: sidecar }),
        ...(workload === 'mcpGateway' ? {} : { mcpGateway: sidecar }),
        core: { proxy: { https: 'http://localhost' } },
        [workload]: { podPatch: { spec: { containers: [{ name }] } } },
      },
      'warning spec.core.proxy.https',
    ]),
  ],
  'embedding-dimensions': [
    ...(
      [
        ['text-embedding-3-small', 1536],
        ['text-embedding-3-large', 3072],
        ['nomic-embed-text', 768],
      ] as const
    ).flatMap(([model, size]): Edges[string] => [
      [model, embeddings(model, size)],
      [`${model} of another size`, embeddings(model, size + 1), dimensions],
    ]),
    ['none', embeddings(undefined, 0), dimensions],
    ['a name of every object', embeddings('constructor', 5)],
    ['no provider', { config: { memory: { embedding_dimensions: 5 } } }],
    ['an unnamed one', { config: { providers: { embeddings: { model: 'm' } } } }],
  ],
  'silero-frame-size': [
    ['another rate', vad({ frame_size_ms: 30, sample_rate: 8000 })],
    ['the same rate', vad({ frame_size_ms: 30, sample_rate: 16000 }), frame],
    ['none', vad({}), frame],
    ['of another provider', providers({ vad: { name: 'energy', options: { frame_size_ms: 30 } } })],
  ],
  'npc-without-model': [
    ['two of them, once', npcs({ name: 'A' }, { name: 'B' }), 'warning spec.config.npcs[0]'],
    [
      'an unnamed model',
      { config: { providers: { llm: { model: 'm' } }, npcs: [{ name: 'A' }] } },
      'warning spec.config.npcs[0]',
    ],
    ['nobody', { config: { npcs: [] } }],
    [
      'each that speaks through s2s',
      { config: { providers: { s2s: { name: 'gemini-live' } }, npcs: [{ name: 'A' }, { name: 'B' }] } },
      'warning spec.config.npcs[0]',
      'warning spec.config.npcs[1]',
    ],
  ],
  'engine-provider': [
    [
      'one of two',
      {
        config: {
          providers: { tts: { name: 'coqui', base_url: 'http://c' } },
          npcs: [{ name: 'A', engine: 'cascaded' }],
        },
      },
      'error spec.config.npcs[0].engine',
    ],
    ['none', npcs({ name: 'A' })],
  ],
  'voice-provider': [
    ['no provider', npcs({ name: 'A', voice: { provider: 'coqui' } })],
    [
      'any voice',
      {
        config: {
          providers: { tts: { name: 'coqui', base_url: 'http://c' } },
          npcs: [{ name: 'A', voice: { voice_id: 'a' } }],
        },
      },
    ],
  ],
  'gm-helpers': [
    [
      'three',
      npcs(...['A', 'B', 'C'].map((name) => ({ name, gm_helper: true }))),
      'error spec.config.npcs[1].gm_helper',
      'error spec.config.npcs[2].gm_helper',
    ],
  ],
  'duplicate-npc': [
    [
      'three',
      npcs({ name: 'A' }, { name: 'A' }, { name: 'A' }),
      'error spec.config.npcs[1].name',
      'error spec.config.npcs[2].name',
    ],
  ],
  'duplicate-mcp-server': [['another name', servers({ name: 'a' }, { name: 'b' })]],
  'mcp-server-fields': [
    [
      'a blank command',
      servers({ transport: 'stdio', command: ' ' }),
      'error spec.config.mcp.servers[0].command',
    ],
    [
      'a command that is not read',
      servers({ transport: 'streamable-http', command: '/a', url: 'https://a' }),
    ],
    [
      'a URL for a program',
      servers({ transport: 'stdio', url: 'https://a' }),
      'error spec.config.mcp.servers[0].command',
    ],
  ],
  'mcp-command-absent': [
    ...[
      'npx',
      'node',
      'npm',
      'bun',
      'deno',
      'python',
      'python3',
      'uv',
      'uvx',
      'pipx',
      'sh',
      'bash',
      'docker',
    ].map((command): Edges[string][number] => [
      command,
      servers({ transport: 'stdio', command }),
      'warning spec.config.mcp.servers[0].command',
    ]),
    [
      'behind blanks',
      servers({ transport: 'stdio', command: '  sh\t-c x' }),
      'warning spec.config.mcp.servers[0].command',
    ],
    ['as an argument', servers({ transport: 'stdio', command: '/opt/a sh' })],
    ['not started', servers({ transport: 'streamable-http', command: 'npx', url: 'https://a' })],
    ['no command', servers({ transport: 'stdio' })],
    ['mounted into workers alone', { ...npx, worker: volumes }, 'warning spec.config.mcp.servers[0].command'],
    [
      'mounted into the gateway alone',
      { ...npx, mcpGateway: volumes },
      'warning spec.config.mcp.servers[0].command',
    ],
    ['mounted into both', { ...npx, worker: volumes, mcpGateway: volumes }],
    ['mounted into workers without a gateway', { ...npx, worker: volumes, mcpGateway: { enabled: false } }],
    ['in an image of its own', { ...npx, core: { image: { repository: 'registry.example.com/glyphoxa' } } }],
  ],
  'mcp-token-url': [
    ['a client', oauth({ client_id: 'c' }), 'warning spec.config.mcp.servers[0].auth.oauth.token_url'],
    ['a word', oauth({ token_url: 'login' }), 'warning spec.config.mcp.servers[0].auth.oauth.token_url'],
    ['nothing', oauth({})],
    ['upper case', oauth({ client_id: 'c', token_url: 'HTTPS://login.example.com' })],
  ],
});
