import type { Config } from '../config/schema/resource.ts';
import type { KubernetesObject } from '../model/object.ts';
import { metadataOf, namesOf, unlessEmpty } from './names.ts';

/** The identity and the rights of the gateway: worker Jobs and their pods, and the one ConfigMap with the template. */
export function access(config: Config): KubernetesObject[] {
  const names = namesOf(config);
  const { serviceAccount } = config.spec.gateway;
  const { namespace } = config.metadata;
  const account: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      ...metadataOf(config, serviceAccount.name, 'gateway'),
      ...unlessEmpty('annotations', serviceAccount.annotations),
    },
  };
  const role: KubernetesObject = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: metadataOf(config, names.jobManager),
    rules: [
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get', 'list', 'watch', 'delete'] },
      { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: [names.jobTemplate], verbs: ['get'] },
    ],
  };
  const binding: KubernetesObject = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: metadataOf(config, names.jobManager),
    subjects: [{ kind: 'ServiceAccount', name: serviceAccount.name, namespace }],
    roleRef: { kind: 'Role', name: names.jobManager, apiGroup: 'rbac.authorization.k8s.io' },
  };
  return [...(serviceAccount.create ? [account] : []), role, binding];
}
