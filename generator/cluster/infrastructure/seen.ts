/** What the cluster has of the infrastructure. */
import type { KubernetesObject } from '../../model/object.ts';
import type { PartOf } from '../../tree/infrastructure.ts';
import { unlessForbidden } from '../api/errors.ts';
import { apiPath, knownType } from '../api/resources.ts';
import { databaseCluster } from '../database.ts';
import type { Session } from '../session.ts';
import { isOf, type SeenPart } from './decide.ts';
import { type InstalledRelease, objectsOf, readInstalled } from './installed.ts';

const deploymentType = knownType('apps/v1', 'Deployment');

/** Reads what the cluster has of a part. Changes nothing. */
export async function seePart(session: Session, part: PartOf): Promise<SeenPart> {
  const { chart, isOperator } = part;
  const [installed, foreign, database] = await Promise.all([
    readInstalled(session, chart.releaseName, chart.namespace),
    isOperator ? findForeign(session, part) : undefined,
    isOperator ? undefined : readDatabase(session, part),
  ]);
  const main = isOperator ? await readOperator(session, installed.release) : database;
  return { ...installed, main, foreign };
}

/** The name of a database's main object, which both charts are told. */
export function databaseName({ chart }: PartOf): string {
  return String(chart.valuesInline.fullnameOverride);
}

/** The kind of a database's main object. */
function databaseType({ chart }: PartOf) {
  return chart.name === 'cluster' ? databaseCluster : knownType('apps/v1', 'StatefulSet');
}

/** The Cluster or StatefulSet of a database. */
export function readDatabase({ client }: Session, part: PartOf): Promise<KubernetesObject | undefined> {
  return client.get(apiPath(databaseType(part), part.chart.namespace, databaseName(part)));
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
async function findForeign({ client }: Session, part: PartOf): Promise<KubernetesObject | undefined> {
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
