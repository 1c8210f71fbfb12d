import { type Command, Option } from 'commander';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import { guard } from './secrets.ts';

interface PublishOptions {
  readonly rendered?: boolean;
  readonly dryRun?: boolean;
  readonly dir: string;
  readonly output: 'text' | 'json';
}

/** `publish`: an environment as an OCI artifact. */
export function registerPublish(program: Command, context: Context): void {
  program
    .command('publish')
    .summary('push an environment to a registry, for Flux and Argo CD to pull')
    .description(
      "Pushes what kustomize builds an environment from, and nothing else, as an OCI artifact that Flux's OCIRepository and Argo CD take. Its source, revision and time are those of the commit, so that the same commit gives the same digest; what the registry has already is not sent. The tree must be committed and up to date, and hold no secret. Credentials come from docker's configuration and its helpers.",
    )
    .argument('<environment>', 'the name of an environment')
    .argument('<address>', 'oci://HOST/REPOSITORY[:TAG]; without a tag it is latest')
    .option('--rendered', 'publish the objects that kustomize builds, and not what they are built from')
    .option('--dry-run', 'send nothing; say what would be published')
    .addOption(new Option('--dir <folder>', 'the folder of glyphoxa.yaml').default('.'))
    .addOption(
      new Option('-o, --output <format>', 'how it is told').choices(['text', 'json']).default('text'),
    )
    .addHelpText(
      'after',
      afterHelp(
        [
          ['glyphoxa-kustomize publish production oci://r.example.com/games:live', 'after each commit, say'],
          [
            'glyphoxa-kustomize publish production oci://r.example.com/games --dry-run',
            'its digest and files, without a registry',
          ],
        ],
        'the environment may not be published, or the registry does not take it; the tag is as it was',
      ),
    )
    .action(
      action(context, (environment: string, address: string, options: PublishOptions) =>
        guard(context.io, (texts) => runPublish(environment, address, options, context.io, texts)),
      ),
    );
}

async function runPublish(
  environment: string,
  address: string,
  { rendered = false, dryRun = false, dir, output }: PublishOptions,
  io: Io,
  texts: Map<string, string>,
): Promise<number> {
  const { formatReference, readReference } = await import('../../publish/reference.ts');
  const { prepare } = await import('../../publish/publish.ts');
  const { openTree } = await import('../../tree/disk.ts');
  const { printFindings } = await import('../print-findings.ts');
  const reference = readReference(address);
  const tree = openTree(dir, io.cwd);
  const request = { tree, environment, rendered, cwd: io.cwd, env: io.env, texts };
  const { artifact, origin, files, path, warnings } = await prepare(request);
  printFindings(warnings, io, texts);
  const { digest } = artifact.manifest;
  const done = dryRun ? undefined : await push();
  const place = formatReference(reference, digest);
  if (output === 'json') {
    const told = {
      reference: place,
      digest,
      environment,
      path,
      rendered,
      dryRun,
      ...(done ?? notSent),
      ...origin,
      files,
    };
    io.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  } else {
    io.stdout.write(`${place}\n`);
    const what = `${files.length} files of ${environment} at ${origin.revision}`;
    const said =
      done === undefined
        ? 'would be published'
        : done.sent
          ? 'published'
          : done.moved
            ? 'were there already; the tag was moved'
            : 'were there already; nothing was sent';
    io.stderr.write(`${what} ${said}\n`);
  }
  return exitCodes.done;

  async function push() {
    const { credentialsFor } = await import('../../publish/credentials.ts');
    const { pushArtifact } = await import('../../publish/push.ts');
    const { openRepository } = await import('../../publish/registry.ts');
    const repository = openRepository(reference, () => credentialsFor(reference.host, io.env));
    return pushArtifact(repository, artifact);
  }
}

const notSent = { sent: false, moved: false };
