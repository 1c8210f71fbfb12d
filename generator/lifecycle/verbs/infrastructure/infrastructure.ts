/** `infrastructure`: installs or upgrades the operators and the database that an environment asks for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Failure, type Finding, failure, hasErrors } from '../../../model/finding.ts';
import { dig, given } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { type ChartPart, hasChart, infrastructureOf, type PartOf } from '../../../tree/infrastructure.ts';
import { apiPath, knownType, readObject, shortName } from '../../api/resources.ts';
import { applyObject } from '../../api/server-side-apply.ts';
import { namespaceFindings, ownNamespace } from '../../checks/namespace.ts';
import { demandedFindings } from '../../checks/referenced-objects.ts';
import { waitForRollouts } from '../../rollout/wait.ts';
import type { Session } from '../../session/session.ts';
import { databaseOf } from '../../state/database.ts';
import { renderedObjects } from '../../state/helm-record.ts';
import { withLease } from '../../state/lease.ts';
import { type FetchedChart, fetchCharts, planSettled, upgradeRelease } from './charts.ts';
import { databaseFindings } from './guards.ts';
import { bringOwnDatabase, refusals, seeOwnDatabase, tellOwnDatabase, tryObjects } from './own-database.ts';
import { isChange, type Plan, planPart } from './plan.ts';
import { waitForDatabase } from './wait.ts';

/**
 * Installs or upgrades what the environment asks for, operators first, and waits until it works. Checks come
 * first: where something is in the way, nothing is touched.
 *
 * @throws Failure with everything that is in the way, or with why something does not get ready
 */
