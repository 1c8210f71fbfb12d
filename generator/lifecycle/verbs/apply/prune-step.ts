/** The end of an apply: what the environment does not list any more goes, but for what pods that run still name. */
import { dig, isObject } from '../../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../../model/object.ts';
import { groupKind, knownType, shortName, splitVersion } from '../../api/resources.ts';
import { findSurplus, pruneSurplus, type Surplus } from '../../changes/prune.ts';
import type { Session } from '../../session/session.ts';
import { hasEnded } from '../../state/gone.ts';
import { type Inventory, memberKey, saveInventory } from '../../state/inventory.ts';
import { isLeaving, type Live, readLive } from '../../state/live.ts';
import { serviceAccountOf } from '../../state/pod-templates.ts';
import { referencesOf } from '../../state/references.ts';

const podType = knownType('v1', 'Pod');

/**
 * Prunes what an apply has left to be pruned. An object that a pod still names, such as the Secret of a pod that did not
 * get a new one, stays a member, and goes with a later apply: its pod could not start again without it.
 *
 * @param leaving what the apply left, as the inventory names it
 */
export async function pruneStep(session: Session, leaving: readonly string[]): Promise<void> {
  const { client, report, target } = session;
  const live = await readLive(session);
  if (leaving.join() !== live.inventory.leaving.join()) {
    report.say(`another run has worked on ${target.release} meanwhile, so that nothing is pruned here`);
    return;
  }
  const { ours, left } = findSurplus(live);
  const names = await namedByPods(session, ours);
  const isNamed = (object: KubernetesObject) => names.has(memberKey(object));
  for (const object of ours.filter(isNamed)) {
    const why = `${names.get(memberKey(object))} still names it`;
    report.say(`${shortName(object)} is pruned by a later apply: ${why}`);
    report.result('kept', shortName(object), { why });
  }
  const surplus: Surplus = { ours: ours.filter((object) => !isNamed(object)), left };
  await pruneSurplus(session, surplus);
  await saveInventory(client, withoutSurplus(live, surplus), live.inventory);
}

/** What pods that run name, by {@link memberKey}, and which pod; without the pods that go with the objects themselves. */
async function namedByPods(
  { client, target }: Session,
  surplus: readonly KubernetesObject[],
): Promise<Map<string, string>> {
  const goes = surplus.flatMap((object) => {
    const labels = dig(object, ['spec', 'selector', 'matchLabels']);
    return isObject(labels) ? [Object.entries(labels)] : [];
  });
  const isGoing = ({ metadata }: KubernetesObject) =>
    goes.some((labels) => labels.every(([name, value]) => dig(metadata.labels, [name]) === value));
  const pods = (await client.list(podType, target.namespace)).filter(
    (pod) => !isLeaving(pod) && !hasEnded(pod) && !isGoing(pod),
  );
  const names = new Map<string, string>();
  const note = (kind: string, name: string, pod: string) =>
    names.set(`${kind}/${target.namespace}/${name}`, pod);
  for (const pod of pods) {
    const owner = shortName(pod);
    const template = { owner, namespace: target.namespace, workload: pod, template: pod };
    for (const { kind, name } of referencesOf([template], { optional: true })) note(kind, name, owner);
    note('ServiceAccount', serviceAccountOf(pod), owner);
  }
  return names;
}

/** The inventory once the surplus has gone: it has what is there. */
function withoutSurplus({ inventory, members, planned }: Live, { ours, left }: Surplus): Inventory {
  const gone = new Set([...ours, ...left.map(({ object }) => object)].map(memberKey));
  const stays = [...members, ...planned.map(({ wanted }) => wanted)].filter(
    (object) => object.kind !== 'Namespace' && !gone.has(memberKey(object)),
  );
  const elsewhere = stays.filter((object) => namespaceOf(object) !== inventory.namespace);
  const sorted = (names: readonly string[]) => [...new Set(names)].sort();
  return {
    ...inventory,
    groupKinds: sorted(
      stays.map(({ apiVersion, kind }) => groupKind({ kind, group: splitVersion(apiVersion).group })),
    ),
    namespaces: sorted(elsewhere.flatMap((object) => namespaceOf(object) ?? [])),
    elsewhere: sorted(elsewhere.map(memberKey)),
    found: inventory.found.filter((key) => !gone.has(key)),
    leaving: [],
  };
}
