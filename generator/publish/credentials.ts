/** Who logs in to a registry: as docker's configuration says, by its text or by the helper that it names. */
import { homedir } from 'node:os';
import path from 'node:path';
import { type Failure, failure } from '../model/finding.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { readFile, whyUnreadable } from '../model/read-file.ts';
import { findProgram, runProgram } from '../programs/program.ts';

/** What is shown to a registry, or to whom it sends for a token. */
export type Credentials =
  | { readonly user: string; readonly password: string }
  /** A token to get others with, as helpers of clouds give it. */
  | { readonly identityToken: string }
  /** A token as the registry takes it. */
  | { readonly registryToken: string };

type Env = { readonly [name: string]: string | undefined };

/**
 * The credentials for a host; undefined where there are none, and it is asked without.
 *
 * @throws Failure where the configuration cannot be read, or its helper fails
 */
export async function credentialsFor(host: string, env: Env): Promise<Credentials | undefined> {
  const file = path.join(env.DOCKER_CONFIG || path.join(env.HOME || homedir(), '.docker'), 'config.json');
  const config = readConfig(file);
  if (config === undefined) return undefined;
  const { credHelpers, credsStore, auths } = config;
  const names = namesOf(host);
  const named = isObject(credHelpers) ? names.map((name) => credHelpers[name]).find(isText) : undefined;
  const helper = named ?? (isText(credsStore) ? credsStore : undefined);
  if (helper !== undefined) {
    for (const name of names) {
      const found = await askHelper(helper, name, env);
      if (found !== undefined) return found;
    }
  }
  const entry = isObject(auths) ? names.map((name) => auths[name]).find(isObject) : undefined;
  return entry === undefined ? undefined : credentialsIn(entry, file);
}

/** The names under which docker keeps a host. Source: `ConvertToHostname` and `IndexServer` of docker/cli. */
function namesOf(host: string): string[] {
  const hosts = ['docker.io', 'registry-1.docker.io', 'index.docker.io'].includes(host)
    ? ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io']
    : [host];
  return hosts.flatMap((name) => [
    name,
    `https://${name}`,
    `https://${name}/`,
    `https://${name}/v1/`,
    `https://${name}/v2/`,
  ]);
}

function readConfig(file: string): JsonObject | undefined {
  let text: string;
  try {
    text = readFile(file).toString('utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw failure('registry-credentials', `${file} ${whyUnreadable(error)}`, 'check its permissions');
  }
  try {
    const value = JSON.parse(text) as Json;
    if (isObject(value)) return value;
  } catch {
    // the error of the parser would quote a part of the file
  }
  throw unusable(file, 'is no JSON object');
}

function credentialsIn(
  { auth, username, password, identitytoken, registrytoken }: JsonObject,
  file: string,
): Credentials | undefined {
  if (isText(registrytoken)) return { registryToken: registrytoken };
  if (isText(identitytoken)) return { identityToken: identitytoken };
  if (isText(username) && isText(password)) return { user: username, password };
  if (!isText(auth)) return undefined;
  const [, user, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  if (user === undefined || secret === undefined)
    throw unusable(file, 'has an "auth" that is no user and password');
  return { user, password: secret };
}

function unusable(file: string, why: string): Failure {
  return failure('registry-credentials', `${file} ${why}`, 'log in again, as with "docker login"');
}

/** A helper of docker's: a program that is handed the host, and prints JSON. It says in words where it has nothing. */
async function askHelper(helper: string, host: string, env: Env): Promise<Credentials | undefined> {
  const name = `docker-credential-${helper}`;
  const program = /^[\w.-]+$/.test(helper) ? findProgram(name, env) : undefined;
  if (program === undefined)
    throw failure(
      'registry-credentials',
      `${name}, which docker's configuration names, is not on the PATH`,
      'install it, or log in without it',
    );
  const { ok, stdout, stderr } = await runProgram(program, ['get'], { env, input: host, timeout: 60_000 });
  if (!ok) {
    if (/credentials not found/i.test(stdout + stderr)) return undefined;
    // what a helper prints may hold what it was to keep
    throw failure(
      'registry-credentials',
      `${name} failed for ${host}`,
      `run it by hand: echo ${host} | ${name} get`,
    );
  }
  const { Username: user, Secret: password } = helperAnswer(stdout, name);
  return user === '<token>' ? { identityToken: password } : { user, password };
}

function helperAnswer(text: string, name: string): { Username: string; Secret: string } {
  try {
    const { Username, Secret } = JSON.parse(text);
    if (isText(Username) && isText(Secret)) return { Username, Secret };
  } catch {
    // told below, without what was printed
  }
  throw failure(
    'registry-credentials',
    `${name} answered with something else than credentials`,
    'check its version',
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
