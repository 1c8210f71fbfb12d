/** What work on a cluster failed of, as findings. */
import { apiFinding } from '../../../lifecycle/api/errors.ts';
import { Failure, type Finding } from '../../../model/finding.ts';

/** The findings of what was thrown. Throws it again where it is a fault of this program. */
export function findingsOf(error: unknown): readonly Finding[] {
  if (error instanceof Failure) return error.findings;
  const found = apiFinding(error);
  if (found === undefined) throw error;
  return [found];
}
