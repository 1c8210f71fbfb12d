import { type Command, Option } from 'commander';
import type { Layers } from '../../config/files.ts';
import { printable } from '../../model/characters.ts';
import type { Finding } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { type AllowEnv, allowEnvOption } from '../allow-env.ts';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import { say } from '../say.ts';

interface BuildOptions extends AllowEnv {
  readonly output: 'yaml' | 'json' | 'name' | 'files';
  readonly dir?: string;
}

/** `build`: the Kubernetes objects of a resource or of an environment. */
export function registerBuild(program: Command, context: Context): void {
  program
    .command('build')
    .summary('print the Kubernetes objects of a resource or an overlay')
    .description(
      'Prints the Kubernetes objects of a resource, or of an environment: its config.yaml over the glyphoxa.yaml of the nearest folder above. Secrets with fromEnv and fromFile are read now.',
    )
    .argument('[path]', 'file or folder of a resource or an overlay; - for standard input', '.')
    .addOption(
      new Option('-o, --output <format>', 'what is written')
        .choices(['yaml', 'json', 'name', 'files'])
        .default('yaml'),
    )
    .addOption(allowEnvOption())
    .option('--dir <folder>', 'with -o files: the folder that gets one file for each object')
    .addHelpText(
      'after',
      afterHelp([
        ['glyphoxa-kustomize build glyphoxa.yaml | kubectl apply -f -', 'what the cluster gets'],
        ['glyphoxa-kustomize build overlays/dedicated -o name', 'the names alone, for an environment'],
        ['glyphoxa-kustomize build -o files --dir rendered', 'a file for each object'],
      ]),
    )
    .action(
      action(context, (path: string, options: BuildOptions, command: Command) => {
        const needsDir = options.output === 'files';
        if (needsDir && options.dir === undefined) command.error('error: -o files needs --dir <folder>');
        if (!needsDir && options.dir !== undefined) command.error('error: --dir needs -o files');
        return runBuild(path, options, context.io);
      }),
    );
}

async function runBuild(path: string, options: BuildOptions, io: Io): Promise<number> {
  const { readLayers } = await import('../../config/files.ts');
  const { build } = await import('../../objects/build.ts');
  const { Failure } = await import('../../model/finding.ts');
  const layers = await readLayers(path, io);
  try {
    const built = await build(layers.base, layers.environment, {
      env: io.env,
      folder: layers.folder,
      ...(options.allowEnv === undefined ? {} : { allowEnv: options.allowEnv }),
    });
    const { config, findings } = built;
    const objects = await asOverlaid(built.objects, layers);
    await tell(findings, layers, io);
    const { postgresql, sealedSecrets } = config.spec;
    const charts = [
      postgresql.enabled ? ['PostgreSQL'] : [],
      sealedSecrets.enabled ? ['sealed-secrets'] : [],
    ].flat();
    if (charts.length > 0)
      say(io, `${charts.join(' and ')}: charts are not built here, but by the tree that "generate" writes`);
    if (options.dir === undefined) {
      io.stdout.write(await print(objects, options.output));
      return exitCodes.done;
    }
    const { writeObjectFiles } = await import('../object-files.ts');
    const { resolve } = await import('node:path');
    const written = writeObjectFiles(resolve(io.cwd, options.dir), objects, options.dir);
    say(io, `${written.length} files written to ${printable(options.dir)}`);
    for (const { name } of written.filter(({ secret }) => secret))
      say(io, `${printable(name)} holds secret values: keep it out of git`);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await tell(error.findings, layers, io);
    return exitCodes.wrongInput;
  }
}

/** The objects with the `images` that people and image updaters set in the overlay: they win over the resource's. */
async function asOverlaid(objects: KubernetesObject[], { overlay }: Layers): Promise<KubernetesObject[]> {
  if (overlay === undefined) return objects;
  const { overridesIn } = await import('../../tree/environment-images.ts');
  const { withImages } = await import('../../tree/images.ts');
  return withImages(objects, overridesIn(overlay));
}

async function tell(findings: readonly Finding[], { base, environment }: Layers, io: Io): Promise<void> {
  if (findings.length === 0) return;
  const { printFindings } = await import('../print-findings.ts');
  const sources = environment === undefined ? [base] : [base, environment];
  printFindings(findings, io, new Map(sources.map(({ file, text }) => [file, text])));
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
