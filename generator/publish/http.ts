/** One request to a registry, and what its failure means. */
import { withoutCredentials } from '../config/mask.ts';
import { Failure, failure } from '../model/finding.ts';
import { oneLine } from '../model/one-line.ts';
import { isLoopback } from './reference.ts';

/** What a registry answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

const timeoutMs = 60_000;

/** What is sent takes its time on a slow line. */
const slowestBytesPerMs = 100;

/** No manifest or error that is read comes near this. */
const largestAnswer = 4 * 1024 * 1024;

/** One request, without following where it leads to. */
export async function request(
  host: string,
  method: string,
  url: URL,
  { headers, body }: { headers: { readonly [name: string]: string }; body?: Buffer },
): Promise<Answer> {
  try {
    const init = {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs + Math.ceil((body?.length ?? 0) / slowestBytesPerMs)),
    } as const;
    const response = await fetch(url, body === undefined ? init : { ...init, body: new Uint8Array(body) });
    return { status: response.status, headers: response.headers, body: await bodyOf(response, host) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw unreachable(host, error);
  }
}

async function bodyOf(response: Response, host: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return Buffer.alloc(0);
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > largestAnswer) throw lies(host, 'its answer has no end');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A registry that does not do what it says it does. */
export function lies(host: string, what: string): Failure {
  const hint = 'nothing was published; check the address, and what stands between here and the registry';
  return failure('registry-answer', `${host} does not answer as a registry does: ${what}`, hint);
}

/** A registry that sends elsewhere. */
export function leadsAway(host: string, { host: other }: URL): Failure {
  const hint = `name ${other} if that is the registry: nothing is sent to a host that was not named`;
  return failure('registry-redirect', `${host} leads to another host, ${other}`, hint);
}

function unreachable(host: string, error: unknown): Failure {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  const isSlow = (error as Error).name === 'TimeoutError';
  const why = isSlow ? 'no answer in time' : oneLine(withoutCredentials(message || String(code)));
  const isTls = /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO_/i.test(`${code} ${message}`);
  const hint = isTls
    ? 'name the certificates of its authority in the variable NODE_EXTRA_CA_CERTS'
    : isLoopback(host)
      ? 'check that it runs: on this machine it is asked without TLS'
      : 'check the address and the network';
  return failure('registry-unreachable', `${host} cannot be reached: ${why}`, hint);
}
