/** Versions of charts that stand in the tree alone, since Renovate and its like raise them where it finds them. */
import { checks } from '../config/checks.ts';
import type { Loaded } from '../config/load.ts';
import type { Config } from '../config/schema/resource.ts';
import { dig, isObject, type JsonObject, maps, type Path } from '../model/json.ts';
import { compareVersions } from '../model/versions.ts';
import { parseYaml } from '../model/yaml.ts';
import { readText, type Tree } from './disk.ts';
import { infrastructureFolder, kustomizationFile } from './layout.ts';

/** The charts, where their configuration is, and which folder of the infrastructure names them. */
const charts: readonly { readonly name: string; readonly stage: string; readonly path: Path }[] = [
  { name: 'cloudnative-pg', stage: 'operators', path: ['spec', 'postgresql', 'charts', 'operator'] },
  { name: 'postgresql', stage: 'database', path: ['spec', 'postgresql', 'charts', 'bitnami'] },
  { name: 'sealed-secrets', stage: 'operators', path: ['spec', 'sealedSecrets', 'chart'] },
];

/**
 * A configuration with the versions of charts that its tree has: what no layer says and the tree has in a newer version
 * than this tool's own stays as it is there. What a layer says counts whatever the tree has.
 *
 * @param environment the environment that it is of, which may have folders of its own; @default it is the resource's
 */
export function withTreeCharts(
  tree: Tree,
  config: Config,
  merged: Loaded['merged'],
  environment?: string,
): Config {
  const raised = charts.flatMap(({ name, stage, path }) => {
    const own = dig(config as unknown as JsonObject, path) as { repository: string; version: string };
    if (dig(merged, [...path, 'version']) !== undefined) return [];
    const folders = environment === undefined ? [stage] : [`${stage}-${environment}`, stage];
    const written = folders
      .flatMap((folder) => helmCharts(tree, `${infrastructureFolder}/${folder}/${kustomizationFile}`))
      .find((chart) => chart.name === name && chart.repo === own.repository)?.version;
    return isRaised(written, own.version) ? [{ path, version: written }] : [];
  });
  if (raised.length === 0) return config;
  const copy = structuredClone(config);
  for (const { path, version } of raised)
    (dig(copy as unknown as JsonObject, path) as JsonObject).version = version;
  return copy;
}

function isRaised(written: unknown, own: string): written is string {
  return (
    typeof written === 'string' &&
    checks['chart-version'](written).length === 0 &&
    compareVersions(written, own) > 0
  );
}

/** The charts of a kustomization; none where it is not there or cannot be read, which its comparison tells. */
function helmCharts(tree: Tree, file: string): JsonObject[] {
  try {
    const [value] = parseYaml(readText(tree, file) ?? '');
    return isObject(value) ? maps(value.helmCharts) : [];
  } catch {
    return [];
  }
}
