/** docs/reference.md, from the schema and the rules. */
import {
  boundsWords,
  defaultWords,
  formatSchemaPath,
  noteWords,
  schemaValues,
  typeWords,
} from '../generator/config/describe.ts';
import { schema } from '../generator/config/load.ts';
import { rules } from '../generator/config/rules.ts';
import type { SchemaNode } from '../generator/config/schema/node.ts';

/** Findings that no rule makes: of the text and of single values. */
const checks: readonly (readonly [codes: string, about: string])[] = [
  [
    'unreadable, not-utf8, no-resource, no-environment, two-layers',
    'The file cannot be read, or it is not clear which file is meant.',
  ],
  [
    'empty-document, several-documents, too-large, too-deep',
    'A file holds one YAML document of at most 1 MiB and 64 levels.',
  ],
  ['foreign-resource', 'A resource in a folder above that belongs to another user.'],
  ['merge-conflict', 'A conflict of a merge that is left in a file.'],
  ['byte-order-mark, carriage-return, control-character', 'Characters that tools on the way change or drop.'],
  [
    'syntax, duplicate-key, anchor, tag, directive',
    'YAML that is broken, or that Kubernetes tools read in different ways. Anchors, aliases and merge keys are written out.',
  ],
  [
    'ambiguous-scalar',
    'A plain scalar that is something else in YAML 1.1 than in YAML 1.2, such as `yes`, `0755` or `1e3`: put it in quotes.',
  ],
  ['digits-lost', 'A number that cannot be kept exactly, such as a Discord id above 2^53: put it in quotes.'],
  ['wrong-kind', 'Not `apiVersion: deploy.glyphoxa.io/v1alpha1`, `kind: Glyphoxa`.'],
  [
    'other-release',
    'An environment names another release than its resource. Another release is another resource.',
  ],
  [
    'unknown-field, invalid-key, required, empty-value',
    'A field that does not exist, a key of the wrong form, a value that is missing.',
  ],
  [
    'wrong-type, not-a-choice, out-of-range, too-long, invalid-value',
    'A value that is not what this page says of it; `invalid-value` as the Kubernetes API server would say.',
  ],
  ['secret-source', 'A secret with no source, or with more than one.'],
  ['object-too-large', 'A ConfigMap or a Secret holds at most 1 MiB, all values together.'],
  [
    'no-fleet, no-template, template-errors, template-secrets, no-tenant',
    'There is no `tenants.yaml`; its template environment is not there, has errors, or makes its Secret from files, which every tenant would get; there is no such tenant.',
  ],
  [
    'tenant-id, same-namespace, unknown-wave, duplicate-wave, empty-wave, taken-label',
    'Of `tenants.yaml`: an id of the wrong form, two tenants or a tenant and an environment in one namespace, a wave that is not in `waves`, stands there twice or has no tenant (a warning), a label that this tool sets.',
  ],
  [
    'two-engines, duplicate-shard, engine-path',
    'Of `engine` in `tenants.yaml`: Argo CD and Flux at once, which would deploy the same objects; a shard that stands there twice; a `path` that is not where the tree is in its git repository (a warning).',
  ],
  [
    'tenant-secrets, tenant-database, deny-without-policies',
    'A tenant whose Secret would be made from files, whose database nobody makes (a warning), or whose pods `defaultDeny` shuts off without policies that open what is needed.',
  ],
  [
    'secret-unreadable, database-port',
    'When `build` reads the secrets: a variable or file is missing, or the DSN leads to a port that the network policies keep shut.',
  ],
];

/** The reference page. */
export function reference(): string {
  const { metadata, spec } = schema.properties ?? {};
  if (metadata === undefined || spec === undefined) throw new Error('the schema has no metadata or spec');
  return [
    '<!-- Written by "npm run schema" from the schema and the rules. -->',
    '',
    '# Reference',
    '',
    'Every value of `apiVersion: deploy.glyphoxa.io/v1alpha1`, `kind: Glyphoxa`. Only `metadata.name` must be given.',
    '`glyphoxa-kustomize explain PATH` prints the same for one value, together with its present value and where that',
    'comes from.',
    '',
    'A default that depends on the topology is a preset: it is applied after all layers are merged, and a value that somebody',
    "wrote wins. In an environment's `config.yaml` every value is optional and `null` removes one.",
    '',
    ...chapter('Metadata', metadata, ['metadata']),
    ...Object.entries(spec.properties ?? {}).flatMap(([name, node]) =>
      chapter(node.title ?? name, node, ['spec', name]),
    ),
    ...shared(spec),
    ...ruleTable(),
    '',
  ].join('\n');
}

/** Tolerations look the same everywhere, and are described once. */
function isToleration(node: SchemaNode): boolean {
  return node.check === 'toleration';
}

function chapter(title: string, node: SchemaNode, path: string[]): string[] {
  const values = [...schemaValues(node, path, isToleration)].slice(1);
  return [
    `## ${title}`,
    '',
    node.description ?? '',
    '',
    ...table(values.filter((value) => !(value.node.properties !== undefined && value.path.at(-1) === '[]'))),
    '',
  ];
}

function table(values: readonly { path: readonly string[]; node: SchemaNode }[]): string[] {
  return [
    '| Value | Type | Default | Description |',
    '|---|---|---|---|',
    ...values.map(({ path, node }) => {
      const bounds = boundsWords(node);
      const about = [`**${node.title ?? ''}.**`, node.description, noteWords(node), examples(node)];
      const cells = [
        `\`${formatSchemaPath(path)}\``,
        bounds === '' ? typeWords(node) : `${typeWords(node)}, ${bounds}`,
        defaultWords(node) ?? '',
        about.filter((part) => part !== undefined).join(' '),
      ];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
    }),
  ];
}

function examples({ examples: given }: SchemaNode): string | undefined {
  if (given === undefined || given.length === 0) return undefined;
  const words = given.map((value) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``);
  return `For example ${words.join(', ')}.`;
}

/** What stands in several places: a secret value, a toleration. */
function shared(spec: SchemaNode): string[] {
  const secret = spec.properties?.database?.properties?.dsn;
  const toleration = spec.properties?.gateway?.properties?.tolerations?.items;
  if (secret === undefined || toleration === undefined)
    throw new Error('the schema has no secret or toleration');
  const inside = (node: SchemaNode) =>
    Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
      ...schemaValues(child, [name], () => false),
    ]);
  return [
    '## Secret values',
    '',
    'A value of the type secret is a map with exactly one of these. An environment replaces it whole.',
    '',
    ...table(inside(secret)),
    '',
    '## Tolerations',
    '',
    'Each item of a list of tolerations, checked as the API server does.',
    '',
    ...table(inside(toleration)),
    '',
  ];
}

function ruleTable(): string[] {
  return [
    '## Findings',
    '',
    'Every finding has a code that stays the same. Errors stop everything; warnings are reported and the work continues, unless',
    '`validate --strict` runs.',
    '',
    '### Rules',
    '',
    '| Code | Severity | What it asks for |',
    '|---|---|---|',
    ...rules.map(
      ({ code, severity, about }) => `| \`${code}\` | ${severity} | ${about.replaceAll('|', '\\|')} |`,
    ),
    '',
    '### Text and values',
    '',
    'These are errors.',
    '',
    '| Codes | What is wrong |',
    '|---|---|',
    ...checks.map(([codes, about]) => `| ${codes.replace(/[\w-]+/g, '`$&`')} | ${about} |`),
  ];
}
