/** Which servers a configuration names, who calls them, and on which port. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressesOf, calledPorts, isService, portOf } from '../../generator/config/addresses.ts';
import type { Config } from '../../generator/config/schema/resource.ts';
import { formatPath, type JsonObject } from '../../generator/model/json.ts';
import { configOf } from '../support/config-of.ts';

const servers: JsonObject = {
  vault: { enabled: true, addr: 'https://vault.example' },
  core: { proxy: { http: 'http://proxy.example:3128', https: 'http://proxy.example' } },
  config: {
    providers: { llm: { name: 'ollama', base_url: 'http://ollama:8080' }, tts: { name: 'elevenlabs' } },
    mcp: {
      servers: [
        { name: 'local', transport: 'stdio', command: 'run' },
        {
          name: 'remote',
          transport: 'streamable-http',
          url: 'https://mcp.example:8443',
          auth: { oauth: { token_url: 'https://login.example', client_id: 'a', client_secret: 'b' } },
        },
      ],
    },
  },
};

const shown = (config: Config) =>
  addressesOf(config).map(
    ({ path, url, callers, usualPort }) =>
      `${formatPath(path)} ${url.host} ${callers.join('+')}${usualPort === undefined ? '' : ` usually ${usualPort}`}`,
  );

describe('the servers of a configuration', () => {
  it('are all that it names by a URL, with those who call them', () => {
    assert.deepEqual(shown(configOf(servers)), [
      'spec.vault.addr vault.example gateway usually 8200',
      'spec.config.providers.llm.base_url ollama:8080 worker usually 11434',
      'spec.config.mcp.servers[1].url mcp.example:8443 worker+mcpGateway',
      'spec.config.mcp.servers[1].auth.oauth.token_url login.example worker+mcpGateway',
      'spec.core.proxy.http proxy.example:3128 gateway+worker+mcpGateway',
      'spec.core.proxy.https proxy.example gateway+worker+mcpGateway',
    ]);
  });

  it('are found once for each configuration', () => {
    const config = configOf(servers);
    assert.equal(addressesOf(config), addressesOf(config));
  });

  it('are none where nothing names one, or what is named is no URL', () => {
    assert.deepEqual(shown(configOf({})), []);
    const wrong = structuredClone(configOf({})) as unknown as { spec: { vault: JsonObject } };
    wrong.spec.vault = { enabled: true, addr: 'no url' };
    assert.deepEqual(shown(wrong as unknown as Config), []);
  });

  it('do not have Vault among them while that is off', () => {
    assert.deepEqual(shown(configOf({ vault: { enabled: false, addr: 'https://vault.example' } })), []);
  });

  const usual: [kind: string, name: string, port: number | undefined][] = [
    ['llm', 'ollama', 11434],
    ['llm', 'llamacpp', 8080],
    ['llm', 'llamafile', 8080],
    ['stt', 'whisper', 8080],
    ['tts', 'coqui', 5002],
    ['embeddings', 'openai', undefined],
  ];
  for (const [kind, name, port] of usual)
    it(`have the usual port of ${name}, if it has one`, () => {
      const config = configOf({ config: { providers: { [kind]: { name, base_url: 'http://h.example' } } } });
      assert.deepEqual(
        addressesOf(config).map(({ usualPort }) => usualPort),
        [port],
      );
    });

  it('have the ports that each workload calls', () => {
    const config = configOf(servers);
    assert.deepEqual(calledPorts(config, 'gateway'), [443, 3128, 80]);
    assert.deepEqual(calledPorts(config, 'worker'), [8080, 8443, 443, 3128, 80]);
    assert.deepEqual(calledPorts(config, 'mcpGateway'), [8443, 443, 3128, 80]);
  });
});

describe('the port of a URL', () => {
  const ports: [url: string, port: number][] = [
    ['http://h', 80],
    ['ws://h', 80],
    ['https://h', 443],
    ['wss://h', 443],
    ['http://h:443', 443],
    ['https://h:80', 80],
  ];
  for (const [url, port] of ports) it(url, () => assert.equal(portOf(new URL(url)), port));
});

describe('a host', () => {
  const hosts: [host: string, isService: boolean][] = [
    ['ollama', true],
    ['ollama.games.svc', true],
    ['ollama.games.svc.cluster.local', true],
    ['ollama.games', false],
    ['a.svc-b', false],
    ['localhost', false],
    ['10.0.0.1', false],
    ['[fd00::1]', false],
  ];
  for (const [host, expected] of hosts)
    it(`${host} is ${expected ? 'a' : 'no'} Service`, () => assert.equal(isService(host), expected));
});
