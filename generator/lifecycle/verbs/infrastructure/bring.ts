/** Brings the parts into the cluster, one after the other, and waits for each. */
import { Failure, failure, hasErrors } from '../../../model/finding.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { type ChartPart, hasChart, type PartOf } from '../../../tree/infrastructure.ts';
import { apiPath, knownType, shortName } from '../../api/resources.ts';
import { applyObject } from '../../api/server-side-apply.ts';
import { waitForRollouts } from '../../rollout/wait.ts';
import type { Session } from '../../session/session.ts';
import { withLease } from '../../state/lease.ts';
import type { FetchedChart } from './charts.ts';
import { ownNamespace } from './conditions.ts';
import { isPending } from './decide.ts';
import type { Helm } from './helm.ts';
import { maskingOf } from './helm-failure.ts';
import { objectsOf } from './installed.ts';
import { bringOwnDatabase } from './own-database.ts';
import { isChange, planPart, tell } from './plan.ts';
import { seePart } from './seen.ts';
import { recover, upgradeRelease } from './upgrade.ts';
import { waitForDatabase } from './wait.ts';

/** What a run has at hand. */
export interface Run {
  readonly session: Session;
  /** Undefined where no chart has to be installed. */
  readonly helm: Helm | undefined;
  readonly charts: readonly FetchedChart[];
}

/** Brings the parts in the order given: operators first. What changes something holds a lease, and waiting does not. */
export async function bringAll(run: Run, parts: readonly PartOf[]): Promise<void> {
  const { session } = run;
  const namespace = ownNamespace(session);
  if (namespace !== undefined) await createNamespace(session, namespace);
  for (const part of parts) {
    if (!hasChart(part)) await bringOwnDatabase(session, part);
    else if (part.isOperator) await bringOperator(run, part);
    else await bringBitnami(run, part);
  }
}

/** Operators are the cluster's: whoever works on one holds a lease of its own, whatever release it is for. */
async function bringOperator(run: Run, part: ChartPart): Promise<void> {
  const { session } = run;
  const { target } = session;
  const { releaseName, namespace } = part.chart;
  const inNamespace = { ...session, target: { ...target, release: releaseName, namespace } };
  const plan = await planPart(session, part);
  if (isChange(plan)) {
    for (const object of part.objects) await createNamespace(session, object);
    await withLease(inNamespace, 'infrastructure', () => bring(run, part));
  } else await bring(run, part);
  const { release, foreign } = await seePart(session, part);
  const deployments = release === undefined ? [] : objectsOf(release, 'Deployment');
  for (const { metadata } of release === undefined && foreign !== undefined ? [foreign] : deployments) {
    const place = { ...target, namespace: String(metadata.namespace) };
    await waitForRollouts({ ...session, target: place }, [metadata.name]);
  }
}

async function bringBitnami(run: Run, part: ChartPart): Promise<void> {
  const { session } = run;
  await withLease(session, 'infrastructure', () => bring(run, part));
  await waitForDatabase(session, part);
  session.report.warn(
    'vector-unchecked',
    'whether the database has the vector extension is not checked: the images of Bitnami have none',
    'name an image that has it in spec.postgresql.image',
  );
}

/** Does what is to be done with a chart, as the cluster is by now. */
async function bring({ session, helm, charts }: Run, part: ChartPart): Promise<void> {
  let plan = await planPart(session, part);
  const { release } = plan.seen;
  if (release !== undefined && isPending(release) && !hasErrors(plan.decision.findings)) {
    await recover(session, part.name, release);
    plan = await planPart(session, part);
  }
  const { decision, seen } = plan;
  if (hasErrors(decision.findings)) throw new Failure(decision.findings);
  if (isChange(plan)) {
    const fetched = charts.find((each) => each.part.name === part.name);
    if (helm === undefined || fetched === undefined) {
      throw failure(
        'changed-meanwhile',
        `${part.name} was changed by somebody else meanwhile`,
        'run this again',
      );
    }
    session.report.progress(part.name, `helm installs ${decision.why}`);
    await upgradeRelease(session, helm, fetched, seen.release, maskingOf(session.target.objects));
  }
  tell(session, part, decision);
}

/** Namespaces that are there are left as they are. */
async function createNamespace({ client, report }: Session, object: KubernetesObject): Promise<void> {
  const type = knownType('v1', 'Namespace');
  if ((await client.get(apiPath(type, undefined, object.metadata.name))) !== undefined) return;
  await applyObject(client, type, object);
  report.result('created', shortName(object));
}
