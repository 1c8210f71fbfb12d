/** Requests to the API server: what can pass is tried again, what cannot is told. */
import { setMaxListeners } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { failure, hasCode } from '../../model/finding.ts';
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { ApiError, ConnectionError, isFinal, parseJson } from './errors.ts';
import type { ClusterAccess } from './kube-config.ts';
import { apiPath, type ResourceType, splitVersion } from './resources.ts';
import { retryDelayMs } from './retry.ts';

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

/** What somebody is told while a request takes its time. */
export interface ClientEvents {
  /** The connection is lost; requests wait. */
  lost(why: string): void;
  /** It is there again, after so many milliseconds. */
  back(afterMs: number): void;
  /** A `Warning` header of the API server. */
  warning(text: string): void;
}

/** How long the client goes on. */
export interface ClientLimits {
  /** Ends every request that is under way, and refuses new ones: the command was interrupted, or its time is up. */
  readonly signal: AbortSignal;
}

/** A connection to one API server. */
export interface Client {
  /** Sends a request and gives the parsed answer. Throws an {@link ApiError} or {@link ConnectionError}. */
  send(method: string, path: string, options?: RequestOptions): Promise<JsonObject>;
  /** As {@link send}, with the answer as text. */
  sendText(method: string, path: string, options?: RequestOptions): Promise<string>;
  /** Reads an object; undefined where there is none. */
  get(path: string, query?: RequestOptions['query']): Promise<KubernetesObject | undefined>;
  /** Reads a list, page by page. Items get the `apiVersion` and `kind` that lists leave out. */
  list(
    type: ResourceType,
    namespace: string | undefined,
    query?: RequestOptions['query'],
  ): Promise<KubernetesObject[]>;
  /** The kinds of a group and version, as the server lists them; none where it does not have it. */
  discover(apiVersion: string): Promise<readonly ResourceType[]>;
  /**
   * The same connection for requests that run outside the time of the command, each with `cleanup`: to give back
   * what an interrupted command has taken.
   */
  tidying(): Client;
  /** The server's time minus this machine's, in milliseconds; exact to about a second. */
  clockSkewMs(): number;
  /** Closes the connections. */
  close(): void;
}

/** How long an answer may take to begin and, between its parts, to go on. */
const silenceMs = 15_000;

/** The same of a change, for which the server may wait 30 seconds for a webhook. A lease (PUT) has no such time. */
const changeMs = 40_000;

/** After a lost connection a 401 or 403 may only mean that the server has not loaded accounts and rules yet. */
const provisionalMs = 30_000;

/** How long the cluster is tried to be left tidy while it does not answer. */
const tidyMs = 3_000;

/** How long a credential plugin may take while the cluster is left tidy. */
const loginMs = 5_000;

/** Lists are read in pages of so many objects. */
const pageSize = 500;

