import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context } from '../context.ts';

/** `stop`: stop a deployment, and remember how to start it again. */
export function registerStop(program: Command, context: Context): void {
  const command = program
    .command('stop')
    .summary('stop a deployment, and remember how to start it again')
    .description('Stop a deployment, and remember how to start it again.');
  addClusterOptions(command)
    .addHelpText(
      'after',
      afterHelp([
        ['glyphoxa-kustomize stop production', 'stop a deployment, and remember how to start it again'],
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
