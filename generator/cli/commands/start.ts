import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context } from '../context.ts';

/** `start`: start a stopped deployment as it was. */
export function registerStart(program: Command, context: Context): void {
  const command = program
    .command('start')
    .summary('start a stopped deployment as it was')
    .description('Start a stopped deployment as it was.');
  addClusterOptions(command)
    .addHelpText(
      'after',
      afterHelp([['glyphoxa-kustomize start production', 'start a stopped deployment as it was']]),
    )
    .action(
      action(context, (word: string, options: ClusterOptions) =>
        runOnCluster(word, options, context, async () => {
          throw new Error('not yet');
        }),
      ),
    );
}
