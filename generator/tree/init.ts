/** Begins a deployment repository in a folder. */
import { environmentFile, resourceFile } from '../config/files.ts';
import { apiVersion, kind } from '../config/schema/resource.ts';
import { Failure, type Finding, failure, finding } from '../model/finding.ts';
import { checkImage, splitImage } from '../model/image.ts';
import type { JsonObject } from '../model/json.ts';
import { readYaml } from '../model/yaml.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { validate } from '../objects/build.ts';
import { kindOf, readText, type Tree, writeFile } from './disk.ts';
import { type Generated, generateTree } from './generate.ts';
import {
  environmentFolder,
  environmentNamePattern,
  formerInfrastructureFolder,
  kustomizationFile,
} from './layout.ts';
import { reservedName, wrongName } from './load.ts';
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

/** What a new repository is for. */
export interface InitOptions {
  /** The release: the prefix of every object. @default glyphoxa */
  readonly release?: string | undefined;
  /** The image, with its tag or digest. @default the schema's, which names none */
  readonly image?: string | undefined;
  /** @default shared; dedicated for one box */
  readonly topology?: 'shared' | 'dedicated' | undefined;
  /** @default production and staging; production alone for one box */
  readonly environments?: readonly string[] | undefined;
  /** Whether it is for one machine: one pod of each workload, the database beside it, the Secret from a local file. */
  readonly single?: boolean | undefined;
  /** Whether the root can be built through the plugin too. @default false */
  readonly plugin?: boolean | undefined;
}

/** What was begun. */
export interface Begun extends Generated {
  readonly release: string;
  readonly environments: readonly string[];
  readonly topology: 'shared' | 'dedicated';
}

/**
 * Writes a resource, its environments and what a repository needs around them, and the tree that follows.
 * Files that exist stay as they are.
 *
 * @throws Failure where there is a resource already, or where a name or the image is wrong; nothing is written then
 */
export async function initTree(tree: Tree, options: InitOptions = {}): Promise<Begun> {
  if (kindOf(tree, resourceFile) !== undefined) {
    const hint = 'change that one, or name another folder';
    throw failure('resource-exists', `${tree.show(resourceFile)} exists already`, hint);
  }
  const plan = planOf(options);
  const wrong = await wrongPlan(plan);
  if (wrong.length > 0) throw new Failure(wrong);
  const starters = starterFiles(tree, plan);
  await refuseUnfit(starters.get(resourceFile) ?? '');
  const created: string[] = [];
  const findings = [...(plan.image === undefined ? [noImage] : []), ...writeNew(tree, starters, created)];
  const generated = await generateTree(tree);
  if (plan.image !== undefined) pinImages(tree, generated);
  const { release, environments, topology } = plan;
  return {
    ...generated,
    release,
    environments,
    topology,
    changes: [...created.map((path) => ({ path, what: 'create' as const })), ...generated.changes],
    findings: [...findings, ...generated.findings],
  };
}

/**
 * Writes files that are not there yet. Those that are stay as they are, and are told.
 *
 * @param created takes the paths of those that were written
 */
export function writeNew(tree: Tree, files: ReadonlyMap<string, string>, created: string[]): Finding[] {
  const findings: Finding[] = [];
  for (const [file, text] of files) {
    const present = readText(tree, file);
    if (present === undefined) {
      writeFile(tree, file, text);
      created.push(file);
    } else if (present !== text) findings.push(kept(tree.show(file)));
  }
  return findings;
}

/** What was asked for may make a resource that nothing comes of; then no file of it is written. */
async function refuseUnfit(text: string): Promise<void> {
  const { findings } = await validate(readYaml(text, resourceFile));
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  // The file that they stand in is not there.
  throw new Failure(errors.map(({ position, ...error }) => ({ ...error, showSource: false })));
}

/** The options with what they leave out. */
interface Plan {
  readonly release: string;
  readonly image: string | undefined;
  readonly topology: 'shared' | 'dedicated';
  readonly environments: readonly string[];
  readonly single: boolean;
  readonly plugin: boolean;
}

