/** Rights that whoever runs a command lacks, all of them at once and in words. */
import { Failure, type Finding, finding } from '../../model/finding.ts';
import { openRights, type Permission, type Rights } from '../api/access-review.ts';
import { findType } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import { podTemplatesOf } from '../state/pod-templates.ts';
import {
  type Command,
  commandPermissions,
  type Member,
  type NeededPermission,
  type Purpose,
} from './permissions.ts';

/** Where rights are described. */
export const askForRight = 'ask for the right; docs/operations has all that a deployer needs';

/**
 * Refuses a command of which something is not allowed, before it does anything: what is cut off in the middle leaves
 * half of it done. A dry run needs to read alone.
 *
 * @throws Failure with a finding for each kind of which something is not allowed
 */
export async function demandRights(session: Session, command: Command): Promise<void> {
  const findings = await missingRights(
    session,
    command,
    session.dryRun ? ['reading'] : ['reading', 'changing'],
  );
  if (findings.length > 0) throw new Failure(findings);
}

/** What a right is for: to read, to change something, or to delete an object that may yet turn out to stay. */
type Share = 'reading' | 'changing' | 'deleting';

/** What of a command is not allowed, in some shares of it: a finding for each kind. */
export async function missingRights(
  session: Session,
  command: Command,
  of: readonly Share[],
): Promise<Finding[]> {
  const { client, target } = session;
  const all = commandPermissions(command, {
    release: target.release,
    namespace: target.namespace,
    members: await typedObjects(session),
    templates: podTemplatesOf(target),
  });
  // Without a lease of its own it need not see one, but a destroy says whether one is left.
  const isRead = ({ verb, purpose }: NeededPermission) =>
    (verb === 'get' || verb === 'list') && (purpose !== 'lease' || command === 'destroy');
  const shareOf = (permission: NeededPermission): Share =>
    permission.purpose === 'delete' ? 'deleting' : isRead(permission) ? 'reading' : 'changing';
  const rights = openRights(client);
  const asked = all.filter((permission) => of.includes(shareOf(permission)));
  const denied = await deniedOf(rights, asked);
  if (denied.length === 0) return [];
  const who = (await rights.whoAmI()) ?? 'whoever runs this';
  return byKind(denied).map((group) =>
    finding('permission-missing', `${who} may not ${sentence(group)}${purposeOf(group)}`, askForRight),
  );
}

/** The objects of a target with their kinds, as far as the server knows these. */
export async function typedObjects({ client, target }: Session): Promise<Member[]> {
  const found = await Promise.all(
    target.objects.map(async (object) => ({ object, type: await findType(client, object) })),
  );
  return found.flatMap(({ object, type }) => (type === undefined ? [] : [{ object, type }]));
}

/** Those of the permissions that are not given. */
export async function deniedOf(
  rights: Rights,
  needed: readonly NeededPermission[],
): Promise<NeededPermission[]> {
  const answers = await Promise.all(
    needed.map(async (permission) => ((await rights.may(permission)) ? [] : [permission])),
  );
  return answers.flat();
}

/** Permissions of one kind and place together. */
export function byKind(permissions: readonly NeededPermission[]): NeededPermission[][] {
  const groups = new Map<string, NeededPermission[]>();
  for (const permission of permissions) {
    // A Namespace is in itself, but made outside.
    const place = permission.resource === 'namespaces' ? '' : (permission.namespace ?? '');
    const key = `${kindOf(permission)} ${place}`;
    groups.set(key, [...(groups.get(key) ?? []), permission]);
  }
  return [...groups.values()];
}

function kindOf({ group, resource }: Permission): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** What is missing, such as `get, patch deployments.apps (glyphoxa-gateway) in glyphoxa`. */
export function sentence(group: readonly NeededPermission[]): string {
  const [first] = group as readonly [NeededPermission];
  const verbs = [...new Set(group.map(({ verb }) => verb))].join(', ');
  const names = [...new Set(group.map(({ name }) => name))];
  const known = names.filter((name) => name !== undefined);
  const shown = known.length < names.length || known.length > 5 ? '' : ` (${known.join(', ')})`;
  const isInside = first.namespace !== undefined && first.resource !== 'namespaces';
  return `${verbs} ${kindOf(first)}${shown}${isInside ? ` in ${first.namespace}` : ''}`;
}

const purposes: { readonly [purpose in Purpose]: string } = {
  apply: 'to apply the environment',
  inventory: 'to remember what belongs to the release',
  lease: 'to keep others from working on the release meanwhile',
  prune: 'to delete what the environment does not list any more',
  wait: 'to follow the rollout and tell why it fails',
  check: 'to check before anything is touched',
  grant: 'to grant it to the gateway',
  read: 'to see what there is',
  scale: 'to scale, restart and give back',
  compare: 'to ask what an apply would change',
  end: 'to end voice sessions',
  delete: 'to delete it',
};

/** `, which is needed to …`. */
export function purposeOf(group: readonly NeededPermission[]): string {
  const reasons = [...new Set(group.map(({ purpose }) => purposes[purpose]))];
  return `, which is needed ${reasons.join(', and ')}`;
}
