/** What is to be done with each part, and how it is told. */
import type { ChartPart } from '../../../tree/infrastructure.ts';
import { serverNow } from '../../api/server-time.ts';
import type { Session } from '../../session/session.ts';
import { type Decision, decide, type SeenPart } from './decide.ts';
import { seePart } from './seen.ts';

/** A part with what the cluster has of it, and what is to be done. */
export interface Plan {
  readonly part: ChartPart;
  readonly seen: SeenPart;
  readonly decision: Decision;
}

/** Looks at a part, and decides. Changes nothing. */
export async function planPart(session: Session, part: ChartPart): Promise<Plan> {
  const seen = await seePart(session, part);
  return { part, seen, decision: decide(part, seen, serverNow(session)) };
}

/** Whether helm has something to do. */
export function isChange({ decision }: Plan): boolean {
  return decision.action === 'install' || decision.action === 'upgrade';
}

/** The verbs of result lines. */
const verbs = { install: 'created', upgrade: 'configured', unchanged: 'unchanged', keep: 'kept' } as const;

/** Says what becomes, or became, of a part. */
export function tell(
  { report }: Pick<Session, 'report'>,
  { name, chart }: ChartPart,
  { action, why, from }: Decision,
  more: { readonly dryRun?: true } = {},
): void {
  const { releaseName, namespace, version } = chart;
  report.say(`${name}: ${why}`, { part: name });
  report.result(verbs[action], `release.helm.sh/${releaseName}`, {
    namespace,
    chart: chart.name,
    version,
    ...(from === undefined ? {} : { from }),
    ...more,
  });
}
