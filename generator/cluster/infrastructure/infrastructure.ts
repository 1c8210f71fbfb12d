/** `infrastructure`: installs or upgrades the charts that an environment asks for. */
import { Failure, type Finding, failure, hasErrors } from '../../model/finding.ts';
import { infrastructureOf, type PartOf } from '../../tree/infrastructure.ts';
import { apiPath, knownType, type ResourceType, shortName } from '../api/resources.ts';
import { withLease } from '../lease.ts';
import { waitForRollouts } from '../rollout/wait.ts';
import { applyObject } from '../server-side-apply.ts';
import type { Session } from '../session.ts';
import { type FetchedChart, fetchCharts } from './charts.ts';
import { conditionFindings, ownNamespace } from './conditions.ts';
import { type Decision, decide, isPending, type SeenPart } from './decide.ts';
import { databaseFindings } from './guards.ts';
import { findHelm, type Helm, withFolder } from './helm.ts';
import { maskingOf } from './helm-failure.ts';
import { objectsOf, renderedObjects } from './installed.ts';
import { seePart } from './seen.ts';
import { recover, upgradeRelease } from './upgrade.ts';
import { waitForDatabase, waitForDatabaseObject, waitForDefinition } from './wait.ts';

/** CloudNativePG's Database. */
const databaseObject: ResourceType = {
  group: 'postgresql.cnpg.io',
  version: 'v1',
  kind: 'Database',
  plural: 'databases',
  namespaced: true,
};

/** A part with what the cluster has of it, and what is to be done. */
interface Plan {
  readonly part: PartOf;
  readonly seen: SeenPart;
  readonly decision: Decision;
}

/** What a run has at hand. */
interface Run {
  readonly session: Session;
  /** Undefined where no chart has to be installed. */
  readonly helm: Helm | undefined;
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
  const plans = await Promise.all(parts.map((part) => planPart(session, part)));
  const changed = plans.filter(isChange).map(({ part }) => part);
  const findings = [
    ...plans.flatMap(({ decision }) => decision.findings),
    ...plans.flatMap(({ part, seen }) =>
      part.isOperator ? [] : databaseFindings(part, seen.main, undefined),
    ),
    ...(await conditionFindings(session, parts)),
  ];
  const helm = changed.length === 0 ? undefined : await collecting(findings, () => findHelm(session));
  if (hasErrors(findings)) throw new Failure(findings);
  await withFolder(async (folder) => {
    const charts =
      helm === undefined
        ? []
        : await fetchCharts(session, helm, changed, folder, maskingOf(session.target.objects));
    const late = charts.flatMap((chart) => renderedFindings(plans, chart));
    if (hasErrors(late)) throw new Failure([...findings, ...late]);
    report.findings([...findings, ...late]);
    if (dryRun) tellDryRun(session, plans);
    else await bringAll({ session, helm, charts }, parts);
  });
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

async function planPart(session: Session, part: PartOf): Promise<Plan> {
  const seen = await seePart(session, part);
  const now = Date.now() + session.client.clockSkewMs();
  return { part, seen, decision: decide(part, seen, now) };
}

function isChange({ decision }: Plan): boolean {
  return decision.action === 'install' || decision.action === 'upgrade';
}

/** What only the rendered chart tells: which image a Bitnami database would get. */
function renderedFindings(plans: readonly Plan[], { part, manifest }: FetchedChart): Finding[] {
  if (part.chart.name !== 'postgresql') return [];
  const seen = plans.find((plan) => plan.part === part)?.seen;
  const [rendered] = renderedObjects(manifest, 'StatefulSet');
  return databaseFindings(part, seen?.main, rendered);
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

function tellDryRun({ report }: Session, plans: readonly Plan[]): void {
  for (const { part, decision } of plans) tell({ report }, part, decision, { dryRun: true });
  report.say('dry run: nothing was changed');
}

const verbs = { install: 'created', upgrade: 'configured', unchanged: 'unchanged', keep: 'kept' } as const;

function tell(
  { report }: Pick<Session, 'report'>,
  { name, chart }: PartOf,
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

async function bringAll(run: Run, parts: readonly PartOf[]): Promise<void> {
  const { session } = run;
  const namespace = ownNamespace(session);
  if (namespace !== undefined) await createNamespace(session, namespace);
  await withLease(session, 'infrastructure', async () => {
    for (const part of parts) {
      if (part.isOperator) await bringOperator(run, part);
      else await bringDatabase(run, part);
    }
  });
}

/** Operators are the cluster's: whoever works on one holds a lease of its own, whatever release it is for. */
async function bringOperator(run: Run, part: PartOf): Promise<void> {
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

async function bringDatabase(run: Run, part: PartOf): Promise<void> {
  const { session } = run;
  const { client, report } = session;
  if (part.chart.name === 'cluster') await waitForDefinition(session, 'clusters.postgresql.cnpg.io');
  await bring(run, part);
  await waitForDatabase(session, part);
  for (const object of part.objects) {
    await waitForDefinition(session, 'databases.postgresql.cnpg.io');
    const path = apiPath(databaseObject, part.chart.namespace, object.metadata.name);
    const before = await client.get(path);
    const after = await applyObject(client, databaseObject, object);
    const isSame = before?.metadata.resourceVersion === after.metadata.resourceVersion;
    const verb = before === undefined ? 'created' : isSame ? 'unchanged' : 'configured';
    report.result(verb, shortName(object));
    await waitForDatabaseObject(session, path);
  }
  if (part.chart.name === 'postgresql') {
    report.warn(
      'vector-unchecked',
      'whether the database has the vector extension is not checked: the images of Bitnami have none',
      'name an image that has it in spec.postgresql.image',
    );
  }
}

/** Does what is to be done with a chart, as the cluster is by now. */
async function bring({ session, helm, charts }: Run, part: PartOf): Promise<void> {
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
async function createNamespace(
  { client, report }: Session,
  object: PartOf['objects'][number],
): Promise<void> {
  const type = knownType('v1', 'Namespace');
  if ((await client.get(apiPath(type, undefined, object.metadata.name))) !== undefined) return;
  await applyObject(client, type, object);
  report.result('created', shortName(object));
}
