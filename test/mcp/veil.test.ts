/** Whatever edits a model makes, in whatever order: what was hidden is in no answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDesk } from '../../generator/mcp/desk.ts';
import { editTools } from '../../generator/mcp/edit-tools.ts';
import { outcomeTools } from '../../generator/mcp/outcome-tools.ts';
import { readTools } from '../../generator/mcp/read-tools.ts';
import { readFileTool } from '../../generator/mcp/text-tools.ts';
import type { Call, Tool } from '../../generator/mcp/tool.ts';
import { Failure } from '../../generator/model/finding.ts';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { openTree } from '../../generator/tree/disk.ts';
import { Chance } from '../support/chance.ts';
import { makeFolder } from '../support/folder.ts';
import { layer, minimal } from '../tree/folder.ts';

const canary = (name: string) => `cnry-${name}-9d2c`;
const names = ['admin', 'env', 'header', 'option', 'nested', 'server', 'argument', 'layer'];

const resource = `${minimal}spec:
  gateway:
    adminKey: {value: ${canary('admin')}}
    podPatch:
      spec:
        containers:
          - name: gateway
            env: [{name: A_TOKEN, value: ${canary('env')}}, {name: LEVEL, value: loud}]
            x-headers: {Authorization: ${canary('header')}}
  secrets: {provider: kubernetes}
  database: {dsn: {fromEnv: C_DSN}}
  config:
    mcp:
      servers:
        - {name: tools, transport: stdio, command: tools --api-key ${canary('argument')}, env: {ANY: ${canary('server')}}}
    providers:
      llm: {name: openai, model: m, options: {region: ${canary('option')}, deep: {er: ${canary('nested')}}}}
`;

const patch = 'gateway.podPatch.spec.containers[0]';
const places = [
  `${patch}.env[0].name`,
  `${patch}.env[1].name`,
  `${patch}.env`,
  `${patch}.name`,
  `${patch}.x-headers`,
  patch,
  'gateway.podPatch',
  'config.mcp.servers[0].name',
  'config.mcp.servers[0].command',
  'config.mcp.servers[0].env',
  'config.mcp.servers',
  'config.providers.llm.options',
  'config.providers.llm.options.deep',
  'config.providers.llm.name',
  'config.providers.llm',
  'config.providers',
  'secrets.publicOptions',
  'secrets.provider',
  'secrets',
  'gateway.adminKey',
  'gateway.adminKey.value',
  'gateway',
  'core.topology',
];
const values: Json[] = [
  'plain',
  'LEVEL',
  'A_TOKEN',
  3,
  null,
  true,
  [],
  {},
  ['region', 'deep'],
  ['region'],
  { provider: 'existing', publicOptions: ['region', 'er', 'deep'] },
  { name: 'x' },
  [{ name: 'LEVEL', value: 'x' }],
  'existing',
  'kubernetes',
  'dedicated',
];

const runs = Number(process.env.GLYPHOXA_LAW_RUNS ?? 25);

test(`no edit brings to light what is hidden (${runs} times 12 edits)`, async () => {
  const byName = new Map<string, Tool>(
    [...readTools, ...outcomeTools, readFileTool, ...editTools].map((tool) => [tool.name, tool]),
  );
  const count = { made: 0, refused: 0 };
  for (let run = 0; run < runs; run += 1) {
    const chance = new Chance(run);
    const folder = makeFolder({
      'glyphoxa.yaml': resource,
      'overlays/a/config.yaml': layer('a', `spec: {vault: {token: {value: ${canary('layer')}}}}\n`),
    });
    const desk = makeDesk(openTree('.', folder), {});
    const said: string[] = [];
    const call = async (name: string, input: JsonObject): Promise<boolean> => {
      try {
        const answer = await byName.get(name)?.run(input as never, { desk } as Call);
        said.push(JSON.stringify(desk.covered(answer as JsonObject)));
        return true;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        said.push(JSON.stringify(desk.covered(error.findings as unknown as Json)));
        return false;
      }
    };
    const any = <T>(from: readonly T[]): T => from[chance.below(from.length)] as T;
    for (let step = 0; step < 12; step += 1) {
      const at: JsonObject = chance.below(2) === 0 ? {} : { environment: 'a' };
      const path = any(places);
      const how = chance.below(10);
      const isMade =
        how < 7
          ? await call('set_values', { ...at, values: [{ path, value: any(values) }] })
          : how < 9
            ? await call('unset_values', { ...at, paths: [path] })
            : await call('undo', {});
      count[isMade ? 'made' : 'refused'] += 1;
      for (const environment of [{}, { environment: 'a' }]) {
        await call('get_values', { ...environment, prefix: any(['gateway', 'config', 'secrets']) });
        await call('read_file', environment);
      }
      await call('preview', {});
      await call('validate', {});
      const leaked = names.filter((name) => said.some((text) => text.includes(canary(name))));
      assert.deepEqual(leaked, [], `run ${run}, step ${step}: ${path}`);
    }
  }
  assert.ok(count.made > runs && count.refused > runs, JSON.stringify(count));
});
