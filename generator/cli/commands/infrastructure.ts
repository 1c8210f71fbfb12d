import { action, type Context, exitCodes } from '../context.ts';
import { addClusterOptions, type ClusterOptions, runOnCluster } from './shared/cluster-command.ts';
import type { Command } from './shared/command.ts';

/** Charts with databases take their time: as long as this, in milliseconds. */
export const infrastructureTimeoutMs = 900_000;

/** `infrastructure`: installs or upgrades the operators and the database of an environment. */
export function registerInfrastructure(program: Command, context: Context): void {
  const command = program
    .command('infrastructure')
    .summary('install or upgrade the operators and the database of an environment')
    .description(
      'Installs or upgrades what an environment asks for: the CloudNativePG operator and the sealed-secrets controller, which serve the whole cluster, with the helm on the PATH, then the database beside the deployment. Waits until they work. A database of the chart that earlier versions used is taken over in place. What is there already as it should be is left alone; a database is never downgraded.',
    );
  addClusterOptions(command, { timeoutMs: infrastructureTimeoutMs })
    .examples(
      [
        ['glyphoxa-kustomize infrastructure production', 'operators and database of overlays/production'],
        ['glyphoxa-kustomize infrastructure production --dry-run', 'what would be installed or upgraded'],
      ],
      'something is in the way, or what was installed does not get ready',
    )
    .action(
      action(context, (word: string, options: ClusterOptions) => runInfrastructure(word, options, context)),
    );
}

/** Installs or upgrades the infrastructure of an environment; gives the exit code. */
export function runInfrastructure(word: string, options: ClusterOptions, context: Context): Promise<number> {
  return runOnCluster(word, options, context, async (session) => {
    const { installInfrastructure } = await import('../../lifecycle/verbs/infrastructure/infrastructure.ts');
    await installInfrastructure(session);
    return exitCodes.done;
  });
}
