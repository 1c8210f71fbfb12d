/** Asks the API server what whoever runs this may do. */
import { dig, isObject } from '../../model/json.ts';
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
  return {
    may(permission) {
      const id = permissionId(permission);
      const answer = asked.get(id) ?? review(client, permission);
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
        ...(subresource === undefined ? {} : { subresource }),
        ...(name === undefined ? {} : { name }),
        ...(namespace === undefined ? {} : { namespace }),
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
