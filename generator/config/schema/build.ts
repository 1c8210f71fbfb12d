/**
 * The words that the schema is written in. Every value says here, once, what the editors, the reference
 * pages, the checks and the forms know of it:
 *
 * - `title`, `description`, `examples`: for people;
 * - `default`: what the value is when nobody sets it. `preset` names a default for each topology, `derived`
 *   one that begins with the release's name;
 * - `section`: the group that forms show it in;
 * - `strategic`: the value is a strategic merge patch, and those of several layers are applied one after the other;
 * - `secret`: the value must never be shown or written anywhere but into a Secret;
 * - `parts`: how secrets may stand in parts of the text, see secret-parts.ts; URLs that are checked need no such word;
 * - `blankIsUnset`: null and an empty text mean that nothing is set;
 * - `check`: the name of a check in checks.ts, as the Kubernetes API server would do it; `pattern` is the
 *   nearest that JSON Schema can say, for editors.
 */
import Type, { type Static, type TSchema } from 'typebox';
import type { JsonObject } from '../../model/json.ts';
import * as patterns from '../../model/kubernetes-values.ts';
import type { CheckName } from '../checks.ts';
import type { SecretPartsOf } from '../secret-forms.ts';

/** What every value says of itself. */
export type About = {
  title: string;
  description: string;
  examples?: unknown[];
};

type TextOptions = About & {
  default?: string;
  derived?: string;
  check?: CheckName;
  pattern?: string;
  maxLength?: number;
  minLength?: number;
  secret?: true;
  parts?: SecretPartsOf;
};

/** How an http address begins. Schemes are the same in upper case. */
export const httpPattern = '^[Hh][Tt][Tt][Pp][Ss]?://';

/** Any string. */
export const text = (options: TextOptions) => Type.String({ minLength: 1, ...options });

/** One of a fixed set of words. */
export const choice = <const T extends readonly string[]>(
  values: T,
  options: About & { default?: T[number] },
) => Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options });

/** True or false. `preset` gives a default for each topology. */
export const flag = (
  options: About & { default?: boolean; preset?: { shared: boolean; dedicated: boolean } },
) => Type.Boolean(options);

/** A whole number. */
export const integer = (
  options: About & {
    default?: number;
    minimum?: number;
    maximum?: number;
    preset?: { shared: number; dedicated: number };
  },
) => Type.Integer({ maximum: 2147483647, ...options });

/** A TCP port. */
export const port = (options: About & { default: number }) =>
  Type.Integer({ minimum: 1, maximum: 65535, ...options });

/** A list; its items come in the order that they are written in. */
export const list = <T extends TSchema>(
  item: T,
  options: About & { default?: Static<T>[]; minItems?: number },
) => Type.Array(item, options);

/** An object whose keys the user chooses. */
export const map = <T extends TSchema>(
  value: T,
  options: About & { default?: Record<string, Static<T>>; keys?: CheckName },
) =>
  Type.Unsafe<Record<string, Static<T>>>({
    type: 'object',
    additionalProperties: value,
    ...options,
    ...(options.keys === undefined ? {} : { propertyNames: { pattern: keyPatterns[options.keys] } }),
  });

const keyPatterns: Partial<Record<CheckName, string>> = {
  'label-key': patterns.labelKeyPattern,
  'annotation-key': patterns.labelKeyPattern,
  'resource-name': patterns.labelKeyPattern,
  'secret-key': '^[-._a-zA-Z0-9]+$',
};

/** An object that is handed on as it stands: no key or value of it is looked at here. */
export const freeform = (options: About & { default?: JsonObject; secret?: true; strategic?: true }) =>
  Type.Unsafe<JsonObject>({ type: 'object', ...options });

/** An object with known keys. */
export const object = <T extends Record<string, TSchema>>(
  properties: T,
  options: Partial<About> & { default?: object; check?: CheckName } = {},
) => Type.Object(properties, { additionalProperties: false, ...options });

/** A group of values that are all optional to write, since each has a default or may be absent. */
export const group = <T extends Record<string, TSchema>>(properties: T, options: About) =>
  object(properties, { ...options, default: {} });

/** A group at the top of `spec`; its name is stamped on every value in it. */
export const section = <T extends Record<string, TSchema>>(properties: T, options: About) => {
  const schema = group(properties, options);
  stamp(schema, options.title);
  return schema;
};

function stamp(schema: TSchema, name: string): void {
  const node = schema as { section?: string; properties?: Record<string, TSchema> };
  node.section = name;
  for (const child of Object.values(node.properties ?? {})) stamp(child, name);
}

/** Lets null, and an empty text where a text is meant, say the same as nothing: here and in all properties. */
export function blankIsUnset<T extends TSchema>(schema: T): T {
  const node = schema as { blankIsUnset?: true; properties?: Record<string, TSchema>; items?: TSchema };
  if (node.items !== undefined) blankIsUnset(node.items);
  for (const child of Object.values(node.properties ?? {})) blankIsUnset(child);
  node.blankIsUnset = true;
  return schema;
}

/** May be left out, and nothing stands in for it. */
export const optional = Type.Optional;

/** A CPU or memory quantity such as `250m` or `512Mi`; plain numbers are fine. */
export const quantity = (options: About & { default?: string }) =>
  Type.Unsafe<string | number>({
    type: ['string', 'number'],
    check: 'quantity',
    pattern: patterns.quantityPattern,
    ...options,
  });

