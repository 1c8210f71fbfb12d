/** Publishes an environment to a registry, for controllers that pull. */
import { Failure, type Finding, finding, hasErrors } from '../model/finding.ts';
import { writeYamlStream } from '../model/yaml-writer.ts';
import { validate } from '../objects/build.ts';
import { readEnvironment } from '../secrets/environment.ts';
import { buildFailure } from '../tree/build-failure.ts';
import { readObjects } from '../tree/check/check.ts';
import { type Contents, contentsOf } from '../tree/contents.ts';
import type { Tree } from '../tree/disk.ts';
import { findKustomize, runKustomize } from '../tree/kustomize.ts';
import { kustomizationFile } from '../tree/layout.ts';
import { readLayer, readResource } from '../tree/load.ts';
import { staleFindings } from '../tree/stale.ts';
import { writeKustomization } from '../tree/written.ts';
import { type Artifact, artifactOf } from './artifact.ts';
import { type Commit, commitOf, type Origin } from './git.ts';
import { secretsInObjects, secretsInTree } from './secrets-in.ts';
import { fitsArchive } from './tar.ts';

/** What is published, and how. */
export interface Request {
  readonly tree: Tree;
  readonly environment: string;
  /** Whether its objects are published, and not the tree that they are built from. */
  readonly rendered: boolean;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  /** Takes the texts that were read, by the names that findings give them. */
  readonly texts: Map<string, string>;
}

/** An environment, ready to be pushed. */
export interface Prepared {
  readonly artifact: Artifact;
  readonly origin: Origin;
  /** The paths of the files in it. */
  readonly files: readonly string[];
  /** The folder in it that a controller builds. */
  readonly path: string;
  readonly warnings: readonly Finding[];
}

/**
 * Makes the artifact of an environment. Sends nothing.
 *
 * @throws Failure with everything that keeps it from being published
 */
export async function prepare(request: Request): Promise<Prepared> {
  const { tree, environment, env } = request;
  const { folder } = await readEnvironment(tree, environment, request.texts);
  const { findings: warnings } = await validate(readResource(tree), readLayer(tree, environment));
  if (hasErrors(warnings)) throw new Failure(warnings);
  const contents = contentsOf(tree, folder);
  const wrong = [...(await staleFindings(tree, environment)), ...unfit(tree, contents)];
  if (wrong.length > 0) throw new Failure(wrong);
  const commit = await commitOf(tree, [...contents.files.keys()].sort(), env);
  return { ...(await pack(request, folder, '.', contents, commit)), warnings };
}

/** What keeps files from being published. */
export function unfit(tree: Tree, contents: Contents): Finding[] {
  const names = [...contents.files.keys()].filter((file) => !fitsArchive(file));
  return [
    ...contents.findings,
    ...secretsInTree(contents, tree.show),
    ...names.map((file) => tooLong(tree.show(file))),
  ];
}

/**
 * Makes the artifact of a folder.
 *
 * @param place where objects go that are published rendered
 * @throws Failure where its files are not as in the commit, or it cannot be built
 */
export async function pack(
  request: Pick<Request, 'tree' | 'rendered' | 'cwd' | 'env'>,
  folder: string,
  place: string,
  contents: Contents,
  { origin, wrongIn }: Commit,
): Promise<Omit<Prepared, 'warnings'>> {
  const uncommitted = wrongIn(contents.files.keys());
  if (uncommitted.length > 0) throw new Failure(uncommitted);
  const files = request.rendered ? await objectFiles(request, folder, place) : contents.files;
  const path = request.rendered ? place : folder;
  return { artifact: artifactOf(files, origin), origin, files: [...files.keys()].sort(), path };
}

function tooLong(file: string): Finding {
  return finding(
    'name-too-long',
    `${file} has a name that an archive cannot hold`,
    'call it by at most 100 bytes',
  );
}

/** The objects that kustomize builds, with a kustomization, so that controllers take both forms alike. */
async function objectFiles(
  { tree, cwd, env }: Pick<Request, 'tree' | 'cwd' | 'env'>,
  folder: string,
  place: string,
): Promise<Map<string, Buffer>> {
  const shown = tree.show(folder);
  const result = await runKustomize(findKustomize(env), `${tree.root}/${folder}`, env);
  if (!result.ok)
    throw buildFailure({ shown, folder: `${tree.root}/${folder}`, cwd, error: result.error }, false);
  const objects = readObjects(result.yaml);
  const secrets = secretsInObjects(objects);
  if (secrets.length > 0) throw new Failure(secrets);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [objectsFile],
  };
  const texts = {
    [objectsFile]: writeYamlStream(objects),
    [kustomizationFile]: writeKustomization(kustomization, ''),
  };
  const within = (name: string) => (place === '.' ? name : `${place}/${name}`);
  return new Map(Object.entries(texts).map(([name, text]) => [within(name), Buffer.from(text)]));
}

const objectsFile = 'objects.yaml';
