/** What the cluster has of each part that a chart brings, and what is to be done with it. */
import { dig } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { ChartPart } from '../../../tree/infrastructure.ts';
import { unlessForbidden } from '../../api/errors.ts';
import { apiPath, knownType } from '../../api/resources.ts';
import { serverNow } from '../../api/server-time.ts';
import type { Session } from '../../session/session.ts';
import { type Decision, decide, type SeenPart } from './decide.ts';
import { readInstalled, renderedObjects } from './installed.ts';
import { readMain } from './wait.ts';

const deploymentType = knownType('apps/v1', 'Deployment');

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
export function isChange({ decision: { action } }: Plan): boolean {
  return action === 'install' || action === 'upgrade';
}

async function seePart(session: Session, part: ChartPart): Promise<SeenPart> {
  const { client } = session;
  const { releaseName, namespace } = part.chart;
  const installed = await readInstalled(session, releaseName, namespace);
  if (!part.isOperator) {
    const database = await readMain(session, part);
    return { ...installed, workloads: database && [database], foreign: undefined };
  }
  const wanted = renderedObjects(installed.release?.manifest ?? '', 'Deployment');
  const live = await Promise.all(
    wanted.map(({ metadata }) =>
      client.get(apiPath(deploymentType, String(metadata.namespace ?? namespace), metadata.name)),
    ),
  );
  const there = live.filter((object) => object !== undefined);
  const workloads = there.length === wanted.length ? there : undefined;
  return { ...installed, workloads, foreign: await findForeign(session, part) };
}

/** An operator that was installed in another way: one is enough for a cluster, and two would be at odds. */
async function findForeign({ client }: Session, { chart }: ChartPart): Promise<KubernetesObject | undefined> {
  const { name, namespace, releaseName, valuesInline } = chart;
  const fixedName = valuesInline.fullnameOverride;
  const [labelled, named] = await Promise.all([
    // Who may not look everywhere is told by helm what is in the way.
    unlessForbidden(
      client.list(deploymentType, undefined, { labelSelector: `app.kubernetes.io/name=${name}` }),
    ),
    typeof fixedName === 'string' ? client.get(apiPath(deploymentType, namespace, fixedName)) : undefined,
  ]);
  return [...(labelled ?? []), ...(named === undefined ? [] : [named])].find(
    ({ metadata: { annotations } }) =>
      dig(annotations, ['meta.helm.sh/release-name']) !== releaseName ||
      dig(annotations, ['meta.helm.sh/release-namespace']) !== namespace,
  );
}
