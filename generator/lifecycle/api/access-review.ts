/**
 * Asks the API server what whoever runs this may do: all rules of a namespace at once, and singly what those do not allow.
 * Nothing counts as forbidden that was not asked singly.
 */
import { dig, given, isObject, type Json, type JsonObject, maps } from '../../model/json.ts';
import type { Client } from './client.ts';
import { ApiError } from './errors.ts';

/** One thing that somebody may do, as the API server is asked about it. */
export interface Permission {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** As RBAC rules name it, with the subresource: `deployments`, `pods/log`. */
  readonly resource: string;
  /** Undefined where no name is known, or the request has none. */
  readonly name?: string;
  /** Undefined where it is about the whole cluster. */
  readonly namespace?: string;
}

/** What may be done; each question is asked once. */
export interface Rights {
  /**
   * Whether it is allowed. True as well where the server does not answer such questions: then the request itself
   * will tell.
   */
  may(permission: Permission): Promise<boolean>;
  /** The name of whoever asks, as the server knows it; undefined where it does not say. */
  whoAmI(): Promise<string | undefined>;
}

/** Opens the questions; nothing is asked yet. */
export function openRights(client: Client): Rights {
  const asked = new Map<string, Promise<boolean>>();
  const rules = new Map<string, Promise<readonly JsonObject[]>>();
  const isListed = async (permission: Permission) => {
    const { namespace } = permission;
    // The rules of a namespace are those of the whole cluster, too, and do not say which are which.
    if (namespace === undefined) return false;
    const known = rules.get(namespace) ?? rulesIn(client, namespace);
    rules.set(namespace, known);
    return (await known).some((rule) => allows(rule, permission));
  };
  return {
    may(permission) {
      const id = permissionId(permission);
      const answer =
        asked.get(id) ?? isListed(permission).then((isAllowed) => isAllowed || review(client, permission));
      asked.set(id, answer);
      return answer;
    },
    async whoAmI() {
      const { status } = await ask(client, 'authentication.k8s.io/v1/selfsubjectreviews', {});
      const username = dig(status, ['userInfo', 'username']);
      return typeof username === 'string' ? username : undefined;
    },
  };
}

/** The rules of whoever asks; none where the server does not know all of them, since others may forbid what they allow. */
async function rulesIn(client: Client, namespace: string): Promise<readonly JsonObject[]> {
  const { status } = await ask(client, 'authorization.k8s.io/v1/selfsubjectrulesreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace },
  });
  return dig(status, ['incomplete']) === false ? maps(dig(status, ['resourceRules'])) : [];
}

/** Whether a rule allows something. Source: Kubernetes' RBAC, `RuleAllows` in plugin/pkg/auth/authorizer/rbac. */
export function allows(
  { verbs, apiGroups, resources, resourceNames }: JsonObject,
  { verb, group, resource, name }: Permission,
): boolean {
  const has = (list: Json | undefined, ...texts: readonly string[]) =>
    Array.isArray(list) && list.some((text) => texts.includes(String(text)));
  const [, subresource] = resource.split('/');
  const every = subresource === undefined ? [] : [`*/${subresource}`];
  const isNamed = Array.isArray(resourceNames) && resourceNames.length > 0;
  return (
    has(verbs, '*', verb) &&
    has(apiGroups, '*', group) &&
    has(resources, '*', resource, ...every) &&
    (!isNamed || (name !== undefined && has(resourceNames, name)))
  );
}

async function review(client: Client, { verb, group, resource, name, namespace }: Permission) {
  const [plural = '', subresource] = resource.split('/');
  const { status } = await ask(client, 'authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        verb,
        group,
        resource: plural,
        ...given({ subresource, name, namespace }),
      },
    },
  });
  return !isObject(status) || status.allowed !== false;
}

/** An old server does not know the question (404), and a careful one does not answer it (403). */
async function ask(client: Client, path: string, body: { [key: string]: never } | object) {
  try {
    return await client.send('POST', `/apis/${path}`, { body: body as never });
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return {};
    throw error;
  }
}

/** The same text for the same permission. */
export function permissionId({ verb, group, resource, name, namespace }: Permission): string {
  return [verb, group, resource, name ?? '', namespace ?? ''].join(' ');
}
