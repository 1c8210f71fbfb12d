/** The official client of MCP, and the real program that it starts. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
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

/** A server that is written to line by line, as no client would. */
export interface RawMcp {
  readonly child: ChildProcess;
  /** Writes as it stands. */
  write(text: string): void;
  /** Sends a request of the newer protocol and gives what is answered: a result or an error. */
  ask(method: string, params?: object, capabilities?: object): Promise<JsonObject>;
  /** Everything on standard output so far. */
  stdout(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Starts the server without a client. */
export function startRaw(
  t: TestContext,
  folder: string,
  words: readonly string[] = [],
  env: { readonly [name: string]: string } = {},
): RawMcp {
  const args = [...program.words, 'mcp', ...words];
  const child = spawn(program.command, args, { cwd: folder, env: toolEnv(env), stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  let [stdout, stderr, id] = ['', '', 0];
  const waiting = new Map<unknown, (message: JsonObject) => void>();
  child.stdin.on('error', () => {});
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  createInterface(child.stdout).on('line', (line) => {
    stdout += `${line}\n`;
    const message = JSON.parse(line) as JsonObject;
    waiting.get(message.id)?.(message);
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stderr }));
  });
  const write = (text: string) => void child.stdin.write(text);
  return {
    child,
    write,
    ask(method, params = {}, capabilities = {}) {
      id += 1;
      const mine = id;
      const _meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': capabilities,
      };
      const answered = new Promise<JsonObject>((resolve) => waiting.set(mine, resolve));
      write(`${JSON.stringify({ jsonrpc: '2.0', id: mine, method, params: { ...params, _meta } })}\n`);
      return answered;
    },
    stdout: () => stdout,
    ended,
  };
}
