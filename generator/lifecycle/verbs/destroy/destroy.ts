/** `destroy`: nothing of a release is left but what is told. */
import { advise } from '../../../model/command.ts';
import { Failure, failure } from '../../../model/finding.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { apiPath, knownType, readObject, shortName } from '../../api/resources.ts';
import { serverNow } from '../../api/server-time.ts';
import { deleteObject } from '../../changes/prune.ts';
import { missingRights } from '../../rights/missing-rights.ts';
import type { Session } from '../../session/session.ts';
import { environmentName } from '../../session/target.ts';
import { waitUntilDeleted } from '../../state/gone.ts';
import { toolsOf } from '../../state/holders.ts';
import { setOf } from '../../state/inventory.ts';
import { leaseName } from '../../state/lease.ts';
import { describeSession, runningOf } from '../../state/voice-sessions.ts';
import { guardFindings, losses } from './guards.ts';
import { type DestroyChoices, type DestroyPlan, goingObjects, planDestroy } from './plan.ts';
import { removeAll } from './removal.ts';

/** Has somebody say that it is meant. Throws where it is not. */
export type Confirm = (expected: string) => Promise<void>;

const leaseType = knownType('coordination.k8s.io/v1', 'Lease');

/**
 * Deletes what applies of ours created and the worker Jobs, waits until all of it is gone, and forgets the release.
 * What was named besides goes after it. Where nothing is left it says so.
 *
 * @param confirm is asked for what has to be typed, before anything is changed
 * @throws Failure where something must not go, or it is not meant
 */
export async function destroy(session: Session, choices: DestroyChoices, confirm: Confirm): Promise<void> {
  const { report, dryRun, target, client } = session;
  const unreadable = await missingRights(session, 'destroy', ['reading']);
  if (unreadable.length > 0) {
    const all = await missingRights(session, 'destroy', ['reading', 'changing', 'deleting']);
    throw new Failure(dryRun ? unreadable : all);
  }
  const plan = await planDestroy(session, choices);
  const findings = await guardFindings(session, plan, choices);
  if (findings.length > 0) throw new Failure(findings);
  const lease = await client.get(apiPath(leaseType, target.namespace, leaseName(target.release)));
  const lost = await losses(session, plan, choices);
  if (isNothing(plan, choices) && lease === undefined) {
    if (plan.runsOn.length === 0)
      report.say(`nothing of ${target.release} is in the namespace ${target.namespace}`);
    tellKept(session, plan);
    refuseLivingOn(session, plan);
    return;
  }
  tellPlan(session, plan, lost);
  if (dryRun) {
    for (const name of goingNames(plan, choices)) report.result('deleted', name, { dryRun: true });
    for (const { what, why } of plan.kept) report.result('kept', what, { why, dryRun: true });
    report.say('dry run: nothing was changed');
    refuseLivingOn(session, plan);
    return;
  }
  if (!isNothing(plan, choices)) await confirm(phraseOf(session, plan, choices));
  // Where the namespace is on its way out, everything in it is, and it takes no lease any more.
  if (plan.namespace?.metadata.deletionTimestamp !== undefined) {
    await deleteNamespace(session, plan.namespace);
    return;
  }
  await removeAll(session, choices, async () => {
    const now = await planDestroy(session, choices);
    refuseSurprises(plan, now, choices);
    return now;
  });
  // The lease is in it, and is given back by now.
  if (choices.namespace && plan.namespace !== undefined) await deleteNamespace(session, plan.namespace);
  for (const { what, why } of plan.kept) report.result('kept', what, { why });
  refuseLivingOn(session, plan);
  report.say(`${target.release} is destroyed`);
}

/** A release that runs on is not destroyed, however much of it is gone. */
function refuseLivingOn({ target }: Session, { runsOn, inventory }: DestroyPlan): void {
  if (runsOn.length === 0) return;
  const isTakeable = runsOn.every(
    (object) => toolsOf(object).length > 0 && [undefined, inventory.id].includes(setOf(object)),
  );
  throw failure(
    'runs-on',
    `${target.release} runs on, in ${runsOn.map(shortName).join(' and ')}, which somebody else created`,
    isTakeable
      ? `take it over with ${advise('runs-on')`glyphoxa-kustomize apply ${target.name} --adopt`}, then destroy it`
      : 'delete it where it was made, then run this again',
  );
}

async function deleteNamespace(session: Session, namespace: KubernetesObject): Promise<void> {
  const { client, report } = session;
  const { name } = namespace.metadata;
  await deleteObject(session, namespace);
  await waitUntilDeleted(session, `namespace/${name}`, [(await readObject(client, namespace)) ?? namespace]);
  report.result('deleted', shortName(namespace));
}

/** Whether there is nothing to delete. */
function isNothing(plan: DestroyPlan, choices: DestroyChoices): boolean {
  return goingNames(plan, choices).length === 0;
}

function goingNames(plan: DestroyPlan, choices: DestroyChoices): string[] {
  const { goes, sessions, database, inventory, hasInventory, namespace } = plan;
  return [
    ...[...goes, ...sessions.map(({ job }) => job)].map(shortName),
    ...(choices.database ? database.servers.map(shortName) : []),
    ...(choices.volumes ? database.volumes.map(shortName) : []),
    ...(hasInventory ? [`configmap/${inventory.name}`] : []),
    ...(choices.namespace && namespace !== undefined ? [shortName(namespace)] : []),
  ];
}

/** What has to be typed: environment and namespace, which tell releases apart (all may have one name), and what else is lost. */
function phraseOf({ target }: Session, plan: DestroyPlan, choices: DestroyChoices): string {
  return [
    environmentName(target),
    target.namespace,
    ...(choices.release === undefined ? [] : [target.release]),
    ...(choices.database && plan.database.servers.length > 0 ? ['database'] : []),
    ...(choices.volumes && plan.database.volumes.length > 0 ? ['volumes'] : []),
    ...(choices.namespace && plan.namespace !== undefined ? ['namespace'] : []),
  ].join(' ');
}

/** What came after it was told is not deleted without being told. */
function refuseSurprises(told: DestroyPlan, now: DestroyPlan, choices: DestroyChoices): void {
  const known = new Set(goingObjects(told, choices).map(({ metadata }) => metadata.uid));
  const surprises = goingObjects(now, choices).filter(({ metadata }) => !known.has(metadata.uid));
  if (surprises.length === 0) return;
  throw failure(
    'changed-meanwhile',
    `${surprises.map(shortName).join(', ')} came after this was asked for`,
    'run it again, and see what it lists',
  );
}

function tellPlan(session: Session, plan: DestroyPlan, lost: readonly string[]): void {
  const { report } = session;
  const { goes, sessions } = plan;
  if (goes.length > 0) report.say('these go:');
  for (const name of goes.map(shortName).sort()) report.say(`  ${name}`, { fate: 'goes', object: name });
  for (const each of runningOf(sessions))
    report.say(`  ${describeSession(each, serverNow(session))}: it ends`);
  tellKept(session, plan);
  if (lost.length > 0) report.say('this is lost for good:');
  for (const what of lost) report.say(`  ${what}`, { fate: 'lost' });
}

function tellKept({ report }: Session, { kept }: DestroyPlan): void {
  if (kept.length > 0) report.say('these stay:');
  for (const { what, why } of kept) report.say(`  ${what}: ${why}`, { fate: 'stays', object: what, why });
}
