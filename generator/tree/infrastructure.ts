/**
 * The infrastructure in the tree: components with a Helm chart each, and overlays that bring them together.
 * Charts need `--enable-helm`, so nothing of this is in an environment that `kubectl apply -k` must take.
 */
import type { Config } from '../config/schema/resource.ts';
import { equal, type JsonObject } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import type { Infrastructure } from '../objects/infrastructure.ts';
import {
  type InfrastructureEntry,
  type InfrastructureName,
  infrastructure,
  whyOff,
} from '../objects/parts.ts';
import type { Files } from './base.ts';
import { kustomizationHeader, sharedHeader } from './headers.ts';
import { componentFolder, infrastructureFolder, kustomizationFile, objectFile } from './layout.ts';
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

/** The parts of the infrastructure, operators before what needs them, with what the components hold. */
export function infrastructureOf(config: Config): PartOf[] {
  return infrastructure.map((part) => ({
    ...part.build(config),
    name: part.name,
    isOperator: part.stage === 'operators',
    off: whyOff(config, part),
  }));
}

/** The files of the infrastructure's components. */
export function infrastructureComponents(resource: Config): Files {
  const files: Files = new Map();
  for (const { name, build } of infrastructure) {
    writePart(files, componentFolder(name), resource, [build(resource)], {
      apiVersion: 'kustomize.config.k8s.io/v1alpha1',
      kind: 'Component',
    });
  }
  return files;
}

/** Writes parts into a folder as a kustomization of their charts and objects. */
function writePart(
  files: Files,
  folder: string,
  config: Config,
  written: readonly Infrastructure[],
  head: JsonObject,
  header = kustomizationHeader,
): void {
  const resources = written.flatMap(({ objects }) =>
    objects.map((object) => {
      const bare = withoutNamespace(object);
      const own = objectFile(bare, config.metadata.name);
      const file = object.kind === 'Namespace' ? `${object.metadata.name}-${own}` : own;
      files.set(`${folder}/${file}`, writeYaml(bare, { header: sharedHeader }));
      return file;
    }),
  );
  const kustomization = {
    ...head,
    ...(resources.length === 0 ? {} : { resources }),
    helmCharts: written.map(({ chart }) => chart),
  };
  files.set(`${folder}/${kustomizationFile}`, writeKustomization(kustomization, header));
}

/** Files of the tree carry no namespace; the kustomization's `namespace` sets it. */
function withoutNamespace<T extends JsonObject & { metadata: JsonObject & { name: string } }>(object: T): T {
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/**
 * The files of `overlays/infrastructure`: the parts that the resource or an environment asks for, and all of
 * them while nobody asks for any. An environment whose parts are not the resource's, because it has another
 * namespace, say, gets overlays of its own beside them.
 */
export function infrastructureOverlays(
  resource: Config,
  environments: readonly { readonly name: string; readonly config: Config }[],
): Files {
  const files: Files = new Map();
  const isOwn = (config: Config, { build }: InfrastructureEntry) =>
    !equal(build(config).chart, build(resource).chart);
  const isEnabled = (config: Config, part: InfrastructureEntry) => whyOff(config, part) === undefined;
  for (const stage of ['operators', 'database'] as const) {
    const parts = infrastructure.filter((part) => part.stage === stage);
    const sharing = [resource, ...environments.map(({ config }) => config)];
    const asked = parts.filter((part) =>
      sharing.some((config) => isEnabled(config, part) && !isOwn(config, part)),
    );
    const nobody = !sharing.some((config) => infrastructure.some((part) => isEnabled(config, part)));
    const fallback = nobody || stage === 'database' ? parts : [];
    writeShared(files, resource, stage, asked.length > 0 ? asked : fallback);
    for (const { name, config } of environments) {
      const enabled = parts.filter((part) => isEnabled(config, part));
      if (enabled.some((part) => isOwn(config, part))) writeOwn(files, config, stage, name, enabled);
    }
  }
  return files;
}

/** An overlay over the components, which are written from the resource. */
function writeShared(
  files: Files,
  resource: Config,
  stage: Stage,
  parts: readonly InfrastructureEntry[],
): void {
  if (parts.length === 0) return;
  const folder = `${infrastructureFolder}/${stage}`;
  const kustomization = {
    ...overlayHead(resource, stage),
    components: parts.map(({ name }) => `../../../${componentFolder(name)}`),
  };
  const header = overlayHeader(folder, stage, resource);
  files.set(`${folder}/${kustomizationFile}`, writeKustomization(kustomization, header));
}

/** An overlay with charts of its own, for an environment that differs from the resource. */
function writeOwn(
  files: Files,
  config: Config,
  stage: Stage,
  environment: string,
  parts: readonly InfrastructureEntry[],
): void {
  const folder = `${infrastructureFolder}/${stage}-${environment}`;
  const written = parts.map(({ build }) => build(config));
  writePart(files, folder, config, written, overlayHead(config, stage), overlayHeader(folder, stage, config));
}

/** The operators have namespaces of their own, which the charts are told; the database has the deployment's. */
function overlayHead(config: Config, stage: Stage): JsonObject {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...(stage === 'database' ? { namespace: config.metadata.namespace } : {}),
  };
}

function overlayHeader(folder: string, stage: Stage, { spec }: Config): string {
  const { provider, existingSecret } = spec.postgresql;
  const order =
    stage === 'operators'
      ? 'Apply this first, wait until the operators run, then apply the database.'
      : provider === 'bitnami'
        ? `Make the Secret ${existingSecret} first; then apply this, and then the environment.`
        : 'Apply the operators first and wait until they run; then this, and then the environment.';
  return `${kustomizationHeader}

kustomize build --enable-helm ${folder} | kubectl apply --server-side -f -
${order} See docs/database.md.`;
}