function planOf(options: InitOptions): Plan {
  const { release = 'glyphoxa', image, single = false, plugin = false } = options;
  const { topology = single ? 'dedicated' : 'shared' } = options;
  const { environments = single ? ['production'] : ['production', 'staging'] } = options;
  return { release, image, topology, environments: [...new Set(environments)], single, plugin };
}

async function wrongPlan({ release, image, environments }: Plan): Promise<Finding[]> {
  const { checks } = await import('../config/checks.ts');
  const [name] = checks['release-name'](release);
  const unfit = image === undefined ? undefined : checkImage(image);
  return [
    ...(name === undefined ? [] : [finding('release-name', name.message, name.hint)]),
    ...(unfit === undefined ? [] : [finding('image', unfit.message, unfit.hint)]),
    ...environments.flatMap((each, index) => {
      if (!environmentNamePattern.test(each)) return [wrongName(each)];
      if (environmentFolder(each) === formerInfrastructureFolder) return [reservedName(each)];
      const namespace = namespaceFor(release, each, environments);
      const first = environments.findIndex(
        (other) => namespaceFor(release, other, environments) === namespace,
      );
      if (first === index) return [];
      const message = `${environments[first]} and ${each} would have the same namespace ${namespace}`;
      return [finding('environment-name', message, 'choose names that differ in more')];
    }),
  ];
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

/** The first environment has the release's name as its namespace, the others their own behind it. */
function namespaceFor(release: string, name: string, environments: readonly string[]): string {
  const prefix = name === environments[0] ? release : `${release}-${name}`;
  return prefix
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 63)
    .replace(/-+$/, '');
}

/** What the resource says; everything else has its default. */
function specOf({ image, topology, single }: Plan): JsonObject {
  const core: JsonObject = {
    ...(image === undefined ? {} : { image: splitImage(image) as unknown as JsonObject }),
    ...(topology === 'shared' ? {} : { topology }),
    ...(single ? { createNamespace: true } : {}),
  };
  if (!single) return Object.keys(core).length === 0 ? {} : { spec: { core } };
  return {
    spec: {
      core,
      gateway: { adminKey: { fromEnv: 'GLYPHOXA_ADMIN_KEY' } },
      mcpGateway: { replicaCount: 1 },
      postgresql: { enabled: true },
      secrets: { provider: 'kubernetes' },
    },
  };
}

function starterFiles(tree: Tree, plan: Plan): Map<string, string> {
  const { release, environments, plugin } = plan;
  const shared = environments.length === 1 ? 'What is deployed.' : 'What all environments share.';
  const resource = { apiVersion, kind, metadata: { name: release }, ...specOf(plan) };
  const about = `${shared} Every value: glyphoxa-kustomize explain`;
  const header = headerWith(schemaFor(tree, 'resource', resourceFile), about);
  const files = new Map([[resourceFile, writeYaml(resource, { header })]]);
  if (plugin) files.set(kustomizationFile, writeYaml(pluginEntry, { header: pluginHeader }));
  for (const [index, name] of environments.entries()) {
    const metadata = { namespace: namespaceFor(release, name, environments) };
    const changed = index === 0 ? {} : { spec: { core: { environment: 'development' } } };
    const file = `${environmentFolder(name)}/${environmentFile}`;
    const about = `What ${name} changes of glyphoxa.yaml. Then: glyphoxa-kustomize generate`;
    const header = headerWith(schemaFor(tree, 'environment', file), about);
    files.set(file, writeYaml({ apiVersion, kind, metadata, ...changed }, { header }));
  }
  return new Map([...files, ...surroundings(release, environments)]);
}

/** What a repository needs around its resource and environments, by the files' paths. */
export function surroundings(release: string, environments: readonly string[]): Map<string, string> {
  return new Map([
    ['.gitignore', ignoreText],
    ['.gitattributes', attributesText],
    ['.vscode/settings.json', editorText],
    ['.github/workflows/glyphoxa.yaml', workflowText(ours)],
    ['renovate.json', renovateText],
    ['README.md', readmeText(release, environments)],
  ]);
}

const pluginEntry = {
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  generators: [resourceFile],
};

const pluginHeader =
  'yaml-language-server: $schema=https://json.schemastore.org/kustomization.json\nBuilds glyphoxa.yaml alone, through the plugin. The overlays need no plugin.';

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
