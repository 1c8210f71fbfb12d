/** Taking over what Helm, zhi or kubectl created: what is in their hands, what becomes of it, and Helm's release. */
import { advise } from '../../model/command.ts';
import { type Finding, finding } from '../../model/finding.ts';
import { nameSome } from '../../model/names.ts';
import { ApiError } from '../api/errors.ts';
import { isOurs } from '../api/managers.ts';
import { shortName } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import { type Tool, toolsOf } from '../state/holders.ts';
import type { Live, PlannedObject } from '../state/live.ts';
import { type HelmRelease, parkRelease, readRelease, releaseOf } from './helm-release.ts';

/** What other tools hold of a target. */
export interface Adoption {
  readonly held: readonly HeldObject[];
  /** The releases of Helm's that held objects belong to. */
  readonly releases: readonly HelmRelease[];
}

/** An object that tools hold. */
export interface HeldObject {
  readonly planned: PlannedObject;
  readonly tools: readonly Tool[];
}

/** Finds what other tools hold, and Helm's records of it. Sends nothing where Helm holds nothing. */
export async function readAdoption({ client }: Session, { planned }: Live): Promise<Adoption> {
  const held = planned
    .map((object) => ({ planned: object, tools: toolsOf(object.live) }))
    .filter(({ tools }) => tools.length > 0);
  const named = held.flatMap(({ planned: { live }, tools }) =>
    live !== undefined && tools.includes('helm') ? (releaseOf(live) ?? []) : [],
  );
  const distinct = new Map(named.map((release) => [`${release.namespace}/${release.name}`, release]));
  const releases = await Promise.all([...distinct.values()].map((release) => readRelease(client, release)));
  return { held, releases };
}

/** What is in the way of an apply: without `--adopt` the tools, with it what an adoption lacks. Parks nothing. */
export async function adoptionFindings(
  session: Session,
  { held, releases }: Adoption,
  adopt: boolean,
): Promise<Finding[]> {
  const { client, target } = session;
  if (!adopt) {
    const hint = adoptHint(session);
    return [
      ...helmFindings(held, releases, hint),
      ...clientSideFindings(held, hint),
      ...kubectlFindings(held, hint),
    ];
  }
  const findings = await Promise.all(
    releases.map(async (release): Promise<Finding[]> => {
      const { name, namespace, isForbidden, records } = release;
      if (isForbidden || !(await canPark(client, release))) {
        const message = `the records of the Helm release ${name} in ${namespace} may not be ${isForbidden ? 'read' : 'changed'}`;
        return [finding('forbidden', message, parkingHint)];
      }
      if (records.length > 0) return [];
      return [noRecordFinding(release, `what belongs to ${target.release} now`)];
    }),
  );
  return findings.flat();
}

/** A release that helm sees and we do not, and could yet uninstall: its records are kept elsewhere. */
export function noRecordFinding(
  { name, namespace }: Pick<HelmRelease, 'name' | 'namespace'>,
  ours: string,
): Finding {
  const message = `the records of the Helm release ${name} in ${namespace} are not in the cluster, so they cannot be parked, and helm's uninstall of ${name} would delete ${ours}`;
  const hint = 'if helm keeps them elsewhere (HELM_DRIVER=sql), take them away there';
  return finding('helm-no-record', message, hint, 'warning');
}

const parkingHint = 'ask for the rights list and patch on Secrets and ConfigMaps in that namespace';

async function canPark(client: Session['client'], release: HelmRelease): Promise<boolean> {
  try {
    await parkRelease(client, release, { dryRun: true });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return false;
    throw error;
  }
}

function adoptHint({ target }: Session): string {
  const command = advise('adopt')`glyphoxa-kustomize apply ${target.name} --adopt`;
  return `take them over in place with ${command}; with --dry-run it shows what goes, which pods restart, and changes nothing`;
}

function helmFindings(
  held: readonly HeldObject[],
  releases: readonly HelmRelease[],
  hint: string,
): Finding[] {
  const objects = held.filter(({ tools }) => tools.includes('helm'));
  if (objects.length === 0) return [];
  const names = releases.map(({ name, namespace }) => `${name} in ${namespace}`).join(', ');
  const owner = names === '' ? 'Helm' : `the Helm release ${names}`;
  return [finding('helm-release', `${listed(objects)} ${belong(objects)} to ${owner}`, hint)];
}

function clientSideFindings(held: readonly HeldObject[], hint: string): Finding[] {
  const objects = held.filter(({ tools }) => tools.includes('client-side') && !tools.includes('helm'));
  if (objects.length === 0) return [];
  const message = `${listed(objects)} ${objects.length === 1 ? 'was' : 'were'} applied by kubectl on the client's side, as zhi does it`;
  return [finding('client-side-apply', message, hint)];
}

/** Only where we meet them: from then on two managers know what the environment lists. */
function kubectlFindings(held: readonly HeldObject[], hint: string): Finding[] {
  const objects = held.filter(
    ({ planned: { live }, tools }) =>
      tools.every((tool) => tool === 'kubectl') && live !== undefined && !isOurs(live),
  );
  if (objects.length === 0) return [];
  const message = `${listed(objects)} ${belong(objects)} to kubectl too, so what the environment does not list any more stays`;
  return [finding('kubectl-apply', message, hint, 'warning')];
}

function belong({ length }: readonly HeldObject[]): string {
  return length === 1 ? 'belongs' : 'belong';
}

function listed(objects: readonly HeldObject[]): string {
  return nameSome(
    objects.map(({ planned }) => shortName(planned.wanted)),
    4,
  );
}
