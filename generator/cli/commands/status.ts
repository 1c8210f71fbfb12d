import { InvalidArgumentError, Option } from 'commander';
import { action, type Context } from '../context.ts';
import { addFleetOptions, chosen, type FleetOptions } from '../fleet/fleet-command.ts';
import { addClusterOptions, runOnCluster } from './shared/cluster-command.ts';
import type { Command } from './shared/command.ts';

interface StatusOptions extends FleetOptions {
  readonly watch?: true;
  readonly strict?: true;
  /** Milliseconds. */
  readonly interval: number;
}

/** What the exit codes mean. */
const ends = { healthy: 0, unhealthy: 1, unknown: 2 } as const;

const kind = {
  readOnly: true,
  timeoutMs: 60_000,
  outputs: ['text', 'json', 'yaml'],
  failed: ends.unknown,
  mayBeStale: 'shown',
  mayBeUnbuilt: true,
  takesTenants: true,
} as const;

/** `status`: shows how a deployment is, on one screen. */
export function registerStatus(program: Command, context: Context): void {
  const command = program
    .command('status')
    .summary('show how a deployment is, on one screen')
    .description(
      'Shows the workloads of an environment with their images, versions and pods, its voice sessions, database, autoscaling and missing Secrets, the warnings of the last hour, and whether what runs is what the environment says. Changes nothing. Healthy means: not stopped, every Deployment runs its newest template in as many pods as it should, no Secret is missing, and the database, if it is in the cluster, is ready. Drift is shown and does not count, unless with --strict. Of a wave or all tenants it shows a line each.',
    );
  addFleetOptions(addClusterOptions(command, kind))
    .option('-w, --watch', 'keep running and show what changes, until Ctrl-C; on a terminal in place')
    .addOption(
      new Option('--interval <seconds>', 'how often --watch looks')
        .default(2_000, '2')
        .argParser(parseSeconds),
    )
    .option('--strict', 'count drift from the environment as unhealthy')
    .examples(
      [
        ['glyphoxa-kustomize status production', 'how it is now'],
        ['glyphoxa-kustomize status production --watch', 'the same, every two seconds'],
        ['glyphoxa-kustomize status production -o json', 'one JSON document, with times instead of ages'],
        ['glyphoxa-kustomize status --all', 'a line for each tenant'],
      ],
      'it is unhealthy, or stopped',
      'it is healthy',
      'nobody can tell: the cluster is not reached, rights are missing, or the command line is wrong',
    )
    .action(
      action(context, async (word: string | undefined, given: StatusOptions, self: Command) => {
        const one = await chosen(word, given, self, context.io.cwd);
        if (one === undefined) {
          if (given.watch || given.strict) self.error('error: --watch and --strict are for one tenant');
          const { showFleetStatus } = await import('../fleet/fleet-status.ts');
          return showFleetStatus(given, context);
        }
        const { options } = one;
        const { openStatusView } = await import('../print/status-view.ts');
        const view = openStatusView(context.io, options);
        const isUnlimited = options.watch === true && self.getOptionValueSource('timeout') === 'default';
        return runOnCluster(
          one.word,
          { ...options, ...(isUnlimited ? { timeout: Number.POSITIVE_INFINITY } : {}) },
          context,
          async (session) => ends[await view.show(session)],
          { ...kind, reportBy: view.reportBy },
        );
      }),
    );
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.5 && seconds <= 3600))
    throw new InvalidArgumentError('Write seconds, from 0.5 to 3600.');
  return seconds * 1000;
}
