import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context } from '../context.ts';

/** `restart`: restart the workloads one at a time. */
export function registerRestart(program: Command, context: Context): void {
  const command = program
    .command('restart')
    .summary('restart the workloads one at a time')
    .description('Restart the workloads one at a time.');
  addClusterOptions(command)
    .addHelpText(
      'after',
      afterHelp([['glyphoxa-kustomize restart production', 'restart the workloads one at a time']]),
    )
    .action(
      action(context, (word: string, options: ClusterOptions) =>
        runOnCluster(word, options, context, async () => {
          throw new Error('not yet');
        }),
      ),
    );
}
