/** Whom the configuration lets the workloads call. */
import { addressesOf, portOf } from '../config/addresses.ts';
import { databasePorts } from '../config/dsn.ts';
import { type ProviderKind, providerKinds } from '../config/providers.ts';
import type { Config } from '../config/schema/resource.ts';
import type { Component } from '../objects/names.ts';
import { namesOf } from '../objects/names.ts';
import type { Party } from './party.ts';
import { type Ports, range, united } from './ports.ts';
import { isInProcess, isLoopback } from './workloads.ts';

/** Somebody who is called, by whom, and on which ports. */
export interface Destination {
  readonly party: Party;
  readonly callers: readonly Component[];
  readonly ports: readonly Ports[];
}

const everyone: readonly Component[] = ['gateway', 'worker', 'mcp-gateway'];

/** Everybody whom the configuration names, in the order of a picture. */
export function destinationsOf(config: Config): Destination[] {
  return [
    discord(config),
    kubernetes(config),
    ...vault(config),
    database(config),
    ...providers(config),
    ...tools(config),
    ...proxies(config),
    dns(config),
  ];
}

function outside(
  id: string,
  kind: Party['kind'],
  name: string,
  details: readonly string[],
): Destination['party'] {
  return { id, kind, name, details, isInside: false };
}

function tcp(ports: readonly number[]): readonly Ports[] {
  return united(ports.map((port) => range('TCP', port)));
}

function discord(config: Config): Destination {
  const first = config.spec.networkPolicy.discordVoice === 'all-udp' ? 1 : 1024;
  return {
    party: outside('discord', 'service', 'Discord', ['bots and voice']),
    callers: ['gateway'],
    ports: [...tcp([443]), range('UDP', first, 65535)],
  };
}

function kubernetes(config: Config): Destination {
  return {
    party: outside('kubernetes', 'service', 'Kubernetes API', ['starts and ends worker Jobs']),
    callers: ['gateway'],
    ports: tcp([443, ...config.spec.networkPolicy.apiServerPorts]),
  };
}

function vault({ spec }: Config): Destination[] {
  const { enabled, addr } = spec.vault;
  if (!enabled || addr === undefined || !URL.canParse(addr)) return [];
  const url = new URL(addr);
  return [
    {
      party: outside('vault', 'service', 'Vault', [url.hostname]),
      callers: ['gateway'],
      ports: tcp([portOf(url)]),
    },
  ];
}

/** The PostgreSQL server; where it is outside, its address is in a Secret. */
function database(config: Config): Destination {
  const { enabled, provider, instances, storage } = config.spec.postgresql;
  const callers: readonly Component[] = ['gateway', 'worker'];
  const ports = tcp(databasePorts(config));
  if (!enabled)
    return {
      party: outside('database', 'database', 'PostgreSQL', [
        'sessions and memory',
        'its address is a secret',
      ]),
      callers,
      ports,
    };
  const isOperated = provider === 'cloudnative-pg';
  const count = isOperated ? instances : 1;
  return {
    party: {
      id: 'database',
      kind: 'database',
      name: namesOf(config).postgresql,
      details: [
        isOperated ? 'PostgreSQL by CloudNativePG' : "PostgreSQL by Bitnami's chart",
        String(storage.size),
      ],
      replicas: { min: count, max: count },
      isInside: true,
    },
    callers,
    ports,
  };
}

/** One party for each server of a name, with all that it is asked for. */
function providers({ spec }: Config): Destination[] {
  const servers = new Map<string, { name: string; url: URL | undefined; uses: string[] }>();
  for (const kind of providerKinds) {
    const { name, base_url, model } = spec.config.providers?.[kind] ?? {};
    const url = base_url !== undefined && URL.canParse(base_url) ? new URL(base_url) : undefined;
    if (!isCalled(kind, name, url)) continue;
    const key = `${name} ${url?.host ?? ''}`;
    const server = servers.get(key) ?? { name: name ?? kind, url, uses: [] };
    server.uses.push(model === undefined || model === '' ? kind : `${kind} ${model}`);
    servers.set(key, server);
  }
  return [...servers.values()].map(({ name, url, uses }, index) => ({
    party: outside(`provider-${index + 1}`, 'provider', name, [
      ...uses,
      ...(url === undefined ? [] : [url.hostname]),
    ]),
    callers: ['worker'],
    ports: tcp([url === undefined ? 443 : portOf(url)]),
  }));
}

/** Audio is the gateway's here, and some providers need no server. */
function isCalled(kind: ProviderKind, name: string | undefined, url: URL | undefined): boolean {
  if (url !== undefined) return !isLoopback(url);
  return name !== undefined && kind !== 'audio' && !isInProcess(kind, name);
}

function tools({ spec }: Config): Destination[] {
  const callers: Component[] = spec.mcpGateway.enabled ? ['worker', 'mcp-gateway'] : ['worker'];
  return (spec.config.mcp?.servers ?? []).flatMap(({ name, url, auth }, index) => {
    const urls = [url, auth?.oauth?.token_url].flatMap((text) =>
      text !== undefined && URL.canParse(text) ? [new URL(text)] : [],
    );
    const called = urls.filter((one) => !isLoopback(one));
    if (url === undefined || called.length === 0) return [];
    const hosts = [...new Set(called.map(({ hostname }) => hostname))];
    return [
      {
        party: outside(`tool-${index + 1}`, 'tool', name, ['MCP server', ...hosts]),
        callers,
        ports: tcp(called.map(portOf)),
      },
    ];
  });
}

function proxies(config: Config): Destination[] {
  const urls = addressesOf(config).filter(({ path }) => path[1] === 'core' && path[2] === 'proxy');
  if (urls.length === 0) return [];
  const hosts = [...new Set(urls.map(({ url }) => url.hostname))];
  return [
    {
      party: outside('proxy', 'service', 'Proxy', hosts),
      callers: everyone,
      ports: tcp(urls.map(({ url }) => portOf(url))),
    },
  ];
}

function dns({ spec }: Config): Destination {
  const { ports } = spec.networkPolicy.dns;
  const each = ports.flatMap((port) => [range('TCP', port), range('UDP', port)]);
  return { party: outside('dns', 'service', 'DNS', []), callers: everyone, ports: united(each) };
}
