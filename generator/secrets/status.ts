/** Where each secret of an environment comes from, and whether it is there. Never a value. */
import { readSecret, type SecretSources } from '../config/resolve.ts';
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, type SecretValue } from '../config/secret-keys.ts';
import type { Finding } from '../model/finding.ts';
import { formatPath, type Path } from '../model/json.ts';
import { appFile } from '../objects/app-file.ts';
import { namesOf } from '../objects/names.ts';
import { backupKeys } from '../objects/postgresql-cluster.ts';
import { readText, type Tree } from '../tree/disk.ts';
import { sealedRecordFile, secretsEnvFile, secretsFolder } from '../tree/layout.ts';
import type { SecretEnvironment } from './environment.ts';
import { type LocalSecrets, readLocalSecrets, staleConfigFile } from './local-files.ts';
import { unreadLines } from './local-findings.ts';
import { type NeededKey, neededKeys } from './needed.ts';
import { otherTarget, readRecord, type SealedRecord } from './sealed-record.ts';
import { staleSealed, targetOf } from './stale-sealed.ts';

/** Whether a value is where it should be; `unknown` where only the cluster or a store can tell. */
export type SecretState = 'there' | 'missing' | 'empty' | 'stale' | 'unknown';

/** One secret of an environment. */
export interface SecretRow {
  /** The Secret in the cluster, and the key in it. */
  readonly secret: string;
  readonly key: string;
  /** Where the resource speaks of it. */
  readonly path: string;
  /** Where its value comes from, in words. */
  readonly from: string;
  readonly state: SecretState;
  readonly required: boolean;
}

/** The secrets of an environment. */
export interface SecretStatus {
  readonly environment: SecretEnvironment;
  readonly rows: readonly SecretRow[];
  readonly findings: readonly Finding[];
}

/** Which keys a Secret of the cluster has; undefined where there is no such Secret. */
export type KeysInCluster = (namespace: string, secret: string) => Promise<readonly string[] | undefined>;

/**
 * Lists the secrets of an environment, or of a resource alone.
 *
 * @param inCluster asks the cluster; @default states that only it could tell stay unknown
 */
export async function secretStatus(
  tree: Tree,
  environment: SecretEnvironment,
  sources: SecretSources,
  inCluster?: KeysInCluster,
): Promise<SecretStatus> {
  const { config, folder, isAlone, name } = environment;
  const local = readLocalSecrets(tree, folder);
  const record = readRecord(readText(tree, `${folder}/${sealedRecordFile}`));
  const stale = isAlone ? [] : staleSealed(tree, name, config, local, sources);
  const own = neededKeys(config)
    .map((needed) => ownRow(config, needed, local, record, sources, isAlone))
    .map((row) => (row.state === 'there' && stale.includes(row.key) ? { ...row, ...sealedBefore } : row));
  const rows = [...own, ...otherRows(config)];
  const asked = inCluster === undefined ? rows : await askCluster(config, rows, inCluster);
  return {
    environment,
    rows: asked,
    findings: [
      ...environment.findings,
      ...local.findings,
      ...(isAlone ? [] : unreadLines(tree, name, config, local)),
    ],
  };
}

const sealedBefore = { state: 'stale', from: 'sealed before its value changed' } as const;

const text = (path: Path) => formatPath(path);

/**
 * A key of the deployment's own Secret.
 *
 * @param isAlone whether the resource has no tree, so that nothing but `build` reads its values
 */
export function ownRow(
  config: Config,
  needed: NeededKey,
  local: LocalSecrets,
  record: SealedRecord,
  sources: SecretSources,
  isAlone = false,
): SecretRow {
  const { provider, name, external, sealed } = config.spec.secrets;
  const { key, path, value, required } = needed;
  const base = { secret: name, key, path: text(path), required };
  if (value?.secretKeyRef !== undefined) {
    const { name: secret, key: other } = value.secretKeyRef;
    return { ...base, secret, key: other, from: 'secretKeyRef', state: 'unknown' };
  }
  switch (provider) {
    case 'existing':
      return { ...base, from: 'a Secret that you make', state: 'unknown' };
    case 'kubernetes':
      return {
        ...base,
        ...(isAlone ? sourceState(needed, sources) : localState(config, needed, local, sources)),
      };
    case 'external-secrets': {
      const mapping = external.keys[key];
      if (mapping === undefined) return { ...base, from: 'no mapping', state: 'missing' };
      const { storeRef } = external;
      const property = mapping.property === undefined ? '' : ` (${mapping.property})`;
      const from = `${storeRef.kind} ${storeRef.name ?? '?'}: ${mapping.key}${property}`;
      return { ...base, from, state: 'unknown' };
    }
    case 'sealed-secrets': {
      const ciphertext = sealed[key];
      if (ciphertext === undefined) return { ...base, from: 'not sealed yet', state: 'missing' };
      const other = otherTarget(record, key, ciphertext, targetOf(config));
      if (other !== undefined) return { ...base, from: `sealed for ${other}`, state: 'stale' };
      return { ...base, from: 'sealed in config.yaml', state: 'there' };
    }
  }
}

