import { type Case, file, kubernetes, servers, stdio } from '../case.ts';

export const mcpServerCases: readonly Case[] = [
  {
    code: 'mcp-server-fields',
    ...servers({ name: 'a', transport: 'stdio', command: '' }),
    path: 'spec.config.mcp.servers[0].command',
    fine: servers({ name: 'a', transport: 'stdio', command: '/opt/a' }),
  },
  {
    code: 'mcp-server-fields',
    ...servers({ name: 'b', transport: 'stdio', command: 'b' }, { name: 'a', transport: 'streamable-http' }),
    path: 'spec.config.mcp.servers[1].url',
    fine: servers({ name: 'a', transport: 'streamable-http', url: 'https://a.example.com' }),
  },
  {
    code: 'mcp-server-fields',
    ...servers({ name: 'a' }),
    path: 'spec.config.mcp.servers[0].transport',
    fine: servers({ name: 'a', transport: 'stdio', command: 'x' }),
  },
  {
    code: 'duplicate-mcp-server',
    ...servers(
      { name: 'a', transport: 'stdio', command: 'x' },
      { name: 'a', transport: 'stdio', command: 'y' },
    ),
    path: 'spec.config.mcp.servers[1].name',
    fine: servers(
      { name: 'a', transport: 'stdio', command: 'x' },
      { name: 'b', transport: 'stdio', command: 'x' },
    ),
  },
  {
    code: 'mcp-command-absent',
    ...servers({ name: 'a', transport: 'stdio', command: '/usr/bin/npx -y server' }),
    path: 'spec.config.mcp.servers[0].command',
    fine: servers({ name: 'a', transport: 'stdio', command: '/opt/npx-server' }),
  },
  {
    code: 'mcp-token-url',
    ...file(
      { mcp: { servers: [{ ...stdio, auth: { oauth: { client_id: 'c', token_url: 'login' } } }] } },
      kubernetes(),
    ),
    path: 'spec.config.mcp.servers[0].auth.oauth.token_url',
    fine: file(
      { mcp: { servers: [{ ...stdio, auth: { oauth: { client_id: 'c', token_url: 'https://l' } } }] } },
      kubernetes(),
    ),
  },
];
