/** Edits the file of a fleet: comments and all that was not meant stay as they are. */
import { parseAssignment } from '../config/assignment.ts';
import { fleetFile, readFleet } from '../config/fleet.ts';
import { fleetKind } from '../config/schema/fleet.ts';
import { apiVersion, type Config } from '../config/schema/resource.ts';
import { Failure, type Finding, failure, hasErrors } from '../model/finding.ts';
import { dig, isObject, type Json, type JsonObject, type Path } from '../model/json.ts';
import { writeYaml } from '../model/yaml.ts';
import { readText, type Tree } from '../tree/disk.ts';
import { type Generated, type GenerateOptions, generateTree } from '../tree/generate.ts';
import { readResource } from '../tree/load.ts';
import { headerWith } from '../tree/schema-file.ts';
import { loadFleet, validateTenant } from '../tree/tenants/load.ts';
import { editYaml, type YamlEdit } from './yaml/edit.ts';

/** What is changed of a tenant. An empty text removes a setting. */
export interface TenantChange {
  readonly wave?: string;
  readonly namespace?: string;
  readonly release?: string;
  /** Labels as `key=value`; `key=` removes one. */
  readonly label?: readonly string[];
  /** Values as `path=value`, by the paths of the resource. */
  readonly set?: readonly string[];
  /** Paths of values that the tenant shall no longer set. */
  readonly unset?: readonly string[];
}

/** Makes the file of a fleet that has none yet. @throws Failure where there is one */
function newFleet(template: string, schema: string | undefined): string {
  const header = headerWith(schema, 'The tenants. Then: glyphoxa-kustomize generate');
  return writeYaml({ apiVersion, kind: fleetKind, template, tenants: {} }, { header });
}

/**
 * Adds a tenant.
 *
 * @param template the template environment, where there is no file yet
 * @throws Failure where it is there already or would be wrong; then nothing is written
 */
export function addTenant(
  tree: Tree,
  id: string,
  change: TenantChange,
  options: GenerateOptions,
  { template, schema }: { readonly template?: string; readonly schema?: string } = {},
): Promise<Generated> {
  const present = readText(tree, fleetFile);
  const text = present ?? (template === undefined ? undefined : newFleet(template, schema));
  if (text === undefined) {
    const hint = 'name the environment that tenants are built on: --template dedicated';
    throw failure('no-fleet', `${tree.show(fleetFile)} does not exist`, hint);
  }
  demandNew(tree, text, id);
  const edits = editsOf(id, change);
  const added = edits.length === 0 ? [{ path: ['tenants', id], value: {} }] : edits;
  return write(tree, text, added, id, options);
}

/**
 * Adds a tenant whose settings are known, beside others.
 *
 * @param demand throws where the configuration that it gets is not the one that is meant
 * @throws Failure where it is there already or would be wrong; then nothing is written
 */
export function insertTenant(
  tree: Tree,
  id: string,
  settings: JsonObject,
  { demand, ...options }: GenerateOptions & { readonly demand?: (config: Config) => void },
): Promise<Generated> {
  const text = readText(tree, fleetFile);
  if (text === undefined)
    throw failure('no-fleet', `${tree.show(fleetFile)} does not exist`, 'add a tenant first');
  demandNew(tree, text, id);
  return write(tree, text, [{ path: ['tenants', id], value: settings }], id, options, demand);
}

function demandNew(tree: Tree, text: string, id: string): void {
  if (!idsIn(text, tree).includes(id)) return;
  const message = `the tenant ${id} is in ${tree.show(fleetFile)} already`;
  throw failure('tenant-exists', message, 'change it with set');
}

/** Changes a tenant. @throws Failure where it is not there or would be wrong; then nothing is written */
export function setTenant(
  tree: Tree,
  id: string,
  change: TenantChange,
  options: GenerateOptions,
): Promise<Generated> {
  const text = textWith(tree, id);
  return write(tree, text, editsOf(id, change), id, options);
}

/** Takes a tenant out of the file, and with it what was written for it. @throws Failure where it is not there */
export function removeTenant(tree: Tree, id: string, options: GenerateOptions): Promise<Generated> {
  const text = textWith(tree, id);
  return write(tree, text, [{ path: ['tenants', id], value: undefined }], undefined, options);
}

