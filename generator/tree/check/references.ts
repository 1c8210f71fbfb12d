/** Names that lead nowhere. */
import { type Finding, finding } from '../../model/finding.ts';
import { dig, isObject, maps } from '../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../model/object.ts';
import { containersOf } from '../../model/workload.ts';
import { find, mcpGatewaysOf, nameOf, type Release } from './release.ts';
import { checkCustomResources, checkMentions } from './renamed.ts';
import { checkAddress, prefixHint } from './template.ts';

/** What is named and not built: what kustomize has renamed, and ConfigMaps, Deployments and rights of the release. */
export function checkReferences(release: Release): Finding[] {
  const workloads = [release.gateway, ...mcpGatewaysOf(release)];
  const job = release.template?.job;
  return [
    ...workloads.flatMap((workload) => checkMentions(release, workload, nameOf(workload))),
    ...(job === undefined ? [] : checkMentions(release, job, 'the worker template')),
    ...checkCustomResources(release),
    ...checkTargets(release),
    ...checkRights(release),
    ...checkMcpAddress(release),
  ];
}

function checkTargets(release: Release): Finding[] {
  return release.objects
    .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
    .flatMap((scaler) => {
      const target = dig(scaler, ['spec', 'scaleTargetRef']);
      const { kind, name } = isObject(target) ? target : {};
      const workload = find(release, String(kind), name);
      if (workload === undefined) {
        return [
          finding('no-target', `${nameOf(scaler)} scales ${kind} ${name}, which is not there`, prefixHint),
        ];
      }
      if (dig(workload, ['spec', 'replicas']) === undefined) return [];
      const message = `${nameOf(workload)} has replicas, and ${nameOf(scaler)} scales it: every apply undoes the scaling`;
      const hint = 'remove replicas from your kustomization and patches, or switch autoscaling off';
      return [finding('replicas-and-scaler', message, hint)];
    });
}

/** The gateway's ServiceAccount must be bound to a Role that lets it read the template. */
function checkRights(release: Release): Finding[] {
  const { gateway, namespace, objects, template } = release;
  const account = dig(gateway, ['spec', 'template', 'spec', 'serviceAccountName']) ?? 'default';
  const bindings = objects.filter(({ kind }) => kind === 'RoleBinding');
  const bound = bindings.filter((binding) =>
    maps(binding.subjects).some((subject) => subject.name === account),
  );
  const role = bound.map((binding) => find(release, 'Role', dig(binding, ['roleRef', 'name'])));
  if (!role.some((found) => found !== undefined)) {
    const message = `the ServiceAccount ${account} of ${nameOf(gateway)} has no Role here: it cannot start workers`;
    return [
      finding('no-rights', message, 'bind it to the Role of the base, or leave the base RoleBinding in'),
    ];
  }
  const findings = bound.flatMap((binding) => wrongSubjects(binding, String(account), namespace));
  const rules = role.flatMap((found) => maps(found?.rules));
  const named = rules.flatMap(({ resourceNames }) => (Array.isArray(resourceNames) ? resourceNames : []));
  if (template !== undefined && named.length > 0 && !named.includes(template.configMap.metadata.name)) {
    const message = `the Role lets ${nameOf(gateway)} read ${named.join(', ')}, and its worker template is ${template.configMap.metadata.name}`;
    findings.push(finding('no-rights', message, prefixHint));
  }
  return findings;
}

function wrongSubjects(binding: KubernetesObject, account: string, namespace: string | undefined): Finding[] {
  return maps(binding.subjects)
    .filter((subject) => subject.name === account && subject.kind === 'ServiceAccount')
    .filter((subject) => (subject.namespace || undefined) !== namespace)
    .map((subject) => {
      const message = `${nameOf(binding)} binds ${account} of the namespace ${subject.namespace ?? '(none)'}, and the gateway runs in ${namespace ?? '(none)'}`;
      const hint =
        'kustomize moves the subject only with a ServiceAccount that it builds; set metadata.namespace in config.yaml instead of namespace around it';
      return finding('other-namespace', message, hint);
    });
}

/** The URL that workers read must lead to the MCP gateway. */
function checkMcpAddress(release: Release): Finding[] {
  return containersOf(release.template?.job ?? {})
    .flatMap((container) => maps(container.env))
    .flatMap((variable) => {
      const reference = dig(variable, ['valueFrom', 'configMapKeyRef']);
      if (variable.name !== 'GLYPHOXA_MCP_GATEWAY_URL' || !isObject(reference)) return [];
      const url = dig(find(release, 'ConfigMap', reference.name), ['data', String(reference.key)]);
      if (typeof url === 'string') return checkAddress(release, 'the URL of the MCP gateway', url);
      if (mcpGatewaysOf(release).length === 0) return [];
      const message = `an MCP gateway is there, and workers look for its URL in the ConfigMap ${reference.name}, which is not`;
      return [finding('no-config-map', message, prefixHint)];
    });
}

/** Objects of ours that no `namespace` reaches, beside a gateway that has one. */
export function checkNamespaces(
  objects: readonly KubernetesObject[],
  releases: readonly Release[],
): Finding[] {
  const [first] = releases.map(({ namespace }) => namespace).filter((namespace) => namespace !== undefined);
  if (first === undefined) return [];
  return objects
    .filter((object) => namespaceOf(object) === undefined && object.kind !== 'Namespace')
    .filter(({ metadata }) => dig(metadata.labels, ['app.kubernetes.io/part-of']) === 'glyphoxa')
    .map((object) => {
      const message = `${nameOf(object)} has no namespace: it goes where kubectl happens to point, and the gateway to ${first}`;
      return finding('no-namespace', message, `set namespace: ${first} in the kustomization that adds it`);
    });
}
