/** The tools that read what the configuration says. */
import * as Type from 'typebox';
import { explain, findValue } from '../config/explain.ts';
import type { Session } from '../editor/session.ts';
import type { Value } from '../editor/values.ts';
import type { JsonObject } from '../model/json.ts';
import { page } from './answers.ts';
import { fileOf } from './desk.ts';
import { anyValue, cursor, environment, findingData, findings, paging, valuePath } from './shapes.ts';
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
      const query = search?.toLowerCase() ?? '';
      const all = session
        .sections(at)
        .flatMap(({ values }) => values)
        .filter(({ path }) => start.every((part, index) => path[index] === part))
        .filter(({ origin }) => isSet !== true || origin === 'resource' || origin === 'environment')
        .filter(({ name, title = '', description = '' }) =>
          `${name}\n${title}\n${description}`.toLowerCase().includes(query),
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

/** The tools that read what the configuration says. */
export const readTools: readonly Tool[] = [listEnvironments, getValues, explainValue, listParts];
