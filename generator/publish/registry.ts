/** Talks to one repository of a registry. Source: OCI distribution specification 1.1. */

import { withoutCredentials } from '../config/mask.ts';
import { type Failure, failure } from '../model/finding.ts';
import { said } from '../model/one-line.ts';
import { authorize, type Challenge } from './authorize.ts';
import type { Credentials } from './credentials.ts';
import { type Answer, leadsAway, lies, request } from './http.ts';
import { originOf, type Reference } from './reference.ts';

/** How one repository is asked. */
export interface Repository {
  readonly reference: Reference;
  /** Asks, and logs in where that is asked for. Every status is an answer but those that tell of a failure. */
  ask(method: string, place: string, more?: Sent): Promise<Answer>;
}

/** What is sent with a request. */
export interface Sent {
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Buffer;
  /** Statuses that are expected here. */
  readonly expected: readonly number[];
}

/** Opens a repository. Nothing is sent yet. */
export function openRepository(
  reference: Reference,
  credentials: () => Promise<Credentials | undefined>,
): Repository {
  const origin = originOf(reference.host);
  let authorization: string | undefined;
  const send = (method: string, url: URL, { headers, body }: Sent) =>
    request(reference.host, method, url, {
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(body === undefined ? {} : { body }),
    });
  return {
    reference,
    async ask(method, place, more = { expected: [200] }) {
      const url = new URL(place, `${origin}/v2/${reference.repository}/`);
      // credentials go to the registry that was named, and nowhere else
      if (url.origin !== origin) throw leadsAway(reference.host, url);
      let answer = await send(method, url, more);
      if (answer.status === 401) {
        const challenge = challengeIn(answer.headers.get('www-authenticate') ?? '');
        authorization = await authorize(reference, challenge, await credentials());
        answer = await send(method, url, more);
      }
      if (more.expected.includes(answer.status)) return answer;
      throw refused(reference, answer);
    },
  };
}

/** The same repository by another tag, with what it was logged in with. */
export function withTag(repository: Repository, tag: string): Repository {
  return { ...repository, reference: { ...repository.reference, tag } };
}

/** The address that a redirect or an upload leads to, which is the registry's own. */
export function locationOf({ headers }: Answer, { reference }: Repository): string {
  const location = headers.get('location');
  if (location === null || location === '') throw lies(reference.host, 'it does not say where to upload to');
  const origin = originOf(reference.host);
  const url = new URL(location, origin);
  if (url.origin !== origin) throw leadsAway(reference.host, url);
  return url.href;
}

/** Reads `Bearer realm="…",service="…"`. */
function challengeIn(header: string): Challenge {
  const [, scheme = ''] = /^\s*([a-z]+)/i.exec(header) ?? [];
  const parameters = [...header.matchAll(/([a-z_]+)="([^"]*)"/gi)].map(([, key = '', value = '']) => [
    key.toLowerCase(),
    value,
  ]);
  return { scheme: scheme.toLowerCase(), ...Object.fromEntries(parameters) };
}

function refused({ host, repository }: Reference, answer: Answer): Failure {
  const { status, headers } = answer;
  const reason = said(errorIn(answer));
  if (status >= 300 && status < 400) {
    const location = headers.get('location') ?? '';
    try {
      const url = new URL(location, originOf(host));
      if (url.origin !== originOf(host)) return leadsAway(host, url);
    } catch {
      // told below
    }
  }
  if (status === 401) {
    const hint = `log in again, as with "docker login ${host}": credentials are missing, wrong or have expired`;
    return failure(
      'registry-login',
      `${host} does not take the credentials for ${repository}${reason}`,
      hint,
    );
  }
  if (status === 403)
    return failure(
      'registry-login',
      `${host} does not allow to push to ${repository}${reason}`,
      'ask for the right to push to it',
    );
  if (status === 429)
    return failure(
      'registry-busy',
      `${host} takes no more requests for now${reason}`,
      'run the same command later',
    );
  if (status === 507 || status === 413)
    return failure(
      'registry-failed',
      `${host} takes nothing of that size (${status})${reason}`,
      'make room in the registry',
    );
  if (status >= 500)
    return failure(
      'registry-failed',
      `${host} has a fault of its own (${status})${reason}`,
      'run the same command later; what is there already is not sent again',
    );
  return failure(
    'registry-answer',
    `${host} answered ${status} for ${repository}${reason}`,
    'check the name of the repository: some registries want it made first',
  );
}

/** What a registry says of an error. Source: OCI distribution specification, "Error codes". */
function errorIn({ body }: Answer): string {
  try {
    const { errors } = JSON.parse(body.toString('utf8'));
    const [first] = Array.isArray(errors) ? errors : [];
    return withoutCredentials(
      [first?.code, first?.message].filter((text) => typeof text === 'string').join(': '),
    );
  } catch {
    return '';
  }
}
