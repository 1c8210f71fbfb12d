/** What a destroy deletes and what it leaves, as the cluster is now. */
import { type KubernetesObject, namespaceOf } from '../../../model/object.ts';
import { disownPatch } from '../../api/managers.ts';
import { apiPath, knownType, readObject, shortName } from '../../api/resources.ts';
import { whyLeft } from '../../changes/prune.ts';
import type { Session } from '../../session/session.ts';
import { type Inventory, readInventory, setOf } from '../../state/inventory.ts';
import { membersOf, type ReadInventory } from '../../state/members.ts';
import { replicasOf } from '../../state/replicas.ts';
import { listSessions, type VoiceSession } from '../../state/voice-sessions.ts';
import { type DatabaseParts, holdsData, readDatabase } from './database-removal.ts';
import { type Kept, keptHelmReleases, keptOperators, keptReferences } from './kept.ts';

/** What is lost for good, and so only goes when it is named. */
export interface DestroyChoices {
  /** The release's name, where it was another than the environment's; it is typed then, too. */
  readonly release?: string | undefined;
  readonly database: boolean;
  readonly volumes: boolean;
  readonly namespace: boolean;
}

/** What becomes of each thing. */
export interface DestroyPlan {
  readonly inventory: Inventory;
  readonly hasInventory: boolean;
  /** The namespace; undefined where it is not there, and then nothing is. */
  readonly namespace: KubernetesObject | undefined;
  /** Objects that an apply of ours created. */
  readonly goes: readonly KubernetesObject[];
  /** Objects that stay and are in our hands, a hold among them: they leave them. */
  readonly leaves: readonly KubernetesObject[];
  /** Deployments that stay and run: with one of them the release lives on. */
  readonly runsOn: readonly KubernetesObject[];
  readonly sessions: readonly VoiceSession[];
  readonly database: DatabaseParts;
  readonly kept: readonly Kept[];
}

/** Looks at everything that is or may be of the release. Changes nothing. */
export async function planDestroy(session: Session, choices: DestroyChoices): Promise<DestroyPlan> {
  const { client, target } = session;
  const { inventory, exists } = await readInventory(client, target.release, target.namespace);
  const [namespace, objects, sessions, database] = await Promise.all([
    client.get(apiPath(knownType('v1', 'Namespace'), undefined, target.namespace)),
    readObjects(session, { inventory, exists }),
    listSessions(session),
    readDatabase(session),
  ]);
  const servers = new Set(database.servers.map(({ metadata }) => metadata.uid));
  const volumes = new Set(database.volumes.map(({ metadata }) => metadata.uid));
  const rest = objects.filter(
    ({ kind, metadata }) => kind !== 'Namespace' && !servers.has(metadata.uid) && !volumes.has(metadata.uid),
  );
  const fates = rest.map((object) => ({ object, why: whyKept(object, inventory) }));
  const goes = fates.flatMap(({ object, why }) => (why === undefined ? [object] : []));
  const stays = fates.flatMap(({ object, why }) => (why === undefined ? [] : [{ object, why }]));
  const keptDatabase = [
    ...(choices.database ? [] : database.servers.map((object) => [object, '--delete-database'] as const)),
    ...(choices.volumes ? [] : database.volumes.map((object) => [object, '--delete-volumes'] as const)),
  ];
  // With the namespace goes all that is in it, whoever made it.
  const isEmptied = namespace === undefined || choices.namespace;
  const keptObjects = stays.filter(({ object }) => !isEmptied || namespaceOf(object) !== target.namespace);
  const [references, releases] = isEmptied
    ? [[], []]
    : await Promise.all([
        keptReferences(session, [...objects, ...database.servers, ...database.volumes]),
        keptHelmReleases(session),
      ]);
  const kept: Kept[] = [
    ...keptObjects.map(({ object, why }) => ({ what: shortName(object), why })),
    ...references,
    ...keptDatabase.map(([object, flag]) => ({
      what: shortName(object),
      why:
        flag === '--delete-volumes' || holdsData(object)
          ? `it holds what cannot be made again; ${flag} deletes it`
          : `it belongs to the database; ${flag} deletes it`,
    })),
    ...releases,
    ...keptOperators(session),
    // members of no set: what others put into a namespace must not go with a release
    ...objects
      .filter(({ kind, metadata }) => kind === 'Namespace' && metadata.name !== target.namespace)
      .map((object) => ({ what: shortName(object), why: 'it may hold what is not ours' })),
    ...(isEmptied
      ? []
      : [
          {
            what: `namespace/${target.namespace}`,
            why: 'it may hold what is not ours; --delete-namespace deletes it with all that is in it',
          },
        ]),
  ];
  return {
    inventory,
    hasInventory: exists,
    namespace,
    goes,
    leaves: stays
      .map(({ object }) => object)
      .filter(
        (object) =>
          setOf(object) === inventory.id ||
          (setOf(object) === undefined && disownPatch(object) !== undefined),
      ),
    runsOn: keptObjects
      .map(({ object }) => object)
      .filter((object) => object.kind === 'Deployment' && replicasOf(object) !== 0),
    sessions,
    database,
    kept,
  };
}

/** The members of the set and what the environment lists, each once. */
async function readObjects({ client, target }: Session, read: ReadInventory): Promise<KubernetesObject[]> {
  const [members, ...listed] = await Promise.all([
    membersOf(client, target.release, read),
    ...target.objects.map((object) => readObject(client, object)),
  ]);
  const byUid = new Map<unknown, KubernetesObject>();
  for (const object of [...members, ...listed])
    if (object !== undefined) byUid.set(object.metadata.uid, object);
  return [...byUid.values()];
}

/** Why an object stays; undefined where it is ours to delete. */
function whyKept(object: KubernetesObject, inventory: Inventory): string | undefined {
  const set = setOf(object);
  if (set !== undefined && set !== inventory.id) return 'it is a member of another ApplySet';
  return whyLeft(object, inventory);
}

/** The objects that go, but for the worker Jobs, the inventory and the namespace. */
export function goingObjects({ goes, database }: DestroyPlan, choices: DestroyChoices): KubernetesObject[] {
  return [
    ...goes,
    ...(choices.database ? database.servers : []),
    ...(choices.volumes ? database.volumes : []),
  ];
}
