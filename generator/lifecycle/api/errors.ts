/** What goes wrong between this program and an API server. */
import { type Finding, finding } from '../../model/finding.ts';
import { isObject, type JsonObject } from '../../model/json.ts';

/** The API server said no. */
export class ApiError extends Error {
  readonly status: number;
  /** The server's machine-readable reason, such as `Conflict` or `AlreadyExists`; empty where it gave none. */
  readonly reason: string;
  /** The `details` of the server's Status. */
  readonly details: JsonObject;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The method of the request. */
  readonly method: string;
  /** Whether the answer is an API server's, and not of a proxy before it. */
  readonly isOfServer: boolean;

  constructor(
    method: string,
    path: string,
    answer: { readonly status: number; readonly text: string; readonly retryAfter: string | undefined },
  ) {
    const parsed = parseJson(answer.text);
    const status = isObject(parsed) ? parsed : {};
    const message = typeof status.message === 'string' ? status.message : answer.text.slice(0, 300).trim();
    super(withoutValues(message) || `${method} ${path} was answered with ${answer.status}`);
    this.name = 'ApiError';
    this.method = method;
    this.status = answer.status;
    this.isOfServer = status.kind === 'Status';
    this.reason = typeof status.reason === 'string' ? status.reason : '';
    this.details = isObject(status.details) ? status.details : {};
    const seconds = Number(answer.retryAfter ?? this.details.retryAfterSeconds);
    this.retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  }

  /** The causes of the server's Status, one for each field. */
  get causes(): readonly JsonObject[] {
    return Array.isArray(this.details.causes) ? this.details.causes.filter(isObject) : [];
  }

  /** Whether the namespace is being deleted and takes nothing new. Source: the admission plugin NamespaceLifecycle. */
  get isOfLeavingNamespace(): boolean {
    return this.causes.some(({ reason }) => reason === 'NamespaceTerminating');
  }

  /** What to do. */
  get hint(): string {
    if (this.isOfLeavingNamespace) return 'wait until the namespace is gone';
    if (this.status === 401) return 'log in again: the cluster does not know who asks';
    if (this.status === 403) return 'ask for the right; docs/operations has all that a deployer needs';
    if (this.status === 409) return 'look at what changed meanwhile, and try again';
    if (this.status === 429 || this.status >= 500) return 'try again; if it stays, look at the API server';
    return 'correct what it names, and try again';
  }

  /** Whether the cluster cannot say, since a webhook does not answer, say. What cannot be parsed is a 500, too. */
  get isTrouble(): boolean {
    return this.status >= 500 && this.reason !== '';
  }
}

/** Of a field that is not of its type the server shows the value as it is, be it a Secret's. */
function withoutValues(message: string): string {
  return message.replace(/\bgot &?value\.\w+\{.*\}/g, 'got something else');
}

/** No answer came, or half of one. */
export class ConnectionError extends Error {
  /** Whether trying again cannot help: an unknown host, a certificate that is not trusted. */
  readonly isFinal: boolean;
  /** What to do. */
  readonly hint: string;

  constructor(cause: Error & { code?: string }) {
    super(cause.message || cause.code || 'the connection failed', { cause });
    this.name = 'ConnectionError';
    const hint = finalCauses.find(([codes]) => codes.test(cause.code ?? ''))?.[1];
    this.isFinal = hint !== undefined;
    this.hint = hint ?? 'check the kubeconfig, its context and the network';
  }
}

/** Node's error codes of connections that cannot come about, and what to do. The first that matches counts. */
const finalCauses: readonly (readonly [codes: RegExp, hint: string])[] = [
  [/^ENOTFOUND$/, 'check the name of the server in the kubeconfig, and whether this machine can resolve it'],
  [
    /^(?:UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/,
    'the certificate is not signed by the certificate-authority of the kubeconfig: get a new kubeconfig from the cluster',
  ],
  [/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)/, "renew the server's certificate, or set this machine's clock"],
  [
    /^ERR_TLS_CERT_ALTNAME/,
    'use an address in the kubeconfig that the certificate is for, or set tls-server-name',
  ],
  [
    /^(?:ERR_SSL_WRONG_VERSION|EPROTO)/,
    'the server does not speak TLS there: check address and port in the kubeconfig',
  ],
  [/^(?:ERR_TLS|ERR_SSL|CERT_)/, 'check the certificates in the kubeconfig'],
];

/** How often a server that has trouble is asked before it is told. */
const maxAttempts = 8;

/** What an API server said, or that it said nothing, as a finding; undefined of any other error. */
export function apiFinding(error: unknown): Finding | undefined {
  if (error instanceof ApiError) return finding('api', `the API server says: ${error.message}`, error.hint);
  if (!(error instanceof ConnectionError)) return undefined;
  return finding('api', `no answer came from the API server: ${error.message}`, error.hint);
}

/** Whether trying the request again cannot help. */
export function isFinal({ status, reason, causes, method, message }: ApiError, attempt: number): boolean {
  if (status === 429) return false;
  if (attempt >= maxAttempts) return true;
  if (status === 409) {
    // A server that lost a race with itself says so without causes; the others need somebody's decision.
    const isRace = reason === 'Conflict' && (method === 'PATCH' || method === 'POST') && causes.length === 0;
    return !isRace || attempt >= 3;
  }
  // A server-side apply of what the schema does not have is a 500 without a reason, and stays one. A webhook that does
  // not answer has a reason; etcd, which elects a leader, says only who it is.
  if (status === 500 && (method === 'PATCH' || method === 'POST'))
    return reason === '' && !message.startsWith('etcdserver: ');
  return status < 500;
}

/** What a read gives; undefined where it is forbidden: for what can be done without. */
export async function unlessForbidden<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}

/** A text as JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
