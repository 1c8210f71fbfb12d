import { action, type Context, exitCodes } from '../context.ts';
import { addFleetOptions } from '../fleet/fleet-command.ts';
import type { Command } from './shared/command.ts';

interface PublishOptions {
  readonly tenant?: string;
  readonly wave?: string;
  readonly all?: true;
  readonly parallel: number;
  readonly rendered?: boolean;
  readonly dryRun?: boolean;
  readonly dir?: string;
  readonly output: 'text' | 'json';
}

/** `publish`: an environment, or tenants, as OCI artifacts. */
export function registerPublish(program: Command, context: Context): void {
  const command = program
    .command('publish')
    .summary('push an environment or tenants to a registry, for Flux and Argo CD')
    .description(
      "Pushes what kustomize builds an environment from, and nothing else, as an OCI artifact that Flux's OCIRepository and Argo CD take. Its source, revision and time are those of the commit, so that the same commit gives the same digest; what the registry has already is not sent. Of tenants each has a tag of its own, and those that a commit did not change stay as they are. The tree must be committed and up to date, and hold no secret. Credentials come from docker's configuration and its helpers.",
    )
    .argument('[environment]', 'the name of an environment; none with --tenant, --wave or --all')
    .argument(
      '[address]',
      'oci://HOST/REPOSITORY[:TAG]; without a tag it is latest. Of tenants: without a tag, and by default what tenants.yaml says',
    );
  addFleetOptions(command)
    .option('--rendered', 'publish the objects that kustomize builds, and not what they are built from')
    .option('--dry-run', 'send nothing; say what would be published')
    .folder()
    .output(['text', 'json'], 'how it is reported')
    .examples(
      [
        ['glyphoxa-kustomize publish production oci://r.example.com/games:live', 'after each commit, say'],
        [
          'glyphoxa-kustomize publish production oci://r.example.com/games --dry-run',
          'its digest and files, without a registry',
        ],
        ['glyphoxa-kustomize publish --all', 'the tenants that changed, wave after wave'],
      ],
      'the environment may not be published, or the registry does not take it; the tag is as it was',
    )
    .action(
      action(
        context,
        async (
          first: string | undefined,
          second: string | undefined,
          options: PublishOptions,
          self: Command,
        ) => {
          const what = asked(first, second, options, self);
          if ('environment' in what) return runPublish(what.environment, what.address, options, context);
          const { publishFleet } = await import('../fleet/publish-fleet.ts');
          const { rendered = false, dryRun = false, ...rest } = options;
          return publishFleet(what.address, { ...rest, rendered, dryRun }, context);
        },
      ),
    );
}

/** What a command line asks for; ends the command where it is neither an environment nor tenants. */
function asked(
  first: string | undefined,
  second: string | undefined,
  { tenant, wave, all }: PublishOptions,
  command: Command,
): { environment: string; address: string } | { address: string | undefined } {
  const named = [tenant, wave, all].filter((each) => each !== undefined).length;
  if (named === 0 && first !== undefined && second !== undefined)
    return { environment: first, address: second };
  if (named === 1 && second === undefined) return { address: first };
  return command.error(
    'error: name an environment and an address, or one of --tenant <tenant>, --wave <wave>, --all',
  );
}

async function runPublish(
  environment: string,
  address: string,
  { rendered = false, dryRun = false, dir, output }: PublishOptions,
  { io, texts }: Context,
): Promise<number> {
  const { formatReference, readReference } = await import('../../publish/reference.ts');
  const { prepare } = await import('../../publish/publish.ts');
  const { openTree } = await import('../../tree/disk.ts');
  const { printFindings } = await import('../print/print-findings.ts');
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
