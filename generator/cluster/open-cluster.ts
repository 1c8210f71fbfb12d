/** A connection for a command that only asks something. */
import { type Client, openClient } from './api/client.ts';
import { type ClusterChoice, findCluster } from './api/kube-config.ts';

/** How long the command waits for a cluster, in milliseconds. */
const timeLimit = 30_000;

/**
 * Finds the cluster and opens a connection, says nothing, and closes it when the work is done.
 *
 * @throws Failure where there is no kubeconfig or the cluster does not answer
 */
export async function withCluster<T>(
  choice: ClusterChoice,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const silent = { lost: () => {}, back: () => {}, warning: () => {} };
  const client = openClient(findCluster(choice), silent, { signal: AbortSignal.timeout(timeLimit) });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
