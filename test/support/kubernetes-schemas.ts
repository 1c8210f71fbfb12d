/** Strict validation of objects against Kubernetes' own schemas, offline. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { findTool } from './find-tool.ts';

/** A Kubernetes object as it comes out of a YAML parser. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string; namespace?: string };
}

/** The Kubernetes minor versions that {@link validateKubernetes} knows, oldest first. */
export const kubernetesMinors = [
  '1.28',
  '1.29',
  '1.30',
  '1.31',
  '1.32',
  '1.33',
  '1.34',
  '1.35',
  '1.36',
  '1.37',
] as const;

/** A Kubernetes minor version with schemas. */
export type KubernetesMinor = (typeof kubernetesMinors)[number];

interface ObjectSchema {
  $id: string;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

/** One minor version's schemas: the shared definitions are parsed once, each kind is compiled when asked for. */
class SchemaSet {
  readonly #folder: string;
  readonly #ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: false,
    validateSchema: false,
    logger: false,
  });
  readonly #validators = new Map<string, ValidateFunction | undefined>();

  constructor(minor: KubernetesMinor) {
    const root = findTool('kubernetes-schemas');
    if (!root) throw new Error('missing tool kubernetes-schemas (get it: node scripts/tools.mjs)');
    this.#folder = join(root, `v${minor}.0-local-strict`);
    this.#ajv.addSchema(this.#read('_definitions.json'));
  }

  #read(file: string): ObjectSchema {
    return JSON.parse(readFileSync(join(this.#folder, file), 'utf8')) as ObjectSchema;
  }

  validator({ apiVersion, kind }: KubernetesObject): ValidateFunction | undefined {
    const key = `${apiVersion}/${kind}`;
    if (!this.#validators.has(key)) this.#validators.set(key, this.#compile(apiVersion, kind));
    return this.#validators.get(key);
  }

  #compile(apiVersion: string, kind: string): ValidateFunction | undefined {
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    // Files are named by the group's first word only, so the schema itself must confirm the group.
    const parts = [kind.toLowerCase(), ...(group ? [group.split('.')[0]] : []), version];
    const file = `${parts.join('-')}.json`;
    if (!existsSync(join(this.#folder, file))) return undefined;
    const schema = this.#read(file);
    const kinds = schema['x-kubernetes-group-version-kind'] ?? [];
    const isThisKind = kinds.some((it) => it.group === group && it.version === version && it.kind === kind);
    return isThisKind ? this.#ajv.compile(schema) : undefined;
  }
}

const schemaSets = new Map<KubernetesMinor, SchemaSet>();

function schemaSet(minor: KubernetesMinor): SchemaSet {
  const set = schemaSets.get(minor) ?? new SchemaSet(minor);
  schemaSets.set(minor, set);
  return set;
}

/**
 * Whether that Kubernetes has a schema for the object's kind. It has none for custom resources, about
 * which {@link validateKubernetes} therefore says nothing.
 */
export function hasKubernetesSchema(object: KubernetesObject, minor: KubernetesMinor): boolean {
  return schemaSet(minor).validator(object) !== undefined;
}

/**
 * What that Kubernetes' own schemas find wrong with the objects, unknown fields included; empty when all
 * is well. Objects without a schema are passed over. Needs the tool `kubernetes-schemas`, else it throws.
 */
export function validateKubernetes(objects: readonly KubernetesObject[], minor: KubernetesMinor): string[] {
  return objects.flatMap((object) => {
    const validate = schemaSet(minor).validator(object);
    validate?.(object);
    const label = `${object.kind}/${object.metadata?.name ?? '?'}`;
    return (validate?.errors ?? []).map((error) => `${label} ${describe(error)}`);
  });
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const at = instancePath || '/';
  if ('additionalProperty' in params) return `${at}: unknown field "${params.additionalProperty}"`;
  return `${at}: ${message ?? 'is invalid'}`;
}
