/** Begins a deployment repository in a folder. */
import { environmentFile, resourceFile } from '../config/files.ts';
import { apiVersion, kind } from '../config/schema/resource.ts';
import { Failure, type Finding, failure } from '../model/finding.ts';
import { checkImage, splitImage } from '../model/image.ts';
import type { JsonObject } from '../model/json.ts';
import { readYaml } from '../model/yaml.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { validate } from '../objects/build.ts';
import { kindOf, readText, type Tree, writeFile } from './disk.ts';
import { type Generated, generateTree } from './generate.ts';
import { environmentFolder, kustomizationFile } from './layout.ts';
import { release as ours } from './release.ts';
import { headerWith, schemaFor } from './schema-file.ts';
import {
  attributesText,
  editorText,
  ignoreText,
  readmeText,
  renovateText,
  workflowText,
} from './starter-texts.ts';

/** What a new repository is called. */
export interface InitOptions {
  /** The release: the prefix of every object. @default glyphoxa */
  readonly release?: string;
  /** The image, with its tag or digest. @default the schema's, which names none */
  readonly image?: string | undefined;
}

const environments = ['production', 'staging'];

/**
 * Writes a resource, two environments and what a repository needs around them, and the tree that follows.
 * Files that exist stay as they are.
 *
 * @throws Failure where there is a resource already, or where the release's name is wrong
 */
export async function initTree(
  tree: Tree,
  { release = 'glyphoxa', image }: InitOptions = {},
): Promise<Generated> {
  if (kindOf(tree, resourceFile) !== undefined) {
    const hint = 'change that one, or name another folder';
    throw failure('resource-exists', `${tree.show(resourceFile)} exists already`, hint);
  }
  const { checks } = await import('../config/checks.ts');
  const [wrong] = checks['release-name'](release);
  if (wrong !== undefined) throw failure('release-name', wrong.message, wrong.hint);
  const unfit = image === undefined ? undefined : checkImage(image);
  if (unfit !== undefined)
    throw failure('image', unfit, 'write it like registry.example.com/glyphoxa:1a2b3c4');
  const starters = starterFiles(tree, release, image);
  await refuseUnfit(starters.get(resourceFile) ?? '');
  const created: string[] = [];
  const findings: Finding[] = image === undefined ? [noImage] : [];
  for (const [file, text] of starters) {
    const present = readText(tree, file);
    if (present === undefined) {
      writeFile(tree, file, text);
      created.push(file);
    } else if (present !== text) findings.push(kept(tree.show(file)));
  }
  const generated = await generateTree(tree);
  if (image !== undefined) pinImages(tree, generated);
  return {
    ...generated,
    changes: [...created.map((path) => ({ path, what: 'create' as const })), ...generated.changes],
    findings: [...findings, ...generated.findings],
  };
}

/** What was asked for may make a resource that nothing comes of; then no file of it is written. */
async function refuseUnfit(text: string): Promise<void> {
  const { findings } = await validate(readYaml(text, resourceFile));
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  // The file that they stand in is not there.
  throw new Failure(errors.map(({ position, ...error }) => ({ ...error, showSource: false })));
}

/** Names the image in each new environment's kustomization, where kustomize, Renovate and other updaters find it. */
function pinImages(tree: Tree, { inputs, changes }: Generated): void {
  for (const { name, config } of inputs.environments) {
    const file = `${environmentFolder(name)}/${kustomizationFile}`;
    if (!changes.some(({ path, what }) => path === file && what === 'create')) continue;
    const { repository, tag, digest } = config.spec.core.image;
    const version = digest === undefined ? { newTag: tag } : { digest };
    const images = writeYaml({ images: [{ name: repository, ...version }] } as JsonObject, {
      flushLists: true,
    });
    writeFile(tree, file, `${readText(tree, file) ?? ''}${images}`);
  }
}

function starterFiles(tree: Tree, release: string, image: string | undefined): Map<string, string> {
  const spec = image === undefined ? {} : { spec: { core: { image: splitImage(image) } } };
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    generators: [resourceFile],
  };
  const files = new Map([
    [
      resourceFile,
      writeYaml(
        { apiVersion, kind, metadata: { name: release }, ...spec },
        {
          header: headerWith(
            schemaFor(tree, 'resource', resourceFile),
            'What all environments share. Every value: glyphoxa-kustomize explain',
          ),
        },
      ),
    ],
    [
      kustomizationFile,
      writeYaml(kustomization, {
        header:
          'yaml-language-server: $schema=https://json.schemastore.org/kustomization.json\nBuilds glyphoxa.yaml alone, through the plugin. The overlays need no plugin.',
      }),
    ],
  ]);
  for (const name of environments) {
    const metadata = { namespace: name === environments[0] ? release : `${release}-${name}`.slice(0, 63) };
    const changed = name === environments[0] ? {} : { spec: { core: { environment: 'development' } } };
    const file = `${environmentFolder(name)}/${environmentFile}`;
    const about = `What ${name} changes of glyphoxa.yaml. Then: glyphoxa-kustomize generate`;
    const header = headerWith(schemaFor(tree, 'environment', file), about);
    files.set(file, writeYaml({ apiVersion, kind, metadata, ...changed }, { header }));
  }
  return files
    .set('.gitignore', ignoreText)
    .set('.gitattributes', attributesText)
    .set('.vscode/settings.json', editorText)
    .set('.github/workflows/glyphoxa.yaml', workflowText(ours))
    .set('renovate.json', renovateText)
    .set('README.md', readmeText(release, environments));
}

const noImage: Finding = {
  code: 'no-image',
  severity: 'warning',
  path: ['spec', 'core', 'image'],
  message: 'no image is named, so nothing can start',
  hint: 'set spec.core.image to an image of the first generation of Glyphoxa',
};

function kept(file: string): Finding {
  const hint = file.endsWith('.gitignore')
    ? 'make sure that it lists secrets.env and overlays/*/secrets/'
    : 'nothing to do if it says what you want';
  return {
    code: 'kept',
    severity: 'warning',
    path: [],
    message: `${file} exists and was kept as it is`,
    hint,
  };
}
