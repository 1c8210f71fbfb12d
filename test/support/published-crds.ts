/** Objects of Argo CD and Flux, checked by the CRDs that their projects publish. */
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { Ajv, type ValidateFunction } from 'ajv';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { requireTool, type ToolName } from './find-tool.ts';

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Json };
    }[];
  };
}

/** A CRD with a check of objects. */
export interface PublishedCrd {
  readonly group: string;
  /** What is wrong with an object, but for its metadata. */
  errorsIn(object: JsonObject): string[];
}

/** A CRD; undefined where the tool is missing, whose test is then skipped. */
export function requireCrd(t: TestContext, tool: ToolName): PublishedCrd | undefined {
  const file = requireTool(t, tool);
  if (file === undefined) return undefined;
  const [crd] = parseYaml(readFileSync(file, 'utf8')) as unknown as [Crd];
  const { group, versions } = crd.spec;
  const compiled = new Map<string, ValidateFunction>();
  return {
    group,
    errorsIn({ metadata, ...rest }) {
      if (!isObject(metadata) || typeof metadata.name !== 'string') return ['it has no name'];
      const version = versions.find(({ name }) => rest.apiVersion === `${group}/${name}`);
      if (version === undefined) return [`no version ${String(rest.apiVersion)}`];
      const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
      const validate =
        compiled.get(version.name) ?? ajv.compile(strict(version.schema.openAPIV3Schema) as object);
      compiled.set(version.name, validate);
      validate({ ...rest, metadata: {} });
      return (validate.errors ?? []).map(({ instancePath, message, params }) =>
        [instancePath, message, JSON.stringify(params)].join(' '),
      );
    },
  };
}

/** A schema of a CRD as the API server has it in strict mode: what is not in it is an error. */
function strict(node: Json): Json {
  if (Array.isArray(node)) return node.map(strict);
  if (!isObject(node)) return node;
  const inner = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, strict(value)]));
  const isClosed = isObject(node.properties) && node.additionalProperties === undefined;
  return isClosed && node['x-kubernetes-preserve-unknown-fields'] !== true
    ? { ...inner, additionalProperties: false }
    : inner;
}
