/** Secret values in a session: they go in and never come out. */
import type { KeyObject } from 'node:crypto';
import { environmentFile } from '../config/files.ts';
import type { SecretSources } from '../config/resolve.ts';
import type { Config } from '../config/schema/resource.ts';
import { advise } from '../model/command.ts';
import { Failure, type Finding, hasErrors } from '../model/finding.ts';
import { formatPath, type Path } from '../model/json.ts';
import type { Validated } from '../objects/build.ts';
import { readLocalSecrets } from '../secrets/local-files.ts';
import { neededKeys } from '../secrets/needed.ts';
import { readRecord } from '../secrets/sealed-record.ts';
import { type SecretSet, setSecretValue } from '../secrets/set.ts';
import { ownRow, type SecretRow } from '../secrets/status.ts';
import { folderWords, readText, type Tree } from '../tree/disk.ts';
import { generateTree, hasTree, presentSecretFiles } from '../tree/generate.ts';
import { environmentFolder, sealedRecordFile } from '../tree/layout.ts';

/** What was done with a secret value. */
export interface SecretPut extends SecretSet {
  readonly findings: readonly Finding[];
}

interface PutOptions {
  readonly sources: SecretSources;
  readonly sealingKey?: (config: Config) => Promise<KeyObject>;
  /** Whether the environment's layer has edits that are not saved, which sealing would write over. */
  readonly isEdited: boolean;
}

/** Puts a value into the git-ignored files of an environment, and seals it where that is how it is kept. */
export async function putSecret(
  tree: Tree,
  name: string,
  config: Config,
  path: Path,
  value: string,
  { sources, sealingKey, isEdited }: PutOptions,
): Promise<SecretPut> {
  const set = setSecretValue(tree, name, config, path, value);
  const { provider } = config.spec.secrets;
  if (provider === 'kubernetes' && set.file !== undefined && set.fromEnv === undefined)
    return named(tree, name, set, set.file);
  if (provider !== 'sealed-secrets') return { ...set, findings: [] };
  if (sealingKey === undefined || isEdited) {
    const seal = advise('set-sealed')`glyphoxa-kustomize seal ${name} ${folderWords(tree, '--dir')}`;
    return { ...set, notes: [...set.notes, `seal it with ${seal}`], findings: [] };
  }
  const { sealEnvironment } = await import('../secrets/seal-environment.ts');
  const options = { key: sealingKey, sources, only: [set.key] };
  const { sealed, findings } = await sealEnvironment(tree, name, options, new Map());
  const file = `${environmentFolder(name)}/${environmentFile}`;
  const changes = sealed.length === 0 ? [] : [{ path: file, what: 'change' as const }];
  return { ...set, changes: [...set.changes, ...changes], findings };
}

/** Lets the kustomization of an environment read the file of a value, where there is a tree. */
async function named(tree: Tree, name: string, set: SecretSet, file: string): Promise<SecretPut> {
  if (!hasTree(tree) || presentSecretFiles(tree, name).includes(file)) return { ...set, findings: [] };
  try {
    const { changes, findings } = await generateTree(tree, { secretFiles: { [name]: [file] } });
    const made = changes.flatMap(({ path, what }) => (what === 'delete' ? [] : [{ path, what }]));
    return { ...set, changes: [...set.changes, ...made], findings };
  } catch (error) {
    // The value is written: what is in the way of the tree is told beside that.
    if (!(error instanceof Failure)) throw error;
    return { ...set, findings: error.findings };
  }
}

/** The secrets of an environment by the values that speak of them. */
export function secretRows(
  tree: Tree,
  at: string | undefined,
  { config, findings }: Validated,
  env: SecretSources['env'],
): ReadonlyMap<string, SecretRow> {
  if (config === undefined || (at === undefined && hasErrors(findings))) return new Map();
  const folder = at === undefined ? undefined : environmentFolder(at);
  const none = { exists: false, values: new Map(), lines: new Map(), findings: [] };
  const local = folder === undefined ? none : readLocalSecrets(tree, folder);
  const record = readRecord(
    folder === undefined ? undefined : readText(tree, `${folder}/${sealedRecordFile}`),
  );
  const sources = { env, folder: tree.root };
  return new Map(
    neededKeys(config).map((needed) => [
      formatPath(needed.path),
      ownRow(config, needed, local, record, sources),
    ]),
  );
}
