/** What a destroy leaves, beside the objects that somebody else created, and why. */

import { advise } from '../../../model/command.ts';
import { maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { hasChart, infrastructureOf } from '../../../tree/infrastructure.ts';
import { unlessForbidden } from '../../api/errors.ts';
import { apiPath, knownType, shortName } from '../../api/resources.ts';
import { forgetCommands, readRelease } from '../../changes/helm-release.ts';
import type { Session } from '../../session/session.ts';
import { isVisible } from '../../state/helm-record.ts';
import { podTemplatesOf } from '../../state/pod-templates.ts';
import { referencesOf } from '../../state/references.ts';

/** Something that stays. */
export interface Kept {
  /** As kubectl names it, where it is an object. */
  readonly what: string;
  readonly why: string;
}

/**
 * Secrets and ConfigMaps that the pods read and no apply of ours made.
 *
 * @param known objects whose fate is known; what they own shares it
 */
export async function keptReferences(
  { client, target }: Session,
  known: readonly KubernetesObject[],
): Promise<Kept[]> {
  const names = new Set(known.map(shortName));
  const uids = new Set(known.map(({ metadata }) => metadata.uid));
  const references = referencesOf(podTemplatesOf(target)).filter(
    ({ namespace }) => namespace === target.namespace,
  );
  const extra = target.config?.spec.postgresql.existingSecret;
  const asked = [
    ...references.map(({ kind, name }) => ({ kind, name })),
    ...(extra === undefined ? [] : [{ kind: 'Secret', name: extra }]),
  ];
  const read = await Promise.all(
    asked.map(({ kind, name }) =>
      unlessForbidden(client.get(apiPath(knownType('v1', kind), target.namespace, name))),
    ),
  );
  const there = new Map<string, KubernetesObject>();
  for (const object of read) if (object !== undefined) there.set(shortName({ ...object }), object);
  return [...there]
    .filter(([name, { metadata }]) => {
      const isOwned = maps(metadata.ownerReferences).some(({ uid }) => uids.has(uid as string));
      return !names.has(name) && !isOwned;
    })
    .map(([what]) => ({ what, why: 'it was not made by an apply' }));
}

/** Helm's records of the release that was adopted, and of the charts of the database. */
export async function keptHelmReleases({ client, target, access }: Session): Promise<Kept[]> {
  const { release, namespace } = target;
  const names = [release, `${release}-postgresql`];
  const found = await Promise.all(names.map((name) => readRelease(client, { name, namespace })));
  return found
    .filter(({ records }) => records.length > 0)
    .map((helm) =>
      helm.records.some(isVisible)
        ? {
            what: `the Helm release ${helm.name}`,
            why: `Helm made it; ${advise('kept-of-helm')`helm uninstall ${helm.name} -n ${namespace}`} removes it and what is left of it`,
          }
        : {
            what: `the records of the Helm release ${helm.name}`,
            why: `they were parked when it was adopted; ${advise('kept-parked')`${{ line: forgetCommands(helm, access).join(' && ') }}`} removes them`,
          },
    );
}

/** Operators, which the whole cluster shares. */
export function keptOperators({ target }: Session): Kept[] {
  if (target.config === undefined) return [];
  return infrastructureOf(target.config)
    .filter(hasChart)
    .filter(({ isOperator, off }) => isOperator && off === undefined)
    .map(({ chart }) => ({
      what: `the Helm release ${chart.releaseName} in ${chart.namespace}`,
      why: 'the whole cluster shares this operator',
    }));
}
