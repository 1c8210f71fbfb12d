/** Whether the API server knows every kind that is used. */
import { advise } from '../../model/command.ts';
import { finding } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { findType, shortName, splitVersion } from '../api/resources.ts';
import type { Target } from '../session/target.ts';
import type { Check } from './context.ts';

/** One finding for each kind that the server does not serve. */
export const checkKinds: Check = async ({ session, live }) => {
  const { client, target } = session;
  const unknown =
    live?.unknown ??
    (
      await Promise.all(
        target.objects.map(async (object) =>
          (await findType(client, object)) === undefined ? [object] : [],
        ),
      )
    ).flat();
  const kinds = new Map<string, KubernetesObject[]>();
  for (const object of unknown) {
    const key = `${object.kind} of ${object.apiVersion}`;
    kinds.set(key, [...(kinds.get(key) ?? []), object]);
  }
  return Promise.all(
    [...kinds].map(async ([kind, objects]) => {
      const [first] = objects as [KubernetesObject];
      const { group, version } = splitVersion(first.apiVersion);
      const isOther = group !== '' && (await client.get(`/apis/${group}`)) !== undefined;
      const names = objects.map(shortName).join(', ');
      const message = isOther
        ? `the API server does not know ${kind}, though it has other versions or kinds of ${group}: ${names}`
        : `the API server does not know ${kind}: ${names}`;
      return finding('no-such-kind', message, hintFor(target, group, version, isOther));
    }),
  );
};

/** What brings the kinds of a group. */
function hintFor({ name, config }: Target, group: string, version: string, isOther: boolean): string {
  const install = `run ${advise('operator-missing')`glyphoxa-kustomize infrastructure ${name}`}`;
  const isAsked = (what: string, isOn: boolean | undefined) =>
    isOn === false ? `set ${what} and write the tree anew, then ${install}` : install;
  switch (group) {
    case 'external-secrets.io':
      return isOther
        ? `upgrade the External Secrets Operator to a release that serves ${version}`
        : 'install the External Secrets Operator, with its CustomResourceDefinitions';
    case 'bitnami.com':
      return `install the sealed-secrets controller: ${isAsked('spec.sealedSecrets.enabled', config?.spec.sealedSecrets.enabled)}`;
    case 'monitoring.coreos.com':
      return 'install the Prometheus operator, with its CustomResourceDefinitions, or leave spec.monitoring off';
    case 'postgresql.cnpg.io':
      return `install the CloudNativePG operator: ${isAsked('spec.postgresql.enabled', config?.spec.postgresql.enabled)}`;
    default:
      return 'install what brings its CustomResourceDefinition; one that is among the objects is to be applied first';
  }
}
