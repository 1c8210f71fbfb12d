/** The tools that read. */
import * as Type from 'typebox';
import { explain, findValue } from '../config/explain.ts';
import type { Session } from '../editor/session.ts';
import type { Value } from '../editor/values.ts';
import { mermaid } from '../graph/mermaid.ts';
import { svg } from '../graph/svg.ts';
import { trafficOf } from '../graph/traffic.ts';
import { Failure, type Finding, failure, hasErrors } from '../model/finding.ts';
import { formatPath, type JsonObject } from '../model/json.ts';
import { checkFolder } from '../tree/check/check.ts';
import { environmentFolder } from '../tree/layout.ts';
import { page, pieces } from './answers.ts';
import { fileOf } from './desk.ts';
import {
  anyValue,
  cursor,
  environment,
  findingData,
  findings,
  namedEnvironment,
  paging,
  valuePath,
} from './shapes.ts';
import { type Tool, tool } from './tool.ts';

const empty = Type.Object({}, { additionalProperties: false });

const valueShape = Type.Object({
  path: Type.String(),
  title: Type.Optional(Type.String()),
  type: Type.String(),
  value: Type.Optional(anyValue),
  default: Type.Optional(anyValue),
  origin: Type.Unsafe<Value['origin']>({
    type: 'string',
    enum: ['default', 'preset', 'resource', 'environment', 'unset'],
    description: 'Who sets it.',
  }),
  where: Type.Optional(Type.String()),
  choices: Type.Optional(Type.Array(anyValue)),
  bounds: Type.Optional(Type.String()),
  secret: Type.Optional(
    Type.Object(
      { state: Type.String(), from: Type.String() },
      { description: 'Of a secret. Its value is never shown.' },
    ),
  ),
  problems: Type.Optional(Type.Array(Type.String(), { description: 'Codes of findings; see validate.' })),
});

const listEnvironments = tool({
  name: 'list_environments',
  title: 'List environments',
  description:
    'Lists the environments of the repository with their files, how many findings each has, and whether it has edits that are not saved. Begin here.',
  kind: 'reading',
  isIdempotent: true,
  input: empty,
  output: Type.Object({
    release: Type.Optional(Type.String()),
    resource: Type.String({ description: 'The file that all environments share.' }),
    environments: Type.Array(
      Type.Object({
        name: Type.String(),
        file: Type.String(),
        topology: Type.Optional(Type.String()),
        errors: Type.Integer(),
        warnings: Type.Integer(),
      }),
    ),
    unsaved: Type.Array(Type.String(), { description: 'Files with edits that are not saved.' }),
    ...paging,
  }),
  run: (_, { desk }) =>
    desk.use(async ({ session }) => {
      const name = session.loaded().config?.metadata.name;
      const listed = page(session.environments().map((each) => summary(session, each)));
      const { items, ...rest } = listed;
      return {
        ...(name === undefined ? {} : { release: name }),
        resource: fileOf(session, undefined),
        environments: items,
        unsaved: [...session.changedFiles()],
        ...rest,
      };
    }),
});

function summary(session: Session, name: string) {
  const { findings: found, config } = session.loaded(name);
  const errors = found.filter(({ severity }) => severity === 'error').length;
  return {
    name,
    file: fileOf(session, name),
    ...(config === undefined ? {} : { topology: config.spec.core.topology }),
    errors,
    warnings: found.length - errors,
  };
}