/** The text of the file, which has the tenant. */
function textWith(tree: Tree, id: string): string {
  const text = readText(tree, fleetFile);
  if (text === undefined)
    throw failure('no-fleet', `${tree.show(fleetFile)} does not exist`, 'add a tenant first');
  const ids = idsIn(text, tree);
  if (ids.includes(id)) return text;
  throw failure(
    'no-tenant',
    `there is no tenant ${JSON.stringify(id)} in ${tree.show(fleetFile)}`,
    'list them',
  );
}

function idsIn(text: string, tree: Tree): string[] {
  const tenants = dig(readFleet(text, tree.show(fleetFile)).source.value, ['tenants']);
  return isObject(tenants) ? Object.keys(tenants) : [];
}

function editsOf(
  id: string,
  { wave, namespace, release, label = [], set = [], unset = [] }: TenantChange,
): YamlEdit[] {
  const at = ['tenants', id];
  const edit = (path: Path, value: Json | undefined): YamlEdit => ({ path: [...at, ...path], value });
  const settings = Object.entries({ namespace, release, wave }).flatMap(([key, value]) =>
    value === undefined ? [] : [edit([key], value === '' ? undefined : value)],
  );
  const labels = label.map((assignment) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (key === undefined || value === undefined)
      throw failure(
        'wrong-assignment',
        `the label ${JSON.stringify(assignment)} has no value`,
        'write key=value',
      );
    return edit(['labels', key], value === '' ? undefined : value);
  });
  const values = set.map((assignment) => {
    const { path, value } = parseAssignment(assignment, 'write --set path=value');
    return edit(inSpec(path, assignment), value);
  });
  const removed = unset.map((pathText) =>
    edit(inSpec(parseAssignment(`${pathText}=null`, 'write --unset path').path, pathText), undefined),
  );
  return [...settings, ...labels, ...values, ...removed];
}

/** The path of a value of `spec`; what stands in metadata has settings of its own. */
function inSpec(path: Path, pathText: string): Path {
  if (path[0] === 'spec') return path;
  throw failure(
    'wrong-assignment',
    `${pathText}: a tenant sets values of spec`,
    'use --namespace and --release',
    path,
  );
}

/** Edits the text, checks what comes out, writes it and the tree; a tenant that would be wrong changes nothing. */
async function write(
  tree: Tree,
  text: string,
  edits: readonly YamlEdit[],
  id: string | undefined,
  options: GenerateOptions,
  demand?: (config: Config) => void,
): Promise<Generated> {
  const file = tree.show(fleetFile);
  const edited = editYaml(text, edits, { file });
  if (!('text' in edited)) throw new Failure(edited.findings);
  options.texts?.set(file, edited.text);
  if (id !== undefined) await check(tree, edited.text, id, options.texts, demand);
  const generated = await generateTree(tree, { ...options, layers: new Map([[fleetFile, edited.text]]) });
  return edited.text === text
    ? generated
    : { ...generated, changes: [{ path: fleetFile, what: 'change' }, ...generated.changes] };
}

async function check(
  tree: Tree,
  text: string,
  id: string,
  texts?: Map<string, string>,
  demand?: (config: Config) => void,
): Promise<void> {
  const fleet = readFleet(text, tree.show(fleetFile));
  const isAbout = ({ severity, tenants = [] }: Finding) => severity === 'error' && tenants.includes(id);
  const wrong = fleet.findings.filter(isAbout);
  if (wrong.length > 0) throw new Failure(wrong);
  const resource = readResource(tree);
  texts?.set(resource.file, resource.text);
  const tenant = fleet.tenants.find((one) => one.id === id);
  if (tenant === undefined) throw new Failure(fleet.findings);
  const other = fleet.tenants.find((one) => one.id !== id && one.namespace === tenant.namespace);
  if (other !== undefined) {
    const message = `the tenants ${other.id} and ${id} are both in the namespace ${tenant.namespace}`;
    throw failure('same-namespace', message, 'give one of them a namespace of its own');
  }
  const { config, findings } = await validateTenant(await loadFleet(tree, fleet, resource, texts), tenant);
  if (config === undefined || hasErrors(findings)) throw new Failure(findings);
  demand?.(config);
}
