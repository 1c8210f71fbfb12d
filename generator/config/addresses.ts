/** The servers that a configuration names: who calls them, and on which port. */
import type { Path } from '../model/json.ts';
import { providerKinds } from './providers.ts';
import type { Patchable } from './rules/pod-patch.ts';
import type { Config } from './schema/resource.ts';

/** A server that workloads call. */
export interface Address {
  readonly path: Path;
  readonly url: URL;
  readonly callers: readonly Patchable[];
  /** The port that this kind of server listens on if nobody says otherwise; undefined where that is not known. */
  readonly usualPort?: number | undefined;
}

/** Ports that servers listen on by themselves, as their own documentation and images have them. */
const usualPorts: ReadonlyMap<string | undefined, number> = new Map([
  ['ollama', 11434],
  ['llamacpp', 8080],
  ['llamafile', 8080],
  ['whisper', 8080],
  ['coqui', 5002],
  ['vault', 8200],
]);

/** The servers of each configuration: rules, policies and pictures ask for them. */
const known = new WeakMap<Config, readonly Address[]>();

/** Every server that the configuration names by a URL; the database, which has a DSN, is not among them. */
export function addressesOf(config: Config): readonly Address[] {
  const addresses = known.get(config) ?? findAddresses(config);
  known.set(config, addresses);
  return addresses;
}

function findAddresses(config: Config): Address[] {
  const { vault, core, config: file } = config.spec;
  type Named = [path: Path, url: string | undefined, callers: Patchable[], server?: string | undefined];
  const named: Named[] = [
    [['vault', 'addr'], vault.enabled ? vault.addr : undefined, ['gateway'], 'vault'],
    ...providerKinds.map((kind): Named => {
      const { base_url, name } = file.providers?.[kind] ?? {};
      return [['config', 'providers', kind, 'base_url'], base_url, ['worker'], name];
    }),
    ...(file.mcp?.servers ?? []).flatMap(({ url, auth }, index): Named[] => [
      [['config', 'mcp', 'servers', index, 'url'], url, ['worker', 'mcpGateway']],
      [
        ['config', 'mcp', 'servers', index, 'auth', 'oauth', 'token_url'],
        auth?.oauth?.token_url,
        ['worker', 'mcpGateway'],
      ],
    ]),
    ...(['http', 'https'] as const).map(
      (scheme): Named => [['core', 'proxy', scheme], core.proxy[scheme], ['gateway', 'worker', 'mcpGateway']],
    ),
  ];
  return named.flatMap(([path, text, callers, server]) =>
    text !== undefined && URL.canParse(text)
      ? [{ path: ['spec', ...path], url: new URL(text), callers, usualPort: usualPorts.get(server) }]
      : [],
  );
}

/** The ports of all servers that a workload calls. */
export function calledPorts(config: Config, workload: Patchable): number[] {
  return addressesOf(config).flatMap(({ url, callers }) => (callers.includes(workload) ? [portOf(url)] : []));
}

/** The port that a URL leads to, by its scheme where it names none. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'http:' || protocol === 'ws:' ? 80 : 443;
}

/** Whether a host is a Service: a name without a dot, or one that ends in `.svc` with or without the cluster's domain. */
export function isService(host: string): boolean {
  return host !== 'localhost' && (/^[^.:]+$/.test(host) || /\.svc(?:\.|$)/.test(host));
}
