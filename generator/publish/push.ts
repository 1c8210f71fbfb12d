/** Pushes an artifact: what is there already is not sent again, and the tag moves last. */
import { type Artifact, type Blob, digestOf } from './artifact.ts';
import { lies } from './http.ts';
import { locationOf, type Repository } from './registry.ts';

/** What a push did. */
export interface Pushed {
  /** Whether the artifact was not there before. */
  readonly sent: boolean;
  /** Whether the tag named another artifact, or none. */
  readonly moved: boolean;
}

/**
 * Makes the tag name the artifact. Where this fails, the tag names what it did before.
 *
 * @throws Failure where the registry cannot be reached, refuses, or gives back something else than it was given
 */
export async function pushArtifact(repository: Repository, artifact: Artifact): Promise<Pushed> {
  const { tag } = repository.reference;
  const { manifest } = artifact;
  const isThere = await holds(repository, manifest, manifest.digest);
  if (isThere && (await holds(repository, manifest, tag, true))) return { sent: false, moved: false };
  if (!isThere) await pushContents(repository, artifact);
  await pushManifest(repository, manifest, tag);
  if (!(await holds(repository, manifest, tag)))
    throw lies(repository.reference.host, `it took ${tag}, and does not have it now`);
  return { sent: !isThere, moved: true };
}

/**
 * Pushes an artifact unless the tag names one with the same files, of whatever commit: so that of many artifacts in one
 * repository those stay as they are that a commit did not change, in a clone without history too.
 *
 * @throws Failure as {@link pushArtifact}
 */
export async function pushChanged(
  repository: Repository,
  artifact: Artifact,
): Promise<Pushed & { readonly digest: string }> {
  const { mediaType, content, digest } = artifact.manifest;
  const answer = await repository.ask('GET', `manifests/${repository.reference.tag}`, {
    headers: { accept: mediaType },
    expected: [200, 404],
  });
  if (answer.status === 200 && sameLayers(answer.body, content))
    return { sent: false, moved: false, digest: digestOf(answer.body) };
  return { ...(await pushArtifact(repository, artifact)), digest };
}

/** Whether two manifests name the same layers for the same use. */
function sameLayers(one: Buffer, other: Buffer): boolean {
  const [a, b] = [one, other].map((content): string | undefined => {
    try {
      const { config, layers } = JSON.parse(content.toString('utf8'));
      return JSON.stringify([config.mediaType, layers]);
    } catch {
      return undefined;
    }
  });
  return a !== undefined && a === b;
}

/** Pushes what a manifest names. */
async function pushContents(repository: Repository, { blobs, parts = [] }: Artifact): Promise<void> {
  for (const blob of blobs) await pushBlob(repository, blob);
  for (const part of parts) {
    await pushContents(repository, part);
    await pushManifest(repository, part.manifest, part.manifest.digest);
  }
}

async function pushManifest(
  repository: Repository,
  { mediaType, content }: Blob,
  name: string,
): Promise<void> {
  const headers = { 'content-type': mediaType };
  await repository.ask('PUT', `manifests/${name}`, { headers, body: content, expected: [201] });
}

/**
 * Whether a registry has a manifest under its digest or a tag, which is believed by its content alone.
 *
 * @param mayDiffer whether another content is no fault; @default it is one
 */
async function holds(
  repository: Repository,
  { mediaType, digest }: Blob,
  name: string,
  mayDiffer = false,
): Promise<boolean> {
  const answer = await repository.ask('GET', `manifests/${name}`, {
    headers: { accept: mediaType },
    expected: [200, 404],
  });
  if (answer.status === 404) return false;
  const found = digestOf(answer.body);
  if (found === digest) return true;
  if (mayDiffer) return false;
  throw lies(repository.reference.host, `under ${name} it has ${found}, where ${digest} was published`);
}

async function pushBlob(repository: Repository, { digest, content }: Blob): Promise<void> {
  // a registry that keeps its blobs elsewhere leads there where it has one
  const there = [200, 301, 302, 303, 307, 308];
  const head = await repository.ask('HEAD', `blobs/${digest}`, { expected: [...there, 404] });
  if (there.includes(head.status)) return;
  const started = await repository.ask('POST', 'blobs/uploads/', {
    headers: { 'content-length': '0' },
    expected: [202],
  });
  const place = new URL(locationOf(started, repository));
  place.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  const put = await repository.ask('PUT', place.href, { headers, body: content, expected: [201] });
  const said = put.headers.get('docker-content-digest');
  if (said !== null && said !== digest)
    throw lies(repository.reference.host, `it took ${digest} for ${said}`);
}
