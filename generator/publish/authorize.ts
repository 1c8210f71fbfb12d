/** Logs in to a registry. Source: "Token Authentication Specification" of CNCF distribution. */
import { failure } from '../model/finding.ts';
import { isObject, type Json } from '../model/json.ts';
import type { Credentials } from './credentials.ts';
import { leadsAway, lies, request } from './http.ts';
import { isLoopback, originOf, type Reference } from './reference.ts';

/** What a registry asks for. */
export interface Challenge {
  readonly scheme: string;
  readonly realm?: string;
  readonly service?: string;
}

/**
 * The header by which a registry takes the next requests.
 *
 * @throws Failure where it asks for what is not there, or sends to somebody else for it
 */
export async function authorize(
  reference: Reference,
  { scheme, realm, service }: Challenge,
  credentials: Credentials | undefined,
): Promise<string> {
  const { host } = reference;
  if (credentials !== undefined && 'registryToken' in credentials)
    return `Bearer ${credentials.registryToken}`;
  if (scheme === 'basic') {
    if (credentials !== undefined && 'user' in credentials) return basic(credentials);
    const hint = `log in, as with "docker login ${host}"`;
    throw failure(
      'registry-login',
      `${host} wants a user and a password, and docker's configuration has none for it`,
      hint,
    );
  }
  if (scheme !== 'bearer' || realm === undefined) throw lies(host, 'it does not say how to log in');
  const url = realmOf(host, realm);
  const scope = `repository:${reference.repository}:pull,push`;
  const answer =
    credentials !== undefined && 'identityToken' in credentials
      ? await exchange(host, url, { service, scope, token: credentials.identityToken })
      : await ask(host, url, { service, scope, credentials });
  if (answer.status === 401 || answer.status === 403 || answer.status === 400) {
    const hint = `log in again, as with "docker login ${host}": credentials are missing, wrong or have expired`;
    throw failure(
      'registry-login',
      `${url.host}, which gives tokens for ${host}, does not take the credentials`,
      hint,
    );
  }
  const token = answer.status === 200 ? tokenIn(answer.body) : undefined;
  if (token === undefined) throw lies(host, `${url.host} gives no token (${answer.status})`);
  return `Bearer ${token}`;
}

interface TokenRequest {
  readonly service: string | undefined;
  readonly scope: string;
}

function ask(
  host: string,
  realm: URL,
  { service, scope, credentials }: TokenRequest & { credentials: Credentials | undefined },
) {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope);
  const known =
    credentials !== undefined && 'user' in credentials ? { authorization: basic(credentials) } : {};
  return request(host, 'GET', url, { headers: known });
}

function exchange(
  host: string,
  realm: URL,
  { service = '', scope, token }: TokenRequest & { token: string },
) {
  const form = {
    grant_type: 'refresh_token',
    client_id: 'glyphoxa-kustomize',
    service,
    scope,
    refresh_token: token,
  };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return request(host, 'POST', realm, { headers, body: Buffer.from(new URLSearchParams(form).toString()) });
}

/** Whoever gives tokens gets the credentials: the registry itself, or a host beside it, and never without TLS. */
function realmOf(host: string, realm: string): URL {
  let url: URL;
  try {
    url = new URL(realm);
  } catch {
    throw lies(host, 'it does not say how to log in');
  }
  const isNear =
    url.host === host || (isLoopback(host) && isLoopback(url.host)) || isBeside(host, url.hostname);
  if (!isNear) throw leadsAway(host, url);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.host))) return url;
  throw lies(host, 'it wants a login without TLS');
}

/** `auth.example.com` is beside `registry.example.com`, and so is `example.com`. */
function isBeside(host: string, other: string): boolean {
  const { hostname } = new URL(originOf(host));
  const parent = hostname.split('.').slice(1).join('.');
  if (!parent.includes('.') || /^[\d.]+$/.test(hostname)) return hostname === other;
  return other === parent || other.endsWith(`.${parent}`);
}

function basic({ user, password }: { user: string; password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function tokenIn(body: Buffer): string | undefined {
  let value: Json;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  const { token, access_token } = isObject(value) ? value : {};
  return [token, access_token].find(
    (text): text is string => typeof text === 'string' && /^[\w.~+/=-]+$/.test(text),
  );
}
