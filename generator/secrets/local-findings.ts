/** Where an environment's files of secret values are not what its configuration says. */
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, keysOfOthers } from '../config/secret-keys.ts';
import { advise } from '../model/command.ts';
import { type Finding, finding } from '../model/finding.ts';
import type { Tree } from '../tree/disk.ts';
import { environmentFolder, secretsEnvFile, secretsFolder } from '../tree/layout.ts';
import { secretFileKeys } from '../tree/secret-generator.ts';
import { type LocalSecrets, readLocalSecrets, staleConfigFile } from './local-files.ts';
import { staleSealed } from './stale-sealed.ts';

/** What is wrong with the files of an environment, if it has any on this machine. */
export function localFindings(tree: Tree, name: string, config: Config): Finding[] {
  const local = readLocalSecrets(tree, environmentFolder(name));
  return [
    ...local.findings,
    ...staleFindings(tree, name, config, local),
    ...sealedFindings(tree, name, config, local),
    ...unreadLines(tree, name, config, local),
  ];
}

/** The composed configuration file, where it is not what the configuration and the values make of it. */
function staleFindings(tree: Tree, name: string, config: Config, local: LocalSecrets): Finding[] {
  if (!local.exists && !local.values.has(configFileKey)) return [];
  if (staleConfigFile(config, local) === undefined) return [];
  const file = tree.show(`${environmentFolder(name)}/${secretsFolder}/${configFileKey}`);
  const message = local.values.has(configFileKey)
    ? `${file} is not what spec.config and the keys make`
    : `${file} is not there yet`;
  const folder = tree.at('');
  const place = folder === '.' ? [] : ['--dir', folder];
  const command = advise('secrets-stale')`glyphoxa-kustomize secrets init ${name} ${place}`;
  const hint = `run ${command}, which writes it`;
  return [finding('secrets-stale', message, hint, 'warning')];
}

/** Ciphertexts that were sealed here before their values changed. */
function sealedFindings(tree: Tree, name: string, config: Config, local: LocalSecrets): Finding[] {
  const keys = staleSealed(tree, name, config, local);
  if (keys.length === 0) return [];
  const message = `${keys.join(', ')} of ${name} changed since ${keys.length === 1 ? 'it was' : 'they were'} sealed, and the cluster gets what was sealed`;
  const folder = tree.at('');
  const place = folder === '.' ? [] : ['--dir', folder];
  const command = advise('sealed-stale')`glyphoxa-kustomize seal ${name} ${place}`;
  const hint = `seal again with ${command}, with --fetch or --cert as before`;
  return [finding('sealed-stale', message, hint, 'warning')];
}

/** Lines of `secrets.env` that go nowhere, since nothing reads their keys. */
export function unreadLines(tree: Tree, name: string, config: Config, { lines }: LocalSecrets): Finding[] {
  if (config.spec.secrets.provider !== 'kubernetes') return [];
  const taken = [...secretFileKeys(config), ...keysOfOthers];
  const file = tree.show(`${environmentFolder(name)}/${secretsEnvFile}`);
  return [...lines]
    .filter(([key]) => !taken.includes(key))
    .map(([, line]) => ({
      code: 'secrets-unread',
      severity: 'warning',
      path: [],
      position: { file, line, col: 1 },
      showSource: false,
      // What stands before the equals sign may be a value that was pasted there.
      message: 'nothing reads the key of this line, so its value goes nowhere',
      hint: 'remove the line, or name the key in the resource',
    }));
}
