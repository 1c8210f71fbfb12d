/** CloudNativePG's Database: what must be in the database. */
import { Failure, type Finding, failure } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { ApiError } from '../api/errors.ts';
import { apiPath, shortName } from '../api/resources.ts';
import { verbFor } from '../apply-step.ts';
import { conflictFindings, conflictsOf, isConflict } from '../conflicts.ts';
import { databaseObject } from '../database.ts';
import { applyObject } from '../server-side-apply.ts';
import type { Session } from '../session.ts';

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
    return verbFor(before, await applyObject(client, databaseObject, object, { dryRun }));
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
