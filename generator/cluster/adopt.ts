/** Taking over what Helm, zhi or kubectl created. */
import type { Finding } from '../model/finding.ts';
import type { Live } from './live.ts';
import type { Session } from './session.ts';

/** What of a release another tool holds, and what adopting it will do. */
export function adoptionFindings(_live: Live, _adopt: boolean): Finding[] {
  return [];
}

/** Makes the objects ours: their fields change hands, nothing else changes. */
export async function adoptObjects(_session: Session, live: Live): Promise<Live> {
  return live;
}

/** Puts Helm's record of the release where Helm does not find it. */
export async function parkHelmRelease(_session: Session, _live: Live): Promise<void> {}
