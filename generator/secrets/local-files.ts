/** The git-ignored files of an environment that hold secret values. */

import type { Config } from '../config/schema/resource.ts';
import { configFileKey } from '../config/secret-keys.ts';
import { advise } from '../model/command.ts';
import { type Finding, finding, type Position } from '../model/finding.ts';
import { appFile } from '../objects/app-file.ts';
import { isTooLarge, tooLargeHint } from '../objects/object-size.ts';
import { kindOf, listFolder, modeOf, readText, type Tree, writeFile } from '../tree/disk.ts';
import { secretsEnvFile, secretsFolder } from '../tree/layout.ts';
import { secretCommands } from '../tree/secret-commands.ts';
import { conflictOf, type EnvFileProblem, readEnvFile } from './env-file.ts';

/** Readable and writable for the owner, and for nobody else. */
const ownerOnly = 0o600;

/** The values in an environment's files, and what is wrong with the files. */
export interface LocalSecrets {
  /** Whether there is a `secrets.env`. */
  readonly exists: boolean;
  /** Values by key, from `secrets.env` and from `secrets/KEY`. */
  readonly values: ReadonlyMap<string, string>;
  /** The lines of `secrets.env`, from 1, on which keys stand. */
  readonly lines: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** Reads the files of an environment's folder. */
export function readLocalSecrets(tree: Tree, folder: string): LocalSecrets {
  const file = `${folder}/${secretsEnvFile}`;
  const text = readText(tree, file);
  const { values: inEnv, lines, problems } = readEnvFile(text ?? '');
  const values = new Map(inEnv);
  const findings = problems.map((problem) => findingOf(problem, tree.show(file)));
  const files = (listFolder(tree, `${folder}/${secretsFolder}`) ?? []).filter(
    (name) => !name.startsWith('.'),
  );
  for (const name of files) {
    const path = `${folder}/${secretsFolder}/${name}`;
    const value = readText(tree, path) ?? '';
    const conflict = conflictOf(value);
    if (conflict === undefined) values.set(name, value);
    else findings.push(findingOf(conflict, tree.show(path)));
  }
  const all = [
    ...(text === undefined ? [] : [file]),
    ...files.map((name) => `${folder}/${secretsFolder}/${name}`),
  ];
  if (isTooLarge(values.values())) {
    const message = `the secret values in ${tree.show(folder)} are larger than the 1 MiB of a Secret together`;
    findings.push(finding('object-too-large', message, tooLargeHint));
  }
  return { exists: text !== undefined, values, lines, findings: [...findings, ...checkModes(tree, all)] };
}

function findingOf({ line, ...problem }: EnvFileProblem, file: string): Finding {
  const position: Position = { file, line, col: 1 };
  return { ...problem, severity: 'error', path: [], position, showSource: false };
}

/** Files with secret values that others than their owner can read. */
function checkModes(tree: Tree, files: readonly string[]): Finding[] {
  if (process.platform === 'win32') return [];
  return files.flatMap((file): Finding[] => {
    const mode = modeOf(tree, file) ?? ownerOnly;
    if ((mode & 0o077) === 0) return [];
    const who = (mode & 0o007) === 0 ? 'its group' : 'everyone on this machine';
    const shown = tree.show(file);
    const message = `${shown} holds secret values and is open to ${who} (mode ${mode.toString(8)})`;
    return [
      {
        code: 'secrets-readable',
        severity: 'warning',
        path: [],
        message,
        hint: `run ${advise('secrets-readable')`chmod 600 ${shown}`}`,
      },
    ];
  });
}

/** Writes a file with secret values, for its owner alone. */
export function writeSecretFile(tree: Tree, file: string, text: string): void {
  writeFile(tree, file, text, ownerOnly);
}

/**
 * The configuration file where it is a Secret that is made of this machine's files, and the one on disk is not what
 * the configuration and the values say. Undefined too while a value that belongs into it is missing.
 */
export function staleConfigFile(config: Config, local: LocalSecrets): string | undefined {
  const { provider } = config.spec.secrets;
  const file = appFile(config);
  if (file.place !== 'secret' || (provider !== 'kubernetes' && provider !== 'existing')) return undefined;
  if (file.keys.some((key) => (local.values.get(key) ?? '') === '')) return undefined;
  const text = file.text(local.values);
  return local.values.get(configFileKey) === text ? undefined : text;
}

/**
 * The command lines that write the Secret of the cluster from all files of an environment.
 *
 * @param folder the folder of the environment
 */
export function handMadeCommands(tree: Tree, folder: string, config: Config): string[] {
  const { secrets, core } = config.spec;
  const { namespace = '' } = config.metadata;
  const envFile = `${folder}/${secretsEnvFile}`;
  const names = (listFolder(tree, `${folder}/${secretsFolder}`) ?? []).filter((key) => !key.startsWith('.'));
  return secretCommands(
    { name: secrets.name, namespace, bringsNamespace: core.createNamespace },
    kindOf(tree, envFile) === 'file' ? tree.at(envFile) : undefined,
    names.map((key) => tree.at(`${folder}/${secretsFolder}/${key}`)),
  );
}

const ignored = [secretsEnvFile, `overlays/*/${secretsFolder}/`];

/**
 * The text of `.gitignore` with what it lacks to keep files out of git; undefined where it lacks nothing.
 *
 * @param patterns @default the files of environments
 */
export function missingIgnores(tree: Tree, patterns: readonly string[] = ignored): string | undefined {
  const text = readText(tree, '.gitignore') ?? '';
  const lines = text.split(/\r?\n/).map((line) => line.trim().replace(/^\//, ''));
  const missing = patterns.filter((pattern) => !lines.includes(pattern));
  if (missing.length === 0) return undefined;
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${gap}# Secret values stay on this machine.\n${missing.join('\n')}\n`;
}
