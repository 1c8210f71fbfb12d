import { type Case, file } from '../case.ts';

export const portCases: readonly Case[] = [
  {
    code: 'worker-grpc-port',
    spec: { worker: { ports: { grpc: 50052 } } },
    path: 'spec.worker.ports.grpc',
    fine: { spec: { worker: { ports: { grpc: 50051 } }, gateway: { ports: { grpc: 50052 } } } },
  },
  {
    code: 'observe-ports-differ',
    spec: { worker: { ports: { observe: 9191 } } },
    path: 'spec.worker.ports.observe',
    fine: {
      spec: {
        worker: { ports: { observe: 9191 } },
        gateway: { ports: { observe: 9191 } },
        mcpGateway: { ports: { observe: 9191 } },
      },
    },
  },
  {
    code: 'observe-ports-differ',
    spec: { gateway: { ports: { observe: 9191 } } },
    path: 'spec.gateway.ports.observe',
    fine: { spec: { mcpGateway: { enabled: false, ports: { observe: 9191 } } } },
  },
  {
    code: 'duplicate-port',
    spec: { gateway: { ports: { admin: 50051 } } },
    path: 'spec.gateway.ports.admin',
    fine: { spec: { mcpGateway: { ports: { mcp: 50051 } } } },
  },
  {
    code: 'duplicate-port',
    spec: { mcpGateway: { ports: { mcp: 9090 } } },
    path: 'spec.mcpGateway.ports.mcp',
    fine: { spec: { mcpGateway: { ports: { mcp: 9091 } } } },
  },
  {
    // The tree has it as a component that an environment may switch on.
    code: 'duplicate-port',
    spec: { mcpGateway: { enabled: false, ports: { mcp: 9090 } } },
    path: 'spec.mcpGateway.ports.mcp',
    severity: 'warning',
    fine: { spec: { mcpGateway: { enabled: false, ports: { mcp: 9091 } } } },
  },
  {
    code: 'privileged-port',
    spec: { mcpGateway: { ports: { mcp: 1023 } } },
    path: 'spec.mcpGateway.ports.mcp',
    fine: { spec: { mcpGateway: { ports: { mcp: 1024 } } } },
  },
  ...[':8082', '8081', 'localhost:8081', '[::1]:8081', ':http', '0.0.0.0:0'].map((listen_addr) => ({
    code: 'listen-address',
    ...file({ server: { listen_addr } }),
    path: 'spec.config.server.listen_addr',
    fine: file({ server: { listen_addr: '0.0.0.0:8081' } }),
  })),
  ...[':9091', '127.0.0.1:9090', ':99999'].map((observe_addr) => ({
    code: 'observe-address',
    ...file({ server: { observe_addr } }),
    path: 'spec.config.server.observe_addr',
    fine: file({ server: { observe_addr: '[::]:9090' } }),
  })),
];
