/** What real helm renders of the old chart, what an import makes of the same values, and what differs. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatFieldPath } from '../../generator/lifecycle/changes/field-path.ts';
import { diffFields } from '../../generator/lifecycle/changes/fields.ts';
import { clone, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { canonicalResourceQuantity } from '../../generator/model/kubernetes-values.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { convertChart } from '../../generator/moving/chart-values.ts';
import { prepareImport } from '../../generator/moving/import.ts';
import { readGiven } from '../../generator/moving/read.ts';
import { generate } from '../../generator/objects/generate.ts';
import { runTool } from '../support/tools.ts';
import { type Difference, improvements } from './improvements.ts';

/** Values as an operator hands them over. */
export interface Handed {
  readonly files: readonly JsonObject[];
  readonly set: readonly string[];
  readonly setString: readonly string[];
}

/** The release that is looked at. */
export const release = { release: 'tavern', namespace: 'games', environment: 'production' };

/** Writes files of values into a folder. Returns their names. */
export function writeValues(folder: string, { files }: Handed): string[] {
  return files.map((value, index) => {
    const name = `values-${index}.yaml`;
    writeFileSync(path.join(folder, name), writeYaml(value));
    return name;
  });
}

/** What helm renders. */
export async function rendered(
  helm: string,
  chart: string,
  folder: string,
  handed: Handed,
): Promise<KubernetesObject[]> {
  const { stdout, stderr, exitCode } = await runTool(
    helm,
    [
      ...['template', release.release, chart, '--namespace', release.namespace],
      ...writeValues(folder, handed).flatMap((file) => ['--values', file]),
      ...handed.set.flatMap((text) => ['--set', text]),
      ...handed.setString.flatMap((text) => ['--set-string', text]),
    ],
    { cwd: folder },
  );
  if (exitCode !== 0) throw new Error(`helm: ${stderr}`);
  return parseYaml(stdout) as KubernetesObject[];
}

/** What the import makes of the same values. */
export async function imported(folder: string, handed: Handed): Promise<KubernetesObject[]> {
  const { set, setString } = handed;
  const values = readGiven({ files: writeValues(folder, handed), set, setString }, folder);
  const { config } = await prepareImport(convertChart(values, release));
  return generate(config, new Map());
}

/** The differences that no documented improvement explains. */
export function unexplained(differences: readonly Difference[], used: Set<string>): Difference[] {
  return differences.filter((difference) => {
    const found = improvements.find((improvement) => improvement.explains(difference));
    if (found !== undefined) used.add(found.name);
    return found === undefined;
  });
}

/** Every difference between two sets of objects; the worker's Job and the program's file are compared inside. */
export function differencesOf(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): Difference[] {
  const [old, now] = [byName(before), byName(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((object): Difference[] => {
    const [was, is] = [old.get(object), now.get(object)];
    if (was === undefined || is === undefined)
      return [
        { object, field: '', ...(was === undefined ? { after: is as Json } : { before: was as Json }) },
      ];
    return diffFields(canonical(was), canonical(is)).map(({ path: at, isOrder, ...sides }) => ({
      object,
      field: formatFieldPath(at),
      ...(isOrder ? { before: sides.before as Json, after: sides.after as Json } : sides),
    }));
  });
}

function byName(objects: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  const found = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const { data, ...rest } = object as KubernetesObject & { data?: JsonObject };
    const name = `${object.kind} ${object.metadata.name.replace(/^tavern-/, '')}`;
    const template = data?.['job-template.yaml'];
    const file = data?.['config.yaml'];
    const isText = template !== undefined || file !== undefined;
    found.set(name, (isText ? rest : object) as KubernetesObject);
    if (template !== undefined) found.set('Job', parseYaml(String(template))[0] as KubernetesObject);
    if (file !== undefined) found.set('config.yaml', (parseYaml(String(file))[0] ?? {}) as KubernetesObject);
  }
  return found;
}

/** Amounts as the API server stores them, and nothing for what is empty. */
function canonical(object: KubernetesObject): KubernetesObject {
  const visit = (value: Json, key: string): Json => {
    if (Array.isArray(value)) return value.map((item) => visit(item, ''));
    if (!isObject(value)) return value;
    const visited: JsonObject = {};
    for (const [name, item] of Object.entries(value)) {
      if (item === null) {
        // the API server's default
        if (name === 'replicas') visited[name] = 1;
        continue;
      }
      const isAmount =
        (key === 'requests' || key === 'limits') && (typeof item === 'string' || typeof item === 'number');
      const now = isAmount ? canonicalResourceQuantity(item) : visit(item, name);
      if (name === 'resources' && isObject(now) && Object.keys(now).length === 0) continue;
      visited[name] = now;
    }
    return visited;
  };
  return visit(clone(object as Json), '') as KubernetesObject;
}
