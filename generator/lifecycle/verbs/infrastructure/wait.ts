/** Waits until what was installed works. */

import { failure } from '../../../model/finding.ts';
import { dig, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { PartOf } from '../../../tree/infrastructure.ts';
import { pause } from '../../api/pause.ts';
import { apiPath, groupKind, knownType, shortName, splitVersion } from '../../api/resources.ts';
import { podProblems } from '../../rollout/pod-problems.ts';
import type { Problem } from '../../rollout/problem.ts';
import { type Pod, view } from '../../rollout/views.ts';
import type { Session } from '../../session/session.ts';
import { databaseCluster, databaseObject } from '../../state/database.ts';
import { refusalOf, refusedFinding } from './database-look.ts';
import { mainOf, readMain } from './seen.ts';
import { lookEveryMs, until } from './until.ts';

/** How long a Database may be refused for the same reason until that is told, in milliseconds. */
const refusedMs = 15_000;

/** How long a volume may take until it is there, in milliseconds. */
const volumeMs = 180_000;

/** How long a CustomResourceDefinition may take until it is served, in milliseconds. */
const definitionMs = 60_000;

/** Waits until the database takes connections on all of its instances. */
export async function waitForDatabase(session: Session, part: PartOf): Promise<void> {
  const { type, name, namespace, selector, look } = mainOf(part);
  const key = `${groupKind({ ...type, kind: type.kind.toLowerCase() })}/${name}`;
  await until(session, key, async () => {
    const live = await readMain(session, part);
    if (live === undefined) {
      throw failure('database-gone', `${key} in ${namespace} is gone`, 'run this again');
    }
    const now = look(live);
    if (now.isDone) return now;
    const pods = await session.client.list(knownType('v1', 'Pod'), namespace, { labelSelector: selector });
    return { ...now, problems: pods.flatMap((pod) => podProblems(view<Pod>(pod)).map(withVolumeTime)) };
  });
}

/** Volumes are made while the pod waits for a node, which takes longer than finding one. */
function withVolumeTime(problem: Problem): Problem {
  if (problem.code !== 'rollout-unschedulable' || !/PersistentVolumeClaim/.test(problem.message))
    return problem;
  return {
    ...problem,
    certainAfterMs: volumeMs,
    hint: 'see the PersistentVolumeClaim, and whether the cluster has a default storage class (spec.postgresql.storage.storageClass)',
  };
}

/** Waits until the operator has made the database as the Database object says. */
export async function waitForDatabaseObject(session: Session, object: KubernetesObject): Promise<void> {
  const key = shortName(object);
  const path = apiPath(databaseObject, String(object.metadata.namespace), object.metadata.name);
  let refused: { readonly message: string; readonly since: number } | undefined;
  await until(session, key, async () => {
    const live = await session.client.get(path);
    if (live === undefined) throw failure('database-gone', `${key} is gone`, 'run this again');
    const { status } = live;
    const isObserved =
      Number(dig(status, ['observedGeneration']) ?? 0) >= Number(live.metadata.generation ?? 0);
    const applied = isObserved ? dig(status, ['applied']) : undefined;
    if (applied === true) return { text: 'applied', isDone: true };
    if (applied !== false) return { text: 'waiting for the operator', isDone: false };
    const message = refusalOf(live);
    if (refused?.message !== message) refused = { message, since: Date.now() };
    const isCertain = Date.now() - refused.since >= refusedMs;
    const findings = isCertain ? [refusedFinding(key, message)] : [];
    return { text: `not applied: ${message}`, isDone: false, findings };
  });
}

/** Waits until the API server serves an object's kind, where that is CloudNativePG's. */
export async function waitForDefinition(
  session: Session,
  { apiVersion, kind }: KubernetesObject,
): Promise<void> {
  const { group } = splitVersion(apiVersion);
  if (group !== databaseCluster.group) return;
  const name = `${kind.toLowerCase()}s.${group}`;
  const type = knownType('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
  const since = Date.now();
  for (;;) {
    const live = await session.client.get(apiPath(type, undefined, name));
    const conditions = maps(dig(live?.status, ['conditions']));
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return;
    if (Date.now() - since > definitionMs) {
      throw failure(
        'definition-missing',
        `the API server does not serve ${name}, which the operator should bring`,
        'use version 1.26 or later of CloudNativePG',
      );
    }
    await pause(lookEveryMs, session.signal);
  }
}
