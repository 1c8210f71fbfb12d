import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { dsnHint, dsnPorts, noDsn } from './dsn.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema/resource.ts';
import { type SecretValue, sourcedKeys } from './secret-keys.ts';

/** Where secret values are read from. */
export interface SecretSources {
  readonly env: { readonly [name: string]: string | undefined };
  /** The folder of the resource's file; `fromFile` stays inside it. */
  readonly folder: string;
}

/** Secret values that were read, and what could not be. */
export interface Resolved {
  /** The value of each key of the Secret. */
  readonly secrets: Map<string, string>;
  readonly problems: readonly Problem[];
}

/**
 * Reads the secret values that the resource takes from variables and files, for the provider `kubernetes`;
 * with every other provider there is nothing to read. The one step of a build that reads anything.
 */
export function resolveSecrets(config: Config, sources: SecretSources): Resolved {
  const secrets = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { key, path, value } of sourcedKeys(config)) {
    const read = readSecret(value as SecretValue, sources);
    if ('value' in read) secrets.set(key, read.value);
    else problems.push({ code: 'secret-unreadable', severity: 'error', path, hidden: true, ...read });
  }
  problems.push(...checkDatabase(config, secrets));
  return { secrets, problems };
}

/** Why a secret value could not be read, and what to do. */
export type Unread = Pick<Problem, 'message' | 'hint'>;

/** Reads one secret value from its source; not one that stands in a Secret of the cluster. */
export function readSecret(secret: SecretValue, sources: SecretSources): { value: string } | Unread {
  if (secret.value !== undefined) return { value: secret.value };
  const { fromEnv, fromFile } = secret;
  if (fromEnv !== undefined) {
    const value = sources.env[fromEnv];
    if (value !== undefined && value !== '') return { value };
    const state = value === undefined ? 'not set' : 'empty';
    return {
      message: `the environment variable ${fromEnv} is ${state}`,
      hint: `set ${fromEnv} for this command`,
    };
  }
  return readSecretFile(fromFile ?? '', sources.folder);
}

/** Reads a file inside a folder, also where links lead; one line end at the file's end does not count. */
function readSecretFile(name: string, folder: string): { value: string } | Unread {
  try {
    const file = realpathSync(path.join(folder, name));
    if (!file.startsWith(realpathSync(folder) + path.sep)) {
      return {
        message: `the file ${name} leads out of the resource's folder`,
        hint: 'keep it inside the folder',
      };
    }
    const value = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)).replace(/\r?\n$/, '');
    if (value !== '') return { value };
    return { message: `the file ${name} is empty`, hint: 'write the value into it' };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const reasons: { [code: string]: string } = {
      ENOENT: 'does not exist',
      EISDIR: 'is a folder',
      EACCES: 'may not be read',
      ERR_ENCODING_INVALID_ENCODED_DATA: 'is no UTF-8 text',
    };
    return {
      message: `the file ${name} ${reasons[code] ?? 'cannot be read'}`,
      hint: 'write the value into that file',
    };
  }
}

/**
 * What only shows once the DSN is known: whether the program can read it, and whether the network policies,
 * which are made without reading secrets, open the port that it leads to.
 */
function checkDatabase(config: Config, secrets: ReadonlyMap<string, string>): Problem[] {
  const { database, networkPolicy, postgresql } = config.spec;
  const dsn = secrets.get('database-dsn');
  if (dsn === undefined || postgresql.enabled || database.dsn?.value !== undefined) return [];
  const severity = 'error';
  const ports = dsnPorts(dsn);
  if (ports === undefined) {
    const path = ['spec', 'database', 'dsn'];
    return [{ code: 'dsn-form', severity, path, message: noDsn, hint: dsnHint, hidden: true }];
  }
  if (!networkPolicy.enabled || (ports.length === 1 && ports[0] === database.port)) return [];
  const path = ['spec', 'database', 'port'];
  const message = `the DSN leads to port ${ports.join(', ')}, and the network policies open ${database.port}`;
  const hint =
    ports.length === 1
      ? `set spec.database.port: ${ports[0]}`
      : 'let all hosts of the DSN listen on one port';
  return [{ code: 'database-port', severity, path, message, hint }];
}
