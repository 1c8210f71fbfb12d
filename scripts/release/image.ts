/**
 * `npm run release:image`: the program as an image for Linux on amd64 and arm64, as an OCI image layout in
 * `release/image`. No daemon is needed and no other image: it is the single file, a C library, certificates and two
 * users. The same commit gives the same digest.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type TarEntry, tarOf } from '../../generator/publish/tar.ts';
import { release } from '../../generator/tree/release.ts';
import manifest from '../../package.json' with { type: 'json' };
import { root } from '../bundles.ts';
import { binaryFiles, buildBinaries, releaseFolder } from './binaries.ts';
import { baseFiles, type Processor, processors, workFolder } from './image-files.ts';

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

/** What names a blob. Source: OCI image specification, "Content Descriptors". */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The single files that are in the image. */
export const imageTargets = Object.values(processors).map(({ target }) => target);

/** Where the command is in the image; beside it a link of the name by which it is the function. */
const programFile = 'usr/local/bin/glyphoxa-kustomize';

/**
 * Writes the layout, and gives the digest of the image: that of its index, which a registry answers with.
 *
 * @param folder where the folder `image` is put
 * @param made the single files of both processors; @default they are made
 */
export async function buildImage(folder = releaseFolder, made?: readonly string[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(path.join(folder, '.image-'));
  try {
    const layout = path.join(work, 'image');
    mkdirSync(path.join(layout, 'blobs/sha256'), { recursive: true });
    const programs = made ?? (await buildBinaries(imageTargets, work));
    const created = commitTime();
    const manifests = await Promise.all(
      (Object.keys(processors) as Processor[]).map(async (processor) => {
        const program = programs.find((file) => file.endsWith(binaryFiles[processors[processor].target]));
        const files = [await baseFiles(processor), programFiles(readFileSync(program as string))];
        const layers = await Promise.all(files.map((entries) => putLayer(layout, entries)));
        const image = putManifest(layout, processor, layers, created);
        return { ...image, platform: { architecture: processor, os: 'linux' } };
      }),
    );
    const annotations = imageLabels(created);
    const index = putJson(layout, types.index, {
      schemaVersion: 2,
      mediaType: types.index,
      manifests,
      annotations,
    });
    const named = { ...index, annotations: { 'org.opencontainers.image.ref.name': manifest.version } };
    write(layout, 'index.json', { schemaVersion: 2, mediaType: types.index, manifests: [named] });
    write(layout, 'oci-layout', { imageLayoutVersion: '1.0.0' });
    const place = path.join(folder, 'image');
    rmSync(place, { recursive: true, force: true });
    renameSync(layout, place);
    return index.digest;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function programFiles(content: Buffer): TarEntry[] {
  return [
    { name: programFile, content, mode: 0o755 },
    { name: `${programFile}-fn`, link: path.basename(programFile) },
    { name: 'usr/share/doc/glyphoxa-kustomize/copyright', content: readFileSync(path.join(root, 'LICENSE')) },
  ];
}

/** A layer, and the digest of what is in it before it is packed, by which an image lists its layers. */
interface Layer {
  readonly layer: Descriptor;
  readonly content: string;
}

async function putLayer(layout: string, entries: readonly TarEntry[]): Promise<Layer> {
  const archive = tarOf(entries);
  const packed = await promisify(gzip)(archive, { level: 6 });
  return { layer: putBlob(layout, types.layer, packed), content: digestOf(archive) };
}

function putManifest(
  layout: string,
  architecture: Processor,
  layers: readonly Layer[],
  created: string | undefined,
): Descriptor {
  const labels = imageLabels(created);
  const config = putJson(layout, types.config, {
    ...(created === undefined ? {} : { created }),
    architecture,
    os: 'linux',
    config: {
      User: 'nobody',
      Env: ['PATH=/usr/local/bin', 'GLYPHOXA_IN_IMAGE=true'],
      Entrypoint: [`/${programFile}-fn`],
      WorkingDir: `/${workFolder}`,
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ content }) => content) },
    history: ['C library, certificates, users', manifest.name].map((comment) => ({ comment })),
  });
  return putJson(layout, types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config,
    layers: layers.map(({ layer }) => layer),
    annotations: labels,
  });
}

/** What the image says of itself. The address of its source stands in package.json, once somebody publishes. */
function imageLabels(created: string | undefined): { [name: string]: string } {
  const { name, description, version, license } = manifest;
  const { repository, commit } = release;
  const labels = {
    title: name,
    description,
    version,
    licenses: `${license} AND LGPL-2.1-or-later`,
    source: repository === undefined ? undefined : `https://github.com/${repository}`,
    revision: commit,
    created,
  };
  const known = Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([key, text]) => [`org.opencontainers.image.${key}`, text]));
}

/** When the commit was made that the image is built from; undefined outside of a clone. */
function commitTime(): string | undefined {
  try {
    const said = execFileSync('git', ['log', '-1', '--format=%ct'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return new Date(Number(said.toString()) * 1000).toISOString().replace('.000Z', 'Z');
  } catch {
    return undefined;
  }
}

const digestOf = (content: Uint8Array) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

function putBlob(layout: string, mediaType: string, content: Uint8Array): Descriptor {
  const digest = digestOf(content);
  writeFileSync(path.join(layout, 'blobs', digest.replace(':', '/')), content);
  return { mediaType, digest, size: content.length };
}

function putJson(layout: string, mediaType: string, value: object): Descriptor {
  return putBlob(layout, mediaType, Buffer.from(JSON.stringify(value)));
}

function write(layout: string, name: string, value: object): void {
  writeFileSync(path.join(layout, name), JSON.stringify(value));
}

if (process.argv[1] === import.meta.filename) {
  const digest = await buildImage();
  console.log(`${path.join(releaseFolder, 'image')} ${digest}`);
}
