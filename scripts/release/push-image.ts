/**
 * `npm run --silent release:push -- oci://HOST/REPOSITORY:TAG`: pushes the image of `release/image`, for all its
 * processors, with the credentials of docker. Prints the address with the digest.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Artifact, type Blob, digestOf } from '../../generator/publish/artifact.ts';
import { credentialsFor } from '../../generator/publish/credentials.ts';
import { pushArtifact } from '../../generator/publish/push.ts';
import { formatReference, readReference } from '../../generator/publish/reference.ts';
import { openRepository } from '../../generator/publish/registry.ts';
import { releaseFolder } from './binaries.ts';

/** Pushes an OCI layout with one image, and gives its address. */
export async function pushImage(layout: string, address: string): Promise<string> {
  const [image] = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8')).manifests;
  const reference = readReference(address);
  const repository = openRepository(reference, () => credentialsFor(reference.host, process.env));
  await pushArtifact(repository, artifactIn(layout, image));
  return formatReference(reference, image.digest);
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

/** An index with its manifests, or a manifest with its layers. */
function artifactIn(layout: string, descriptor: Descriptor): Artifact {
  const manifest = blobIn(layout, descriptor);
  const { manifests = [], layers = [], config } = JSON.parse(manifest.content.toString('utf8'));
  const blobs = [...layers, ...(config === undefined ? [] : [config])].map((one) => blobIn(layout, one));
  return { manifest, blobs, parts: manifests.map((one: Descriptor) => artifactIn(layout, one)) };
}

function blobIn(layout: string, { mediaType, digest }: Descriptor): Blob {
  const content = readFileSync(path.join(layout, 'blobs', digest.replace(':', '/')));
  if (digestOf(content) !== digest) throw new Error(`${digest} in ${layout} has another content`);
  return { mediaType, digest, content };
}

if (process.argv[1] === import.meta.filename) {
  try {
    console.log(await pushImage(path.join(releaseFolder, 'image'), process.argv[2] ?? ''));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
