/** What an apply needs of a cluster, all of it before anything is touched. */
import { Failure, type Finding, hasErrors } from '../../model/finding.ts';
import { checkProgram } from '../../tree/check/images.ts';
import type { Permission } from '../api/access-review.ts';
import { ApiError } from '../api/errors.ts';
import type { Session } from '../session/session.ts';
import type { Live } from '../state/live.ts';
import { checkApiServerPort } from './api-server-port.ts';
import { type Check, openPreflight, type Preflight, type PreflightChoices } from './context.ts';
import { checkDatabase } from './database-ready.ts';
import { checkPermissions, deniedPermissions } from './deployer-rights.ts';
import { checkKinds } from './kinds.ts';
import { checkNamespace } from './namespace.ts';
import { admissionFindings, admitPods, tellUntried } from './pod-admission.ts';
import { checkQuotas } from './quota.ts';
import { checkReferencedObjects } from './referenced-objects.ts';
import { checkServerVersion } from './supported-version.ts';
import { checkWorkerTemplate } from './worker-template.ts';

/** What the pre-flight has found. */
export interface PreflightResult {
  readonly findings: readonly Finding[];
  /** What whoever runs this may not do, all of which the findings tell. */
  readonly denied: readonly Permission[];
}

/** The checks, in the order in which their findings are told. */
const checks: readonly Check[] = [
  async ({ session }) => checkProgram(session.target.parts),
  checkServerVersion,
  checkApiServerPort,
  checkPermissions,
  checkNamespace,
  checkKinds,
  checkReferencedObjects,
  checkDatabase,
  checkWorkerTemplate,
  checkPods,
  checkQuotas,
];

/**
 * Everything that is in the way of an apply, found side by side. Changes nothing.
 *
 * @param live undefined where not all of it may be read
 */
export async function preflight(
  session: Session,
  live: Live | undefined,
  choices: PreflightChoices,
): Promise<PreflightResult> {
  const context = await openPreflight(session, live, choices);
  const findings = await Promise.all(checks.map((check) => check(context)));
  return { findings: findings.flat(), denied: await deniedPermissions(context) };
}

/**
 * What is in the way where the objects cannot even be read.
 *
 * @throws Failure with all of it where the reason is a right that is missing, else the error as it is
 */
export async function preflightUnread(
  session: Session,
  choices: PreflightChoices,
  error: unknown,
): Promise<never> {
  if (!(error instanceof ApiError) || error.status !== 403) throw error;
  const { findings } = await preflight(session, undefined, choices);
  if (hasErrors(findings)) throw new Failure(findings);
  throw error;
}

/**
 * What a namespace that the apply has just made does not let in, before anything is put into it.
 *
 * @throws Failure with all of it
 */
export async function preflightNewNamespace(
  session: Session,
  live: Live,
  choices: PreflightChoices,
): Promise<void> {
  const context = await openPreflight(session, live, choices);
  const findings = (await Promise.all([checkWorkerTemplate(context), checkPods(context)])).flat();
  if (hasErrors(findings)) throw new Failure(findings);
  session.report.findings(findings);
}

/** Whether the namespace lets the pods in. */
async function checkPods(preflight: Preflight): Promise<Finding[]> {
  const admissions = await admitPods(preflight);
  tellUntried(preflight);
  return admissionFindings(preflight, admissions);
}
