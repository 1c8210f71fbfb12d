/** Ports that only a file in a Secret names: the network policies cannot see them, so the resource opens them by rules. */
import { calledPorts } from '../config/addresses.ts';
import type { Config } from '../config/schema/resource.ts';
import type { Draft } from './draft.ts';

/** Opens the ports of the servers in a configuration's file. */
export function morePorts(draft: Draft, config: Config): void {
  for (const workload of ['worker', 'mcpGateway'] as const) {
    const ports = [...new Set(calledPorts(config, workload))]
      .filter((port) => port !== 443)
      .sort((a, b) => a - b);
    if (ports.length === 0) continue;
    const rule = { ports: ports.map((port) => ({ port, protocol: 'TCP' })) };
    draft.set(['networkPolicy', workload, 'extraEgress'], [rule], ['config', 'data']);
  }
}
