import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';

/** `restart`: restarts the workloads one at a time. */
export function registerRestart(program: Command, context: Context): void {
  const command = program
    .command('restart')
    .summary('restart the workloads one at a time')
    .description(
      'Gives each Deployment new pods, one Deployment at a time, and waits for them. The MCP gateway comes first: voice sessions lose a tool call at most, and where its new pods do not run, the gateway is left alone. The gateway comes last, and its voice connections break with the pods that hold them: voice sessions on them end. Restart while nobody plays. Workers of voice sessions are not restarted.',
    );
  addClusterOptions(command)
    .addHelpText(
      'after',
      afterHelp(
        [
          ['glyphoxa-kustomize restart production', 'new pods, such as after a key was changed'],
          ['glyphoxa-kustomize restart production --dry-run', 'what would be restarted, in which order'],
        ],
        'it is stopped or not deployed, or the new pods do not run',
      ),
    )
    .action(
      action(context, (word: string, options: ClusterOptions) =>
        runOnCluster(word, options, context, async (session) => {
          const { restart } = await import('../../lifecycle/verbs/restart/restart.ts');
          await restart(session);
          return exitCodes.done;
        }),
      ),
    );
}
