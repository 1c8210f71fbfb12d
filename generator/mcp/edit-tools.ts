/** The tools that edit. Nothing is written before `save`. */
import * as Type from 'typebox';
import { parseValue } from '../config/assignment.ts';
import { findValue } from '../config/explain.ts';
import type { Edit } from '../editor/edits.ts';
import type { Changed } from '../editor/work.ts';
import { Failure, failure } from '../model/finding.ts';
import type { Json } from '../model/json.ts';
import { partSections } from '../objects/parts.ts';
import { page } from './answers.ts';
import type { Open } from './desk.ts';
import { environment, findingData, findingPage, findings, valuePath } from './shapes.ts';
import { type Tool, tool } from './tool.ts';

/** What became of an edit. */
const editedShape = Type.Object({
  changed: Type.Boolean({ description: 'Whether anything is different now.' }),
  made: Type.Array(Type.Unknown(), {
    description:
      'Findings that were not there before: errors among them are what the edit did. Mend them, or undo it.',
  }),
  unsaved: Type.Array(Type.String(), { description: 'Files with edits that are not saved.' }),
});

/** Makes an edit behind the veil; a refused one is a failure. */
async function edited({ session, veil }: Open, edit: () => Promise<Changed>) {
  const { isDone, refused, made } = await veil.guard(edit);
  if (refused.length > 0) throw new Failure(refused);
  return {
    changed: isDone,
    made: findingPage(made).items,
    unsaved: [...session.changedFiles()],
  };
}

const setValues = tool({
  name: 'set_values',
  title: 'Set values',
  description:
    'Sets values in an environment or in the resource, all or none, and says what that made wrong. Comments and all else of the file stay. Nothing is written before save. Secrets cannot be set: ask the user to run the command that a finding names.',
  kind: 'editing',
  isIdempotent: true,
  input: Type.Object(
    {
      environment,
      values: Type.Array(
        Type.Object(
          {
            path: valuePath,
            value: Type.Unsafe<Json>({
              description: 'The value; null in an environment removes that of the resource.',
            }),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: 100 },
      ),
    },
    { additionalProperties: false },
  ),
  output: editedShape,
  run: ({ environment: at, values }, { desk }) =>
    desk.use((open) => edited(open, () => open.session.set(values.map(meant), at))),
});

/** A text in the place of a number, a list or the like is what a person would have typed there. */
function meant({ path: pathText, value }: { path: string; value: Json }): Edit {
  const { path, nodes } = findValue(pathText);
  const { type, const: constant, enum: choices } = nodes.at(-1) ?? {};
  const isTyped = type !== undefined && constant === undefined && choices === undefined;
  const isTyping = typeof value === 'string' && isTyped && ![type].flat().includes('string');
  return { path, value: isTyping ? parseValue(pathText, path, nodes.at(-1), value) : value };
}

const unsetValues = tool({
  name: 'unset_values',
  title: 'Take values out',
  description:
    'Takes values out of an environment or of the resource, so that what is below counts again: the resource, the preset or the default.',
  kind: 'editing',
  isIdempotent: true,
  input: Type.Object(
    { environment, paths: Type.Array(valuePath, { minItems: 1, maxItems: 100 }) },
    { additionalProperties: false },
  ),
  output: editedShape,
  run: ({ environment: at, paths }, { desk }) =>
    desk.use((open) =>
      edited(open, () =>
        open.session.unset(
          paths.map((each) => findValue(each).path),
          at,
        ),
      ),
    ),
});

const togglePart = tool({
  name: 'toggle_part',
  title: 'Switch a part',
  description:
    'Switches an optional part of the deployment on or off. `made` names the values that it needs then: set them.',
  kind: 'editing',
  isIdempotent: true,
  input: Type.Object(
    {
      environment,
      part: Type.String({
        maxLength: 63,
        description: 'Name of a part, such as `mcpGateway` (see list_parts).',
      }),
      on: Type.Boolean(),
    },
    { additionalProperties: false },
  ),
  output: editedShape,
  run: ({ environment: at, part, on }, { desk }) => {
    if (!partSections.some((name) => name === part))
      throw failure(
        'no-part',
        `there is no part ${JSON.stringify(part)}`,
        `known: ${partSections.join(', ')}`,
      );
    return desk.use((open) => edited(open, () => open.session.toggle(part, on, at)));
  },
});

const undoEdit = tool({
  name: 'undo',
  title: 'Undo',
  description: 'Takes the last edit back, whichever file it was in. Where it is saved already, save again.',
  kind: 'editing',
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Object({
    undone: Type.Boolean({ description: 'False where there is nothing to take back.' }),
    environment: Type.Optional(Type.String()),
    unsaved: Type.Array(Type.String()),
  }),
  run: (_, { desk }) =>
    desk.use(async ({ session }) => {
      const moved = await session.undo();
      return {
        undone: moved !== false,
        ...(moved === false || moved.at === undefined ? {} : { environment: moved.at }),
        unsaved: [...session.changedFiles()],
      };
    }),
});

const resolveConflict = tool({
  name: 'resolve_conflict',
  title: 'Settle a conflict',
  description:
    'Where a file was changed on disk at the same value as here (finding changed-meanwhile), says which counts: `ours`, the edits, or `theirs`, what is on disk. Ask the user which.',
  kind: 'editing',
  input: Type.Object(
    { environment, keep: Type.Unsafe<'ours' | 'theirs'>({ type: 'string', enum: ['ours', 'theirs'] }) },
    { additionalProperties: false },
  ),
  output: Type.Object({ unsaved: Type.Array(Type.String()) }),
  run: ({ environment: at, keep }, { desk }) =>
    desk.use(async ({ session }) => {
      await session.resolve(keep, at);
      return { unsaved: [...session.changedFiles()] };
    }),
});

const saveAll = tool({
  name: 'save',
  title: 'Save',
  description:
    'Writes the edits, and the Kustomize tree that follows from them, all or nothing. It is refused where the edits made errors. Show the user a preview first.',
  kind: 'editing',
  isIdempotent: true,
  input: Type.Object(
    {
      generate: Type.Optional(
        Type.Boolean({ default: true, description: 'Whether the tree is written too, where there is one.' }),
      ),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    saved: Type.Boolean(),
    changes: Type.Array(Type.Object({ file: Type.String(), what: Type.String() })),
    more: Type.Optional(Type.Integer({ description: 'How many changes are not listed.' })),
    findings,
  }),
  run: ({ generate = true }, { desk }) =>
    desk.use(async ({ session }) => {
      const { isSaved, changes, findings: found } = await session.save({ tree: generate });
      if (!isSaved) throw new Failure(found);
      const { items, total } = page(changes.map(({ path, what }) => ({ file: path, what })));
      const more = total - items.length;
      return {
        saved: isSaved,
        changes: items,
        ...(more === 0 ? {} : { more }),
        findings: found.map(findingData),
      };
    }),
});

/** The tools that edit. */
export const editTools: readonly Tool[] = [
  setValues,
  unsetValues,
  togglePart,
  undoEdit,
  resolveConflict,
  saveAll,
];
