/** Waits for Deployments to run what was applied. */
import type { Session } from '../session.ts';

/** Waits until every Deployment runs its newest pods. */
export async function waitForRollouts(_session: Session, _deployments: readonly string[]): Promise<void> {}
