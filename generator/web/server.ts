/**
 * Serves the page on this machine alone. A link with a token that counts once leads to an address that nobody can guess;
 * every other request has to have that address, this host, and no other origin.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isObject } from '../model/json.ts';
import { script, style } from './assets.ts';
import type { Page } from './page.ts';
import type { PageAction } from './state.ts';

/** More than any action has. */
const largestBody = 4 * 1024 * 1024;

/** How long no page may be open before the program ends, in milliseconds: a page that is reloaded is back by then. */
const graceMs = 3_000;

/** A page that is served. */
export interface Served {
  /** The link that opens it, once. */
  readonly link: string;
  /** Is done when the last page was closed. */
  readonly closed: Promise<void>;
  /** Ends it. */
  close(): void;
}

/** How a page is served. */
export interface ServeOptions {
  /** @default one that is free */
  readonly port?: number;
  /** The environment that the page begins with. @default the resource */
  readonly env?: string;
}

/** Serves a page on 127.0.0.1. */
export async function serve(page: Page, { port = 0, env }: ServeOptions = {}): Promise<Served> {
  let token: string | undefined = secret();
  const base = `/${secret()}/`;
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => end(response, 500, 'text/plain', 'an internal error'));
  });
  const host = await listen(server, port);
  const origin = `http://${host}`;
  let ended: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    ended = resolve;
  });
  let timer: NodeJS.Timeout | undefined;
  const endSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(ended, graceMs);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', origin);
    if (request.headers.host !== host || !isOwn(request, origin))
      return end(response, 403, 'text/plain', 'this address answers its own page alone');
    if (pathname === '/' && token !== undefined && isSame(searchParams.get('token') ?? '', token)) {
      token = undefined;
      response.writeHead(303, {
        ...headers,
        location: `${base}${env === undefined ? '' : `?env=${encodeURIComponent(env)}`}`,
      });
      response.end();
      return;
    }
    if (!isSame(pathname.slice(0, base.length), base))
      return end(response, 403, 'text/plain', 'the link counts once: start edit --web again');
    await route(request, response, pathname.slice(base.length), searchParams);
  };

  const route = async (
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    query: URLSearchParams,
  ): Promise<void> => {
    const asked = `${request.method} ${name}`;
    if (asked === 'GET ') return end(response, 200, 'text/html', document);
    if (asked === 'GET app.js') return end(response, 200, 'text/javascript', script);
    if (asked === 'GET app.css') return end(response, 200, 'text/css', style);
    if (asked === 'GET state') return json(response, await page.state(query.get('env') ?? undefined));
    if (asked === 'GET events') return stream(request, response);
    if (asked === 'POST act' && request.headers['content-type'] === 'application/json') {
      const body = await readBody(request);
      if (body === undefined) return end(response, 413, 'text/plain', 'that is too much');
      const asked = readAction(body);
      if (asked === undefined) return end(response, 400, 'text/plain', 'that is no action');
      return json(response, await page.act(asked.place, asked.action));
    }
    return end(response, 404, 'text/plain', 'there is nothing here');
  };

  const stream = (request: IncomingMessage, response: ServerResponse): void => {
    clearTimeout(timer);
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    response.write(`retry: 1000\nevent: version\ndata: ${page.version}\n\n`);
    streams.add(response);
    request.on('close', () => {
      streams.delete(response);
      if (streams.size === 0) endSoon();
    });
  };

  page.onChange(() => {
    for (const each of streams) each.write(`event: version\ndata: ${page.version}\n\n`);
  });
  return {
    link: `${origin}/?token=${token}`,
    closed,
    close: () => {
      clearTimeout(timer);
      server.closeAllConnections();
      server.close();
    },
  };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

/** What no other page of the browser may do: ask, or show this one in a frame. */
function isOwn(
  { headers: { origin, 'sec-fetch-site': site }, method }: IncomingMessage,
  own: string,
): boolean {
  if (origin !== undefined && origin !== own) return false;
  if (method !== 'GET' && origin !== own) return false;
  // Links in mail and in terminals have no page that they come from.
  return site === undefined || site === 'none' || site === 'same-origin';
}

const headers = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

const document = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Glyphoxa</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="app.css">
</head>
<body>
<div id="app"></div>
<script src="app.js"></script>
</body>
</html>
`;

function json(response: ServerResponse, value: unknown): void {
  end(response, 200, 'application/json', JSON.stringify(value));
}

function end(response: ServerResponse, status: number, type: string, text: string): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { ...headers, 'content-type': `${type}; charset=utf-8` });
  response.end(text);
}

/** The text of a request; undefined where it is too large. It is read to its end, so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length <= largestBody) chunks.push(chunk as Buffer);
    else chunks = [];
  }
  return length <= largestBody ? Buffer.concat(chunks).toString('utf8') : undefined;
}

/** What each action has beside its name; a question mark for what may be absent. */
const shapes: {
  readonly [what in PageAction['what']]: { readonly [key: string]: 'string' | 'boolean' | 'boolean?' };
} = {
  set: { name: 'string', text: 'string' },
  unset: { name: 'string' },
  toggle: { section: 'string', on: 'boolean' },
  secret: { name: 'string', text: 'string' },
  rewrite: { text: 'string' },
  undo: {},
  redo: {},
  resolve: { keep: 'string' },
  save: { force: 'boolean?' },
};

function readAction(body: string): { place: string | undefined; action: PageAction } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { place, what, ...rest } = value;
  if (typeof what !== 'string' || !Object.hasOwn(shapes, what)) return undefined;
  if (place !== undefined && typeof place !== 'string') return undefined;
  const fits = Object.entries(shapes[what as PageAction['what']]).every(
    ([key, type]) => typeof rest[key] === type || (type === 'boolean?' && typeof rest[key] !== 'string'),
  );
  return fits ? { place, action: { what, ...rest } as unknown as PageAction } : undefined;
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

/** Compares without telling by the time how much is the same. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