const getValues = tool({
  name: 'get_values',
  title: 'Read values',
  description:
    'Reads values that count in an environment or in the resource: with defaults, presets and what each layer changes, and who set each. Secrets are hidden, and nothing shows them. Narrow it with `prefix`, `search` or `set_only`.',
  kind: 'reading',
  isIdempotent: true,
  input: Type.Object(
    {
      environment,
      prefix: Type.Optional({ ...valuePath, description: 'Only values in here, such as `gateway`.' }),
      search: Type.Optional(
        Type.String({ maxLength: 100, description: 'Only values with this in path, title or description.' }),
      ),
      set_only: Type.Optional(Type.Boolean({ description: 'Only values that a file sets.' })),
      cursor,
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ values: Type.Array(valueShape), ...paging }),
  run: ({ environment: at, prefix, search, set_only: isSet, cursor: from }, { desk }) =>
    desk.use(async ({ session }) => {
      const start = prefix === undefined ? [] : findValue(prefix).path;
      const words = search?.toLowerCase() ?? '';
      const all = session
        .sections(at)
        .flatMap(({ values }) => values)
        .filter(({ path }) => start.every((part, index) => path[index] === part))
        .filter(({ origin }) => isSet !== true || origin === 'resource' || origin === 'environment')
        .filter(({ name, title = '', description = '' }) =>
          `${name}\n${title}\n${description}`.toLowerCase().includes(words),
        );
      const { items, ...rest } = page(all.map(valueData), from);
      return { values: items, ...rest };
    }),
});

function valueData(value: Value) {
  const { name, title, type, origin, position, choices, bounds, secret } = value;
  return {
    path: name,
    ...(title === undefined ? {} : { title }),
    type,
    ...(value.value === undefined ? {} : { value: value.value }),
    ...(value.default === undefined ? {} : { default: value.default }),
    origin,
    ...(position === undefined ? {} : { where: `${position.file}:${position.line}:${position.col}` }),
    ...(choices === undefined ? {} : { choices: [...choices] }),
    ...(bounds === undefined ? {} : { bounds }),
    ...(secret === undefined ? {} : { secret: { state: secret.state, from: secret.from } }),
    ...(value.findings.length === 0 ? {} : { problems: value.findings.map(({ code }) => code) }),
  };
}

const explainValue = tool({
  name: 'explain',
  title: 'Explain a value',
  description:
    'Says what a value or a group means, its type, bounds, default and examples, what it is now and who set it. Take it before you set a value that you do not know.',
  kind: 'reading',
  isIdempotent: true,
  input: Type.Object({ path: valuePath, environment }, { additionalProperties: false }),
  output: Type.Object({
    path: Type.String(),
    title: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    section: Type.Optional(Type.String()),
    type: Type.String(),
    bounds: Type.Optional(Type.String()),
    default: Type.Optional(Type.String()),
    examples: Type.Optional(Type.Array(anyValue)),
    secret: Type.Optional(Type.Boolean()),
    note: Type.Optional(Type.String()),
    value: Type.Optional(anyValue),
    setBy: Type.Optional(Type.String()),
    children: Type.Optional(Type.Array(anyValue)),
  }),
  run: ({ path, environment: at }, { desk }) =>
    desk.use(async ({ session }) => {
      const loaded = session.loaded(at);
      return { ...explain(path, loaded, loaded.sources) } as JsonObject & { path: string; type: string };
    }),
});

const listParts = tool({
  name: 'list_parts',
  title: 'List optional parts',
  description:
    'Lists the optional parts of the deployment (MCP gateway, autoscaling, ingress and so on): whether each is on, which objects it brings, and what has to be set when it is switched on. Switch them with toggle_part.',
  kind: 'reading',
  isIdempotent: true,
  input: Type.Object({ environment }, { additionalProperties: false }),
  output: Type.Object({
    parts: Type.Array(
      Type.Object({
        name: Type.String(),
        title: Type.String(),
        description: Type.String(),
        on: Type.Boolean(),
        brings: Type.Array(Type.String()),
        needs: findings,
      }),
    ),
    ...paging,
  }),
  run: ({ environment: at }, { desk }) =>
    desk.use(async ({ session }) => {
      const parts = await session.parts(at);
      const { items, ...rest } = page(
        parts.map(({ name, title, description, on, brings, needs }) => ({
          name,
          title,
          description,
          on,
          brings: [...brings],
          needs: needs.map(findingData),
        })),
      );
      return { parts: items, ...rest };
    }),
});

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
  const { items, ...rest } = page(found.map(findingData), from);
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

/** The tools that read. */
export const readTools: readonly Tool[] = [
  listEnvironments,
  getValues,
  explainValue,
  listParts,
  validateAll,
  previewAll,
  drawGraph,
];
