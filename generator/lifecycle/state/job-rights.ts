/** The gateway's right to create Jobs: without it no voice session begins. */
import { dig, equal, isObject, type Json, type JsonObject, maps } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import { holdManager, ownersOf } from '../api/managers.ts';
import { apiPath, knownType, shortName } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import { giveBackField, holdFields } from './hold.ts';
import { serviceAccountOf } from './pod-templates.ts';

/** The rules of Roles by their names. */
export interface RoleRules {
  readonly [role: string]: readonly JsonObject[];
}

const roleType = knownType('rbac.authorization.k8s.io/v1', 'Role');

/** The rules of the Roles of a target that let its gateway create Jobs, as they are in the cluster. */
export async function readJobRights({ client, target }: Session): Promise<RoleRules> {
  const { objects, namespace, parts } = target;
  const template = dig(parts.gateway, ['spec', 'template']);
  const account = serviceAccountOf(isObject(template) ? template : {});
  const names = objects
    .filter(({ kind, metadata }) => kind === 'RoleBinding' && metadata.namespace === namespace)
    .filter(({ subjects }) => maps(subjects).some((subject) => isAccount(subject, account)))
    .filter((binding) => dig(binding, ['roleRef', 'kind']) === 'Role')
    .map((binding) => String(dig(binding, ['roleRef', 'name'])));
  const roles = await Promise.all(
    [...new Set(names)].map((name) => client.get(apiPath(roleType, namespace, name))),
  );
  const granting = roles.filter((role) => role !== undefined && maps(role.rules).some(createsJobs));
  return Object.fromEntries(
    granting.map((role) => [(role as KubernetesObject).metadata.name, maps(role?.rules)]),
  );
}

function isAccount({ kind, name }: JsonObject, account: string): boolean {
  return kind === 'ServiceAccount' && name === account;
}

/** Takes the right to create Jobs from Roles that had these rules. */
export async function narrowRoles({ client, target }: Session, rules: RoleRules): Promise<void> {
  await Promise.all(
    Object.entries(rules).map(([name, before]) =>
      holdFields(client, roleType, roleNamed(name, target.namespace), {
        rules: withoutJobCreation(before),
      }),
    ),
  );
}

/** Gives Roles their rules back; a Role that is gone is left so, and one that nothing was taken from. */
export async function restoreRoles(client: Client, namespace: string, rules: RoleRules): Promise<void> {
  await Promise.all(
    Object.entries(rules).map(async ([name, before]) => {
      const role = await client.get(apiPath(roleType, namespace, name));
      if (role === undefined) return;
      const isHeld = ownersOf(role, ['f:rules']).some(({ manager }) => manager === holdManager);
      if (!isHeld && equal(maps(role.rules), [...before])) return;
      await holdFields(client, roleType, role, { rules: [...before] });
      await giveBackField(client, roleType, role, ['f:rules']);
    }),
  );
}

/** A Role as kubectl names it. */
export function roleName(name: string): string {
  return shortName(roleNamed(name, ''));
}

function roleNamed(name: string, namespace: string): KubernetesObject {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace } };
}

/** Rules without the right to create Jobs, and all else as it was, where a rule can say so. */
export function withoutJobCreation(rules: readonly JsonObject[]): JsonObject[] {
  return rules.flatMap((rule) => {
    if (!createsJobs(rule)) return [rule];
    const verbs = texts(rule.verbs).flatMap((verb) => (verb === '*' ? everyVerb : [verb]));
    const narrowed = { ...rule, verbs: verbs.filter((verb) => verb !== 'create') };
    const others = texts(rule.resources).filter((resource) => resource !== 'jobs');
    // What else the rule allows can be said apart, unless it is everything there is.
    if (others.includes('*') || others.length === 0) return narrowed.verbs.length === 0 ? [] : [narrowed];
    const apart = { ...rule, resources: others };
    return narrowed.verbs.length === 0 ? [apart] : [apart, { ...narrowed, resources: ['jobs'] }];
  });
}

/** What `*` stands for among the verbs of resources, but for `create`. */
const everyVerb = ['get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection'];

function createsJobs({ apiGroups, resources, verbs }: JsonObject): boolean {
  const has = (list: Json | undefined, name: string) =>
    texts(list).some((text) => text === name || text === '*');
  return has(apiGroups, 'batch') && has(resources, 'jobs') && has(verbs, 'create');
}

function texts(list: Json | undefined): string[] {
  return Array.isArray(list) ? list.filter((text) => typeof text === 'string') : [];
}
