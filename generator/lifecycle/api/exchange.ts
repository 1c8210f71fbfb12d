/** One request and its answer, over node's own HTTP. Nothing is tried again here. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Json } from '../../model/json.ts';
import { ConnectionError } from './errors.ts';
import type { ClusterAccess } from './kube-config.ts';

/** What a request carries besides its path. */
export interface RequestOptions {
  readonly query?: { readonly [name: string]: string | undefined } | undefined;
  readonly body?: Json;
  /** @default application/json */
  readonly contentType?: string;
  /** Whether the request runs outside the time of the command: to give a lease back, say. @default false */
  readonly cleanup?: boolean;
  /** `text/plain` for logs. @default application/json */
  readonly accept?: string;
}

/** How long an answer may take to begin and, between its parts, to go on. */
const silenceMs = 15_000;

/** The same of a change, for which the server may wait 30 seconds for a webhook. A lease (PUT) has no such time. */
const changeMs = 40_000;

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly warnings: readonly string[];
  readonly date: string | undefined;
  readonly retryAfter: string | undefined;
}

/** Sends a request and reads the whole answer. Throws a {@link ConnectionError}. */
export function exchange(
  server: string,
  method: string,
  path: string,
  { query = {}, body, contentType = 'application/json', accept = 'application/json' }: RequestOptions,
  { agent, headers }: Awaited<ReturnType<ClusterAccess['credentials']>>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const url = new URL(server + path);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, value);
  const isChange = signal !== undefined && ['PATCH', 'POST', 'DELETE'].includes(method);
  const silence = isChange ? changeMs : silenceMs;
  const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const options = {
    method,
    agent,
    headers: {
      ...headers,
      accept,
      'user-agent': 'glyphoxa-kustomize',
      ...(sent === undefined ? {} : { 'content-type': contentType, 'content-length': sent.length }),
    },
    timeout: silence,
    ...(signal === undefined ? {} : { signal }),
  };
  const begin = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new ConnectionError(error));
    const request = begin(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('aborted', () => fail(new Error('the connection was cut')));
      response.on('end', () => {
        const { warning, date, 'retry-after': retryAfter } = response.headers;
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
          warnings: warningTexts(warning),
          date,
          retryAfter,
        });
      });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer in ${silence / 1000} s`)));
    request.on('error', fail);
    request.end(sent);
  });
}

/** The texts of `Warning: 299 - "text"` headers. */
function warningTexts(header: string | string[] | undefined): string[] {
  const text = [header ?? []].flat().join(', ');
  return [...text.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, quoted = '']) =>
    quoted.replace(/\\(.)/g, '$1'),
  );
}
