/** What an apply needs of a cluster, all of it before anything is touched. */
import type { Finding } from '../../model/finding.ts';
import type { Live } from '../live.ts';
import type { Session } from '../session.ts';

/** Everything that is in the way of an apply. Changes nothing. */
export async function preflight(_session: Session, _live: Live): Promise<Finding[]> {
  return [];
}
