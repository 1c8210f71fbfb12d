/** What NetworkPolicies allow, as the network-config-analyzer works it out. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { BlockList, isIPv6 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool, runTool } from './find-tool.ts';
import type { KubernetesObject } from './kubernetes-schemas.ts';

/** One end of a connection: a pod or workload of a namespace, or an address outside the cluster. */
export type Peer = { namespace: string; name: string } | { ip: string };

/** Ports of one protocol: single ports and `FROM-TO` ranges; undefined for every port. */
interface Ports {
  protocols: string;
  dst_ports?: (number | string)[];
}

/** Connections allowed between every source and every destination listed. */
interface Rule {
  src_ns?: string[];
  src_pods?: string[];
  src_ip_block?: string[];
  dst_ns?: string[];
  dst_pods?: string[];
  dst_ip_block?: string[];
  connection: (string | Ports)[];
}

/** What the NetworkPolicies among some objects allow. */
export interface Connectivity {
  /** The allowed connections as the analyzer lists them: peers by name, `*` for all of a namespace. */
  rules: readonly Rule[];
  /**
   * Whether a connection may be opened. A workload may always talk to itself. A peer that was not among
   * the objects is never allowed anything.
   */
  allows(from: Peer, to: Peer, port: number, protocol?: 'TCP' | 'UDP' | 'SCTP'): boolean;
}

/**
 * Works out what the NetworkPolicies among the objects allow between their workloads (Pods, Deployments,
 * StatefulSets, ... by name) and addresses outside the cluster. The objects must include the Namespaces,
 * and stand-in Pods for what is created later. Needs the tool `nca`, else it throws.
 */
export async function connectivity(objects: readonly KubernetesObject[]): Promise<Connectivity> {
  const nca = findTool('nca');
  if (!nca) throw new Error('missing tool nca (get it: node scripts/tools.mjs nca)');
  const dir = await mkdtemp(join(tmpdir(), 'connectivity-'));
  try {
    await writeFile(
      join(dir, 'objects.yaml'),
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    );
    await writeFile(join(dir, 'scheme.yaml'), JSON.stringify(connectivityScheme));
    const { stderr, stdout, exitCode } = await runTool(nca, ['--scheme', 'scheme.yaml'], { cwd: dir });
    const report = join(dir, 'report.json');
    if (exitCode !== 0 || !existsSync(report))
      throw new Error(`nca failed with ${exitCode}: ${stderr}${stdout}`);
    const queries = JSON.parse(await readFile(report, 'utf8')) as { explanation: { rules?: Rule[] }[] }[];
    const rules = queries.flatMap((query) => query.explanation.flatMap((part) => part.rules ?? []));
    return { rules, allows: (...args) => rules.some((rule) => ruleAllows(rule, ...args)) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const connectivityScheme = {
  networkConfigList: [{ name: 'objects', resourceList: ['objects.yaml'] }],
  queries: [
    {
      name: 'connectivity',
      connectivityMap: ['objects'],
      // The label that no object has keeps nca from grouping pods by labels: it lists them by name.
      outputConfiguration: {
        outputFormat: 'json',
        outputPath: 'report.json',
        fwRulesOverrideAllowedLabels: '-',
      },
    },
  ],
};

function ruleAllows(rule: Rule, from: Peer, to: Peer, port: number, protocol = 'TCP'): boolean {
  return (
    matches(from, rule.src_ns, rule.src_pods, rule.src_ip_block) &&
    matches(to, rule.dst_ns, rule.dst_pods, rule.dst_ip_block) &&
    rule.connection.some((ports) => typeof ports === 'string' || hasPort(ports, port, protocol))
  );
}

function matches(
  peer: Peer,
  namespaces: string[] = [],
  names: string[] = [],
  blocks: string[] = [],
): boolean {
  if (!('ip' in peer)) return includes(namespaces, peer.namespace) && includes(names, peer.name);
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', bits] = block.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list.check(peer.ip, isIPv6(peer.ip) ? 'ipv6' : 'ipv4');
}

function includes(names: string[], name: string): boolean {
  // The analyzer joins several pods of a namespace by commas, in one string.
  const each = names.flatMap((joined) => joined.split(', '));
  return each.includes('*') || each.includes(name);
}

function hasPort({ protocols, dst_ports: ports }: Ports, port: number, protocol: string): boolean {
  if (!protocols.split(',').includes(protocol)) return false;
  if (!ports) return true;
  return ports.some((range) => {
    const [first, last = first] = String(range).split('-').map(Number);
    return first !== undefined && last !== undefined && first <= port && port <= last;
  });
}
