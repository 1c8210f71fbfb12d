import { action, type Context, exitCodes } from '../context.ts';
import { addClusterOptions, type ClusterOptions, runOnCluster } from './shared/cluster-command.ts';
import type { Command } from './shared/command.ts';

interface StopOptions extends ClusterOptions {
  readonly drain?: true;
}

const kind = { mayBeStale: 'if asked', mayBeUnbuilt: true } as const;

/** How long a voice session lives at most, unless the environment says otherwise, and what the rest takes. */
const drainMs = (4 * 60 + 15) * 60_000;

/** `stop`: stops a deployment, and remembers how to start it again. */
export function registerStop(program: Command, context: Context): void {
  const command = program
    .command('stop')
    .summary('stop a deployment, and remember how to start it again')
    .description(
      'Names the voice sessions that run, and ends them: scales the gateway to 0 and waits until its pods are gone, deletes the worker Jobs, and scales the rest to 0. The numbers are kept in the cluster for "start"; nothing is deleted, a HorizontalPodAutoscaler stays and does nothing, and an apply is refused until then. A GitOps controller that heals what others change starts the pods again: suspend it first.',
    );
  addClusterOptions(command, kind)
    .option(
      '--drain',
      'keep new voice sessions out first, by taking the gateway’s right to create Jobs, and wait until the last one has ended; then --timeout is 4h15m unless it is given. Where this is interrupted or takes too long, the right is given back and nothing is stopped',
    )
    .examples(
      [
        ['glyphoxa-kustomize stop production', 'stop now; running voice sessions end'],
        ['glyphoxa-kustomize stop production --drain --timeout=2h', 'let the voice sessions end first'],
        ['glyphoxa-kustomize stop production --dry-run', 'which voice sessions would end'],
      ],
      'it is not deployed, or was not stopped in time',
    )
    .action(
      action(context, (word: string, options: StopOptions) => {
        const { drain = false } = options;
        const isDefault = command.getOptionValueSource('timeout') === 'default';
        const limits = drain && isDefault ? { timeout: drainMs } : {};
        return runOnCluster(
          word,
          { ...options, ...limits },
          context,
          async (session) => {
            const { stop } = await import('../../lifecycle/verbs/stop/stop.ts');
            await stop(session, { drain });
            return exitCodes.done;
          },
          kind,
        );
      }),
    );
}
