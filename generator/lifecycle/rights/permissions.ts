/** What a deployer must be allowed to do: the one list of it. */
import { type JsonObject, maps } from '../../model/json.ts';
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
    ...(scope.prune === false ? [] : [...toPrune(scope), toSpare(scope)]),
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

/** Everything that a command besides `apply` asks of the API server. */
export function commandPermissions(command: Command, scope: PermissionScope): NeededPermission[] {
  const { members, namespace, release } = scope;
  const need = (purpose: Purpose, group: string, resource: string, verbs: string, of?: string[]) =>
    (of ?? [undefined]).flatMap((name) =>
      verbs.split(' ').map((verb): NeededPermission => {
        const named = name === undefined ? {} : { name };
        return { verb, group, resource, namespace, ...named, purpose, required: true };
      }),
    );
  const named = (kind: string) =>
    members
      .filter(({ object }) => object.kind === kind && object.metadata.namespace === namespace)
      .map(({ object }) => object.metadata.name);
  const inventory = [inventoryName(release)];
  const read = [
    ...need('inventory', '', 'configmaps', 'get', inventory),
    ...need('read', 'apps', 'deployments', 'list'),
    ...need('read', 'apps', 'deployments', 'get', named('Deployment')),
  ];
  const sessions = [
    ...need('read', 'batch', 'jobs', 'list'),
    ...need('end', 'batch', 'jobs', 'delete'),
    ...need('read', '', 'pods', 'list'),
  ];
  const lease = toRunAlone(scope).filter(({ purpose }) => purpose === 'lease');
  const patch = need('scale', 'apps', 'deployments', 'patch', named('Deployment'));
  const scale = [...patch, ...need('inventory', '', 'configmaps', 'patch create', inventory)];
  const wait = toWait(scope).filter(({ required }) => required);
  const objects = (verbs: readonly string[], purpose: Purpose) =>
    [...toApply(scope), ...toPrune(scope)]
      .filter(({ verb }) => verbs.includes(verb))
      .map((permission) => ({ ...permission, purpose }));
  switch (command) {
    case 'diff':
      return [
        ...need('inventory', '', 'configmaps', 'get', inventory),
        ...objects(['get', 'list', 'patch'], 'compare'),
      ];
    case 'stop':
      return [...read, ...sessions, ...lease, ...scale];
    case 'drain': {
      const roles = need('scale', 'rbac.authorization.k8s.io', 'roles', 'get patch', named('Role'));
      return [...read, ...sessions, ...lease, ...scale, ...roles];
    }
    case 'start':
      return [...read, ...lease, ...scale, ...wait];
    case 'restart':
      return [...read, ...lease, ...patch, ...wait];
    case 'destroy': {
      const forget = need('inventory', '', 'configmaps', 'delete', inventory);
      const seen = objects(['get', 'list'], 'read');
      const gone = toApply(scope)
        .filter(({ verb, resource }) => verb === 'patch' && resource !== 'namespaces')
        .map((permission): NeededPermission => ({ ...permission, verb: 'delete', purpose: 'delete' }));
      return [...read, ...sessions, ...lease, ...seen, ...forget, ...gone];
    }
  }
}

/** Server-side apply is a `patch`, and a `create` of that very name where the object is not there. */
function toApply({ members, namespace }: PermissionScope): NeededPermission[] {
  const required = { purpose: 'apply', required: true } as const;
  const own = { group: '', resource: 'namespaces', name: namespace, namespace };
  return [
    { verb: 'get', ...own, ...required },
    ...members.flatMap(({ type, object, exists }): NeededPermission[] => {
      const { name } = object.metadata;
      const one = { group: type.group, resource: type.plural, name, ...required };
      // Rules of a namespace reach the Namespace itself, but for making it.
      const inside = type.kind === 'Namespace' ? { namespace: name } : insideOf(type, object);
      return [
        { verb: 'get', ...one, ...inside },
        { verb: 'patch', ...one, ...inside },
        ...(exists ? [] : [{ verb: 'create', ...one, ...insideOf(type, object) }]),
      ];
    }),
  ];
}

function insideOf({ namespaced }: ResourceType, { metadata }: KubernetesObject) {
  return namespaced ? { namespace: String(metadata.namespace) } : {};
}

