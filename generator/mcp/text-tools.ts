/** The tools for the text of a file: reading it masked, and mending one that cannot be read as YAML. */
import * as Type from 'typebox';
import { hidden } from '../config/mask.ts';
import { hiddenTexts, shownLines } from '../config/mask-yaml.ts';
import type { At } from '../editor/files.ts';
import type { Session } from '../editor/session.ts';
import { withPlainEnds } from '../editor/yaml/line-ends.ts';
import { readText } from '../editor/yaml/source.ts';
import { Failure, failure } from '../model/finding.ts';
import { page } from './answers.ts';
import { fileOf } from './desk.ts';
import { cursor, environment, findingPage, findings, paging } from './shapes.ts';
import { type Tool, tool } from './tool.ts';

/** The lines of a place's file, with what is secret hidden. */
export function linesOf(session: Session, at: At): string[] {
  const file = fileOf(session, at);
  return shownLines(session.texts().get(file) ?? '', file);
}

const readLines = tool({
  name: 'read_file',
  title: 'Read a file',
  description:
    'Reads glyphoxa.yaml or the config.yaml of an environment line by line, edits that are not saved among them: with comments, and with secrets hidden. Where a file cannot be read as YAML, all values that nothing is known of are hidden.',
  kind: 'reading',
  isIdempotent: true,
  input: Type.Object({ environment, cursor }, { additionalProperties: false }),
  output: Type.Object({
    file: Type.String(),
    lines: Type.Array(Type.Object({ line: Type.Integer(), text: Type.String() })),
    ...paging,
  }),
  run: ({ environment: at, cursor: from }, { desk }) =>
    desk.use(async ({ session }) => {
      const lines = linesOf(session, at).map((text, index) => ({ line: index + 1, text }));
      const { items, ...rest } = page(lines, from);
      return { file: fileOf(session, at), lines: items, ...rest };
    }),
});

const mendFile = tool({
  name: 'mend_file',
  title: 'Mend a file that cannot be read',
  description: `Puts other lines in the place of some lines of a file that cannot be read as YAML; files that can be read are edited by set_values. The user is asked first. Write ${hidden} where what is hidden in the replaced lines is to stay: the first mark stands for what is hidden first, and so on.`,
  kind: 'editing',
  input: Type.Object(
    {
      environment,
      from: Type.Integer({ minimum: 1, description: 'The first line that is replaced.' }),
      to: Type.Integer({
        minimum: 0,
        description: 'The last one; one less than `from` to insert before it.',
      }),
      lines: Type.Array(Type.String({ maxLength: 10_000 }), { maxItems: 500 }),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    readable: Type.Boolean({ description: 'Whether the file can be read now.' }),
    findings,
    unsaved: Type.Array(Type.String()),
  }),
  run: ({ environment: at, from, to, lines }, call) =>
    call.desk.use(async ({ session }) => {
      const shown = linesOf(session, at);
      const file = fileOf(session, at);
      const text = session.texts().get(file) ?? '';
      if (isReadable(text, file))
        throw failure('readable', `${file} can be read as YAML`, 'set its values with set_values');
      if (to < from - 1 || to > shown.length)
        throw failure('no-lines', `${file} has ${shown.length} lines`, 'name lines of it');
      const secrets = hiddenTexts(text, file)
        .slice(from - 1, to)
        .flat();
      const written = filled(lines.join('\n'), secrets);
      const before = shown.slice(from - 1, to).map((line) => `- ${line}`);
      const message = [
        `Change ${file}, from line ${from} on?`,
        ...before,
        ...lines.map((line) => `+ ${line}`),
      ];
      await call.confirm({
        message: message.join('\n'),
        title: `change ${file}`,
        subject: JSON.stringify([text, from, to, written]),
      });
      const all = text.split('\n');
      all.splice(from - 1, to - from + 1, ...(lines.length === 0 ? [] : written.split('\n')));
      const { refused, made } = await session.setText(all.join('\n'), at);
      if (refused.length > 0) throw new Failure(refused);
      return {
        readable: isReadable(session.texts().get(file) ?? '', file),
        findings: findingPage(made).items,
        unsaved: [...session.changedFiles()],
      };
    }),
});

/** Whether values of a file can be edited by their places. */
function isReadable(text: string, file: string): boolean {
  return 'root' in readText(withPlainEnds(text), file);
}

/** A text with hidden texts in the place of its marks. */
function filled(text: string, secrets: readonly string[]): string {
  const left = [...secrets];
  return text.replaceAll(hidden, () => {
    const secret = left.shift();
    if (secret !== undefined) return secret;
    throw failure(
      'nothing-hidden',
      `there are more marks ${hidden} than hidden texts in these lines`,
      'leave them away',
    );
  });
}

/** The tool that reads a file's lines. */
export const readFileTool: Tool = readLines;

/** The tool that mends one. */
export const mendFileTool: Tool = mendFile;
