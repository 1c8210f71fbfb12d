/** What work on a cluster failed of, as findings. */
import { ApiError, ConnectionError } from '../../../lifecycle/api/errors.ts';
import { Failure, type Finding } from '../../../model/finding.ts';

/** The findings of what was thrown. Throws it again where it is a fault of this program. */
export function findingsOf(error: unknown): readonly Finding[] {
  if (error instanceof Failure) return error.findings;
  if (error instanceof ApiError || error instanceof ConnectionError) return answered(error);
  throw error;
}

function answered(
  error: Error & { readonly status?: number; readonly isOfLeavingNamespace?: boolean },
): Finding[] {
  const hint = error.isOfLeavingNamespace
    ? 'wait until the namespace is gone'
    : error.status === 401
      ? 'log in again: the cluster does not know who asks'
      : error.status === 403
        ? 'ask for the right; docs/operations has all that a deployer needs'
        : undefined;
  const message = `the API server says: ${error.message}`;
  return [{ code: 'api', severity: 'error', path: [], message, ...(hint === undefined ? {} : { hint }) }];
}
