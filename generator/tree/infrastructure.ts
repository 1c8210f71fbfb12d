/**
 * The infrastructure in the tree, in a folder of its own: operators by charts, which need `--enable-helm`, and the
 * database. Nothing of it is in an environment, which `kubectl apply -k` must take.
 */
import type { Config } from '../config/schema/resource.ts';
import { equal, type JsonObject } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import type { HelmChart, Infrastructure } from '../objects/infrastructure.ts';
import {
  type InfrastructureEntry,
  type InfrastructureName,
  infrastructure,
  whyOff,
} from '../objects/parts.ts';
import type { Files } from './base.ts';
import { kustomizationHeader, sharedHeader } from './headers.ts';
import { infrastructureFolder, kustomizationFile, objectFile } from './layout.ts';
import { writeKustomization } from './written.ts';

type Stage = InfrastructureEntry['stage'];

/** A part of the infrastructure as a configuration has it. */
export interface PartOf extends Infrastructure {
  readonly name: InfrastructureName;
  /** Whether it is there once for a cluster, and not once for a release. */
  readonly isOperator: boolean;
  /** Why the configuration does not ask for it; undefined where it does. */
  readonly off: string | undefined;
}

/** A part that a chart of its project installs. */
export type ChartPart = PartOf & { readonly chart: HelmChart };

/** Whether a chart of its project installs a part. */
export function hasChart(part: PartOf): part is ChartPart {
  return part.chart !== undefined;
}

/** The parts of the infrastructure, operators before what needs them, with what the components hold. */
export function infrastructureOf(config: Config): PartOf[] {
  return infrastructure.map((part) => ({
    ...part.build(config),
    name: part.name,
    isOperator: part.stage === 'operators',
    off: whyOff(config, part),
  }));
}

/**
 * The files of `infrastructure/`: what the resource or an environment asks for, and no folder where nobody asks for
 * anything. An environment whose parts are not the resource's, because it has another namespace, say, has folders of
 * its own beside them.
 */
export function infrastructureFiles(
  resource: Config,
  environments: readonly { readonly name: string; readonly config: Config }[],
): Files {
  const files: Files = new Map();
  const built = ({ chart, objects }: Infrastructure) => [chart ?? null, ...objects];
  const isOwn = (config: Config, { build }: InfrastructureEntry) =>
    !equal(built(build(config)), built(build(resource)));
  const isOn = (config: Config, part: InfrastructureEntry) => whyOff(config, part) === undefined;
  for (const stage of ['operators', 'database'] as const) {
    const parts = infrastructure.filter((part) => part.stage === stage);
    const all = [resource, ...environments.map(({ config }) => config)];
    const shared = parts.filter((part) => all.some((config) => isOn(config, part) && !isOwn(config, part)));
    writeStage(files, stage, stage, resource, shared);
    for (const { name, config } of environments) {
      const on = parts.filter((part) => isOn(config, part));
      if (on.some((part) => isOwn(config, part))) writeStage(files, `${stage}-${name}`, stage, config, on);
    }
  }
  return files;
}

/** Writes parts into a folder, as a kustomization of their charts and objects. */
function writeStage(
  files: Files,
  name: string,
  stage: Stage,
  config: Config,
  parts: readonly InfrastructureEntry[],
): void {
  if (parts.length === 0) return;
  const folder = `${infrastructureFolder}/${name}`;
  const built = parts.map(({ build }) => build(config));
  const charts = built.flatMap(({ chart }) => chart ?? []);
  const resources = built.flatMap(({ objects }) =>
    objects.map((object) => {
      const bare = withoutNamespace(object);
      const own = objectFile(bare, config.metadata.name);
      const file = object.kind === 'Namespace' ? `${object.metadata.name}-${own}` : own;
      files.set(`${folder}/${file}`, writeYaml(bare, { header: sharedHeader }));
      return file;
    }),
  );
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    // Operators have namespaces of their own, which the charts are told.
    ...(stage === 'database' ? { namespace: config.metadata.namespace } : {}),
    ...(resources.length === 0 ? {} : { resources }),
    ...(charts.length === 0 ? {} : { helmCharts: charts }),
  };
  const header = stageHeader(folder, stage, config, charts.length > 0);
  files.set(`${folder}/${kustomizationFile}`, writeKustomization(kustomization, header));
}

/** Files of the tree carry no namespace; the kustomization's `namespace` sets it. */
function withoutNamespace<T extends JsonObject & { metadata: JsonObject & { name: string } }>(object: T): T {
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Who cannot build it by itself reads so in the first line. */
function stageHeader(folder: string, stage: Stage, { spec }: Config, hasCharts: boolean): string {
  const { provider, existingSecret } = spec.postgresql;
  const way = hasCharts
    ? `Needs helm: kustomize build --enable-helm ${folder} | kubectl apply --server-side -f -`
    : `Plain: kubectl apply --server-side -k ${folder}`;
  const order =
    stage === 'operators'
      ? 'Apply this first, wait until the operators run, then apply the database.'
      : provider === 'bitnami'
        ? `Make the Secret ${existingSecret} first; then apply this, and then the environment.`
        : 'Apply the operators first and wait until they run; then this, and then the environment.';
  return `${way}\n${order} See docs/database.md.\n${kustomizationHeader}`;
}
