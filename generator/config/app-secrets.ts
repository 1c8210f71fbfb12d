import { isObject, type Json, type Path } from '../model/json.ts';
import { providerKinds } from './providers.ts';
import type { Config } from './schema/resource.ts';

/**
 * Paths, below `spec.config`, of the values in the program's configuration file that are secrets: API keys,
 * the DSN, MCP credentials and environment values, and options whose name says so. While there is one, the
 * file must be a Secret.
 */
export function appSecretPaths(config: Config): Path[] {
  const { providers, memory, mcp } = config.spec.config;
  const paths: Path[] = [];
  for (const kind of providerKinds) {
    const provider = providers?.[kind];
    if (isFilled(provider?.api_key)) paths.push(['providers', kind, 'api_key']);
    for (const path of secretOptions(provider?.options ?? {}))
      paths.push(['providers', kind, 'options', ...path]);
  }
  if (isFilled(memory?.postgres_dsn)) paths.push(['memory', 'postgres_dsn']);
  for (const [index, server] of (mcp?.servers ?? []).entries()) {
    const at = ['mcp', 'servers', index] as const;
    for (const [name, value] of Object.entries(server.env ?? {}))
      if (isFilled(value)) paths.push([...at, 'env', name]);
    if (isFilled(server.auth?.token)) paths.push([...at, 'auth', 'token']);
    const { client_id, client_secret } = server.auth?.oauth ?? {};
    if (isFilled(client_id)) paths.push([...at, 'auth', 'oauth', 'client_id']);
    if (isFilled(client_secret)) paths.push([...at, 'auth', 'oauth', 'client_secret']);
  }
  return paths;
}

function isFilled(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function secretOptions(options: Json): Path[] {
  const found: Path[] = [];
  const search = (value: Json, path: Path): void => {
    const name = path.at(-1);
    if (typeof value === 'string') {
      if (
        value !== '' &&
        typeof name === 'string' &&
        /(?:^|_|-)key$|token$|secret|passw|credential/i.test(name)
      )
        found.push(path);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) search(item, [...path, index]);
    } else if (isObject(value)) for (const [key, item] of Object.entries(value)) search(item, [...path, key]);
  };
  search(options, []);
  return found;
}
