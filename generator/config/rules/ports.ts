import type { Path } from '../../model/json.ts';
import type { Config } from '../schema/resource.ts';
import type { Found, Rule, RuleContext } from './rule.ts';

/** The port of a worker that the gateway dials; the program knows no other. */
const dialled = 50051;

const workerGrpcPort: Rule = {
  code: 'worker-grpc-port',
  severity: 'error',
  about: 'The gateway dials port 50051 of a worker and cannot be told another one.',
  check: ({ config }) => {
    const { grpc } = config.spec.worker.ports;
    if (grpc === dialled) return [];
    return {
      path: ['spec', 'worker', 'ports', 'grpc'],
      message: `the gateway dials port ${dialled} of a worker, never ${grpc}`,
      hint: 'remove the line',
    };
  },
};

/** The ports of the workloads that run. */
function runningPorts(config: Config): { workload: string; ports: { [name: string]: number } }[] {
  const { gateway, worker, mcpGateway } = config.spec;
  return [
    { workload: 'gateway', ports: gateway.ports },
    { workload: 'worker', ports: worker.ports },
    ...(mcpGateway.enabled ? [{ workload: 'mcpGateway', ports: mcpGateway.ports }] : []),
  ];
}

const portPath = (workload: string, name: string): Path => ['spec', workload, 'ports', name];

const observePortsDiffer: Rule = {
  code: 'observe-ports-differ',
  severity: 'error',
  about:
    'The observe port stands in the configuration file, which all workloads share, so it is the same for all that run.',
  check: ({ config, isSet }) => {
    const { observe } = config.spec.gateway.ports;
    const found = new Map<string, Found>();
    for (const { workload, ports } of runningPorts(config)) {
      if (ports.observe === observe) continue;
      const path = [workload, 'gateway'].map((name) => portPath(name, 'observe')).find(isSet);
      found.set(String(path), {
        path: path ?? portPath(workload, 'observe'),
        message: `the observe port of the gateway is ${observe}, that of the ${label(workload)} ${ports.observe}`,
        hint: 'give all workloads the same observe port; they share one configuration file',
      });
    }
    return [...found.values()];
  },
};

function label(workload: string): string {
  return workload === 'mcpGateway' ? 'MCP gateway' : workload;
}

const duplicatePort: Rule = {
  code: 'duplicate-port',
  severity: 'error',
  about: 'Two servers in one pod cannot listen on the same port.',
  check: ({ config, isSet }) =>
    (['gateway', 'worker', 'mcpGateway'] as const).flatMap((workload) => {
      const ports: { [name: string]: number } = config.spec[workload].ports;
      const isOff = workload === 'mcpGateway' && !config.spec.mcpGateway.enabled;
      const names = Object.keys(ports);
      return names.flatMap((name, index) => {
        const other = names.slice(0, index).find((earlier) => ports[earlier] === ports[name]);
        if (other === undefined) return [];
        const [at = name, beside] = isSet(portPath(workload, name)) ? [name, other] : [other, name];
        return [
          {
            path: portPath(workload, at),
            message: `${ports[name]} is the ${beside} port of the ${label(workload)} too`,
            hint: 'choose another port',
            ...(isOff ? { severity: 'warning' as const } : {}),
          },
        ];
      });
    }),
};

const privilegedPort: Rule = {
  code: 'privileged-port',
  severity: 'warning',
  about: 'The program does not run as root, and not every container runtime lets it listen below port 1024.',
  check: ({ config }) =>
    runningPorts(config).flatMap(({ workload, ports }) =>
      Object.entries(ports).flatMap(([name, port]) =>
        port >= 1024
          ? []
          : [
              {
                path: portPath(workload, name),
                message: `not every cluster lets a process that is not root listen on port ${port}`,
                hint: 'use a port from 1024 on',
              },
            ],
      ),
    ),
};

/** What an address of the configuration file is for, and the port that the manifests say. */
interface Listener {
  readonly key: 'listen_addr' | 'observe_addr';
  readonly port: (config: Config) => number;
  readonly from: string;
}

/** An address must name the port of the manifests, on all of the pod's interfaces. */
function checkListener({ config }: RuleContext, { key, port, from }: Listener): Found[] {
  const text = config.spec.config.server?.[key];
  if (text === undefined || config.spec.secrets.configSecret !== undefined) return [];
  const path = ['spec', 'config', 'server', key];
  const wanted = port(config);
  const hint = `remove the line; the address is made from ${from}`;
  const [, host, number] = /^(\[[^[\]]*\]|[^:[\]]*):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) return [{ path, message: 'this is no address of the form :PORT', hint }];
  const found: Found[] = [];
  if (Number(number) !== wanted) {
    found.push({ path, message: `the program would listen on ${Number(number)} and not on ${wanted}`, hint });
  }
  if (!['', '0.0.0.0', '[::]'].includes(host)) {
    const message = 'the program would not listen on the address of its pod, which is known to nobody before';
    found.push({ path, message, hint });
  }
  return found;
}

const listenAddress: Rule = {
  code: 'listen-address',
  severity: 'error',
  about: '`config.server.listen_addr` names `gateway.ports.admin`, on all interfaces; it is best left out.',
  check: (context) =>
    checkListener(context, {
      key: 'listen_addr',
      port: (config) => config.spec.gateway.ports.admin,
      from: 'spec.gateway.ports.admin',
    }),
};

const observeAddress: Rule = {
  code: 'observe-address',
  severity: 'error',
  about: '`config.server.observe_addr` names the observe ports, on all interfaces; it is best left out.',
  check: (context) =>
    checkListener(context, {
      key: 'observe_addr',
      port: (config) => config.spec.gateway.ports.observe,
      from: 'spec.gateway.ports.observe',
    }),
};

/** Rules on ports and on the addresses that the program listens on. */
export const portRules: readonly Rule[] = [
  workerGrpcPort,
  observePortsDiffer,
  duplicatePort,
  privilegedPort,
  listenAddress,
  observeAddress,
];
