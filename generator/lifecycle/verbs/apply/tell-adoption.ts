/** Says what an adoption will do, before it does it. */
import type { FieldPath } from '../../../model/diff.ts';
import { equal, isObject, type Json } from '../../../model/json.ts';
import { type KubernetesObject, objectId } from '../../../model/object.ts';
import { shortName } from '../../api/resources.ts';
import type { Adoption, HeldObject } from '../../changes/adopt.ts';
import { comparable } from '../../changes/comparable.ts';
import type { DryRun } from '../../changes/dry-run.ts';
import { formatFieldPath } from '../../changes/field-path.ts';
import { diffFields } from '../../changes/fields.ts';
import { leftOf, undoCommands } from '../../changes/helm-release.ts';
import type { Session } from '../../session/session.ts';
import { isVisible } from '../../state/helm-record.ts';
import type { Tool } from '../../state/holders.ts';

const toolNames: { readonly [tool in Tool]: string } = {
  helm: 'Helm',
  'client-side': 'kubectl apply',
  kubectl: 'kubectl',
};

/** What the tools mark objects with; told in one line, not for each object. */
const marks =
  /^metadata\.(?:labels\["helm\.sh\/|annotations\["(?:meta\.helm\.sh\/|kubectl\.kubernetes\.io\/last-applied))/;

/**
 * Tells for each object what goes of it and whether its pods restart, for each Helm release what becomes of it, and
 * what of it stays as it is. Values are not shown.
 *
 * @param isDone whether the adoption follows; else it is only what it would do
 */
export function tellAdoption(
  session: Session,
  { held, releases }: Adoption,
  runs: readonly DryRun[],
  isDone: boolean,
): void {
  if (held.length === 0) return;
  const { report, target, access } = session;
  const after = new Map(runs.map((run) => [objectId(run.planned.wanted), run.after]));
  report.say(
    `--adopt ${isDone ? 'takes' : 'would take'} ${held.length} objects over in place, without the marks of the tools that hold them`,
  );
  for (const object of held) tellObject(session, object, after.get(objectId(object.planned.wanted)));
  for (const release of releases) {
    const { name, namespace, records } = release;
    if (records.length === 0) continue;
    const is = isDone ? 'is' : 'would be';
    const verb = records.some(isVisible) ? `${is} parked` : 'is parked already';
    report.say(
      `Helm's release ${name} ${verb}, so that helm's uninstall cannot delete what was taken over; to undo it, run these, with helm 4 the last with --force-conflicts:`,
    );
    for (const command of undoCommands(release, access))
      report.say(`  ${command}`, { release: name, namespace, command });
    const left = leftOf(release, target.objects);
    if (left === undefined)
      report.say(
        `  what else Helm's release ${name} has could not be read from its record; it stays as it is`,
      );
    else if (left.length > 0)
      report.say(`  the rest of it stays as it is, in nobody's hands: ${left.join(', ')}`, {
        release: name,
        left,
      });
  }
}

function tellObject(
  { report }: Session,
  { planned: { live, wanted }, tools }: HeldObject,
  after: KubernetesObject | undefined,
): void {
  const object = shortName(wanted);
  const from = tools.map((tool) => toolNames[tool]).join(' and ');
  if (live === undefined || after === undefined) return;
  const goes = fieldsThatGo(live, after);
  const restarts = !equal(templateOf(live) ?? null, templateOf(after) ?? null);
  const shown = goes.filter((field) => !marks.test(field));
  const parts = [
    `from ${from}`,
    ...(shown.length === 0 ? [] : [`goes: ${shown.join(', ')}`]),
    ...(wanted.kind !== 'Deployment'
      ? []
      : [restarts ? 'its template changes, so its pods restart' : 'its pods stay']),
  ];
  report.say(`  ${object}: ${parts.join('; ')}`, { object, from: [...tools], goes, restarts });
}

/** The fields that an object has no more afterwards; those that only change are for `diff`. */
function fieldsThatGo(before: KubernetesObject, after: KubernetesObject): string[] {
  return diffFields(comparable(before), comparable(after))
    .filter((difference) => difference.before !== undefined && difference.after === undefined)
    .flatMap(({ path, before: value }) => leaves(path, value))
    .map(formatFieldPath);
}

/** Labels and annotations one by one, also where all of them go. */
function leaves(path: FieldPath, value: Json | undefined): FieldPath[] {
  const isMap = path.at(-1) === 'annotations' || path.at(-1) === 'labels';
  return isMap && isObject(value) ? Object.keys(value).map((name) => [...path, name]) : [path];
}

function templateOf({ spec }: KubernetesObject): Json | undefined {
  return isObject(spec) ? spec.template : undefined;
}