function toRunAlone({ release, namespace }: PermissionScope): NeededPermission[] {
  const lease = {
    group: 'coordination.k8s.io',
    resource: 'leases',
    namespace,
    purpose: 'lease',
    required: true,
  } as const;
  const inventory = {
    group: '',
    resource: 'configmaps',
    name: inventoryName(release),
    namespace,
    purpose: 'inventory',
    required: true,
  } as const;
  return [
    { verb: 'create', ...lease },
    ...['get', 'update', 'delete'].map((verb) => ({ verb, ...lease, name: leaseName(release) })),
    ...['get', 'patch', 'create'].map((verb) => ({ verb, ...inventory })),
  ];
}

function toPrune({
  members,
  namespace,
  kinds = members.map(({ type }) => type),
  elsewhere = [],
}: PermissionScope) {
  const required = { purpose: 'prune', required: true } as const;
  const prunable = kinds.filter(({ namespaced }) => namespaced);
  return [
    ...prunable.flatMap(({ group, plural }) =>
      ['list', 'delete'].map(
        (verb): NeededPermission => ({ verb, group, resource: plural, namespace, ...required }),
      ),
    ),
    ...elsewhere.flatMap(({ type: { group, plural }, name, namespace }) =>
      ['get', 'delete'].map(
        (verb): NeededPermission => ({
          verb,
          group,
          resource: plural,
          name,
          ...(namespace === undefined ? {} : { namespace }),
          ...required,
        }),
      ),
    ),
  ];
}

/** What pods still name is not pruned. */
function toSpare({ namespace }: PermissionScope): NeededPermission {
  return { verb: 'list', group: '', resource: 'pods', namespace, purpose: 'prune', required: true };
}

/** What a rollout is followed by, and what tells why it fails. */
const watched: readonly (readonly [verb: string, group: string, resource: string, required: boolean])[] = [
  ['list', '', 'pods', true],
  ['list', 'apps', 'replicasets', true],
  ['list', '', 'events', false],
  ['get', '', 'pods/log', false],
];

function toWait({ namespace }: PermissionScope): NeededPermission[] {
  return watched.map(([verb, group, resource, required]) => ({
    verb,
    group,
    resource,
    namespace,
    purpose: 'wait',
    required,
  }));
}

/** Where the API server listens, which network policies have to open for the gateway. */
const apiServerAddress = {
  verb: 'get',
  group: 'discovery.k8s.io',
  resource: 'endpointslices',
  name: 'kubernetes',
  namespace: 'default',
};

function toCheck({ templates, members, namespace, database }: PermissionScope): NeededPermission[] {
  const useful = { purpose: 'check', required: false } as const;
  const isBuilt = (kind: string, name: string) =>
    members.some(({ object }) => object.kind === kind && object.metadata.name === name);
  const references = referencesOf(templates);
  const accounts = templates
    .map(({ template, namespace }) => ({ name: serviceAccountOf(template), namespace }))
    // Kubernetes makes the default one with the namespace.
    .filter(({ name }) => name !== 'default' && !isBuilt('ServiceAccount', name));
  return [
    ...references
      .filter(({ kind, name }) => kind === 'Secret' || !isBuilt(kind, name))
      .map(({ kind, name, namespace }) => {
        const { plural } = knownType('v1', kind);
        return { verb: 'get', group: '', resource: plural, name, namespace, ...useful };
      }),
    ...accounts.map((account) => ({
      verb: 'get',
      group: '',
      resource: 'serviceaccounts',
      ...account,
      ...useful,
    })),
    { verb: 'create', group: '', resource: 'pods', namespace, ...useful },
    { verb: 'create', group: 'batch', resource: 'jobs', namespace, ...useful },
    { verb: 'list', group: '', resource: 'resourcequotas', namespace, ...useful },
    ...(members.some(({ type }) => type.kind === 'NetworkPolicy')
      ? [{ ...apiServerAddress, ...useful }]
      : []),
    ...(database === undefined
      ? []
      : [
          {
            verb: 'get',
            group: database.type.group,
            resource: database.type.plural,
            name: database.name,
            namespace,
            ...useful,
          },
        ]),
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
