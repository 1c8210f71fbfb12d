/** Requests to an API server, and the kubeconfig files that give others access to it. */
import { Agent, request } from 'node:https';

/** The API server's answer. */
export interface Answer {
  status: number;
  /** The parsed JSON body, or the text where it is none. */
  body: unknown;
  /** The texts of the `Warning` headers. */
  warnings: string[];
}

/** Where an API server is, and as whom to ask it. */
export interface Access {
  /** `https://127.0.0.1:PORT`. */
  server: string;
  /** A bearer token. */
  token: string;
  /** The certificate to trust for {@link server}, PEM. */
  ca: string;
}

/** Sends a request. `path` begins with `/`; `body` is sent as JSON. Throws where no answer comes within 60 s. */
export type Send = (method: string, path: string, body?: unknown, contentType?: string) => Promise<Answer>;

/** A client, which keeps connections open until it is closed. */
export interface Client {
  request: Send;
  close(): void;
}

/** A client with this access. */
export function clientOf({ server, token, ca }: Access): Client {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 8 });
  const send: Send = (method, path, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers: Record<string, string> = {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
      };
      if (body !== undefined) {
        headers['content-type'] = contentType;
        headers['content-length'] = String(Buffer.byteLength(text));
      }
      const sent = request(`${server}${path}`, { method, agent, headers, timeout: 60_000 }, (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          received += chunk;
        });
        response.on('end', () => {
          const warnings = (response.headersDistinct.warning ?? []).map(warningText);
          resolve({ status: response.statusCode ?? 0, body: parse(received), warnings });
        });
        response.on('error', reject);
      });
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer after 60 s`)));
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // A connection that was kept may have been closed at the other end meanwhile.
        const isStale = sent.reusedSocket && error.code === 'ECONNRESET';
        if (isStale) resolve(send(method, path, body, contentType));
        else reject(error);
      });
      sent.end(text);
    });
  return { request: send, close: () => agent.destroy() };
}

/** A kubeconfig, as JSON, whose only context is called `test`. */
export function kubeconfigText({ server, token, ca }: Access, namespace = 'default'): string {
  const authority = Buffer.from(ca).toString('base64');
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace } }],
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name: 'test', user: { token } }],
  };
  return `${JSON.stringify(kubeconfig, undefined, 2)}\n`;
}

/** What a header `299 - "TEXT"` says. */
function warningText(header: string): string {
  return header.replace(/^\d+ \S+ "(.*)"$/s, '$1').replaceAll('\\"', '"');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
