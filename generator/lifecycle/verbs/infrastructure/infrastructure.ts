/** `infrastructure`: installs or upgrades the operators and the database that an environment asks for. */
import { Failure, type Finding, failure, hasErrors } from '../../../model/finding.ts';
import { hasChart, infrastructureOf, type PartOf } from '../../../tree/infrastructure.ts';
import type { Session } from '../../session/session.ts';
import { bringAll } from './bring.ts';
import { type FetchedChart, fetchCharts } from './charts.ts';
import { conditionFindings } from './conditions.ts';
import { databaseFindings } from './guards.ts';
import { findHelm, withFolder } from './helm.ts';
import { maskingOf } from './helm-failure.ts';
import { renderedObjects } from './installed.ts';
import { type OwnDatabase, seeOwnDatabase, tellOwnDatabase, tryObjects } from './own-database.ts';
import { isChange, type Plan, planPart, tell } from './plan.ts';

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
  const withChart = parts.filter(hasChart);
  const plans = await Promise.all(withChart.map((part) => planPart(session, part)));
  const owns = await Promise.all(
    parts.flatMap((part) => (hasChart(part) ? [] : [seeOwnDatabase(session, part)])),
  );
  const changed = plans.filter(isChange).map(({ part }) => part);
  const findings = [
    ...plans.flatMap(({ decision }) => decision.findings),
    ...plans.flatMap(({ part, seen }) =>
      part.isOperator ? [] : databaseFindings(part, seen.main, undefined),
    ),
    ...owns.flatMap((own) => own.findings),
    ...(await conditionFindings(session, parts)),
  ];
  // A new operator may know more than the one that is there.
  if (!changed.some(({ isOperator }) => isOperator))
    for (const own of owns) findings.push(...(await tryObjects(session, own)));
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
    if (dryRun) await tellDryRun(session, plans, owns);
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

async function tellDryRun(
  session: Session,
  plans: readonly Plan[],
  owns: readonly OwnDatabase[],
): Promise<void> {
  for (const { part, decision } of plans) tell(session, part, decision, { dryRun: true });
  for (const own of owns) await tellOwnDatabase(session, own);
  session.report.say('dry run: nothing was changed');
}
