import type { JsonObject } from '../../generator/model/json.ts';

/** A deployment that talks to everybody whom the configuration can name. */
export const everything: JsonObject = {
  core: { proxy: { https: 'http://proxy.example.com:3128' } },
  gateway: { ports: { grpc: 50052 }, adminKey: { fromEnv: 'ADMIN' } },
  vault: { enabled: true, addr: 'https://vault.vault.svc:8200' },
  postgresql: { enabled: true, instances: 3 },
  autoscaling: { enabled: true },
  ingress: { enabled: true, host: 'tavern.example.com', controllerNamespace: 'ingress' },
  config: {
    providers: {
      llm: { name: 'openai', model: 'gpt-4o-mini' },
      stt: { name: 'deepgram' },
      tts: { name: 'coqui', base_url: 'http://coqui.speech.svc:5002' },
      embeddings: { name: 'openai', model: 'text-embedding-3-small' },
      vad: { name: 'silero', model: '/models/silero.onnx' },
    },
    mcp: {
      servers: [
        { name: 'dice', transport: 'stdio', command: 'dice' },
        { name: 'wiki', transport: 'streamable-http', url: 'https://wiki.example.com/mcp' },
      ],
    },
  },
  secrets: {
    provider: 'kubernetes',
    providerKeys: { openai: { fromEnv: 'OPENAI' }, deepgram: { fromEnv: 'DEEPGRAM' } },
  },
  networkPolicy: {
    apiServerPorts: [16443],
    worker: {
      extraEgress: [
        {
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ai' } } }],
          ports: [{ port: 11434 }],
        },
      ],
    },
  },
};

/** Names as an attacker writes them, and more servers than a screen has room for. */
export const hostile: JsonObject = {
  config: {
    mcp: {
      servers: [
        '</text><script>alert(1)</script>',
        '"]; click n0 "javascript:alert(1)" %%{init: {}}%%',
        'end',
        'a\u202eb `x` **y** #35; & <b>',
        'ein sehr langer Name für einen Server, der niemals auf eine Karte passt',
        '日本語のサーバー',
      ].map((name) => ({ name, transport: 'streamable-http', url: 'https://tools.example.com/mcp' })),
    },
  },
  networkPolicy: {
    gateway: {
      extraIngress: [
        { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }, { podSelector: {} }] },
      ],
      extraEgress: [{ to: [{ podSelector: {} }] }],
    },
    mcpGateway: { extraIngress: [{ from: [{ podSelector: {} }] }] },
  },
};
