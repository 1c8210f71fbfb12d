/** An environment as it was before its release was renamed or its namespace moved, so that it can be removed there. */
import type { Target } from './target.ts';

/** Where it was; what is left out is as it is now. */
export interface FormerPlace {
  readonly namespace?: string | undefined;
  readonly release?: string | undefined;
}

/**
 * The target there. Of a release under another name nothing is known but what the cluster tells: no object of the
 * environment is its own, nor is the database.
 */
export function targetAt(target: Target, { namespace = target.namespace, release }: FormerPlace): Target {
  if (release !== undefined && release !== target.release) {
    const { apiVersion, kind } = target.parts.gateway;
    const gateway = { apiVersion, kind, metadata: { name: `${release}-gateway`, namespace } };
    const parts = { gateway, namespace, objects: [], all: [], template: undefined };
    return { ...target, release, namespace, objects: [], parts, config: undefined };
  }
  const objects = target.objects.map((object) =>
    object.metadata.namespace === target.namespace
      ? { ...object, metadata: { ...object.metadata, namespace } }
      : object,
  );
  return { ...target, namespace, objects };
}
