/** What a target works on: the objects of one release, as kustomize builds them. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { environmentFile, readLayers, treeFolder } from '../../config/files.ts';
import type { Config } from '../../config/schema/resource.ts';
import { suggest } from '../../config/suggest.ts';
import { advise } from '../../model/command.ts';
import { Failure, type Finding, failure } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { sortObjects } from '../../model/object.ts';
import { quote } from '../../model/quote.ts';
import { build } from '../../objects/build.ts';
import { buildFailure } from '../../tree/build-failure.ts';
import { readObjects } from '../../tree/check/check.ts';
import { type Layer, layersOf } from '../../tree/check/layers.ts';
import { findReleases, type Release } from '../../tree/check/release.ts';
import { folderWords, openTree } from '../../tree/disk.ts';
import { findKustomize } from '../../tree/kustomize.ts';
import {
  environmentFolder,
  kustomizationFile,
  otherKustomizationFiles,
  overlaysFolder,
} from '../../tree/layout.ts';
import { environmentNames } from '../../tree/load.ts';
import { treeObjects } from '../../tree/objects.ts';
import { buildSeen, encryptedFindings, isEncrypted } from '../../tree/seen-build.ts';
import { type CheckedFleet, noInput, originOf, type Pin, pinsOf, tenantIn } from './configuration.ts';

/** The objects of one release, and what they were made from. */
export interface Target {
  /** What was asked for, as messages name it: `shared`, `overlays/shared`, `glyphoxa.yaml`. */
  readonly name: string;
  /** The kustomization's folder; undefined where a resource was given. */
  readonly folder: string | undefined;
  /** The release's name: the `app.kubernetes.io/instance` of its objects. */
  readonly release: string;
  readonly namespace: string;
  /** All objects, in the order in which they can be created, each with its namespace. */
  readonly objects: readonly KubernetesObject[];
  /** The gateway with its worker template. */
  readonly parts: Release;
  /** The configuration that the objects were written from; undefined where none is to be found. */
  readonly config: Config | undefined;
  /** The folder that holds the tree (`glyphoxa.yaml`, `overlays/`); undefined where none is to be found. */
  readonly root: string | undefined;
  /** The environment of the tree that it is, or is built over, as command lines name it: `shared --dir=deployment`. */
  readonly environment: readonly string[] | undefined;
  /** The contexts that this may be applied to; none where any will do. */
  readonly pins: readonly Pin[];
  /** What is out of date in the tree that was built, as `generate --check` would tell. */
  readonly stale: readonly Finding[];
  /** What belongs to it and is not among the objects: what plugins make, and what is encrypted. */
  readonly unseen: readonly Finding[];
  /** Why it could not be built; the objects are then those of its configuration alone. */
  readonly unbuilt?: Failure;
}

/** Where an environment is looked for. */
export interface TargetContext {
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  /** The folder of `glyphoxa.yaml`, for environments by name. @default the working directory */
  readonly dir?: string;
  /** The namespace of objects that name none; `asked` is an error where they name another. */
  readonly namespace: {
    readonly asked: string | undefined;
    readonly fallback: string | undefined;
    /** Whether another one may be asked for. @default false */
    readonly mayDiffer?: boolean;
  };
  /** Takes the texts that were read, by the names that findings give them. */
  readonly texts: Map<string, string>;
  /** Ends the build; its reason is thrown. @default it runs to its end */
  readonly signal?: AbortSignal;
  /** Whether the configuration will do where the kustomization cannot be built. @default false */
  readonly mayBeUnbuilt?: boolean;
  /** The fleet whose tenants are asked for, one after the other. @default a tenant's fleet is read for it alone */
  readonly fleet?: CheckedFleet;
}

/** The environment as the commands that work on the tree take it: by its name. */
export function environmentName(target: Target): string {
  return target.folder !== undefined && isEnvironment(target) ? path.basename(target.folder) : target.name;
}

/** Whether it is an environment itself: no resource, and no kustomization over one. */
function isEnvironment({ folder }: Target): boolean {
  return folder !== undefined && path.basename(path.dirname(folder)) === overlaysFolder;
}

/** What was built, before it is looked at. */
interface Built {
  readonly objects: readonly KubernetesObject[];
  readonly folder: string | undefined;
  readonly config: Config | undefined;
  readonly root: string | undefined;
  readonly environment: readonly string[] | undefined;
  readonly pins: readonly Pin[];
  readonly stale: readonly Finding[];
  readonly findings: readonly Finding[];
  readonly unseen: readonly Finding[];
  readonly unbuilt?: Failure;
}

/**
 * Builds what a word on the command line stands for: an environment's name, a folder with a kustomization, or
 * the file of a resource.
 *
 * @throws Failure where there is no such thing, it cannot be built, or it is not one release in one namespace
 */
export async function loadTarget(
  word: string,
  context: TargetContext,
): Promise<{ target: Target; findings: readonly Finding[] }> {
  const { objects: all, ...built } = await buildWord(word, context);
  const [parts, another] = findReleases(all);
  if (parts === undefined) {
    const hint = 'name an environment, or a kustomization that has one among its resources';
    throw failure('no-gateway', `no Glyphoxa gateway is among the objects of ${word}`, hint);
  }
  if (another !== undefined) {
    throw failure(
      'several-releases',
      `${word} holds more than one release`,
      'name the environment or kustomization of one of them',
    );
  }
  const namespace = namespaceFor(parts.namespace, context.namespace, word);
  // What is encrypted is another's to apply: here it would go into the cluster as it is.
  const readable = all.filter((object) => !isEncrypted(object));
  const objects = sortObjects(readable).map((object) => placed(object, namespace));
  const gateway = placed(parts.gateway, namespace);
  const release = String(
    (gateway.metadata.labels as { [name: string]: string } | undefined)?.['app.kubernetes.io/instance'] ??
      gateway.metadata.name,
  );
  const { findings, ...rest } = built;
  const [placedParts = parts] = findReleases(objects);
  const unseen = [...rest.unseen, ...encryptedFindings(all)];
  const target = { ...rest, name: word, release, namespace, objects, parts: placedParts, unseen };
  return { target, findings };
}