/** Opens a connection; nothing is sent yet. */
export function openClient(access: ClusterAccess, events: ClientEvents, { signal }: ClientLimits): Client {
  const discovered = new Map<string, Promise<readonly ResourceType[]>>();
  const link = {
    contacted: false,
    lostAt: undefined as number | undefined,
    lostBy: undefined as ConnectionError | undefined,
    backAt: Number.NEGATIVE_INFINITY,
  };
  let skew = 0;
  // every request under way listens
  setMaxListeners(0, signal);
  let agent: { destroy(): void } | undefined;
  let isClosed = false;

  async function once(method: string, path: string, options: RequestOptions): Promise<string> {
    const credentials = await access.credentials(options.cleanup ? AbortSignal.timeout(loginMs) : signal);
    agent = credentials.agent;
    const answer = await exchange(
      access.server,
      method,
      path,
      options,
      credentials,
      options.cleanup ? undefined : signal,
    );
    const date = Date.parse(answer.date ?? '');
    if (!Number.isNaN(date)) skew = date - Date.now();
    for (const warning of answer.warnings) events.warning(warning);
    if (answer.status < 400) return answer.text;
    const error = new ApiError(method, path, answer);
    // What stands before API servers says so when none of them is there.
    if (!error.isOfServer && [502, 503, 504].includes(error.status))
      throw new ConnectionError(new Error(`a proxy answers with ${error.status}`));
    throw error;
  }

  async function sendText(method: string, path: string, options: RequestOptions = {}): Promise<string> {
    const started = performance.now();
    // A server that was away is asked as often as another one.
    let refusals = 0;
    for (let attempt = 0; ; attempt++) {
      if (!options.cleanup) signal.throwIfAborted();
      if (isClosed) throw new ConnectionError(new Error('the connection is closed'));
      try {
        const text = await once(method, path, options);
        connected();
        return text;
      } catch (error) {
        if (signal.aborted && !options.cleanup) throw ended();
        // Nobody waits for it any more: the command has ended, maybe since another request was refused.
        if (isClosed) throw error;
        if (error instanceof ConnectionError) disconnected(error);
        else if (error instanceof ApiError) {
          connected();
          const isProvisional =
            (error.status === 401 || error.status === 403) && performance.now() - link.backAt < provisionalMs;
          if (!isProvisional && isFinal(error, refusals++)) throw error;
        } else throw error;
        if (options.cleanup && performance.now() - started > tidyMs) throw error;
        try {
          await pause(retryDelayMs(error, attempt), options.cleanup ? undefined : signal);
        } catch {
          throw ended();
        }
      }
    }
  }

  function connected(): void {
    link.contacted = true;
    if (link.lostAt === undefined) return;
    link.backAt = performance.now();
    events.back(link.backAt - link.lostAt);
    link.lostAt = undefined;
  }

  function disconnected(error: ConnectionError): void {
    // A server that was there is waited for, whatever it is: a network that is down takes names away, too.
    if (!link.contacted && error.isFinal) throw unreachable(access, error);
    link.lostBy = error;
    if (link.lostAt !== undefined) return;
    link.lostAt = performance.now();
    events.lost(error.message);
  }

  /** Why the command ended while a request waited; where the server never answered, that is the reason. */
  function ended(): unknown {
    const { reason } = signal;
    const isUnreachable = !link.contacted && link.lostBy !== undefined && hasCode(reason, 'timeout');
    return isUnreachable ? unreachable(access, link.lostBy as ConnectionError) : reason;
  }

  const speak = (cleanup: boolean): Client => {
    const client: Client = {
      sendText: (method, path, options) =>
        sendText(method, path, cleanup ? { ...options, cleanup } : options),
      async send(method, path, options) {
        const text = await client.sendText(method, path, options);
        const value = text === '' ? {} : parseJson(text);
        if (value === undefined) throw noApiServer(access);
        return isObject(value) ? value : {};
      },
      async get(path, query) {
        try {
          return (await client.send('GET', path, { query })) as KubernetesObject;
        } catch (error) {
          if (error instanceof ApiError && error.status === 404) return undefined;
          throw error;
        }
      },
      async list(type, namespace, query = {}) {
        const { group, version, kind } = type;
        const head = { apiVersion: group === '' ? version : `${group}/${version}`, kind };
        const read = (more: RequestOptions['query']) =>
          client.send('GET', apiPath(type, namespace), { query: { ...query, ...more } });
        const items: KubernetesObject[] = [];
        let page: string | undefined;
        do {
          let answer: JsonObject;
          try {
            answer = await read({ limit: String(pageSize), continue: page });
          } catch (error) {
            // The server keeps what a page goes on from for some minutes: the list is read anew, in one piece.
            if (page === undefined || !(error instanceof ApiError) || error.status !== 410) throw error;
            answer = await read({});
            items.length = 0;
          }
          const listed = (answer.items ?? []) as KubernetesObject[];
          items.push(...listed.map((item) => ({ ...head, ...item })));
          page = isObject(answer.metadata)
            ? (answer.metadata.continue as string | undefined) || undefined
            : undefined;
        } while (page !== undefined);
        return items;
      },
      discover(apiVersion) {
        const known = discovered.get(apiVersion) ?? discover(client, apiVersion);
        discovered.set(apiVersion, known);
        known.catch(() => discovered.delete(apiVersion));
        return known;
      },
      tidying: () => speak(true),
      clockSkewMs: () => skew,
      close: () => {
        isClosed = true;
        agent?.destroy();
      },
    };
    return client;
  };
  return speak(false);
}

async function discover(client: Client, apiVersion: string): Promise<readonly ResourceType[]> {
  const { group, version } = splitVersion(apiVersion);
  const found = await client.get(group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
  const resources = Array.isArray(found?.resources) ? found.resources.filter(isObject) : [];
  return resources
    .filter(({ name }) => !String(name).includes('/'))
    .map(({ kind, name, namespaced }) => ({
      group,
      version,
      kind: String(kind),
      plural: String(name),
      namespaced: namespaced === true,
    }));
}

function unreachable({ server, context }: ClusterAccess, error: ConnectionError) {
  const message = `the API server ${server} of the context ${context} cannot be reached: ${error.message}`;
  return failure('cluster-unreachable', message, error.hint);
}

/** Somebody else's page: of a proxy that wants a login, say. */
function noApiServer({ server, context }: ClusterAccess) {
  const message = `${server} of the context ${context} does not answer as an API server does`;
  return failure(
    'no-api-server',
    message,
    'check the server in the kubeconfig, and proxies on the way to it',
  );
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly warnings: readonly string[];
  readonly date: string | undefined;
  readonly retryAfter: string | undefined;
}

function exchange(
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

/** Waits; ends early with the signal's reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
