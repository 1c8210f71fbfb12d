import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';

/** `start`: starts a stopped deployment as it was. */
export function registerStart(program: Command, context: Context): void {
  const command = program
    .command('start')
    .summary('start a stopped deployment as it was')
    .description(
      'Gives back what "stop" took: the gateway’s right to start voice sessions, and the replicas of each Deployment as they were; then waits until the pods run. What the environment says beyond that is for "apply", which works as if nothing had been. A deployment that is not stopped is left as it is.',
    );
  addClusterOptions(command)
    .addHelpText(
      'after',
      afterHelp(
        [
          ['glyphoxa-kustomize start production', 'run again as before the stop'],
          ['glyphoxa-kustomize start production --dry-run', 'what would be scaled to which number'],
        ],
        'it is not deployed, or the pods do not run',
      ),
    )
    .action(
      action(context, (word: string, options: ClusterOptions) =>
        runOnCluster(word, options, context, async (session) => {
          const { start } = await import('../../lifecycle/verbs/start/start.ts');
          await start(session);
          return exitCodes.done;
        }),
      ),
    );
}
