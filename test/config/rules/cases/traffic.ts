import type { JsonObject } from '../../../../generator/model/json.ts';
import { type Case, given, providers } from '../case.ts';

const servers80 = (url: string) => ({ mcp: { servers: [{ name: 'a', transport: 'streamable-http', url }] } });

export const trafficCases: readonly Case[] = [
  ...(
    [
      [
        { providers: { llm: { name: 'ollama', model: 'm', base_url: 'http://ollama' } } },
        'providers.llm.base_url',
      ],
      [
        { providers: { llm: { name: 'ollama', model: 'm', base_url: 'https://o.ai.svc' } } },
        'providers.llm.base_url',
      ],
      [servers80('http://lore.tools.svc.cluster.local/mcp'), 'mcp.servers[0].url'],
      [servers80('http://lore:8000/mcp'), 'mcp.servers[0].url'],
      [
        { providers: { llm: { name: 'openai', model: 'm', base_url: 'http://vllm:8000/v1' } } },
        'providers.llm.base_url',
      ],
    ] as const
  ).map(([config, path]) => ({
    code: 'service-port',
    spec: { config },
    path: `spec.config.${path}`,
    fine: {
      spec: {
        config,
        networkPolicy: {
          worker: { extraEgress: [{ ports: [{ port: 11434 }] }] },
          mcpGateway: { extraEgress: [{ ports: [{ port: 8000 }] }] },
        },
      },
    },
  })),
  // a server that listens elsewhere by itself, behind any port; a rule to addresses outside says nothing of its pods
  ...(
    [
      ['llm', { name: 'ollama', model: 'm', base_url: 'http://ollama:8080' }, 11434],
      ['llm', { name: 'llamacpp', model: 'm', base_url: 'http://llama:9000' }, 8080],
      ['stt', { name: 'whisper', base_url: 'http://whisper:9000' }, 8080],
      ['tts', { name: 'coqui', base_url: 'http://coqui.ai.svc:8000' }, 5002],
    ] as const
  ).map(([kind, provider, port]) => {
    const config = { providers: { [kind]: provider } };
    const outside = { to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port }] };
    const inside = { to: [{ podSelector: {} }], ports: [{ port }] };
    return {
      code: 'service-port',
      spec: { config, networkPolicy: { worker: { extraEgress: [outside] } } },
      path: `spec.config.providers.${kind}.base_url`,
      fine: { spec: { config, networkPolicy: { worker: { extraEgress: [outside, inside] } } } },
    };
  }),
  {
    code: 'service-port',
    spec: { vault: { enabled: true, addr: 'http://vault:8080' }, gateway: given.gateway },
    path: 'spec.vault.addr',
    fine: { spec: { vault: { enabled: true, addr: 'http://vault:8200' } } },
  },
  ...[
    ['stt', { name: 'whisper', base_url: 'http://whisper.ai:8080' }],
    ['tts', { name: 'coqui', base_url: 'http://coqui.ai.svc:5002' }],
    ['llm', { name: 'openai', model: 'm', base_url: 'http://vllm.example.com:8000' }],
  ].map(([kind, provider]) => ({
    code: 'service-port',
    spec: { vault: { enabled: true, addr: 'http://vault' }, gateway: given.gateway },
    path: 'spec.vault.addr',
    fine: providers({ [String(kind)]: provider } as JsonObject),
  })),
  ...['http://ollama.example.com', 'http://ollama:11434', 'http://localhost', 'http://10.0.0.1'].map(
    (base_url) => ({
      code: 'service-port',
      spec: { vault: { enabled: true, addr: 'http://vault' }, gateway: given.gateway },
      path: 'spec.vault.addr',
      fine: providers({ llm: { name: 'ollama', model: 'm', base_url } }),
    }),
  ),
  {
    code: 'service-port',
    spec: { core: { proxy: { https: 'http://proxy' } } },
    path: 'spec.core.proxy.https',
    fine: { spec: { core: { proxy: { https: 'http://proxy' } }, networkPolicy: { enabled: false } } },
  },
  ...[{ http: 'http://proxy.example.com' }, { noProxy: ['a'] }].map((proxy) => ({
    code: 'proxy-https-missing',
    spec: { core: { proxy } },
    path: 'spec.core.proxy',
    fine: { spec: { core: { proxy: { ...proxy, https: 'http://proxy.example.com' } } } },
  })),
];
