// Writes generator/objects/pod-schema.json: which fields a pod template has, and of what type, in the
// Kubernetes versions that this project supports.
//
//   node scripts/pod-schema.mjs SCHEMAS [OUTPUT]
//
// SCHEMAS is the folder of Kubernetes' JSON schemas, one subfolder a version, that
// `node scripts/tools.mjs kubernetes-schemas` gets. To support another version of Kubernetes, raise the pinned
// package in scripts/tools.json and the constants below.
//
// The output maps each type to its fields, each field to a short text:
//
//   string  boolean  int32  int64  quantity  int-or-string  time  object     plain values
//   PodSpec                                                                 a type of this file
//   string{}                                                                a map
//   string[]                                                                a list
//   string[*]                                                               a list without duplicates
//   EnvVar[name]  ContainerPort[containerPort,protocol=TCP]                 a list with unique keys, which
//                                                                           may have defaults
//   AppArmorProfile >=1.30  ClaimSource <=1.30                              not in all versions

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST = 28;
const NEWEST = 37;
const ROOT = 'io.k8s.api.core.v1.PodTemplateSpec';
const OUTPUT = fileURLToPath(new URL('../generator/objects/pod-schema.json', import.meta.url));

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

/** Defaults of keys in lists, which the published schemas leave out. */
const KEY_DEFAULTS = {
  'ContainerPort.protocol': 'TCP',
  'LocalObjectReference.name': '',
  'OwnerReference.uid': '',
};

const [folder, output = OUTPUT] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node scripts/pod-schema.mjs SCHEMAS [OUTPUT]');
  process.exit(2);
}
const types = collect(readSchemas(folder));
writeFileSync(output, render(types));
console.error(`wrote ${output}: ${types.size} types`);

/** The definitions of each minor version, oldest first. */
function readSchemas(folder) {
  const versions = new Map();
  for (let minor = OLDEST; minor <= NEWEST; minor++) {
    const file = join(folder, `v1.${minor}.0-local-strict`, '_definitions.json');
    versions.set(minor, JSON.parse(readFileSync(file, 'utf8')).$defs);
  }
  return versions;
}

/** All types that are reached from the root, by name, with what each version says of their fields. */
function collect(schemas) {
  const types = new Map();
  const root = new Map([...schemas.keys()].map((minor) => [minor, ROOT]));
  visit(root);
  return types;

  /** `names`: what the type is called in each version that has it; it goes by its newest name. */
  function visit(names) {
    const full = newest(names);
    const name = short(full);
    const known = types.get(name);
    if (known !== undefined) {
      if (known.full !== full) throw new Error(`two types are called ${name}`);
      return name;
    }
    const fields = {};
    types.set(name, { full, fields });
    const perField = new Map();
    for (const [minor, definition] of names) {
      for (const [field, schema] of Object.entries(schemas.get(minor)[definition].properties ?? {})) {
        if (!perField.has(field)) perField.set(field, new Map());
        perField.get(field).set(minor, schema);
      }
    }
    const versions = [...names.keys()];
    for (const field of [...perField.keys()].sort()) {
      const found = perField.get(field);
      fields[field] = describe(found) + range([...found.keys()], versions);
    }
    return name;
  }

  function describe(found) {
    const schema = newest(found);
    if (schema.items !== undefined) {
      const items = new Map([...found].map(([minor, each]) => [minor, each.items]));
      const keys = schema['x-kubernetes-list-map-keys'];
      if (schema['x-kubernetes-list-type'] === 'set') return `${describe(items)}[*]`;
      if (keys === undefined) return `${describe(items)}[]`;
      const type = describe(items);
      const unique = keys.map((key) => {
        const value = KEY_DEFAULTS[`${type}.${key}`];
        return value === undefined ? key : `${key}=${value}`;
      });
      return `${type}[${unique.join(',')}]`;
    }
    if (typeof schema.additionalProperties === 'object') {
      return `${describe(new Map([...found].map(([minor, each]) => [minor, each.additionalProperties])))}{}`;
    }
    if (schema.$ref !== undefined) {
      const name = target(schema.$ref);
      if (name === QUANTITY) return 'quantity';
      if (name === INT_OR_STRING) return 'int-or-string';
      const definition = schemas.get(Math.max(...found.keys()))[name];
      if (definition.properties === undefined) return plain(definition);
      return visit(new Map([...found].map(([minor, each]) => [minor, target(each.$ref)])));
    }
    return plain(schema);
  }
}

function plain(schema) {
  const [type] = [schema.type].flat().filter((each) => each !== 'null');
  if (type === 'integer') return schema.format;
  if (type === 'string' && schema.format === 'date-time') return 'time';
  if (type === 'string' && schema.format === undefined) return 'string';
  if (type === 'boolean' || type === 'object') return type;
  throw new Error(`a kind of schema that this script does not know: ${JSON.stringify(schema)}`);
}

/** Which of a type's versions have a field, as text; nothing where all have it. */
function range(having, all) {
  const first = Math.min(...having);
  const last = Math.max(...having);
  if (last - first + 1 !== having.length) throw new Error('a field went away and came back');
  const from = first > Math.min(...all) ? ` >=1.${first}` : '';
  const to = last < Math.max(...all) ? ` <=1.${last}` : '';
  return from + to;
}

function newest(byVersion) {
  return byVersion.get(Math.max(...byVersion.keys()));
}

function target(reference) {
  return reference.split('/').at(-1);
}

function short(name) {
  return name.split('.').at(-1);
}

/** One type a line, sorted, so that a change is easy to read. */
function render(types) {
  const lines = [...types.keys()].sort().map((name) => {
    return `    ${JSON.stringify(name)}: ${JSON.stringify(types.get(name).fields)}`;
  });
  return `{
  "comment": "written by scripts/pod-schema.mjs, which explains the notation; do not edit",
  "oldest": "1.${OLDEST}",
  "newest": "1.${NEWEST}",
  "types": {
${lines.join(',\n')}
  }
}
`;
}
