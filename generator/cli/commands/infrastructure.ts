import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context } from '../context.ts';

/** `infrastructure`: install or upgrade the infrastructure charts of an environment. */
export function registerInfrastructure(program: Command, context: Context): void {
  const command = program
    .command('infrastructure')
    .summary('install or upgrade the infrastructure charts of an environment')
    .description('Install or upgrade the infrastructure charts of an environment.');
  addClusterOptions(command)
    .addHelpText(
      'after',
      afterHelp([
        [
          'glyphoxa-kustomize infrastructure production',
          'install or upgrade the infrastructure charts of an environment',
        ],
      ]),
    )
    .action(
      action(context, (word: string, options: ClusterOptions) =>
        runOnCluster(word, options, context, async () => {
          throw new Error('not yet');
        }),
      ),
    );
}
