/** The official client of MCP, and the real program that it starts. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  type CallToolResult,
  Client,
  type ElicitRequest,
  type ElicitResult,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { JsonObject } from '../../generator/model/json.ts';
import { toolEnv } from './find-tool.ts';
import { program } from './program.ts';

/** Both kinds of the protocol that are in use: with a handshake, and without one. */
export const eras = ['2025-11-25', '2026-07-28'] as const;

/** One of them. */
export type Era = (typeof eras)[number];

/** How a client is started. */
export interface ClientOptions {
  /** @default the newer one */
  readonly era?: Era;
  /** What the user answers; without this the client cannot ask. */
  readonly answer?: (message: string) => ElicitResult | Promise<ElicitResult>;
  readonly env?: { readonly [name: string]: string };
}

/** What a tool answered. */
export interface Answered {
  readonly data: JsonObject;
  readonly isError: boolean;
  /** The codes of its findings. */
  readonly codes: readonly string[];
}

/** A client and its server. */
export interface McpClient {
  readonly client: Client;
  readonly transport: StdioClientTransport;
  call(name: string, input?: object): Promise<Answered>;
  /** The same, which has to succeed. */
  ok(name: string, input?: object): Promise<JsonObject>;
  /** Everything that came from the server, as one text. */
  heard(): string;
}

/** Starts `mcp` in a folder; it ends with the test. */
export async function startMcp(
  t: TestContext,
  folder: string,
  words: readonly string[] = [],
  { era = '2026-07-28', answer, env = {} }: ClientOptions = {},
): Promise<McpClient> {
  const transport = new StdioClientTransport({
    command: program.command,
    args: [...program.words, 'mcp', ...words],
    cwd: folder,
    env: { ...(toolEnv() as { [name: string]: string }), ...env },
    stderr: 'pipe',
  });
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    {
      capabilities: answer === undefined ? {} : { elicitation: {} },
      versionNegotiation: { mode: era === '2026-07-28' ? { pin: era } : 'legacy' },
    },
  );
  if (answer !== undefined)
    client.setRequestHandler('elicitation/create', ({ params }: ElicitRequest) => answer(params.message));
  const heard: string[] = [];
  transport.stderr?.on('data', (chunk) => heard.push(String(chunk)));
  await client.connect(transport);
  const { onmessage } = transport;
  transport.onmessage = (message, ...rest) => {
    heard.push(JSON.stringify(message));
    onmessage?.(message, ...rest);
  };
  t.after(() => client.close());
  const call = async (name: string, input: object = {}): Promise<Answered> => {
    const result = (await client.callTool({ name, arguments: { ...input } })) as CallToolResult;
    const data = (result.structuredContent ?? { text: JSON.stringify(result.content) }) as JsonObject;
    const found = Array.isArray(data.findings) ? (data.findings as JsonObject[]) : [];
    return { data, isError: result.isError === true, codes: found.map(({ code }) => String(code)) };
  };
  return {
    client,
    transport,
    call,
    ok: async (name, input) => {
      const { data, isError } = await call(name, input);
      assert.ok(!isError, JSON.stringify(data));
      return data;
    },
    heard: () => heard.join('\n'),
  };
}
