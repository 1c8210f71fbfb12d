/** `infrastructure`: installs or upgrades the operators and the database that an environment asks for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Failure, type Finding, failure, hasErrors } from '../../../model/finding.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { type ChartPart, hasChart, infrastructureOf, type PartOf } from '../../../tree/infrastructure.ts';
import { apiPath, knownType, shortName } from '../../api/resources.ts';
import { applyObject } from '../../api/server-side-apply.ts';
import { waitForRollouts } from '../../rollout/wait.ts';
import type { Session } from '../../session/session.ts';
import { withLease } from '../../state/lease.ts';
import { type FetchedChart, fetchCharts, recover, upgradeRelease } from './charts.ts';
import { namespaceFindings, ownNamespace, passwordFindings } from './conditions.ts';
import { isPending } from './decide.ts';
import { databaseFindings } from './guards.ts';
import { findHelm } from './helm.ts';
import { renderedObjects } from './installed.ts';
import { bringOwnDatabase, refusals, seeOwnDatabase, tellOwnDatabase, tryObjects } from './own-database.ts';
import { isChange, type Plan, planPart } from './plan.ts';
import { waitForDatabase } from './wait.ts';

/** What a run has at hand. */
interface Run {
  readonly session: Session;
  /** The path of helm; undefined where no chart has to be installed. */
  readonly helm: string | undefined;
  readonly charts: readonly FetchedChart[];
}

/**
 * Installs or upgrades what the environment asks for, operators first, and waits until it works. Checks come
 * first: where something is in the way, nothing is touched.
 *
 * @throws Failure with everything that is in the way, or with why something does not get ready
 */
export async function installInfrastructure(session: Session): Promise<void> {
  const { report, dryRun } = session;
  const parts = askedParts(session);
  if (parts.length === 0) {
    report.say('the environment asks for no infrastructure: nothing to do');
    return;
  }
  const plans = await Promise.all(parts.filter(hasChart).map((part) => planPart(session, part)));
  const changed = plans.filter(isChange);
  const databases = plans.filter(({ part }) => !part.isOperator);
  const own = parts.find((part) => !hasChart(part));
  const seen = own && (await seeOwnDatabase(session, own));
  const missing = await namespaceFindings(session);
  // Nothing can be asked about in a namespace that is made first.
  const runs = seen === undefined || missing !== undefined ? [] : await tryObjects(session, seen);
  const isOperatorNew = changed.some(({ part }) => part.isOperator);
  const findings = [
    ...plans.flatMap(({ decision }) => decision.findings),
    ...databases.flatMap((plan) => databaseFindings(plan.part, plan.seen.workloads?.[0], undefined)),
    ...(seen?.findings ?? []),
    // A new operator may take what the one that is there refuses.
    ...refusals(runs).filter(({ code }) => code === 'conflict' || !isOperatorNew),
    ...(missing ?? []),
    ...(await Promise.all(databases.map(({ part }) => passwordFindings(session, part)))).flat(),
  ];
  const helm = changed.length === 0 ? undefined : await collecting(findings, () => findHelm(session));
  if (hasErrors(findings)) throw new Failure(findings);
  const folder = mkdtempSync(path.join(tmpdir(), 'glyphoxa-charts-'));
  try {
    const charts = helm === undefined ? [] : await fetchCharts(session, helm, changed, folder);
    findings.push(...charts.flatMap(renderedFindings));
    if (hasErrors(findings)) throw new Failure(findings);
    report.findings(findings);
    if (!dryRun) return await bringAll({ session, helm, charts }, parts);
    for (const plan of plans) tell(session, plan);
    if (seen !== undefined) tellOwnDatabase(session, seen, runs);
    report.say('dry run: nothing was changed');
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

/** What only the rendered chart tells: which image a Bitnami database would get. */
function renderedFindings({ part, seen, manifest }: FetchedChart): Finding[] {
  if (part.isOperator) return [];
  return databaseFindings(part, seen.workloads?.[0], renderedObjects(manifest, 'StatefulSet')[0]);
}

async function collecting<T>(findings: Finding[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    findings.push(...error.findings);
    return undefined;
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
    ...(from === undefined ? {} : { from }),
    ...(dryRun ? { dryRun } : {}),
  });
}

/** Brings the parts in the order given: operators first. What changes something holds a lease, and waiting does not. */
async function bringAll(run: Run, parts: readonly PartOf[]): Promise<void> {
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
  if (isChange(await planPart(session, part))) {
    for (const object of part.objects) await createNamespace(session, object);
    await withLease(inNamespace, 'infrastructure', () => bring(run, part));
  } else await bring(run, part);
  const { seen } = await planPart(session, part);
  const running = seen.foreign === undefined ? seen.workloads : [seen.foreign];
  for (const { metadata } of running ?? []) {
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
  if (hasErrors(plan.decision.findings)) throw new Failure(plan.decision.findings);
  if (isChange(plan)) {
    const fetched = charts.find((each) => each.part.name === part.name);
    if (helm === undefined || fetched === undefined) {
      const message = `${part.name} was changed by somebody else meanwhile`;
      throw failure('changed-meanwhile', message, 'run this again');
    }
    session.report.progress(part.name, `helm installs ${plan.decision.why}`);
    await upgradeRelease(session, helm, { ...fetched, ...plan });
  }
  tell(session, plan);
}

/** Namespaces that are there are left as they are. */
async function createNamespace({ client, report }: Session, object: KubernetesObject): Promise<void> {
  const type = knownType('v1', 'Namespace');
  if ((await client.get(apiPath(type, undefined, object.metadata.name))) !== undefined) return;
  await applyObject(client, type, object);
  report.result('created', shortName(object));
}
