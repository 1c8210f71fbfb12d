/** How a Secret or ConfigMap that is missing, or lacks keys, comes to be whole. */
import { homedir } from 'node:os';
import path from 'node:path';
import { configFileKey, secretKeys } from '../../config/secret-keys.ts';
import { advise, commandLine } from '../../model/command.ts';
import { namespaceCommand } from '../../tree/secret-commands.ts';
import type { Session } from '../session/session.ts';
import type { Reference } from '../state/references.ts';
import type { Preflight } from './context.ts';

/** What of a pre-flight a hint depends on. */
export type Hinted = Pick<Preflight, 'session' | 'database' | 'live'>;

/**
 * What to do about an object that pods need. No command that is named has a value among its arguments, none replaces a
 * value that is there, and each works where the namespace is missing, too.
 *
 * @param lacking the keys that an object lacks which is there. @default it is not there, and all are needed
 */
export function hintToMake(preflight: Hinted, reference: Reference, lacking?: readonly string[]): string {
  const { session, database } = preflight;
  const { target } = session;
  const { kind, name, onlyPulls, namespace } = reference;
  const keys = lacking ?? reference.keys;
  if (onlyPulls) {
    const file = `--from-file=.dockerconfigjson=${dockerConfig(session.env)}`;
    const made = advise(
      'pull-secret-missing',
    )`${first(preflight, namespace)} kubectl -n ${namespace} create secret docker-registry ${name} ${file}`;
    return `log in with docker, then ${made}, or take it from spec.core.imagePullSecrets`;
  }
  if (
    kind === 'Secret' &&
    database.provider === 'cloudnative-pg' &&
    name === `${database.object?.name}-app`
  ) {
    const command = advise('database-missing/secret')`glyphoxa-kustomize infrastructure ${target.name}`;
    return `CloudNativePG makes it with the database: run ${command}`;
  }
  const own =
    kind === 'Secret' && target.config?.spec.secrets.name === name
      ? ownHint(preflight, keys, lacking)
      : undefined;
  return own ?? byFiles(preflight, reference, keys, lacking !== undefined);
}

/** Where docker keeps what it has logged in to. Source: docker's reference of its command line. */
function dockerConfig({ DOCKER_CONFIG, HOME = homedir() }: Session['env']): string {
  return path.join(DOCKER_CONFIG || path.join(HOME, '.docker'), 'config.json');
}

/** Of the deployment's own Secret, where its provider or the files of the environment bring the keys. */
function ownHint(
  { session: { target } }: Hinted,
  keys: readonly string[],
  lacking: readonly string[] | undefined,
): string | undefined {
  const { config, environment } = target;
  if (config === undefined) return undefined;
  const { provider } = config.spec.secrets;
  if (provider === 'external-secrets') return 'name where its keys are kept in spec.secrets.external.keys';
  if (provider === 'sealed-secrets')
    return 'the command seal writes its values into config.yaml; a key that the program does not read is not among them';
  const known = secretKeys(config).map(({ key }) => key);
  // A resource that is applied by itself has no environment to write the files of.
  if (environment === undefined || !keys.every((key) => known.includes(key))) return undefined;
  // The tree brings every key that it knows of, or is not built.
  if (provider === 'kubernetes')
    return 'see which kustomization takes it out of the Secret that the environment makes';
  const init = { line: commandLine`glyphoxa-kustomize secrets init ${environment} --cluster` };
  // The configuration file follows from the other values, which are taken over from the Secret.
  return lacking === undefined || keys.includes(configFileKey)
    ? `write its values with ${advise('secret-missing/existing')`${init}`}, which then says how to make it of them`
    : undefined;
}

/** Of one that somebody makes by hand: a file for each key. */
function byFiles(
  preflight: Hinted,
  { kind, name, namespace }: Reference,
  keys: readonly string[],
  isThere: boolean,
): string {
  const isSecret = kind === 'Secret';
  const type = isSecret ? ['secret', 'generic'] : ['configmap'];
  const files = keys.map((key) => `--from-file=${key}`);
  const write =
    keys.length === 0 ? 'make it' : `write each value into a file named as its key (${keys.join(', ')})`;
  const at = ['kubectl', '-n', namespace];
  if (isThere) {
    const add = isSecret ? advise('secret-key-missing') : advise('config-map-key-missing');
    const patch = [kind.toLowerCase(), name, '--patch-file=/dev/stdin'];
    return `${write}, then add what the files hold: ${add`${at} create ${type} ${name} ${files} --dry-run=client -o json | ${at} patch ${patch}`}`;
  }
  const make = isSecret ? advise('secret-missing') : advise('config-map-missing');
  return `${write}: ${make`${first(preflight, namespace)} ${at} create ${type} ${name} ${files}`}`;
}

/** What has to come before, where the namespace is not there; right where it came meanwhile. */
function first({ live, session: { target } }: Hinted, namespace: string): { readonly line: string } {
  if (live === undefined || live.namespace !== undefined || namespace !== target.namespace)
    return { line: '' };
  return { line: `${namespaceCommand(namespace)} &&` };
}
