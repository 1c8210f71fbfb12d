/** What is secret in the program's configuration file, and where that file therefore stands. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appFilePlace, appSecrets, isAppFile } from '../../generator/config/app-secrets.ts';
import { formatPath, type Json, type JsonObject } from '../../generator/model/json.ts';
import { configOf } from '../support/config-of.ts';

describe('the secrets of the file', () => {
  const server = { name: 'a', transport: 'stdio', command: 'run --token t0k3n --api-key s3cr3t' };
  const llm = { name: 'openai', api_key: 'k3y', options: { tone: 'warm', pwd: 'w0rd', seed: 12345 } };
  const config = { providers: { llm }, mcp: { servers: [server] } };

  it('are told once for each value, by its path in the resource', () => {
    const spec = { config, secrets: { publicOptions: ['tone'] } };
    assert.deepEqual(
      appSecrets(configOf(spec)).map(({ path, because }) => `${formatPath(path)} ${because ?? 'marked'}`),
      [
        'spec.config.providers.llm.api_key marked',
        'spec.config.providers.llm.options.pwd option',
        'spec.config.mcp.servers[0].command argument',
      ],
    );
  });

  it('are all options that are not declared to be public', () => {
    const paths = appSecrets(configOf({ config: { providers: { llm } } })).map(({ path }) => path.at(-1));
    assert.deepEqual(paths, ['api_key', 'tone', 'pwd']);
  });

  it('are found once for each configuration', () => {
    const loaded = configOf({ config });
    assert.equal(appSecrets(loaded), appSecrets(loaded));
  });
});

describe('the file stands', () => {
  const cases: [place: ReturnType<typeof appFilePlace>, what: string, spec: JsonObject][] = [
    ['config-map', 'nothing is in it', {}],
    ['config-map', 'nothing in it is secret', { config: { server: { log_level: 'info' } } }],
    [
      'secret',
      'one thing in it is secret',
      { config: { providers: { llm: { name: 'openai', api_key: 'a' } } } },
    ],
    ['secret', 'one key belongs nowhere else', { config: { providers: { tts: { name: 'elevenlabs' } } } }],
    [
      'own-secret',
      'the operator has a Secret for it',
      {
        secrets: { configSecret: { name: 'b', key: 'c' } },
        config: { providers: { llm: { name: 'openai', api_key: 'a' } } },
      },
    ],
  ];
  for (const [place, what, spec] of cases)
    it(`${place}: ${what}`, () => assert.equal(appFilePlace(configOf(spec)), place));
});

it('a value is such a file where it has keys, and none but those of the file', () => {
  const cases: [value: Json, isOne: boolean][] = [
    [{ server: {} }, true],
    [{ server: {}, providers: {} }, true],
    [{ server: {}, other: {} }, false],
    [{ toString: {} }, false],
    [{}, false],
    [['server'], false],
    ['server', false],
    [null, false],
  ];
  for (const [value, isOne] of cases) assert.equal(isAppFile(value), isOne, JSON.stringify(value));
});
