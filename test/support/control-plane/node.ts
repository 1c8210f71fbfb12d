/** The nodes that kwok plays. */
import type { Send } from './client.ts';

const names = ['fake-1', 'fake-2', 'fake-3', 'fake-4', 'fake-5'];

/** What each of them has to give. */
const resources = { cpu: '64', memory: '256Gi', pods: '500' };

/** Adds the nodes; the function returned tells when all of them are ready for pods. */
export async function addNodes(request: Send): Promise<() => Promise<true | undefined>> {
  for (const name of names) {
    const { status, body } = await request('POST', '/api/v1/nodes', node(name));
    if (status !== 201) throw new Error(`node ${name} was refused: ${JSON.stringify(body)}`);
  }
  return async () => {
    const { body } = await request('GET', '/api/v1/nodes');
    return (body as { items: NodeState[] }).items.every(isReady) ? true : undefined;
  };
}

function node(name: string) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
    status: { allocatable: resources, capacity: resources },
  };
}

interface NodeState {
  spec: { taints?: unknown[] };
  status: { conditions?: { type: string; status: string }[] };
}

function isReady({ spec, status }: NodeState): boolean {
  const ready = status.conditions?.some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  return ready === true && (spec.taints ?? []).length === 0;
}
