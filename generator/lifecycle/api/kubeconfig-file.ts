/** Reads a kubeconfig: by the library, and what the library leaves out. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KubeConfig } from '#kube-config';
import { advise } from '../../model/command.ts';
import { failure } from '../../model/finding.ts';
import { dig, isObject, type Json, type JsonObject } from '../../model/json.ts';
import { parseYaml } from '../../model/yaml.ts';

/** Headers of a request; a list is sent line by line. */
export interface Headers {
  readonly [name: string]: string | readonly string[];
}

/**
 * Reads a file; paths in it begin at its folder.
 *
 * @throws Failure where it is no kubeconfig
 */
export function readKubeconfig(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    const [read] = parseYaml(readFileSync(file, 'utf8'));
    if (!isObject(read)) throw new Error('nothing is in it');
    config.loadFromFile(file);
    // The library keeps their order.
    const [clusters, users] = ['clusters', 'users'].map((key) => itemsOf(read, key)) as [Json[], Json[]];
    config.clusters = config.clusters.map((each, place) => ({ ...each, ...ofCluster(clusters[place]) }));
    const folder = path.dirname(file);
    config.users = config.users.map((each, place) => ({ ...each, ...ofUser(users[place], folder) }));
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw failure(
      'kubeconfig',
      `${file} cannot be read as a kubeconfig: ${why}`,
      `see ${advise('kubeconfig')`kubectl config view`}`,
    );
  }
  return config;
}

/** A user whose token is read from a file, again and again. */
export function tokenFrom(tokenFile: string) {
  return { authProvider: { name: 'tokenFile', config: { tokenFile } } };
}

function itemsOf(read: JsonObject, key: string): Json[] {
  const items = read[key];
  return Array.isArray(items) ? items : [];
}

/** What plugins may know of the cluster. */
function ofCluster(item: Json | undefined): object {
  const { extensions } = part(item, 'cluster');
  const own = Array.isArray(extensions) ? extensions.filter(isObject) : [];
  const told = own.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension;
  return told === undefined ? {} : { pluginConfig: told };
}

function ofUser(item: Json | undefined, folder: string): object {
  const user = part(item, 'user');
  const { tokenFile, exec } = user;
  const provider = user['auth-provider'];
  const issuer = dig(provider, ['config', 'idp-issuer-url']);
  return {
    // openid-client wants a URL, and the library hands it over as it stands.
    ...(typeof issuer === 'string' && URL.canParse(issuer) && isObject(provider) && isObject(provider.config)
      ? { authProvider: { ...provider, config: { ...provider.config, 'idp-issuer-url': new URL(issuer) } } }
      : {}),
    // As for kubectl it counts before a token that stands in the file.
    ...(typeof tokenFile === 'string'
      ? { ...tokenFrom(path.resolve(folder, tokenFile)), token: undefined }
      : {}),
    ...(isObject(exec) ? { exec: undefined, plugin: { ...exec, command: commandOf(exec, folder) } } : {}),
    headers: impersonation(user),
  };
}

/** A command with a folder is relative to the file, as for kubectl; one without is looked for on the PATH. */
function commandOf({ command }: JsonObject, folder: string): string {
  return typeof command === 'string' && command.includes('/')
    ? path.resolve(folder, command)
    : String(command);
}

/** Whom the user asks in the place of, beside the name, which the library knows. */
function impersonation(user: JsonObject): Headers {
  const extra = isObject(user['as-user-extra']) ? Object.entries(user['as-user-extra']) : [];
  const groups = texts(user['as-groups']);
  return {
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    ...(typeof user['as-uid'] === 'string' ? { 'Impersonate-Uid': user['as-uid'] } : {}),
    ...Object.fromEntries(
      extra.map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, texts(values)]),
    ),
  };
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function part(item: Json | undefined, key: string): JsonObject {
  const found = isObject(item) ? item[key] : undefined;
  return isObject(found) ? found : {};
}
