import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context } from '../context.ts';

/** `destroy`: delete a deployment, and say what stays. */
export function registerDestroy(program: Command, context: Context): void {
  const command = program
    .command('destroy')
    .summary('delete a deployment, and say what stays')
    .description('Delete a deployment, and say what stays.');
  addClusterOptions(command)
    .addHelpText(
      'after',
      afterHelp([['glyphoxa-kustomize destroy production', 'delete a deployment, and say what stays']]),
    )
    .action(
      action(context, (word: string, options: ClusterOptions) =>
        runOnCluster(word, options, context, async () => {
          throw new Error('not yet');
        }),
      ),
    );
}
