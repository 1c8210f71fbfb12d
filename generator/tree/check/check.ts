/** Checks any kustomization that rests on a written tree, by what it builds. */
import path from 'node:path';
import { Failure, type Finding, failure, finding } from '../../model/finding.ts';
import { formatPath, isObject, roundedAt } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { parseYaml } from '../../model/yaml.ts';
import { buildFailure } from '../build-failure.ts';
import { findKustomize } from '../kustomize.ts';
import { buildSeen, encryptedFindings } from '../seen-build.ts';
import { chartFailure, chartsOf } from './charts.ts';
import { checkChecksums, checkImages, checkProgram } from './images.ts';
import { checkSealed, checkSecretFiles, layersOf } from './layers.ts';
import { checkNamespaces, checkReferences } from './references.ts';
import { findReleases, nameOf, type Release } from './release.ts';
import { checkMcpPolicies, checkSelectors } from './selectors.ts';
import { checkTemplate } from './template.ts';

const checks: readonly ((release: Release) => Finding[])[] = [
  checkTemplate,
  checkImages,
  checkProgram,
  checkChecksums,
  checkReferences,
  checkSelectors,
  checkMcpPolicies,
];

/** What is inconsistent in built objects. */
export function checkObjects(objects: readonly KubernetesObject[]): Finding[] {
  const releases = findReleases(objects);
  if (releases.length === 0) {
    const hint = 'name the folder of a kustomization that has an overlay or the base among its resources';
    return [finding('no-gateway', 'no Glyphoxa gateway is among the built objects', hint)];
  }
  const found = releases.flatMap((release) => checks.flatMap((check) => check(release)));
  return [...found, ...checkNamespaces(objects, releases), ...encryptedFindings(objects)];
}

/**
 * Builds a folder with the kustomize of the machine and says what is inconsistent.
 *
 * @param env the environment, whose PATH the program is looked for in
 * @throws Failure where there is no kustomize, or it cannot build the folder
 */
export async function checkFolder(
  given: string,
  cwd: string,
  env: { readonly [name: string]: string | undefined },
): Promise<Finding[]> {
  const folder = path.resolve(cwd, given);
  const layers = layersOf(folder);
  const charts = chartsOf(layers);
  const options = { charts: charts.length > 0 };
  const { result, unseen } = await buildSeen(findKustomize(env), { folder, layers }, env, options);
  if (!result.ok) {
    const cause = chartFailure(charts, result.error);
    if (cause !== undefined) throw new Failure([cause]);
    throw buildFailure({ shown: given, folder, cwd, error: result.error }, false);
  }
  const objects = readObjects(result.yaml);
  if (isInfrastructure(objects, charts)) return [];
  return [...checkObjects(objects), ...checkSealed(layers, objects), ...checkSecretFiles(layers), ...unseen];
}

/** Whether a build is one of the infrastructure's overlays: charts, and no gateway beside them. */
function isInfrastructure(objects: readonly KubernetesObject[], charts: readonly unknown[]): boolean {
  return charts.length > 0 && findReleases(objects).length === 0;
}

/** Reads built objects. Throws a Failure where the text is no YAML of objects. */
export function readObjects(yaml: string): KubernetesObject[] {
  let values: ReturnType<typeof parseYaml>;
  try {
    values = parseYaml(yaml);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw failure('not-objects', `this is no YAML of Kubernetes objects: ${why}`, 'pipe a build into it');
  }
  const objects = values.filter((value) => isObject(value) && isObject(value.metadata));
  if (objects.length !== values.length) {
    throw failure(
      'not-objects',
      'this is no YAML of Kubernetes objects',
      'pipe the output of a build into it',
    );
  }
  for (const object of objects as KubernetesObject[]) {
    const rounded = roundedAt(object);
    if (rounded === undefined) continue;
    const message = `${nameOf(object)}: ${formatPath(rounded)} has more digits than are kept on the way`;
    throw failure('digits-lost', message, 'put the number in quotes, where its reader takes a string');
  }
  return objects as KubernetesObject[];
}
