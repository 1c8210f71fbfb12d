import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context } from '../context.ts';

/** `status`: show how a deployment is, on one screen. */
export function registerStatus(program: Command, context: Context): void {
  const command = program
    .command('status')
    .summary('show how a deployment is, on one screen')
    .description('Show how a deployment is, on one screen.');
  addClusterOptions(command)
    .addHelpText(
      'after',
      afterHelp([['glyphoxa-kustomize status production', 'show how a deployment is, on one screen']]),
    )
    .action(
      action(context, (word: string, options: ClusterOptions) =>
        runOnCluster(word, options, context, async () => {
          throw new Error('not yet');
        }),
      ),
    );
}
