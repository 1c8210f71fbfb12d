/** What every check of the pre-flight has at hand. */
import type { Finding } from '../../model/finding.ts';
import { given } from '../../model/json.ts';
import { openRights, type Rights } from '../api/access-review.ts';
import type { ResourceType } from '../api/resources.ts';
import { typedObjects } from '../rights/missing-rights.ts';
import { type Member, type NeededPermission, neededPermissions } from '../rights/permissions.ts';
import type { Session } from '../session/session.ts';
import type { Target } from '../session/target.ts';
import { type Database, databaseOf } from '../state/database.ts';
import type { Live } from '../state/live.ts';
import { placesElsewhere, typeNamed } from '../state/members.ts';
import { type PodTemplate, podTemplatesOf } from '../state/pod-templates.ts';

/** What of an apply is to be checked for. */
export interface PreflightChoices {
  readonly prune: boolean;
  readonly wait: boolean;
}

/** What the checks work with. */
export interface Preflight {
  readonly session: Session;
  /** Undefined where whoever runs this may not read all of it. */
  readonly live: Live | undefined;
  readonly choices: PreflightChoices;
  readonly templates: readonly PodTemplate[];
  readonly database: Database;
  /** What the apply and its checks need. */
  readonly needed: readonly NeededPermission[];
  readonly rights: Rights;
}

/** A check: everything that is in the way of an apply, in one respect. Changes nothing. */
export type Check = (preflight: Preflight) => Promise<Finding[]>;

/** Puts together what the checks need; asks the server for nothing but kinds. */
export async function openPreflight(
  session: Session,
  live: Live | undefined,
  choices: PreflightChoices,
): Promise<Preflight> {
  const { client, target } = session;
  const { release, namespace } = target;
  const templates = podTemplatesOf(target);
  const database = databaseOf(target);
  const members: Member[] =
    live === undefined
      ? await typedObjects(session)
      : live.planned.map(({ type, wanted, live: there }) => ({
          type,
          object: wanted,
          exists: there !== undefined,
        }));
  const earlier = await Promise.all(
    (live?.inventory.groupKinds ?? []).map((groupKind) => typeNamed(client, groupKind)),
  );
  const kinds = [...members.map(({ type }) => type), ...earlier.filter((type) => type !== undefined)];
  const needed = neededPermissions({
    release,
    namespace,
    members,
    templates,
    database: database.object,
    kinds,
    elsewhere: live === undefined ? [] : await placesElsewhere(client, live.inventory),
    ...choices,
  });
  return { session, live, choices, templates, database, needed, rights: openRights(client) };
}

/** Whether an object, or all of a kind, may be read or made; where not, the check of permissions says so. */
export function may(
  { rights }: Pick<Preflight, 'rights'>,
  verb: 'get' | 'list' | 'create',
  { group, plural }: ResourceType,
  namespace: string,
  name?: string,
): Promise<boolean> {
  return rights.may({ verb, group, resource: plural, namespace, ...given({ name }) });
}

/** An object of the target by kind, name and namespace. */
export function builtObject({ objects }: Target, kind: string, namespace: string, name: string) {
  return objects.find(
    (object) =>
      object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace,
  );
}
