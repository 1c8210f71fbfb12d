/** Requests to the API server: what can pass is tried again, what cannot is told. */
import { setMaxListeners } from 'node:events';
import { failure } from '../../model/finding.ts';
import { isObject, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { trace } from '../../model/trace.ts';
import { ApiError, ConnectionError, isFinal, parseJson } from './errors.ts';
import { exchange, type RequestOptions } from './exchange.ts';
import type { ClusterAccess } from './kube-config.ts';
import { type ClientEvents, type Link, openLink } from './link.ts';
import { pause } from './pause.ts';
import { apiPath, type Discovery, type ResourceType, splitVersion } from './resources.ts';
import { retryDelayMs } from './retry.ts';

/** How long the client may work. */
export interface ClientLimits {
  /** Ends every request that is under way, and refuses new ones: the command was interrupted, or its time is up. */
  readonly signal: AbortSignal;
  /** Another client of the same access, which keeps the connections and asks for kinds. @default it does so itself */
  readonly beside?: Client;
}

/** A connection to one API server. */
export interface Client extends Discovery {
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
  /**
   * The same connection for requests that run outside the time of the command, each with `cleanup`: to give back
   * what an interrupted command has taken.
   */
  tidying(): Client;
  /** The server's time minus this machine's, in milliseconds; exact to about a second. */
  clockSkewMs(): number;
  /** Closes the connections, unless they are those of a client that it was opened beside. */
  close(): void;
}

/** How long the cluster is tried to be left tidy while it does not answer. */
const tidyMs = 3_000;

/** How long a credential plugin may take while the cluster is left tidy. */
const loginMs = 5_000;

/** Lists are read in pages of so many objects. */
const pageSize = 500;

/** Opens a connection; nothing is sent yet. */
export function openClient(
  access: ClusterAccess,
  events: ClientEvents,
  { signal, beside }: ClientLimits,
): Client {
  // every request under way listens
  setMaxListeners(0, signal);
  const client = speak(new Line(access, events, signal, beside === undefined), new Map(), false);
  return beside === undefined ? client : { ...client, discover: beside.discover };
}

/** Sends requests until they are answered, refused for good, or nobody waits for them any more. */
class Line {
  readonly access: ClusterAccess;
  readonly #events: ClientEvents;
  readonly #signal: AbortSignal;
  readonly #link: Link;
  readonly #ownsConnections: boolean;
  #agent: { destroy(): void } | undefined;
  #isClosed = false;
  /** The server's time minus this machine's, in milliseconds. */
  skewMs = 0;

  constructor(access: ClusterAccess, events: ClientEvents, signal: AbortSignal, ownsConnections: boolean) {
    this.access = access;
    this.#ownsConnections = ownsConnections;
    this.#events = events;
    this.#signal = signal;
    this.#link = openLink(access, events, signal);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#ownsConnections) this.#agent?.destroy();
  }

  async send(method: string, path: string, options: RequestOptions): Promise<string> {
    const signal = options.cleanup ? undefined : this.#signal;
    const started = performance.now();
    // A server that was away is asked as often as another one.
    let refusals = 0;
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      if (this.#isClosed) throw new ConnectionError(new Error('the connection is closed'));
      try {
        const text = await this.#once(method, path, options);
        this.#link.connected();
        return text;
      } catch (error) {
        if (signal?.aborted) throw this.#link.ended();
        // Nobody waits for it any more: the command has ended, maybe since another request was refused.
        if (this.#isClosed) throw error;
        if (error instanceof ConnectionError) this.#link.disconnected(error);
        else if (error instanceof ApiError) {
          this.#link.connected();
          const isProvisional = [401, 403].includes(error.status) && this.#link.isJustBack();
          if (!isProvisional && isFinal(error, refusals++)) throw error;
        } else throw error;
        if (options.cleanup && performance.now() - started > tidyMs) throw error;
        const delay = retryDelayMs(error, attempt);
        trace(() => `ask again in ${Math.round(delay)} ms: ${method} ${path} was not answered for good`);
        await pause(delay, signal).catch(() => {
          throw this.#link.ended();
        });
      }
    }
  }

  async #once(method: string, path: string, options: RequestOptions): Promise<string> {
    const signal = options.cleanup ? undefined : this.#signal;
    const credentials = await this.access.credentials(signal ?? AbortSignal.timeout(loginMs));
    this.#agent = credentials.agent;
    const answer = await exchange(this.access.server, method, path, options, credentials, signal);
    trace(() => `${method} ${path}: ${answer.status}`);
    const date = Date.parse(answer.date ?? '');
    if (!Number.isNaN(date)) this.skewMs = date - Date.now();
    for (const warning of answer.warnings) this.#events.warning(warning);
    if (answer.status < 400) return answer.text;
    const error = new ApiError(method, path, answer);
    // What stands before API servers says so when none of them is there.
    if (!error.isOfServer && [502, 503, 504].includes(error.status))
      throw new ConnectionError(new Error(`a proxy answers with ${error.status}`));
    throw error;
  }
}

type Discovered = Map<string, Promise<readonly ResourceType[]>>;

/** What is said over a line. */
function speak(line: Line, discovered: Discovered, cleanup: boolean): Client {
  const client: Client = {
    sendText: (method, path, options) =>
      line.send(method, path, cleanup ? { ...options, cleanup } : (options ?? {})),
    async send(method, path, options) {
      const text = await client.sendText(method, path, options);
      const value = text === '' ? {} : parseJson(text);
      if (value === undefined) throw noApiServer(line.access);
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
    list: (type, namespace, query = {}) => listPages(client, type, namespace, query),
    discover(apiVersion) {
      const known = discovered.get(apiVersion) ?? discover(client, apiVersion);
      discovered.set(apiVersion, known);
      known.catch(() => discovered.delete(apiVersion));
      return known;
    },
    tidying: () => speak(line, discovered, true),
    clockSkewMs: () => line.skewMs,
    close: () => line.close(),
  };
  return client;
}

async function listPages(
  client: Client,
  type: ResourceType,
  namespace: string | undefined,
  query: NonNullable<RequestOptions['query']>,
): Promise<KubernetesObject[]> {
  const { group, version, kind } = type;
  const head = { apiVersion: group === '' ? version : `${group}/${version}`, kind };
  const read = (more: RequestOptions['query']) =>
    client.send('GET', apiPath(type, namespace), { query: { ...query, ...more } });
  const items: KubernetesObject[] = [];
  let page: string | undefined;
  do {
    const answer = await read({ limit: String(pageSize), continue: page }).catch((error: unknown) => {
      // The server keeps what a page continues from for some minutes: the list is read anew, in one piece.
      if (page === undefined || !(error instanceof ApiError) || error.status !== 410) throw error;
      items.length = 0;
      return read({});
    });
    items.push(...((answer.items ?? []) as KubernetesObject[]).map((item) => ({ ...head, ...item })));
    const { metadata } = answer;
    page = isObject(metadata) ? (metadata.continue as string | undefined) || undefined : undefined;
  } while (page !== undefined);
  return items;
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

/** Somebody else's page: of a proxy that wants a login, say. */
function noApiServer({ server, context }: ClusterAccess) {
  const message = `${server} of the context ${context} does not answer as an API server does`;
  return failure(
    'no-api-server',
    message,
    'check the server in the kubeconfig, and proxies on the way to it',
  );
}