/** The source that `build` reads. */
function sourceState({ key, value }: NeededKey, sources: SecretSources): Pick<SecretRow, 'from' | 'state'> {
  if (key === configFileKey) return { from: 'spec.config, with the keys', state: 'there' };
  if (value === undefined) return { from: 'nothing', state: 'missing' };
  return { from: sourceWords(value), state: 'value' in readSecret(value, sources) ? 'there' : 'missing' };
}

/** What `kustomize build` of the tree reads, and the source that `build` and the plugin read. */
function localState(
  config: Config,
  { key, value }: NeededKey,
  local: LocalSecrets,
  sources: SecretSources,
): Pick<SecretRow, 'from' | 'state'> {
  if (key === configFileKey) {
    const from = `spec.config, and ${secretsFolder}/${configFileKey} in the tree`;
    if (!local.values.has(key)) return { from, state: 'missing' };
    return { from, state: staleConfigFile(config, local) === undefined ? 'there' : 'stale' };
  }
  const source = value === undefined ? 'nothing' : sourceWords(value);
  const isRead = value !== undefined && 'value' in readSecret(value, sources);
  const from = `${source}${isRead ? '' : ' (not set here)'}, and ${secretsEnvFile} in the tree`;
  const stored = local.values.get(key);
  return { from, state: stored === undefined ? 'missing' : stored === '' ? 'empty' : 'there' };
}

function sourceWords({ fromEnv, fromFile }: SecretValue): string {
  if (fromEnv !== undefined) return `the variable ${fromEnv}`;
  return fromFile === undefined ? 'a literal in the resource' : `the file ${fromFile}`;
}

/** Secrets that others make: the database, a configuration file of your own. */
function otherRows(config: Config): SecretRow[] {
  const { postgresql } = config.spec;
  const rows: SecretRow[] = [];
  const add = (secret: string, key: string, path: string, from: string) =>
    rows.push({ secret, key, path, from, state: 'unknown', required: true });
  if (postgresql.enabled && postgresql.provider === 'cloudnative-pg') {
    add(`${namesOf(config).postgresql}-app`, 'uri', 'spec.postgresql', 'CloudNativePG makes it');
  }
  const { destinationPath = '', existingSecret, enabled: isBackedUp } = postgresql.backup;
  if (
    postgresql.enabled &&
    postgresql.provider === 'cloudnative-pg' &&
    isBackedUp &&
    existingSecret !== undefined
  ) {
    for (const key of backupKeys(destinationPath))
      add(existingSecret, key, 'spec.postgresql.backup.existingSecret', 'a Secret that you make');
  }
  if (postgresql.enabled && postgresql.provider === 'bitnami') {
    for (const key of ['postgres-password', 'password'])
      add(postgresql.existingSecret, key, 'spec.postgresql.existingSecret', 'a Secret that you make');
  }
  const file = appFile(config);
  if (file.place === 'own-secret') {
    add(file.name, configFileKey, 'spec.secrets.configSecret', 'a Secret that you make');
  }
  return rows;
}

async function askCluster(
  config: Config,
  rows: readonly SecretRow[],
  inCluster: KeysInCluster,
): Promise<SecretRow[]> {
  const { namespace } = config.metadata;
  const names = [...new Set(rows.map(({ secret }) => secret))];
  const found = new Map(
    await Promise.all(names.map(async (secret) => [secret, await inCluster(namespace, secret)] as const)),
  );
  return rows.map((row) => {
    if (row.state !== 'unknown') return row;
    const state = found.get(row.secret)?.includes(row.key) === true ? 'there' : 'missing';
    return { ...row, state };
  });
}
