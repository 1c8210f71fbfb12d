import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, runOnCluster } from '../cluster-command.ts';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';

interface ApplyOptions extends ClusterOptions {
  readonly forceConflicts?: true;
  readonly adopt?: true;
  readonly beside?: true;
  readonly prune: boolean;
  readonly wait: boolean;
}

/** `apply`: makes a cluster what an environment says. */
export function registerApply(program: Command, context: Context): void {
  const command = program
    .command('apply')
    .summary('apply an environment to a cluster, and wait until it runs')
    .description(
      'Builds an environment with the kustomize or kubectl on the PATH, checks the cluster for everything that it needs, applies it by server-side apply, deletes what it does not list any more, and waits until the new pods run. Where something is wrong, nothing is touched.',
    );
  addClusterOptions(command)
    .option('--force-conflicts', 'take over fields that others have set to something else')
    .option('--adopt', 'take over the objects of a Helm release, of zhi or of kubectl apply')
    .option(
      '--beside',
      'go on where the same environment runs as another release or in another namespace, and remember that it is meant',
    )
    .option('--no-prune', 'keep what earlier applies created and the environment does not list any more')
    .option('--no-wait', 'do not wait until the new pods run')
    .addHelpText(
      'after',
      afterHelp(
        [
          ['glyphoxa-kustomize apply production', 'the environment overlays/production'],
          ['glyphoxa-kustomize apply production --dry-run', 'what would be done'],
          [
            'glyphoxa-kustomize apply clusters/eu --context=eu -o json',
            'a kustomization over an environment',
          ],
        ],
        'something is in the way, or the new pods do not run',
      ),
    )
    .action(
      action(context, (word: string, options: ApplyOptions) =>
        runOnCluster(
          word,
          options,
          context,
          async (session) => {
            const { apply } = await import('../../lifecycle/verbs/apply/apply.ts');
            const { forceConflicts = false, adopt = false, beside = false, prune, wait } = options;
            await apply(session, { forceConflicts, adopt, beside, prune, wait });
            return exitCodes.done;
          },
          { all: true },
        ),
      ),
    );
}
