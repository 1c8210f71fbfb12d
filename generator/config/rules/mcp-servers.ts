import type { Path } from '../../model/json.ts';
import { quote } from '../../model/quote.ts';
import type { Config } from '../schema/resource.ts';
import { fileRule } from './app-config.ts';
import { hasVolumes } from './pod-patch.ts';
import { type Found, type Rule, repeats } from './rule.ts';

type McpServer = NonNullable<NonNullable<Config['spec']['config']['mcp']>['servers']>[number];

const list: Path = ['spec', 'config', 'mcp', 'servers'];

function servers(config: Config): { server: McpServer; path: Path }[] {
  return (config.spec.config.mcp?.servers ?? []).map((server, index) => ({ server, path: [...list, index] }));
}

const mcpServerFields = fileRule({
  code: 'mcp-server-fields',
  severity: 'error',
  about:
    'Workers and the MCP gateway exit when a server has no transport, one of the transport `stdio` no command, or one of `streamable-http` no URL.',
  check: ({ config }) =>
    servers(config).flatMap(({ server: { transport, command, url }, path }): Found[] => {
      if (transport === 'stdio' && (command ?? '').trim() === '') {
        const message = 'the transport stdio needs a command';
        return [{ path: [...path, 'command'], message, hint: 'add the program to start' }];
      }
      if (transport === 'streamable-http' && url === undefined) {
        const message = 'the transport streamable-http needs a URL';
        return [{ path: [...path, 'url'], message, hint: 'add the address of the server' }];
      }
      if (transport !== undefined) return [];
      const hint = 'write stdio or streamable-http';
      return [{ path: [...path, 'transport'], message: 'no transport is given', hint }];
    }),
});

const duplicateMcpServer = fileRule({
  code: 'duplicate-mcp-server',
  severity: 'warning',
  about: 'Servers are told apart by their names.',
  check: ({ config }) => {
    const names = servers(config).map(({ server }) => server.name);
    return [...repeats(names)].map((index) => ({
      path: [...list, index, 'name'],
      message: `a server called ${quote(names[index] ?? '')} stands above`,
      hint: 'give each server a name of its own',
    }));
  },
});

/** Programs that the image, which holds nothing but Glyphoxa, certainly does not have. */
const absent = [
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
];

const mcpCommand = fileRule({
  code: 'mcp-command-absent',
  severity: 'warning',
  about:
    'The image is distroless: a `stdio` server, which workers and the MCP gateway start, can only run what the image or a mounted volume holds.',
  check: ({ config, isSet }) => {
    const { enabled } = config.spec.mcpGateway;
    const isMounted = hasVolumes(config, 'worker') && (!enabled || hasVolumes(config, 'mcpGateway'));
    if (isMounted || isSet(['spec', 'core', 'image', 'repository'])) return [];
    return servers(config).flatMap(({ server: { transport, command = '' }, path }) => {
      const program = command.trim().split(/\s+/)[0]?.split('/').at(-1) ?? '';
      if (transport !== 'stdio' || !absent.includes(program)) return [];
      return [
        {
          path: [...path, 'command'],
          message: `the image has no ${program}`,
          hint: 'run the server in a pod of its own and use streamable-http',
        },
      ];
    });
  },
});

const mcpTokenUrl = fileRule({
  code: 'mcp-token-url',
  severity: 'warning',
  about: 'OAuth client credentials are exchanged at `token_url`.',
  check: ({ config }) =>
    servers(config).flatMap(({ server: { auth }, path }) => {
      const { oauth } = auth ?? {};
      if (oauth === undefined || /^https?:\/\//i.test(oauth.token_url ?? '')) return [];
      if (oauth.client_id === undefined && oauth.token_url === undefined) return [];
      return [
        {
          path: [...path, 'auth', 'oauth', 'token_url'],
          message: 'no URL to get a token from',
          hint: 'write it like https://login.example.com/oauth/token',
          hidden: true,
        },
      ];
    }),
});

/** Rules on external tool servers. */
export const mcpServerRules: readonly Rule[] = [mcpServerFields, duplicateMcpServer, mcpCommand, mcpTokenUrl];
