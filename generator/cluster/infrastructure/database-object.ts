/** CloudNativePG's Database: what must be in the database. */
import { Failure, type Finding, failure } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { ApiError } from '../api/errors.ts';
import { apiPath, type ResourceType, shortName } from '../api/resources.ts';
import { conflictFindings, conflictsOf, isConflict } from '../conflicts.ts';
import { applyObject } from '../server-side-apply.ts';
import type { Session } from '../session.ts';

/** CloudNativePG's Database. */
export const databaseObject: ResourceType = {
  group: 'postgresql.cnpg.io',
  version: 'v1',
  kind: 'Database',
  plural: 'databases',
  namespaced: true,
};

/**
 * Applies a Database, or asks what would become of it.
 *
 * @returns what was done: `created`, `configured` or `unchanged`
 * @throws Failure where others have set it otherwise, or the server refuses it
 */
export async function applyDatabase(
  { client }: Session,
  object: KubernetesObject,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<string> {
  const path = apiPath(databaseObject, String(object.metadata.namespace), object.metadata.name);
  const before = await client.get(path);
  if (before === undefined && dryRun) return 'created';
  try {
    const after = await applyObject(client, databaseObject, object, { dryRun });
    if (before === undefined) return 'created';
    return before.metadata.resourceVersion === after.metadata.resourceVersion ? 'unchanged' : 'configured';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (isConflict(error)) throw new Failure(conflictFindings(object, conflictsOf(error)).map(withHint));
    throw failure(
      'refused',
      `${shortName(object)} is refused: ${error.message}`,
      'what is in a database is declared by CloudNativePG 1.26 or later, and its name never changes',
    );
  }
}

function withHint(finding: Finding): Finding {
  return { ...finding, hint: 'undo that change, since the environment says otherwise' };
}
