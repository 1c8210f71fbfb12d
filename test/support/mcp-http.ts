/** The server behind HTTP, for the conformance suite, which speaks nothing else. The program itself listens on no port. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { prepareServer } from '../../generator/mcp/server.ts';
import { openTree } from '../../generator/tree/disk.ts';
import { toolEnv } from './find-tool.ts';

/** Serves a folder; gives the address. It ends with the test. */
export async function serveHttp(t: TestContext, folder: string): Promise<string> {
  const { make } = prepareServer({
    tree: openTree('.', folder),
    readOnly: false,
    allowCluster: false,
    world: { env: toolEnv(), show: () => ({ text: '', summary: '' }) },
    onFault: (error) => t.diagnostic(String(error)),
  });
  const handler = createMcpHandler(() => make());
  const server = createServer((request, response) => {
    void answer(handler, request, response).catch((error) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

async function answer(
  handler: ReturnType<typeof createMcpHandler>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const host = request.headers.host ?? '';
  const { origin } = request.headers;
  const isForeign = (name: string) => !/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(name);
  if (isForeign(host) || (origin !== undefined && isForeign(origin.replace(/^https?:\/\//, '')))) {
    response.writeHead(403).end();
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, String(value));
  const method = request.method ?? 'GET';
  const body = method === 'GET' || method === 'HEAD' ? {} : { body: Buffer.concat(chunks) };
  const given = await handler.fetch(
    new Request(`http://${host}${request.url}`, { method, headers, ...body }),
  );
  response.writeHead(given.status, Object.fromEntries(given.headers));
  if (given.body !== null)
    for await (const chunk of given.body as unknown as AsyncIterable<Uint8Array>) response.write(chunk);
  response.end();
}