export async function installInfrastructure(session: Session): Promise<void> {
  const parts = askedParts(session);
  if (parts.length === 0) {
    session.report.say('the environment asks for no infrastructure: nothing to do');
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'glyphoxa-charts-'));
  try {
    await checkAndBring(session, parts, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The parts of the environment that it asks for; of the others is said why not. */
function askedParts({ target, report }: Session): PartOf[] {
  const { config, namespace, name } = target;
  if (config === undefined) {
    throw failure(
      'no-configuration',
      `which infrastructure ${name} asks for is not to be found: no glyphoxa.yaml lies behind it`,
      'name an environment of a tree, or the file of a resource',
    );
  }
  // A kustomization around the environment may have moved it; the database must be where its Secrets are read.
  const parts = infrastructureOf({ ...config, metadata: { ...config.metadata, namespace } });
  for (const part of parts)
    if (part.off !== undefined) report.say(`${part.name}: skipped, since ${part.off}`, { part: part.name });
  return parts.filter(({ off }) => off === undefined);
}

async function checkAndBring(session: Session, parts: readonly PartOf[], folder: string): Promise<void> {
  const { client, target, report, dryRun } = session;
  const plans = await Promise.all(parts.filter(hasChart).map((part) => planPart(session, part)));
  const own = parts.find((part) => !hasChart(part));
  const seen = own && (await seeOwnDatabase(session, own));
  const namespace = await client.get(apiPath(knownType('v1', 'Namespace'), undefined, target.namespace));
  // Nothing can be asked about in a namespace that is made first.
  const runs = seen === undefined || namespace === undefined ? [] : await tryObjects(session, seen);
  const isOperatorNew = plans.some((plan) => plan.part.isOperator && isChange(plan));
  const findings = [
    ...plans.flatMap(({ decision }) => decision.findings),
    ...(seen?.findings ?? []),
    // A new operator may take what the one that is there refuses.
    ...refusals(runs).filter(({ code }) => code === 'conflict' || !isOperatorNew),
    ...namespaceFindings(session, namespace),
  ];
  for (const { part } of plans)
    if (!part.isOperator) findings.push(...(await passwordFindings(session, part)));
  const charts = await collecting(findings, () => fetchCharts(session, plans.filter(isChange), folder));
  findings.push(...charts.flatMap(renderedFindings));
  if (hasErrors(findings)) throw new Failure(findings);
  report.findings(findings);
  if (dryRun) {
    for (const plan of plans) tell(session, plan);
    if (seen !== undefined) tellOwnDatabase(session, seen, runs);
    report.say('dry run: nothing was changed');
    return;
  }
  const listed = ownNamespace(target);
  if (listed !== undefined) await createNamespace(session, listed);
  for (const plan of plans)
    await bringChart(
      session,
      plan,
      charts.find(({ part }) => part === plan.part),
    );
  if (own !== undefined) await bringOwnDatabase(session, own);
}

/** The chart would start without the Secret, and its pod would not. */
function passwordFindings(session: Session, { chart }: ChartPart): Promise<Finding[]> {
  const preflight = { session, database: databaseOf(session.target), live: undefined };
  return demandedFindings(preflight, {
    kind: 'Secret',
    namespace: chart.namespace,
    name: String(dig(chart.valuesInline, ['auth', 'existingSecret'])),
    keys: ['password', 'postgres-password'],
    owners: ['the database'],
    onlyPulls: false,
  });
}

/** What only the rendered chart tells: which database would come. */
function renderedFindings({ seen, manifest }: FetchedChart): Finding[] {
  const running = seen.workloads.filter(({ kind }) => kind === 'StatefulSet');
  const [asked] = renderedObjects(manifest, 'StatefulSet');
  return running.flatMap((set) => databaseFindings(set, asked));
}

async function collecting<T>(findings: Finding[], work: () => Promise<T[]>): Promise<T[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    findings.push(...error.findings);
    return [];
  }
}

/** The verbs of result lines. */
const verbs = { install: 'created', upgrade: 'configured', unchanged: 'unchanged', keep: 'kept' } as const;

/** Says what becomes, or became, of a part. */
function tell({ report, dryRun }: Session, { part, decision }: Plan): void {
  const { name, releaseName, namespace, version } = part.chart;
  const { action, why, from } = decision;
  report.say(`${part.name}: ${why}`, { part: part.name });
  report.result(verbs[action], `release.helm.sh/${releaseName}`, {
    namespace,
    chart: name,
    version,
    ...given({ from, dryRun: dryRun || undefined }),
  });
}

/**
 * Does what is to be done with a part of a chart, and waits until it works. What changes something holds a lease: an
 * operator's is its own, whatever release it is for.
 */
async function bringChart(session: Session, plan: Plan, fetched: FetchedChart | undefined): Promise<void> {
  const { part, seen } = plan;
  const { isOperator, chart } = part;
  if (fetched === undefined) tell(session, plan);
  else {
    for (const object of part.objects) await createNamespace(session, object);
    const place = { release: chart.releaseName, namespace: chart.namespace };
    const target = isOperator ? { ...session.target, ...place } : session.target;
    await withLease({ ...session, target }, 'infrastructure', async () => {
      // Looked at again: whoever held the lease may have changed it.
      const now = await planSettled(session, part);
      if (isChange(now)) {
        session.report.progress(part.name, `helm installs ${now.decision.why}`);
        await upgradeRelease(session, { ...fetched, ...now });
      }
      tell(session, now);
    });
  }
  if (!isOperator) return await endBitnami(session);
  const { foreign, workloads } = seen;
  const changed = fetched && renderedObjects(fetched.manifest, 'Deployment');
  for (const { metadata } of changed ?? (foreign === undefined ? workloads : [foreign])) {
    const target = { ...session.target, namespace: String(metadata.namespace ?? chart.namespace) };
    await waitForRollouts({ ...session, target }, [metadata.name]);
  }
}

async function endBitnami(session: Session): Promise<void> {
  const { object } = databaseOf(session.target);
  if (object !== undefined) await waitForDatabase(session, object.type, object.name);
  session.report.warn(
    'vector-unchecked',
    'whether the database has the vector extension is not checked: the images of Bitnami have none',
    'name an image that has it in spec.postgresql.image',
  );
}

/** Namespaces that are there are left as they are. */
async function createNamespace({ client, report }: Session, object: KubernetesObject): Promise<void> {
  if ((await readObject(client, object)) !== undefined) return;
  await applyObject(client, knownType('v1', 'Namespace'), object);
  report.result('created', shortName(object));
}
