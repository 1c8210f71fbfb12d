import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context } from '../context.ts';

/** `diff`: say what an apply would change. */
export function registerDiff(program: Command, context: Context): void {
  const command = program
    .command('diff')
    .summary('say what an apply would change')
    .description('Say what an apply would change.');
  addClusterOptions(command)
    .addHelpText(
      'after',
      afterHelp([['glyphoxa-kustomize diff production', 'say what an apply would change']]),
    )
    .action(
      action(context, (word: string, options: ClusterOptions) =>
        runOnCluster(word, options, context, async () => {
          throw new Error('not yet');
        }),
      ),
    );
}
