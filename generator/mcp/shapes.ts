/** The schemas of what goes in and comes out, as clients are told them. */
import * as Type from 'typebox';
import type { Finding } from '../model/finding.ts';
import { formatPath, type Json, type JsonObject } from '../model/json.ts';
import { type Page, page } from './answers.ts';

/** Any value of YAML. */
export const anyValue = Type.Unsafe<Json>({});

/** An environment's name; the resource where it is absent. */
export const environment = Type.Optional(
  Type.String({
    maxLength: 63,
    description:
      'Name of an environment (see list_environments). Absent: glyphoxa.yaml, which all environments share.',
  }),
);

/** An environment that is named. */
export const namedEnvironment = Type.String({ maxLength: 63, description: 'Name of an environment.' });

/** Where an answer continues. */
export const cursor = Type.Optional(
  Type.Integer({ minimum: 0, description: 'Where to continue: `next` of the answer before.' }),
);

/** What every paged answer has beside its items. */
export const paging = {
  total: Type.Integer({ description: 'How many there are in all.' }),
  next: Type.Optional(Type.Integer({ description: 'The cursor of the rest; absent at the end.' })),
};

/** The path of a value, as people write it. */
export const valuePath = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'Path of a value, such as `gateway.replicaCount` or `config.npcs[0].name`.',
});

const severity = Type.Unsafe<Finding['severity']>({ type: 'string', enum: ['error', 'warning'] });

/** A finding. */
const findingShape = Type.Object({
  severity,
  code: Type.String(),
  message: Type.String(),
  hint: Type.String({ description: 'What to do about it.' }),
  path: Type.Optional(Type.String({ description: 'The value that it is about.' })),
  where: Type.Optional(Type.String({ description: 'file:line:column' })),
  environments: Type.Optional(Type.Array(Type.String())),
  details: Type.Optional(Type.Array(Type.String())),
});

/** Some findings. */
export const findings = Type.Array(findingShape);

/** Findings as they are handed out: as many from a place on as fit an answer. */
export function findingPage(found: readonly Finding[], from?: number): Page<FindingData> {
  return page(found.map(findingData), from);
}

type FindingData = Type.Static<typeof findingShape> & JsonObject;

/** A finding as it is handed out. */
export function findingData({
  severity,
  code,
  message,
  hint,
  path,
  position,
  environments,
  details,
}: Finding): FindingData {
  return {
    severity,
    code,
    message,
    hint,
    ...(path.length === 0 ? {} : { path: formatPath(path) }),
    ...(position === undefined ? {} : { where: `${position.file}:${position.line}:${position.col}` }),
    ...(environments === undefined ? {} : { environments: [...environments] }),
    ...(details === undefined ? {} : { details: [...details] }),
  };
}