const quantities = (side: 'Requests' | 'Limits', defaults: { cpu?: string; memory?: string }) =>
  Type.Unsafe<Record<string, string | number>>({
    type: 'object',
    title: side,
    description:
      side === 'Requests'
        ? 'What the scheduler reserves for the container.'
        : 'What the container may use at most.',
    default: {},
    properties: {
      cpu: quantity({
        title: `CPU ${side.toLowerCase()}`,
        description: 'CPU, in cores or thousandths of a core (`250m`).',
        ...(defaults.cpu === undefined ? {} : { default: defaults.cpu }),
      }),
      memory: quantity({
        title: `Memory ${side.toLowerCase()}`,
        description: 'Memory, in bytes (`512Mi`).',
        ...(defaults.memory === undefined ? {} : { default: defaults.memory }),
      }),
    },
    additionalProperties: quantity({
      title: 'Another resource',
      description: 'The amount of a resource such as `ephemeral-storage` or `nvidia.com/gpu`.',
    }),
    propertyNames: { pattern: patterns.labelKeyPattern },
    keys: 'resource-name',
  });

/** The resources of a container. What is not set keeps its default, key by key. */
export const resources = (
  options: About,
  defaults: { requests?: { cpu: string; memory: string }; limits?: { cpu: string; memory: string } } = {},
) =>
  object(
    {
      requests: quantities('Requests', defaults.requests ?? {}),
      limits: quantities('Limits', defaults.limits ?? {}),
    },
    { ...options, default: {}, check: 'resources' },
  );

/** Labels that a node must carry for a pod to run there. */
export const nodeSelector = (options: Partial<About> & { default?: Record<string, string> } = {}) =>
  map(
    Type.String({
      title: 'Label value',
      description: 'The value that the node label must have.',
      check: 'label-value',
      maxLength: 63,
      pattern: patterns.labelValuePattern,
    }),
    {
      title: 'Node selector',
      description: 'Labels that a node must carry for these pods to run on it.',
      default: {},
      keys: 'label-key',
      ...options,
    },
  );

const toleration = object(
  {
    key: optional(
      Type.String({
        title: 'Key',
        description: 'The taint key. Empty, with `operator: Exists`: every taint.',
      }),
    ),
    operator: optional(
      choice(['Equal', 'Exists'], {
        title: 'Operator',
        description: 'How key and value are compared. Default Equal.',
      }),
    ),
    value: optional(
      Type.String({ title: 'Value', description: 'The taint value; none with `operator: Exists`.' }),
    ),
    effect: optional(
      choice(['NoSchedule', 'PreferNoSchedule', 'NoExecute'], {
        title: 'Effect',
        description: 'The taint effect. Absent: every effect.',
      }),
    ),
    tolerationSeconds: optional(
      Type.Integer({
        title: 'Seconds',
        description: 'How long a NoExecute taint is tolerated. Absent: for ever.',
      }),
    ),
  },
  { title: 'Toleration', description: 'A node taint that these pods put up with.', check: 'toleration' },
);

/** Node taints that the pods put up with. */
export const tolerations = (
  options: Partial<About> & { default?: { key: string; effect: 'NoSchedule' }[] } = {},
) =>
  list(toleration, {
    title: 'Tolerations',
    description: 'Node taints that these pods put up with, as in a pod spec.',
    default: [],
    ...options,
  });

/** A strategic merge patch on a pod template. */
export const podPatch = (whose: string) =>
  freeform({
    title: 'Pod patch',
    description: `A strategic merge patch on ${whose} pod template (\`metadata\`, \`spec\`), applied after everything else. That of an environment is applied after that of the resource. The result is checked as the API server would.`,
    strategic: true,
    default: {},
    examples: [{ spec: { priorityClassName: 'high' } }],
  });

/** A value that must not be readable in the repository: exactly one of four sources. */
export const secret = (options: About) =>
  Type.Object(
    {
      value: optional(
        text({
          title: 'Value',
          description: 'The value itself. Works, and warns: the file then holds a secret.',
          secret: true,
        }),
      ),
      fromEnv: optional(
        text({
          title: 'From the environment',
          description: 'The environment variable that holds the value when `build` runs.',
          check: 'env-name',
          pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
        }),
      ),
      fromFile: optional(
        text({
          title: 'From a file',
          description: "The file that holds the value when `build` runs, inside the resource's folder.",
          check: 'relative-path',
        }),
      ),
      secretKeyRef: optional(
        object(
          {
            name: text({
              title: 'Secret',
              description: 'The name of a Secret in the same namespace.',
              check: 'dns-subdomain',
              pattern: patterns.dnsSubdomainPattern,
              maxLength: 253,
            }),
            key: text({
              title: 'Key',
              description: 'The key in that Secret.',
              check: 'secret-key',
              pattern: '^[-._a-zA-Z0-9]+$',
              maxLength: 253,
            }),
          },
          {
            title: 'From a Secret',
            description: 'A key of a Secret that is in the cluster. Works with every provider.',
          },
        ),
      ),
    },
    { additionalProperties: false, minProperties: 1, maxProperties: 1, secret: true, ...options },
  );
