import type { Layers } from '../../config/files.ts';
import { printable } from '../../model/characters.ts';
import type { Finding } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Built } from '../../objects/build.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import { say } from '../print/say.ts';
import { type AllowEnv, allowEnvOption } from './shared/allow-env.ts';
import type { Command } from './shared/command.ts';

interface BuildOptions extends AllowEnv {
  readonly output: 'yaml' | 'json' | 'name' | 'files';
  readonly dir?: string;
  readonly tenant?: string;
}

/** `build`: the Kubernetes objects of a resource or of an environment. */
export function registerBuild(program: Command, context: Context): void {
  program
    .command('build')
    .summary('print the Kubernetes objects of a resource or an overlay')
    .description(
      'Prints the Kubernetes objects of a resource, or of an environment: its config.yaml over the glyphoxa.yaml of the nearest folder above. Secrets with fromEnv and fromFile are read now.',
    )
    .argument(
      '[environment]',
      'an environment, or the file or folder of a resource or an overlay; - for standard input',
      '.',
    )
    .output(['yaml', 'json', 'name', 'files'], 'what is written')
    .addOption(allowEnvOption())
    .option('--tenant <tenant>', 'the tenant of the fleet in that folder')
    .option('--dir <folder>', 'with -o files: the folder that gets one file for each object')
    .examples([
      ['glyphoxa-kustomize build glyphoxa.yaml | kubectl apply -f -', 'what the cluster gets'],
      ['glyphoxa-kustomize build dedicated -o name', 'the names alone, for an environment'],
      ['glyphoxa-kustomize build --tenant acme', 'a tenant of tenants.yaml'],
      ['glyphoxa-kustomize build -o files --dir rendered', 'a file for each object'],
    ])
    .action(
      action(context, (word: string, options: BuildOptions, command: Command) => {
        const needsDir = options.output === 'files';
        if (needsDir && options.dir === undefined) command.error('error: -o files needs --dir <folder>');
        if (!needsDir && options.dir !== undefined) command.error('error: --dir needs -o files');
        return runBuild(word, options, context);
      }),
    );
}

async function runBuild(word: string, options: BuildOptions, context: Context): Promise<number> {
  const { io, texts } = context;
  const { config, findings, objects } =
    options.tenant === undefined
      ? await buildLayers(word, options, context)
      : await buildOfFleet(word, options.tenant, options, context);
  await tell(findings, texts, io);
  const { postgresql, sealedSecrets } = config.spec;
  const charts = [
    postgresql.enabled ? ['PostgreSQL'] : [],
    sealedSecrets.enabled ? ['sealed-secrets'] : [],
  ].flat();
  if (charts.length > 0)
    say(io, `${charts.join(' and ')}: charts are not built here, but by the tree that "generate" writes`);
  return await hand(objects, options, io);
}

/** Prints the objects, or writes them into files. */
async function hand(objects: readonly KubernetesObject[], options: BuildOptions, io: Io): Promise<number> {
  if (options.dir === undefined) {
    io.stdout.write(await print(objects, options.output));
    return exitCodes.done;
  }
  const { writeObjectFiles } = await import('./shared/object-files.ts');
  const { resolve } = await import('node:path');
  const written = writeObjectFiles(resolve(io.cwd, options.dir), objects, options.dir);
  say(io, `${written.length} files written to ${printable(options.dir)}`);
  for (const { name } of written.filter(({ secret }) => secret))
    say(io, `${printable(name)} holds secret values: keep it out of git`);
  return exitCodes.done;
}

/** A resource or an environment, with what its overlay changes. */
async function buildLayers(word: string, { allowEnv }: BuildOptions, { io, texts }: Context): Promise<Built> {
  const { environmentOrPath, readLayers } = await import('../../config/files.ts');
  const { build } = await import('../../objects/build.ts');
  const layers = await readLayers(environmentOrPath(word, undefined, io.cwd), io);
  const { base, environment, folder } = layers;
  for (const source of environment === undefined ? [base] : [base, environment])
    texts.set(source.file, source.text);
  const from = { env: io.env, folder, ...(allowEnv === undefined ? {} : { allowEnv }) };
  const built = await build(base, environment, from);
  return { ...built, objects: await asOverlaid(built.objects, layers) };
}

async function buildOfFleet(
  path: string,
  id: string,
  { allowEnv }: BuildOptions,
  { io, texts }: Context,
): Promise<Built> {
  const { openTree } = await import('../../tree/disk.ts');
  const { buildTenant, findTenant, openFleet } = await import('../../tree/tenants/build.ts');
  const tree = openTree(path === '.' ? undefined : path, io.cwd);
  const fleet = await openFleet(tree, texts);
  const found = await findTenant(fleet, id);
  const from = { env: io.env, folder: tree.root, ...(allowEnv === undefined ? {} : { allowEnv }) };
  return buildTenant(fleet, found, from);
}

/** The objects with the `images` that people and image updaters set in the overlay: they win over the resource's. */
async function asOverlaid(objects: KubernetesObject[], { overlay }: Layers): Promise<KubernetesObject[]> {
  if (overlay === undefined) return objects;
  const { overridesIn } = await import('../../tree/environment-images.ts');
  const { withImages } = await import('../../tree/images.ts');
  return withImages(objects, overridesIn(overlay));
}

async function tell(findings: readonly Finding[], texts: ReadonlyMap<string, string>, io: Io): Promise<void> {
  if (findings.length === 0) return;
  const { printFindings } = await import('../print/print-findings.ts');
  printFindings(findings, io, texts);
}

async function print(objects: readonly KubernetesObject[], format: BuildOptions['output']): Promise<string> {
  if (format === 'json')
    return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`;
  if (format === 'name') return objects.map((object) => `${nameOf(object)}\n`).join('');
  const { writeYamlStream } = await import('../../model/yaml-writer.ts');
  return writeYamlStream(objects);
}

/** An object's name as kubectl prints it: `deployment.apps/glyphoxa-gateway`. */
function nameOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
  return `${kind.toLowerCase()}${group}/${metadata.name}`;
}
