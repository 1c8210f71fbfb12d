/**
 * The infrastructure in the tree: components with a Helm chart each, and overlays that bring them together.
 * Charts need `--enable-helm`, so nothing of this is in an environment that `kubectl apply -k` must take.
 */
import type { Config } from '../config/schema/resource.ts';
import { equal, type JsonObject } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import {
  type InfrastructurePart,
  postgresql,
  postgresqlOperator,
  sealedSecretsController,
} from '../objects/infrastructure.ts';
import type { Files } from './base.ts';
import { kustomizationHeader, sharedHeader } from './headers.ts';
import { componentsFolder, infrastructureFolder, kustomizationFile, objectFile } from './layout.ts';

/** The parts of the infrastructure; each is a component of its name. */
const parts = {
  'postgresql-operator': postgresqlOperator,
  'sealed-secrets': sealedSecretsController,
  postgresql,
} as const;

/** The name of a part, which is that of its component. */
export type PartName = keyof typeof parts;

/** What comes first, since the rest needs its CustomResourceDefinitions. */
const operatorParts: readonly PartName[] = ['postgresql-operator', 'sealed-secrets'];

/** Where an overlay is read from when it is one of the infrastructure's. */
interface Stage {
  readonly name: 'operators' | 'database';
  readonly parts: readonly PartName[];
}

const stages: readonly Stage[] = [
  { name: 'operators', parts: operatorParts },
  { name: 'database', parts: ['postgresql'] },
];

/** Whether a configuration asks for a part. */
function isEnabled({ spec }: Config, name: PartName): boolean {
  const { postgresql: database, sealedSecrets } = spec;
  switch (name) {
    case 'postgresql':
      return database.enabled;
    case 'postgresql-operator':
      return database.enabled && database.provider === 'cloudnative-pg';
    case 'sealed-secrets':
      return sealedSecrets.enabled;
  }
}

/** A part of the infrastructure as a configuration has it. */
export interface PartOf extends InfrastructurePart {
  readonly name: PartName;
  /** Whether it is there once for a cluster, and not once for a release. */
  readonly isOperator: boolean;
  /** Why the configuration does not ask for it; undefined where it does. */
  readonly off: string | undefined;
}

/** The parts of the infrastructure, operators before what needs them, with what the components hold. */
export function infrastructureOf(config: Config): PartOf[] {
  return stages.flatMap(({ name: stage, parts: names }) =>
    names.map((name) => ({
      ...parts[name](config),
      name,
      isOperator: stage === 'operators',
      off: isEnabled(config, name) ? undefined : whyOff(config, name),
    })),
  );
}

function whyOff({ spec }: Config, name: PartName): string {
  if (name === 'sealed-secrets') return 'spec.sealedSecrets.enabled is false';
  if (!spec.postgresql.enabled) return 'spec.postgresql.enabled is false';
  return `spec.postgresql.provider is ${spec.postgresql.provider}`;
}

/** The files of the infrastructure's components. */
export function infrastructureComponents(resource: Config): Files {
  const files: Files = new Map();
  for (const name of Object.keys(parts) as PartName[]) {
    const folder = `${componentsFolder}/${name}`;
    writePart(files, folder, resource, [parts[name](resource)], {
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
  written: readonly InfrastructurePart[],
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
  files.set(`${folder}/${kustomizationFile}`, writeYaml(kustomization, { header }));
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
  const isOwn = (config: Config, part: PartName) =>
    !equal(parts[part](config).chart, parts[part](resource).chart);
  for (const stage of stages) {
    const sharing = [resource, ...environments.map(({ config }) => config)];
    const asked = stage.parts.filter((part) =>
      sharing.some((config) => isEnabled(config, part) && !isOwn(config, part)),
    );
    const nobody = !sharing.some((config) =>
      stages.some((each) => each.parts.some((p) => isEnabled(config, p))),
    );
    const fallback = nobody || stage.name === 'database' ? stage.parts : [];
    writeShared(files, resource, stage, asked.length > 0 ? asked : fallback);
    for (const { name, config } of environments) {
      const enabled = stage.parts.filter((part) => isEnabled(config, part));
      if (enabled.some((part) => isOwn(config, part))) writeOwn(files, config, stage, name, enabled);
    }
  }
  return files;
}

/** An overlay over the components, which are written from the resource. */
function writeShared(files: Files, resource: Config, stage: Stage, names: readonly PartName[]): void {
  if (names.length === 0) return;
  const folder = `${infrastructureFolder}/${stage.name}`;
  const kustomization = {
    ...overlayHead(resource, stage),
    components: names.map((name) => `../../../${componentsFolder}/${name}`),
  };
  files.set(
    `${folder}/${kustomizationFile}`,
    writeYaml(kustomization, { header: overlayHeader(folder, stage, resource) }),
  );
}

/** An overlay with charts of its own, for an environment that differs from the resource. */
function writeOwn(
  files: Files,
  config: Config,
  stage: Stage,
  environment: string,
  names: readonly PartName[],
): void {
  const folder = `${infrastructureFolder}/${stage.name}-${environment}`;
  const written = names.map((name) => parts[name](config));
  writePart(files, folder, config, written, overlayHead(config, stage), overlayHeader(folder, stage, config));
}

/** The operators have namespaces of their own, which the charts are told; the database has the deployment's. */
function overlayHead(config: Config, { name }: Stage): JsonObject {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...(name === 'database' ? { namespace: config.metadata.namespace } : {}),
  };
}

function overlayHeader(folder: string, { name }: Stage, { spec }: Config): string {
  const { provider, existingSecret } = spec.postgresql;
  const order =
    name === 'operators'
      ? 'Apply this first, wait until the operators run, then apply the database.'
      : provider === 'bitnami'
        ? `Make the Secret ${existingSecret} first; then apply this, and then the environment.`
        : 'Apply the operators first and wait until they run; then this, and then the environment.';
  return `${kustomizationHeader}

kustomize build --enable-helm ${folder} | kubectl apply --server-side -f -
${order} See docs/database.md.`;
}
