/** Server-side apply: one request for one object. */
import type { Json, JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from './client.ts';
import { ApiError } from './errors.ts';
import type { RequestOptions } from './exchange.ts';
import { ownManager } from './managers.ts';
import { pause } from './pause.ts';
import { apiPath, type ResourceType } from './resources.ts';

/** How an object is applied. */
export interface ApplyOptions {
  /** @default {@link ownManager} */
  readonly manager?: string;
  /** Take fields from other managers. @default false */
  readonly force?: boolean;
  /** @default false */
  readonly dryRun?: boolean;
}

/**
 * Applies an object as it stands: what the manager listed before and does not list now goes.
 *
 * @returns the object as the server has it now
 * @throws ApiError with a cause for each field that another manager has set to something else
 */
export async function applyObject(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
  { manager = ownManager, force = false, dryRun = false }: ApplyOptions = {},
): Promise<KubernetesObject> {
  const { name, namespace } = object.metadata;
  const path = apiPath(type, namespace as string | undefined, name);
  return (await client.send('PATCH', path, {
    query: {
      fieldManager: manager,
      fieldValidation: 'Strict',
      force: force ? 'true' : undefined,
      dryRun: dryRun ? 'All' : undefined,
    },
    contentType: 'application/apply-patch+yaml',
    body: object,
  })) as KubernetesObject;
}

/** Sends a JSON patch to an object. */
export async function patchObject(
  client: Client,
  type: ResourceType,
  { metadata }: KubernetesObject,
  patch: Json,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<KubernetesObject> {
  const path = apiPath(type, metadata.namespace as string | undefined, metadata.name);
  const options: RequestOptions = {
    query: { fieldManager: ownManager, dryRun: dryRun ? 'All' : undefined },
    contentType: 'application/json-patch+json',
    body: patch,
  };
  return (await client.send('PATCH', path, options)) as KubernetesObject;
}

/** How often a patch is made anew because controllers change the object at the same time. */
const attempts = 20;

/**
 * Patches an object as it is at the moment: reads it, makes the patch, and does both again where it has changed in
 * between. Nothing happens where it is gone, or there is nothing to patch.
 *
 * @param patchFor makes a JSON patch that tests the object's version
 * @returns the object as it is now; undefined where it is gone
 */
export async function patchFresh(
  client: Client,
  type: ResourceType,
  { metadata }: KubernetesObject,
  patchFor: (live: KubernetesObject) => JsonObject[] | undefined,
): Promise<KubernetesObject | undefined> {
  for (let attempt = 0; ; attempt++) {
    const live = await client.get(apiPath(type, metadata.namespace as string | undefined, metadata.name));
    const patch = live && patchFor(live);
    if (live === undefined || patch === undefined) return live;
    try {
      return await patchObject(client, type, live, patch);
    } catch (error) {
      // 422 is a test that failed, 404 an object that has gone meanwhile
      const isRace = error instanceof ApiError && [404, 409, 422].includes(error.status);
      if (!isRace || attempt >= attempts) throw error;
      await pause(50);
    }
  }
}
