import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { opensTcpPort } from '../model/network-rules.ts';
import { maxFileBytes, readFile, whyUnreadable } from '../model/read-file.ts';
import { trace } from '../model/trace.ts';
import { dsnHint, dsnPorts, noDsn } from './dsn.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema/resource.ts';
import { type SecretValue, sourcedKeys } from './secret-keys.ts';

/** Where secret values are read from. */
export interface SecretSources {
  readonly env: { readonly [name: string]: string | undefined };
  /** The variables that may be read; @default {@link allowedVariables} of `env` */
  readonly allowEnv?: readonly string[];
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
    trace(() => `take ${key} ${sourceWords(value as SecretValue)}`);
    const read = readSecret(value as SecretValue, sources);
    if ('value' in read) secrets.set(key, read.value);
    else problems.push({ code: 'secret-unreadable', severity: 'error', path, hidden: true, ...read });
  }
  problems.push(...checkDatabase(config, secrets));
  return { secrets, problems };
}

/** Where a secret comes from; not what it is. */
function sourceWords({ fromEnv, fromFile }: SecretValue): string {
  if (fromEnv !== undefined) return `from the variable ${fromEnv}`;
  return fromFile === undefined ? 'from the resource itself' : `from the file ${fromFile}`;
}

/** The variable that names those which a resource may read, with commas or spaces between them. */
const allowVariable = 'GLYPHOXA_ALLOW_ENV';

/**
 * The variables that resources may read where the command line does not say. In CI it is none: whoever writes a pull
 * request would choose which of the runner's variables ends in the output. Undefined for all of them.
 *
 * Source of `CI`: GitHub, GitLab, CircleCI, Travis and most others set it to `true`.
 */
function allowedVariables(env: SecretSources['env']): readonly string[] | undefined {
  const named = env[allowVariable];
  if (named !== undefined) return named.split(/[\s,]+/);
  return /^(?:|0|false)$/i.test(env.CI ?? '') ? undefined : [];
}

/** Why a secret value could not be read, and what to do. */
export type Unread = Pick<Problem, 'message' | 'hint'>;

/** Reads one secret value from its source; not one that stands in a Secret of the cluster. */
export function readSecret(secret: SecretValue, sources: SecretSources): { value: string } | Unread {
  if (secret.value !== undefined) return { value: secret.value };
  const { fromEnv, fromFile } = secret;
  if (fromEnv !== undefined) {
    const allowed = sources.allowEnv ?? allowedVariables(sources.env);
    if (allowed?.includes(fromEnv) === false) {
      return {
        message: `the environment variable ${fromEnv} may not be read here`,
        hint: `allow it with ${allowVariable}=${fromEnv}, or with "--allow-env ${fromEnv}" of build and seal`,
      };
    }
    const value = sources.env[fromEnv];
    if (value !== undefined && value !== '') return { value };
    const state = value === undefined ? 'not set' : 'empty';
    return {
      message: `the environment variable ${fromEnv} is ${state}`,
      hint: isInImage(sources.env)
        ? `hand it over with "--env ${fromEnv}": the function runs in a container, which sees no other variable`
        : `set ${fromEnv} for this command`,
    };
  }
  const read = readSecretFile(fromFile ?? '', sources.folder);
  if ('value' in read || !isInImage(sources.env)) return read;
  return { ...read, hint: `${read.hint}; ${unseenFiles(sources.folder)}` };
}

/** Whether the program runs in the image of a release, which says so of itself. */
function isInImage(env: SecretSources['env']): boolean {
  return env.GLYPHOXA_IN_IMAGE === 'true';
}

const unseenFiles = (folder: string) =>
  `the function runs in a container, which sees no file that is not mounted: mount the resource's folder at ${folder}`;

/**
 * Reads a file inside a folder, also where links lead; one line end at the file's end does not count. What git
 * keeps for itself is refused: its configuration can hold the token that a runner has cloned with.
 */
function readSecretFile(name: string, folder: string): { value: string } | Unread {
  try {
    const real = realpathSync(path.join(folder, name));
    const inside = path.relative(realpathSync(folder), real);
    if (inside === '' || inside.split(path.sep)[0] === '..' || path.isAbsolute(inside)) {
      return {
        message: `the file ${name} leads out of the resource's folder`,
        hint: 'keep it inside the folder',
      };
    }
    if (inside.split(path.sep).some((part) => part.toLowerCase() === '.git')) {
      return { message: `the file ${name} is one of git's own`, hint: 'keep it outside of .git' };
    }
    const bytes = readFile(real, maxFileBytes, ({ dev, ino }) => {
      // a link that was put in its place since then would lead elsewhere
      const now = lstatSync(real);
      if (now.dev !== dev || now.ino !== ino || realpathSync(real) !== real)
        throw Object.assign(new Error('the file has changed'), { code: 'ESTALE' });
    });
    const value = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
    if (value !== '') return { value };
    return { message: `the file ${name} is empty`, hint: 'write the value into it' };
  } catch (error) {
    return { message: `the file ${name} ${whyUnreadable(error)}`, hint: 'write the value into that file' };
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
  const ports = dsnPorts(dsn);
  if (ports === undefined) {
    const path = ['spec', 'database', 'dsn'];
    return [{ code: 'dsn-form', severity: 'error', path, message: noDsn, hint: dsnHint, hidden: true }];
  }
  const isOpen = (port: number) =>
    port === database.port ||
    [networkPolicy.gateway, networkPolicy.worker].every(({ extraEgress }) =>
      extraEgress.some((rule) => opensTcpPort(rule, port)),
    );
  const shut = ports.filter((port) => !isOpen(port));
  if (!networkPolicy.enabled || shut.length === 0) return [];
  const path = ['spec', 'database', 'port'];
  const message = `the DSN leads to port ${shut.join(', ')}, which the network policies do not open`;
  // With one of the ports open the program reaches a server; the others are for when that one is gone.
  const severity = shut.length < ports.length ? 'warning' : 'error';
  const hint =
    severity === 'error'
      ? `set spec.database.port: ${shut[0]}`
      : 'open the other ports with spec.networkPolicy.gateway.extraEgress and worker.extraEgress';
  return [{ code: 'database-port', severity, path, message, hint }];
}
