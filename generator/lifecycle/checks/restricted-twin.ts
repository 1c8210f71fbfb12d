/** A pod that nothing but its size can be held against. */
import { dig, given, isObject, type JsonObject, maps } from '../../model/json.ts';

/**
 * A pod with the same name, account, priority and resources, and in all else what the restricted Pod Security
 * level wants: what refuses this one as well refuses it for something else than its security.
 */
export function restrictedTwin({ apiVersion, kind, metadata, spec }: JsonObject): JsonObject {
  const { name, namespace, labels } = isObject(metadata) ? metadata : {};
  const kept = [
    'serviceAccountName',
    'automountServiceAccountToken',
    'priorityClassName',
    'runtimeClassName',
    'activeDeadlineSeconds',
    'restartPolicy',
    'overhead',
    'resources',
  ];
  const entries = isObject(spec) ? Object.entries(spec).filter(([key]) => kept.includes(key)) : [];
  const containers = (list: string) => maps(dig(spec, [list])).map(harmless);
  const initContainers = containers('initContainers');
  return {
    apiVersion: apiVersion ?? 'v1',
    kind: kind ?? 'Pod',
    metadata: {
      name: name ?? '',
      namespace: namespace ?? '',
      ...given({ labels }),
    },
    spec: {
      ...Object.fromEntries(entries),
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: containers('containers'),
      ...(initContainers.length === 0 ? {} : { initContainers }),
    },
  };
}

function harmless({ name, image, resources, restartPolicy }: JsonObject): JsonObject {
  return {
    name: name ?? '',
    image: image ?? '',
    ...given({ resources, restartPolicy }),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
}
