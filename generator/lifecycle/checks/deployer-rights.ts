/** Whether whoever runs this may do all that an apply does. */
import { type Finding, finding } from '../../model/finding.ts';
import type { Permission } from '../api/access-review.ts';
import type { DryRun } from '../changes/dry-run.ts';
import { askForRight, byKind, deniedOf, purposeOf, sentence } from '../rights/missing-rights.ts';
import { grantHint, type NeededPermission, type Purpose, rulesOf } from '../rights/permissions.ts';
import type { Check, Preflight } from './context.ts';

/** One finding for each kind of which something is not allowed, and one for a Role that cannot be bound. */
export const checkPermissions: Check = async (preflight) => {
  const denied = await deniedPermissions(preflight);
  if (denied.length === 0) return bindingFindings(preflight);
  const who = (await preflight.rights.whoAmI()) ?? 'whoever runs this';
  const required = denied.filter((permission) => permission.required);
  const useful = denied.filter((permission) => !permission.required);
  return [
    ...byKind(required).map((group) => {
      const message = `${who} may not ${sentence(group)}${purposeOf(group)}`;
      return finding('permission-missing', message, hintFor(group));
    }),
    ...byKind(useful).map((group) => {
      const message = `${who} may not ${sentence(group)}${purposeOf(group)}`;
      return finding('permission-limited', message, askForRight, 'warning');
    }),
    ...(await bindingFindings(preflight)),
  ];
};

/** What of the needed permissions is missing, but for those that are only to be given away. */
export async function deniedPermissions({ needed, rights }: Preflight): Promise<NeededPermission[]> {
  const asked = needed.filter(({ purpose }) => purpose !== 'grant');
  return deniedOf(rights, asked);
}

function hintFor(group: readonly NeededPermission[]): string {
  const isOnly = (purpose: Purpose) => group.every((permission) => permission.purpose === purpose);
  if (isOnly('prune')) return `${askForRight}, or leave surplus objects with --no-prune`;
  return isOnly('wait') ? `${askForRight}, or do not wait, with --no-wait` : askForRight;
}

/**
 * A dry run tells whether a Role may be created, but of a RoleBinding nothing as long as its Role is not there.
 * Source: the API server binds a Role only for somebody who has all its rights, or `bind` on it.
 */
async function bindingFindings({ live, session, rights }: Preflight): Promise<Finding[]> {
  const planned = live?.planned ?? session.target.objects.map((wanted) => ({ wanted, live: undefined }));
  const roles = planned.filter(({ wanted }) => wanted.kind === 'Role');
  const bindings = planned.filter((each) => each.wanted.kind === 'RoleBinding' && each.live === undefined);
  const findings = bindings.map(async ({ wanted }): Promise<Finding[]> => {
    const { roleRef } = wanted as { roleRef?: { name?: string } };
    const { name, namespace } = wanted.metadata;
    const role = roles.find((each) => each.wanted.metadata.name === roleRef?.name);
    if (role === undefined || role.live !== undefined) return [];
    const bind = {
      verb: 'bind',
      group: 'rbac.authorization.k8s.io',
      resource: 'roles',
      name: role.wanted.metadata.name,
      namespace: String(namespace),
    };
    if (await rights.may(bind)) return [];
    const rules = rulesOf(role.wanted);
    const answers = await Promise.all(rules.map(async (rule) => ((await rights.may(rule)) ? [] : [rule])));
    const lacking = answers.flat();
    if (lacking.length === 0) return [];
    const what = byKind(lacking.map((rule) => ({ ...rule, purpose: 'grant', required: true })));
    const message = `rolebinding.rbac.authorization.k8s.io/${name} gives away rights that whoever runs this does not have: ${what.map(sentence).join('; ')}`;
    return [finding('role-not-grantable', message, grantHint(role.wanted.metadata.name))];
  });
  return (await Promise.all(findings)).flat();
}

/** Whether the refusal of a dry run is only that a permission is missing which is told already. */
export function isToldByPermissions(
  { planned: { type, wanted }, refused }: DryRun,
  denied: readonly Permission[],
): boolean {
  if (refused?.status !== 403) return false;
  return denied.some(
    ({ verb, group, resource, name }) =>
      (verb === 'patch' || verb === 'create') &&
      group === type.group &&
      resource === type.plural &&
      name === wanted.metadata.name,
  );
}