/** Kinds of Kubernetes itself that have no namespace. */
const clusterKinds = [
  'Namespace',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'PriorityClass',
];

function placed(object: KubernetesObject, namespace: string): KubernetesObject {
  if (clusterKinds.includes(object.kind) || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function namespaceFor(
  built: string | undefined,
  { asked, fallback, mayDiffer }: TargetContext['namespace'],
  word: string,
): string {
  if (built === undefined) return asked ?? fallback ?? 'default';
  if (asked === undefined || asked === built || mayDiffer) return built;
  throw failure(
    'namespace-mismatch',
    `${word} is for the namespace ${built}, not for ${quote(asked)}`,
    'leave --namespace out, or set metadata.namespace in config.yaml',
  );
}

async function buildWord(word: string, context: TargetContext): Promise<Built> {
  const { cwd } = context;
  const dir = treeFolder(context.dir, cwd);
  const environment = path.resolve(cwd, dir, environmentFolder(word));
  const shown = path.join(dir, environmentFolder(word));
  const isName = !/[/\\]/.test(word) && word !== '.' && word !== '..';
  if (isName && hasKustomization(environment)) return buildFolder(environment, shown, context);
  const given = path.resolve(cwd, word);
  if (!existsSync(given)) {
    // an environment that was described, and not written yet
    if (isName && existsSync(path.join(environment, environmentFile)))
      throw noKustomization(shown, folderWords(openTree(dir, cwd)));
    const tenant = await tenantIn(given, context);
    if (tenant !== undefined) throw noKustomization(word, folderWords(tenant.tree));
    throw noTarget(word, context);
  }
  if (statSync(given).isDirectory()) {
    if (hasKustomization(given)) return buildFolder(given, word, context);
    throw noKustomization(word, []);
  }
  if (path.basename(given) === kustomizationFile)
    return buildFolder(path.dirname(given), path.dirname(word), context);
  return buildResource(word, context);
}

function noKustomization(shown: string, folder: readonly string[]): Failure {
  const command = advise('no-kustomization')`glyphoxa-kustomize generate ${folder}`;
  const hint = `write the environment with ${command}, or name a kustomization or a resource`;
  return failure('no-kustomization', `${shown} has no ${kustomizationFile}`, hint);
}

function hasKustomization(folder: string): boolean {
  return [kustomizationFile, ...otherKustomizationFiles].some((name) => existsSync(path.join(folder, name)));
}

function noTarget(word: string, { cwd, dir }: TargetContext): Failure {
  let known: string[] = [];
  try {
    known = environmentNames(openTree(dir, cwd));
  } catch {
    // no tree here, so no names to offer
  }
  const close = suggest(word, known);
  const hint =
    close === undefined
      ? `name an environment (${known.join(', ') || 'none is here'}), its folder, or a resource's file`
      : `did you mean ${close}?`;
  return failure('no-environment', `there is no environment, folder or file ${quote(word)}`, hint);
}

async function buildFolder(folder: string, shown: string, context: TargetContext): Promise<Built> {
  const layers = layersOf(folder);
  const origin = await originOf(layers, context);
  const { env, signal, mayBeUnbuilt = false } = context;
  try {
    const { result, unseen } = await buildSeen(findKustomize(env), { folder, layers }, env, { signal });
    signal?.throwIfAborted();
    if (!result.ok) throw buildFailure({ shown, folder, cwd: context.cwd, error: result.error }, true);
    return { objects: readObjects(result.yaml), folder, ...origin, findings: [], unseen };
  } catch (error) {
    const objects = mayBeUnbuilt ? unbuiltObjects(layers, origin.config) : undefined;
    if (!(error instanceof Failure) || objects === undefined) throw error;
    return { objects, folder, ...origin, findings: [], unseen: [], unbuilt: error };
  }
}

/**
 * The objects of an environment's configuration where the kustomization cannot be built; undefined where they would
 * have other names. What the user added is not among them, nor any Secret.
 */
function unbuiltObjects(
  layers: readonly Layer[],
  config: Config | undefined,
): KubernetesObject[] | undefined {
  const isRenamed = layers.some(({ value }) => value.namePrefix || value.nameSuffix);
  if (config === undefined || isRenamed) return undefined;
  const [outermost] = layers.flatMap(({ value }) => value.namespace ?? []);
  const namespace = typeof outermost === 'string' ? outermost : config.metadata.namespace;
  return treeObjects(config).map((object) => placed(object, namespace));
}

async function buildResource(word: string, { cwd, env, texts }: TargetContext): Promise<Built> {
  const layers = await readLayers(word, { cwd, stdin: noInput() });
  for (const source of [layers.base, layers.environment])
    if (source !== undefined) texts.set(source.file, source.text);
  const { objects, config, findings } = await build(layers.base, layers.environment, {
    env,
    folder: layers.folder,
  });
  const pins = pinsOf(config, word);
  return {
    objects,
    folder: undefined,
    config,
    root: layers.folder,
    environment: undefined,
    pins,
    stale: [],
    findings,
    unseen: [],
  };
}
