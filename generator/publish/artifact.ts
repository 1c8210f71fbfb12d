/** An artifact as a registry keeps it, in the form that Flux's OCIRepository and Argo CD's OCI source both take. */
import { createHash } from 'node:crypto';
import type { Origin } from './git.ts';
import { gzipStored } from './gzip.ts';
import { tarOf } from './tar.ts';

/** Something that is kept under its digest. */
export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Buffer;
}

/** A manifest and what it names. */
export interface Artifact {
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
  /** The manifests that an index names. @default none */
  readonly parts?: readonly Artifact[];
}

/** Flux knows its artifacts by the first, Argo CD takes exactly one layer of the last. */
const types = {
  config: 'application/vnd.cncf.flux.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

/**
 * The artifact of files by their paths. The same files of the same commit give the same bytes, whatever the machine.
 */
export function artifactOf(
  files: ReadonlyMap<string, Buffer>,
  { source, revision, created }: Origin,
): Artifact {
  const archive = tarOf([
    ...foldersOf(files.keys()).map((name) => ({ name })),
    ...[...files].map(([name, content]) => ({ name, content })),
  ]);
  const layer = blob(types.layer, gzipStored(archive));
  const config = json(types.config, {
    created,
    architecture: '',
    os: '',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digestOf(archive)] },
  });
  const manifest = json(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(config),
    // by these oras unpacks it where it pulls to
    layers: [
      {
        ...descriptor(layer),
        annotations: {
          'io.deis.oras.content.digest': digestOf(archive),
          'io.deis.oras.content.unpack': 'true',
          'org.opencontainers.image.title': '.',
        },
      },
    ],
    annotations: {
      'org.opencontainers.image.created': created,
      'org.opencontainers.image.revision': revision,
      ...(source === undefined ? {} : { 'org.opencontainers.image.source': source }),
    },
  });
  return { manifest, blobs: [layer, config] };
}

/** The folders above files, which oras does not make where an archive does not name them. */
function foldersOf(files: Iterable<string>): string[] {
  const parts = [...files].map((file) => file.split('/'));
  const folders = parts.flatMap((names) => names.slice(1).map((_, end) => names.slice(0, end + 1).join('/')));
  return [...new Set(folders)];
}

/** The digest of bytes, as registries write it. */
export function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function blob(mediaType: string, content: Buffer): Blob {
  return { mediaType, digest: digestOf(content), content };
}

function json(mediaType: string, value: object): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function descriptor({ mediaType, digest, content }: Blob) {
  return { mediaType, digest, size: content.length };
}
