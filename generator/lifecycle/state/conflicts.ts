/** Fields that others have set to something else, in words. */
import { type Finding, finding } from '../../model/finding.ts';
import { given } from '../../model/json.ts';
import { nameSome } from '../../model/names.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { ApiError } from '../api/errors.ts';
import { shortName } from '../api/resources.ts';

/** A field that an apply would set and another manager has set otherwise. */
export interface Conflict {
  /** As the API server writes it: `.spec.template.spec.containers[name="gateway"].image`. */
  readonly field: string;
  /** The other manager's name. */
  readonly manager: string;
  /** The part of the object by which it has set the field, such as `scale`; undefined for the object itself. */
  readonly subresource?: string;
}

/** Whether an answer says that others have set fields. */
export function isConflict(error: ApiError): boolean {
  return error.status === 409 && error.causes.some(({ reason }) => reason === 'FieldManagerConflict');
}

/** The fields of such an answer. */
export function conflictsOf(error: ApiError): Conflict[] {
  return error.causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field, message }) => {
      const [, manager = 'another manager', subresource] =
        /"([^"]+)"(?: with subresource "([^"]+)")?/.exec(String(message)) ?? [];
      return { field: String(field), manager, ...given({ subresource }) };
    });
}

/** The conflicts of an object, one finding for each manager. */
export function conflictFindings(object: KubernetesObject, conflicts: readonly Conflict[]): Finding[] {
  const managers = [...new Set(conflicts.map(({ manager }) => manager))];
  return managers.map((manager) => {
    const fields = conflicts.filter((conflict) => conflict.manager === manager).map(({ field }) => field);
    return finding(
      'conflict',
      `${shortName(object)}: ${manager} has set ${nameSome(fields, 5)} to something else`,
      `undo the change, make it in the environment, or take the fields over with --force-conflicts`,
    );
  });
}
