/** What a deployer must be allowed to do: the one list of it. */
import { given, type JsonObject, maps } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { type Permission, permissionId } from '../api/access-review.ts';
import { knownType, type ResourceType } from '../api/resources.ts';
import { inventoryName } from '../state/inventory.ts';
import { leaseName } from '../state/lease.ts';
import type { Place } from '../state/members.ts';
import { type PodTemplate, serviceAccountOf } from '../state/pod-templates.ts';
import { referencesOf } from '../state/references.ts';

/**
 * What a permission is for. `grant` is different: whoever creates a Role or binds one must have all that it
 * allows, or `escalate` on the Role and `bind` on it.
 */
export type Purpose =
  | 'apply'
  | 'inventory'
  | 'lease'
  | 'prune'
  | 'wait'
  | 'check'
  | 'grant'
  | 'read'
  | 'compare'
  | 'scale'
  | 'end'
  | 'delete';

/** A command besides `apply`; `drain` is `stop --drain`. */
export type Command = 'diff' | 'stop' | 'drain' | 'start' | 'restart' | 'destroy';

/** A permission that an apply uses. */
export interface NeededPermission extends Permission {
  readonly purpose: Purpose;
  /** Whether an apply cannot be without; else something stays unchecked, or the cause of a failure unknown. */
  readonly required: boolean;
}

/** An object of a target, and its kind. */
export interface Member {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
  /** Whether it is known to be there, so that nobody needs to create it. @default false */
  readonly exists?: boolean;
}

/** What is to be applied. */
export interface PermissionScope {
  readonly release: string;
  readonly namespace: string;
  readonly members: readonly Member[];
  readonly templates: readonly PodTemplate[];
  /** What the database is looked for by; undefined where it is not in the cluster. */
  readonly database?: { readonly type: ResourceType; readonly name: string } | undefined;
  /** Kinds of which earlier applies may have left objects. @default those of the members */
  readonly kinds?: readonly ResourceType[];
  /** Objects outside the namespace that earlier applies may have left. @default none */
  readonly elsewhere?: readonly Place[];
  /** @default true */
  readonly prune?: boolean;
  /** @default true */
  readonly wait?: boolean;
}

/** Everything that `apply` asks of the API server, each once. */
export function neededPermissions(scope: PermissionScope): NeededPermission[] {
  const all = [
    ...toApply(scope),
    ...toRunAlone(scope),
    ...(scope.prune === false ? [] : [...toPrune(scope), ...toSpare(scope)]),
    ...(scope.wait === false ? [] : toWait(scope)),
    ...toCheck(scope),
    ...scope.members.flatMap(toGrant),
  ];
  const byId = new Map<string, NeededPermission>();
  for (const permission of all) {
    const id = `${permissionId(permission)} ${permission.purpose === 'grant'}`;
    const before = byId.get(id);
    if (before === undefined || (permission.required && !before.required)) byId.set(id, permission);
  }
  return [...byId.values()];
}

