/** Which GitOps controller applies an object again and again, by the marks that it leaves itself. */
import { dig, isObject, type Json } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { managedFieldsOf } from '../api/managers.ts';
import { splitVersion } from '../api/resources.ts';

/** What Flux's controllers label all that they apply with: of a Kustomization, of a HelmRelease. */
const fluxLabels = ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name'];

/** Under what name Argo CD is known to the API server, whether or not it applies on the server's side. */
const argoManagers = ['argocd-controller', 'argocd-application-controller'];

/**
 * The controller that looks after an object; undefined where none does. Other marks of theirs are what people write for
 * them, such as a sync wave, a comparison option or the one that keeps Flux's substitution out.
 */
export function controllerOf(object: KubernetesObject): 'Argo CD' | 'Flux' | undefined {
  const { labels } = object.metadata;
  const has = (label: string) => isObject(labels) && Object.hasOwn(labels, label);
  if (fluxLabels.some(has)) return 'Flux';
  const isArgos =
    isTracked(object) ||
    has('argocd.argoproj.io/instance') ||
    managedFieldsOf(object).some(({ manager, subresource }) =>
      subresource === undefined ? argoManagers.includes(manager) : false,
    );
  return isArgos ? 'Argo CD' : undefined;
}

/**
 * Whether the annotation by which Argo CD tracks is about this very object: a copy of another one's does not count.
 * Source: Argo CD's page on resource tracking; `APP:GROUP/KIND:NAMESPACE/NAME`.
 */
function isTracked({ apiVersion, kind, metadata }: KubernetesObject): boolean {
  const id: Json | undefined = dig(metadata.annotations, ['argocd.argoproj.io/tracking-id']);
  const { group } = splitVersion(apiVersion);
  return (
    typeof id === 'string' && id.endsWith(`:${group}/${kind}:${metadata.namespace ?? ''}/${metadata.name}`)
  );
}
