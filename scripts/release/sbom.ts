/**
 * `npm run release:sbom`: what is in a release besides our own code, as CycloneDX, in `release/`. The list is esbuild's of
 * what it bundled, with the versions and sums of the lock file, so that no development tool is in it and nothing is missing.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { release } from '../../generator/tree/release.ts';
import manifest from '../../package.json' with { type: 'json' };
import { root } from '../bundles.ts';
import tools from '../tools.json' with { type: 'json' };
import { clientBundle } from '../web-assets.ts';
import { programBundle, releaseFolder } from './binaries.ts';

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
}

/** The bill of materials. The same commit gives the same text. */
export async function billOfMaterials(): Promise<object> {
  const lock: { packages: { [place: string]: Locked } } = JSON.parse(
    readFileSync(path.join(root, 'package-lock.json'), 'utf8'),
  );
  const bundled = (await bundledPlaces()).map((place) => library(place, lock.packages[place]));
  const { repository } = release;
  const components = [...bundled, ...runtimes()].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const own = `pkg:npm/${manifest.name}@${manifest.version}`;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name: manifest.name,
        version: manifest.version,
        description: manifest.description,
        licenses: [{ license: { id: manifest.license } }],
        ...(repository === undefined
          ? {}
          : { externalReferences: [{ type: 'vcs', url: `https://github.com/${repository}` }] }),
      },
    },
    components,
    dependencies: [{ ref: own, dependsOn: components.map((component) => component['bom-ref']) }],
  };
}

/** The folders of the packages that are bundled, as the lock file names them. */
async function bundledPlaces(): Promise<string[]> {
  const bundles = [
    { ...programBundle, outdir: 'program' },
    { ...clientBundle, outfile: 'client.js' },
  ];
  const built = await Promise.all(bundles.map((each) => build({ ...each, write: false, metafile: true })));
  const places = built
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .flatMap((file) => /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []);
  return [...new Set(places)].sort();
}

function library(place: string, locked: Locked | undefined) {
  if (locked === undefined) throw new Error(`package-lock.json does not know ${place}`);
  const name = place.replace(/^.*node_modules\//, '');
  const [algorithm, sum = ''] = (locked.integrity ?? '').split('-');
  const purl = `pkg:npm/${name.replace('@', '%40')}@${locked.version}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version: locked.version,
    purl,
    ...(locked.license === undefined ? {} : { licenses: [licenseOf(locked.license)] }),
    ...(algorithm === 'sha512'
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(sum, 'base64').toString('hex') }] }
      : {}),
  };
}

function licenseOf(license: string) {
  return /^[\w.-]+$/.test(license) ? { license: { id: license } } : { expression: license };
}

/** What the single files and the image have besides: the engine, and the C library. */
function runtimes() {
  return Object.entries(tools.tools).flatMap(([tool, pin]) => {
    if (tool.startsWith('bun-') && 'integrity' in pin)
      return [
        library(`node_modules/${pin.package}`, {
          version: pin.version,
          license: 'MIT',
          integrity: pin.integrity,
        }),
      ];
    if (!('architecture' in pin)) return [];
    const purl = `pkg:deb/debian/${pin.package}@${encodeURIComponent(pin.version)}?arch=${pin.architecture}`;
    const hashes = [{ alg: 'SHA-256', content: pin.sha256 }];
    const licenses = [{ license: { id: 'LGPL-2.1-or-later' } }];
    return [
      { type: 'library', 'bom-ref': purl, name: pin.package, version: pin.version, purl, licenses, hashes },
    ];
  });
}

if (process.argv[1] === import.meta.filename) {
  const file = path.join(releaseFolder, `${manifest.name}.cdx.json`);
  mkdirSync(releaseFolder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(await billOfMaterials(), null, 2)}\n`);
  console.log(file);
}
