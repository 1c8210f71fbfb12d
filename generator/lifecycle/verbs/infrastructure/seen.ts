/** What the cluster has of the infrastructure. */
import type { KubernetesObject } from '../../../model/object.ts';
import type { ChartPart, PartOf } from '../../../tree/infrastructure.ts';
import { unlessForbidden } from '../../api/errors.ts';
import { apiPath, knownType, type ResourceType } from '../../api/resources.ts';
import type { Session } from '../../session/session.ts';
import { databaseCluster } from '../../state/database.ts';
import { clusterLook, statefulSetLook } from './database-look.ts';
import { isOf, type SeenPart } from './decide.ts';
import { type InstalledRelease, objectsOf, readInstalled } from './installed.ts';
import type { Look } from './until.ts';

const deploymentType = knownType('apps/v1', 'Deployment');

/** Reads what the cluster has of a part. Changes nothing. */
export async function seePart(session: Session, part: ChartPart): Promise<SeenPart> {
  const { chart, isOperator } = part;
  const [installed, foreign, database] = await Promise.all([
    readInstalled(session, chart.releaseName, chart.namespace),
    isOperator ? findForeign(session, part) : undefined,
    isOperator ? undefined : readMain(session, part),
  ]);
  const main = isOperator ? await readOperator(session, installed.release) : database;
  return { ...installed, main, foreign };
}

/** A database's main object: what it is, and how far it is. */
export interface Main {
  readonly type: ResourceType;
  readonly name: string;
  readonly namespace: string;
  /** The labels of its pods. */
  readonly selector: string;
  readonly look: (live: KubernetesObject) => Look;
}

/** The Cluster of a database, or the StatefulSet of its chart. */
export function mainOf({ chart, objects }: PartOf): Main {
  if (chart !== undefined) {
    return {
      type: knownType('apps/v1', 'StatefulSet'),
      name: String(chart.valuesInline.fullnameOverride),
      namespace: chart.namespace,
      selector: `app.kubernetes.io/instance=${chart.releaseName},app.kubernetes.io/name=postgresql`,
      look: statefulSetLook,
    };
  }
  const { metadata } = objects.find(({ kind }) => kind === databaseCluster.kind) as KubernetesObject;
  const { name } = metadata;
  return {
    type: databaseCluster,
    name,
    namespace: String(metadata.namespace),
    selector: `cnpg.io/cluster=${name}`,
    look: clusterLook,
  };
}

/** The main object of a database as it is. */
export function readMain({ client }: Session, part: PartOf): Promise<KubernetesObject | undefined> {
  const { type, name, namespace } = mainOf(part);
  return client.get(apiPath(type, namespace, name));
}

/** The first Deployment of an operator's release, if all of them are there; the record of one without any. */
async function readOperator(
  { client }: Session,
  release: InstalledRelease | undefined,
): Promise<KubernetesObject | undefined> {
  if (release === undefined) return undefined;
  const live = await Promise.all(
    objectsOf(release, 'Deployment').map(({ metadata }) =>
      client.get(apiPath(deploymentType, String(metadata.namespace), metadata.name)),
    ),
  );
  return live.includes(undefined) ? undefined : (live[0] ?? release.record);
}

/** An operator that was installed in another way: one is enough for a cluster, and two would be at odds. */
async function findForeign({ client }: Session, part: ChartPart): Promise<KubernetesObject | undefined> {
  const { name, namespace, valuesInline } = part.chart;
  const fixedName = valuesInline.fullnameOverride;
  const [labelled, named] = await Promise.all([
    // Who may not look everywhere is told by helm what is in the way.
    unlessForbidden(
      client.list(deploymentType, undefined, { labelSelector: `app.kubernetes.io/name=${name}` }),
    ),
    typeof fixedName === 'string' ? client.get(apiPath(deploymentType, namespace, fixedName)) : undefined,
  ]);
  return [...(labelled ?? []), ...(named === undefined ? [] : [named])].find((found) => !isOf(found, part));
}
