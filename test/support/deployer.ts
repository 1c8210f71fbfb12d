/** The deployer's rights as the file in docs/ has them, and accounts that have them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Permission } from '../../generator/lifecycle/api/access-review.ts';
import { rulesOf } from '../../generator/lifecycle/rights/permissions.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';

/** The file that `kubectl apply` takes. */
export const deployerFile = fileURLToPath(new URL('../../docs/deployer-rbac.yaml', import.meta.url));

/** The name of its ServiceAccount, Role and RoleBinding. */
export const deployerName = 'glyphoxa-deployer';

/** What the file allows, one permission for each verb and resource. */
export function deployerRules(): Permission[] {
  const objects = parseYaml(readFileSync(deployerFile, 'utf8')) as unknown as KubernetesObject[];
  return objects.filter(({ kind }) => kind === 'Role').flatMap(rulesOf);
}

/** `list deployments.apps`. */
export function ruleText({ verb, group, resource }: Pick<Permission, 'verb' | 'group' | 'resource'>): string {
  const [plural, subresource] = resource.split('/');
  const kind = group === '' ? plural : `${plural}.${group}`;
  return `${verb} ${kind}${subresource === undefined ? '' : `/${subresource}`}`;
}