/** A kind, and where: undefined for the whole cluster, or what no name is known of. */
interface Asked {
  readonly group: string;
  readonly plural: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** Permissions of one purpose: each of the verbs. */
function need(
  purpose: Purpose,
  verbs: string,
  { group, plural: resource, namespace, name }: Asked,
  required = true,
): NeededPermission[] {
  const place = given({ name, namespace });
  return verbs.split(' ').map((verb) => ({ verb, group, resource, ...place, purpose, required }));
}

/** Everything that a command besides `apply` asks of the API server. */
export function commandPermissions(command: Command, scope: PermissionScope): NeededPermission[] {
  const { members, namespace, release } = scope;
  const of = (purpose: Purpose, group: string, plural: string, verbs: string) =>
    need(purpose, verbs, { group, plural, namespace });
  const named = (kind: string, purpose: Purpose, verbs: string) =>
    members
      .filter(({ object }) => object.kind === kind && object.metadata.namespace === namespace)
      .flatMap(({ type, object }) =>
        need(purpose, verbs, { ...type, namespace, name: object.metadata.name }),
      );
  const inventory = (verbs: string) =>
    need('inventory', verbs, { group: '', plural: 'configmaps', namespace, name: inventoryName(release) });
  const read = [
    ...inventory('get'),
    ...of('read', 'apps', 'deployments', 'list'),
    ...named('Deployment', 'read', 'get'),
  ];
  const sessions = [
    ...of('read', 'batch', 'jobs', 'list'),
    ...of('end', 'batch', 'jobs', 'delete'),
    ...of('read', '', 'pods', 'list'),
  ];
  const lease = toRunAlone(scope).filter(({ purpose }) => purpose === 'lease');
  const patch = named('Deployment', 'scale', 'patch');
  const scale = [...patch, ...inventory('patch create')];
  const wait = toWait(scope).filter(({ required }) => required);
  const objects = (verbs: readonly string[], purpose: Purpose) =>
    [...toApply(scope), ...toPrune(scope)]
      .filter(({ verb }) => verbs.includes(verb))
      .map((permission) => ({ ...permission, purpose }));
  switch (command) {
    case 'diff':
      return [...inventory('get'), ...objects(['get', 'list', 'patch'], 'compare')];
    case 'stop':
      return [...read, ...sessions, ...lease, ...scale];
    case 'drain':
      return [...read, ...sessions, ...lease, ...scale, ...named('Role', 'scale', 'get patch')];
    case 'start':
      return [...read, ...lease, ...scale, ...wait];
    case 'restart':
      return [...read, ...lease, ...patch, ...wait];
    case 'destroy': {
      const seen = objects(['get', 'list'], 'read');
      const gone = toApply(scope)
        .filter(({ verb, resource }) => verb === 'patch' && resource !== 'namespaces')
        .map((permission): NeededPermission => ({ ...permission, verb: 'delete', purpose: 'delete' }));
      return [...read, ...sessions, ...lease, ...seen, ...inventory('delete'), ...gone];
    }
  }
}

/** Server-side apply is a `patch`, and a `create` of that very name where the object is not there. */
function toApply({ members, namespace }: PermissionScope): NeededPermission[] {
  const own = { group: '', plural: 'namespaces', name: namespace, namespace };
  return [
    ...need('apply', 'get', own),
    ...members.flatMap(({ type, object, exists }) => {
      const { name, namespace: place } = object.metadata;
      const inside = { ...type, name, namespace: type.namespaced ? String(place) : undefined };
      // Rules of a namespace reach the Namespace itself, but for making it.
      const itself = type.kind === 'Namespace' ? { ...type, name, namespace: name } : inside;
      return [...need('apply', 'get patch', itself), ...(exists ? [] : need('apply', 'create', inside))];
    }),
  ];
}

function toRunAlone({ release, namespace }: PermissionScope): NeededPermission[] {
  const lease = { group: 'coordination.k8s.io', plural: 'leases', namespace };
  const inventory = { group: '', plural: 'configmaps', namespace, name: inventoryName(release) };
  return [
    ...need('lease', 'create', lease),
    ...need('lease', 'get update delete', { ...lease, name: leaseName(release) }),
    ...need('inventory', 'get patch create', inventory),
  ];
}

function toPrune({ members, namespace, kinds, elsewhere = [] }: PermissionScope): NeededPermission[] {
  const prunable = (kinds ?? members.map(({ type }) => type)).filter(({ namespaced }) => namespaced);
  return [
    ...prunable.flatMap((type) => need('prune', 'list delete', { ...type, namespace })),
    ...elsewhere.flatMap(({ type, ...place }) => need('prune', 'get delete', { ...type, ...place })),
  ];
}

/** What pods still name is not pruned. */
function toSpare({ namespace }: PermissionScope): NeededPermission[] {
  return need('prune', 'list', { group: '', plural: 'pods', namespace });
}

/** What a rollout is followed by, and what tells why it fails. */
function toWait({ namespace }: PermissionScope): NeededPermission[] {
  return [
    ...need('wait', 'list', { group: '', plural: 'pods', namespace }),
    ...need('wait', 'list', { group: 'apps', plural: 'replicasets', namespace }),
    ...need('wait', 'list', { group: '', plural: 'events', namespace }, false),
    ...need('wait', 'get', { group: '', plural: 'pods/log', namespace }, false),
  ];
}

/** Where the API server listens, which network policies have to open for the gateway. */
const apiServerAddress = {
  group: 'discovery.k8s.io',
  plural: 'endpointslices',
  name: 'kubernetes',
  namespace: 'default',
};

function toCheck({ templates, members, namespace, database }: PermissionScope): NeededPermission[] {
  const useful = (verb: string, asked: Asked) => need('check', verb, asked, false);
  const isBuilt = (kind: string, name: string) =>
    members.some(({ object }) => object.kind === kind && object.metadata.name === name);
  const accounts = templates
    .map(({ template, namespace }) => ({ name: serviceAccountOf(template), namespace }))
    // Kubernetes makes the default one with the namespace.
    .filter(({ name }) => name !== 'default' && !isBuilt('ServiceAccount', name));
  const hasPolicies = members.some(({ type }) => type.kind === 'NetworkPolicy');
  return [
    ...referencesOf(templates)
      .filter(({ kind, name }) => kind === 'Secret' || !isBuilt(kind, name))
      .flatMap(({ kind, name, namespace }) => useful('get', { ...knownType('v1', kind), name, namespace })),
    ...accounts.flatMap((account) => useful('get', { group: '', plural: 'serviceaccounts', ...account })),
    ...useful('create', { group: '', plural: 'pods', namespace }),
    ...useful('create', { group: 'batch', plural: 'jobs', namespace }),
    ...useful('list', { group: '', plural: 'resourcequotas', namespace }),
    ...(hasPolicies ? useful('get', apiServerAddress) : []),
    ...(database === undefined ? [] : useful('get', { ...database.type, name: database.name, namespace })),
  ];
}

/** The rules of a Role, one by one. Rules about paths that are no resources belong to no Role. */
function toGrant({ type, object }: Member): NeededPermission[] {
  if (type.kind !== 'Role') return [];
  return rulesOf(object).map((rule) => ({ ...rule, purpose: 'grant', required: true }));
}

/** What a Role allows, one permission for each verb, kind and name. */
export function rulesOf(role: KubernetesObject): Permission[] {
  const namespace = String(role.metadata.namespace);
  return maps(role.rules).flatMap((rule) => {
    const names = texts(rule, 'resourceNames');
    return texts(rule, 'apiGroups').flatMap((group) =>
      texts(rule, 'resources').flatMap((resource) =>
        texts(rule, 'verbs').flatMap((verb) =>
          (names.length === 0 ? [{}] : names.map((name) => ({ name }))).map((name) => ({
            verb,
            group,
            resource,
            ...name,
            namespace,
          })),
        ),
      ),
    );
  });
}

/** What to ask for where a Role cannot be created or bound, since it gives away more than its creator has. */
export function grantHint(role: string): string {
  return `ask for every right that the Role ${role} gives, or for "escalate" and "bind" on it; docs/operations has both`;
}

function texts(rule: JsonObject, key: string): string[] {
  const value = rule[key];
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}
