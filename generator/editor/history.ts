/** The steps of a session, and how they are made again on a file that was changed on disk meanwhile. */
import { schema } from '../config/load.ts';
import { maskedValue } from '../config/mask.ts';
import { type Finding, finding } from '../model/finding.ts';
import { dig, equal, type Json, type Path } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { type Edit, type EditedLayer, fileEdits, keyOrder, withoutEmpty } from './edits.ts';
import type { At, Conflict, EditedFile } from './files.ts';
import { type Edited, editYaml, type YamlEdit } from './yaml/edit.ts';
import { withEndsOf, withPlainEnds } from './yaml/line-ends.ts';
import { parseText } from './yaml/source.ts';

/** One change of one file. */
export interface Step {
  readonly environment: At;
  readonly before: string;
  readonly after: string;
  /** What was meant; undefined where the text was written by hand. */
  readonly edits?: readonly YamlEdit[];
}

/** A file with edits of its values; lines that are not edited keep their ends. */
function edited(text: string, edits: readonly YamlEdit[], shown: string): Edited {
  const done = editYaml(withPlainEnds(text), edits, { file: shown, order: keyOrder });
  return 'text' in done ? { text: withEndsOf(text, done.text) } : done;
}

/** The step that makes the values of a file what is asked, or why there is none. */
export function stepOf(
  edits: readonly Edit[],
  { environment, text, shown }: EditedFile,
  known: Omit<EditedLayer, 'text'>,
): Step | readonly Finding[] {
  const meant = fileEdits(edits, { ...known, text: withPlainEnds(text) });
  if (meant.findings.length > 0) return meant.findings;
  let after = text;
  const made: YamlEdit[] = [];
  for (const each of meant.edits) {
    const edit = withoutEmpty(withPlainEnds(after), each);
    const next = edited(after, [edit], shown);
    if (!('text' in next)) return next.findings;
    after = next.text;
    made.push(edit);
  }
  return { environment, before: text, after, edits: made };
}

/** A file and its steps on what is on disk now, or why that cannot be. */
export type Merged = { readonly text: string; readonly steps: readonly Step[] } | Conflict;

/**
 * Makes the steps of a file again on another text of it, where they do not touch what differs there.
 *
 * @param theirs what is on disk; undefined where the file is gone
 * @param steps those of this file, the first one first
 */
export function mergeFile(file: EditedFile, theirs: string | undefined, steps: readonly Step[]): Merged {
  if (theirs !== undefined && file.text === file.saved) return { text: theirs, steps: [] };
  if (theirs === file.text) return { text: theirs, steps: [] };
  const findings = touching(file, theirs, steps);
  if (findings.length > 0 || theirs === undefined) return { theirs, findings };
  const again = replayed(theirs, steps, file.shown);
  return again ?? { theirs, findings: [wholeFile(file)] };
}

/** Makes steps again, whatever they touch; undefined where one cannot be made. */
export function replayed(
  text: string,
  steps: readonly Step[],
  shown: string,
): { text: string; steps: Step[] } | undefined {
  const done: Step[] = [];
  let at = text;
  for (const { environment, edits } of steps) {
    if (edits === undefined) return undefined;
    const next = edited(at, edits, shown);
    if (!('text' in next)) return undefined;
    done.push({ environment, before: at, after: next.text, edits });
    at = next.text;
  }
  return { text: at, steps: done };
}

/** The values that both sides changed. */
function touching(file: EditedFile, theirs: string | undefined, steps: readonly Step[]): Finding[] {
  const [before, now, mine] = [file.saved, theirs, file.text].map((text) =>
    text === undefined ? undefined : parseText(withPlainEnds(text))?.value,
  );
  const isByHand = steps.some(({ edits }) => edits === undefined);
  if (isByHand || before === undefined || now === undefined) return [wholeFile(file)];
  const paths = steps.flatMap(({ edits = [] }) => edits.map(({ path }) => wholeOf(path)));
  const unique = paths.filter(
    (path, index) => paths.findIndex((other) => equal([...other], [...path])) === index,
  );
  return unique.flatMap((path): Finding[] => {
    const [was, is, meant] = [before, now, mine].map((value) => dig(value, path));
    if (equal(was, is) || equal(is, meant)) return [];
    return [
      {
        code: 'changed-meanwhile',
        severity: 'error',
        path,
        message: `${file.shown} was changed on disk meanwhile, and this value in it`,
        hint: 'keep one of the two',
        details: [...shownValue('there', is, path), ...shownValue('here', meant, path)],
      },
    ];
  });
}

/** The list that an item is in, since what an index means depends on all of it. */
function wholeOf(path: Path): Path {
  const index = path.findIndex((part) => typeof part === 'number');
  return index === -1 ? path : path.slice(0, index);
}

function shownValue(side: string, value: Json | undefined, path: Path): string[] {
  if (value === undefined) return [`${side}: not set`];
  const whole = path.reduceRight<Json>((inner, part) => ({ [part]: inner }), value);
  const shown = dig(maskedValue(whole, schema), path) ?? null;
  const lines = writeYaml(shown).trimEnd().split('\n');
  return lines.length === 1 ? [`${side}: ${lines[0]}`] : [`${side}:`, ...lines.map((line) => `  ${line}`)];
}

function wholeFile({ shown, saved }: EditedFile): Finding {
  const isNew = saved === undefined;
  return finding(
    'changed-meanwhile',
    `${shown} was ${isNew ? 'made' : 'changed or removed'} on disk meanwhile, and the edits here do not fit what is there now`,
    'keep one of the two',
  );
}
