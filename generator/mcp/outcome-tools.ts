/** The tools that say what comes of the configuration: findings, changes, a picture, a build. */
import * as Type from 'typebox';
import { mermaid } from '../graph/mermaid.ts';
import { svg } from '../graph/svg.ts';
import { trafficOf } from '../graph/traffic.ts';
import { Failure, type Finding, failure, hasErrors } from '../model/finding.ts';
import { formatPath } from '../model/json.ts';
import { checkFolder } from '../tree/check/check.ts';
import { environmentFolder } from '../tree/layout.ts';
import { page, pieces } from './answers.ts';
import { anyValue, cursor, environment, findingPage, findings, namedEnvironment, paging } from './shapes.ts';
import { type Tool, tool } from './tool.ts';

const validateAll = tool({
  name: 'validate',
  title: 'Validate',
  description:
    'Says everything that is wrong with the resource and its environments, edits that are not saved among them. Each finding has a code, a position and a hint.',
  kind: 'reading',
  isIdempotent: true,
  input: Type.Object({ environment, cursor }, { additionalProperties: false }),
  output: Type.Object({
    valid: Type.Boolean({ description: 'Whether there are no errors.' }),
    findings,
    ...paging,
  }),
  run: ({ environment: at, cursor: from }, { desk }) =>
    desk.use(async ({ session }) => {
      if (at !== undefined) session.loaded(at);
      return foundData(
        session
          .findings()
          .filter(
            ({ environments }) => at === undefined || environments === undefined || environments.includes(at),
          ),
        from,
      );
    }),
});

function foundData(found: readonly Finding[], from?: number) {
  const { items, ...rest } = findingPage(found, from);
  return { valid: !hasErrors(found), findings: items, ...rest };
}

const previewAll = tool({
  name: 'preview',
  title: 'Preview',
  description:
    'Shows what saving would change: the lines of files as unified diffs, and the Kubernetes objects by field. Nothing is written.',
  kind: 'reading',
  isIdempotent: true,
  input: Type.Object({ cursor }, { additionalProperties: false }),
  output: Type.Object({
    changes: Type.Array(
      Type.Union([
        Type.Object({ file: Type.String(), diff: Type.String() }),
        Type.Object({
          environment: Type.Optional(Type.String()),
          object: Type.String(),
          what: Type.String({ description: 'added, removed or changed' }),
          fields: Type.Array(
            Type.Object({
              path: Type.String(),
              before: Type.Optional(anyValue),
              after: Type.Optional(anyValue),
            }),
          ),
        }),
      ]),
    ),
    broken: Type.Array(Type.String(), { description: 'Environments with errors, of which nothing is made.' }),
    ...paging,
  }),
  run: ({ cursor: from }, { desk }) =>
    desk.use(async ({ session }) => {
      const { files, deployments } = session.preview();
      const changes = [
        ...files.flatMap(({ file, diff }) => pieces(diff).map((piece) => ({ file, diff: piece }))),
        ...deployments.flatMap(({ environment: name, objects }) =>
          objects.map(({ object, what, fields }) => ({
            ...(name === undefined ? {} : { environment: name }),
            object,
            what,
            fields: fields.map(({ path, ...sides }) => ({ path: formatPath(path), ...sides })),
          })),
        ),
      ];
      const { items, ...rest } = page(changes, from);
      const broken = deployments.filter(({ isBroken }) => isBroken);
      return { changes: items, broken: broken.map((each) => each.environment ?? ''), ...rest };
    }),
});

const drawGraph = tool({
  name: 'graph',
  title: 'Draw the deployment',
  description:
    'Draws who may talk to whom in a deployment, and on which port: as a Mermaid flowchart, or as an SVG.',
  kind: 'reading',
  isIdempotent: true,
  input: Type.Object(
    {
      environment,
      format: Type.Optional(
        Type.Unsafe<'mermaid' | 'svg'>({ type: 'string', enum: ['mermaid', 'svg'], default: 'mermaid' }),
      ),
      cursor,
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    format: Type.String(),
    parts: Type.Array(Type.String(), { description: 'The picture; a long one in several parts.' }),
    ...paging,
  }),
  run: ({ environment: at, format = 'mermaid', cursor: from }, { desk }) =>
    desk.use(async ({ session }) => {
      const { config, findings: found } = session.loaded(at);
      if (config === undefined || hasErrors(found)) throw new Failure(found);
      const traffic = trafficOf(config);
      const { items, ...rest } = page(pieces(format === 'svg' ? svg(traffic) : mermaid(traffic)), from);
      return { format, parts: items, ...rest };
    }),
});

/** The tool that builds with the kustomize of the machine, which the server's environment leads to. */
export function checkTool(env: { readonly [name: string]: string | undefined }): Tool {
  return tool({
    name: 'check',
    title: 'Check the build',
    description:
      'Builds the written overlay of an environment with the kustomize or kubectl of this machine, with all that people added to it, and says what is inconsistent in the objects. It sees what is saved, not edits.',
    kind: 'reading',
    isIdempotent: true,
    input: Type.Object({ environment: namedEnvironment, cursor }, { additionalProperties: false }),
    output: Type.Object({ valid: Type.Boolean(), findings, ...paging }),
    run: ({ environment: name, cursor: from }, { desk }) =>
      desk.use(async ({ session }) => {
        if (!session.environments().includes(name))
          throw failure(
            'no-environment',
            `there is no environment ${JSON.stringify(name)}`,
            'see list_environments',
          );
        return foundData(await checkFolder(environmentFolder(name), desk.tree.root, env), from);
      }),
  });
}

/** Those that need nothing but the configuration. */
export const outcomeTools: readonly Tool[] = [validateAll, previewAll, drawGraph];
