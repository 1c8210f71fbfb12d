/** A connection for a command that only asks something. */
import { Failure, type Finding } from '../../model/finding.ts';
import { type Client, openClient } from '../api/client.ts';
import { type ClusterChoice, findCluster } from '../api/kube-config.ts';

/** How long the command waits for a cluster, in milliseconds. */
const timeLimit = 30_000;

/** An environment, and the context that it is for; undefined where any will do. */
export interface Pinned {
  readonly name: string;
  readonly context: string | undefined;
}

/**
 * Finds the cluster and opens a connection, says nothing, and closes it when the work is done.
 *
 * @throws Failure where there is no kubeconfig, the cluster does not answer, or it is another than the one that the
 *   environment is for
 */
export async function withCluster<T>(
  choice: ClusterChoice,
  { name, context }: Pinned,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const access = findCluster(choice);
  if (context !== undefined && context !== access.context)
    throw new Failure([wrongContext(name, context, access.context)]);
  const silent = { lost: () => {}, back: () => {}, warning: () => {} };
  const client = openClient(access, silent, { signal: AbortSignal.timeout(timeLimit) });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** The finding that an environment is for another context than the one that was chosen. */
export function wrongContext(name: string, pinned: string, chosen: string, file?: string): Finding {
  return {
    code: 'wrong-context',
    severity: 'error',
    path: ['spec', 'core', 'context'],
    message: `${name} is for the context ${pinned}${file === undefined ? '' : ` (${file})`}, and this is ${chosen}`,
    hint: `choose it with --context=${pinned}`,
  };
}
