import type { Session } from '../../lifecycle/session/session.ts';
import type { ApplyChoices } from '../../lifecycle/verbs/apply/apply.ts';
import { action, type Context, exitCodes } from '../context.ts';
import { addFleetOptions, chosen, type FleetOptions, runOnFleet } from '../fleet/fleet-command.ts';
import { addClusterOptions, type ClusterCommand, runOnCluster } from './shared/cluster-command.ts';
import type { Command } from './shared/command.ts';

interface ApplyOptions extends FleetOptions {
  readonly forceConflicts?: true;
  readonly adopt?: true;
  readonly beside?: true;
  readonly infrastructure?: true;
  readonly prune: boolean;
  readonly wait: boolean;
}

const kind: ClusterCommand = { all: true, takesTenants: true };

/** `apply`: makes a cluster what an environment says. */
export function registerApply(program: Command, context: Context): void {
  const command = program
    .command('apply')
    .summary('apply an environment to a cluster, and wait until it runs')
    .description(
      'Builds an environment with the kustomize or kubectl on the PATH, checks the cluster for everything that it needs, applies it by server-side apply, deletes what it does not list any more, and waits until the new pods run. Where something is wrong, nothing is touched. Of a fleet, several tenants are applied at the same time, each as an environment is; what is up to date is told at once. After a wave in which a tenant failed no other is begun.',
    );
  addFleetOptions(addClusterOptions(command, kind))
    .option('--force-conflicts', 'take over fields that others have set to something else')
    .option('--adopt', 'take over the objects of a Helm release, of zhi or of kubectl apply')
    .option(
      '--beside',
      'continue where the same environment runs as another release or in another namespace, and remember that it is meant',
    )
    .option('--infrastructure', 'install or upgrade its operators and its database first')
    .option('--no-prune', 'keep what earlier applies created and the environment does not list any more')
    .option('--no-wait', 'do not wait until the new pods run')
    .examples(
      [
        ['glyphoxa-kustomize apply production', 'the environment overlays/production'],
        ['glyphoxa-kustomize apply production --dry-run', 'what would be done'],
        ['glyphoxa-kustomize apply production --infrastructure', 'with its database, on a new cluster'],
        ['glyphoxa-kustomize apply clusters/eu --context=eu -o json', 'a kustomization over an environment'],
        ['glyphoxa-kustomize apply --tenant acme', 'a tenant of tenants.yaml'],
        ['glyphoxa-kustomize apply --all --parallel 16', 'all tenants, wave after wave'],
      ],
      'something is in the way, or the new pods do not run',
    )
    .action(
      action(context, async (word: string | undefined, options: ApplyOptions, self: Command) => {
        const one = await chosen(word, options, self, context.io.cwd);
        if (options.infrastructure && word === undefined)
          self.error('error: --infrastructure goes with an environment, not with tenants');
        if (one === undefined) return applyFleet(options, context);
        const isAsked = self.getOptionValueSource('timeout') === 'cli';
        const code = options.infrastructure
          ? await bringInfrastructure(one, isAsked, context)
          : exitCodes.done;
        return code === exitCodes.done
          ? runOnCluster(one.word, one.options, context, (session) => applyOne(session, options), kind)
          : code;
      }),
    );
}

/** What the environment rests on; it may take as long as the user says, or as it does alone. */
async function bringInfrastructure(
  { word, options }: { readonly word: string; readonly options: ApplyOptions },
  isAsked: boolean,
  context: Context,
): Promise<number> {
  const { infrastructureTimeoutMs, runInfrastructure } = await import('./infrastructure.ts');
  const timeout = isAsked ? options.timeout : infrastructureTimeoutMs;
  return runInfrastructure(word, { ...options, ...(timeout === undefined ? {} : { timeout }) }, context);
}

async function applyOne(session: Session, options: ApplyOptions): Promise<number> {
  const { apply } = await import('../../lifecycle/verbs/apply/apply.ts');
  await apply(session, choicesOf(options));
  return exitCodes.done;
}

function choicesOf({ prune, wait, ...given }: ApplyOptions): ApplyChoices {
  const { forceConflicts = false, adopt = false, beside = false } = given;
  return { forceConflicts, adopt, beside, prune, wait };
}

async function applyFleet(options: ApplyOptions, context: Context): Promise<number> {
  const { apply } = await import('../../lifecycle/verbs/apply/apply.ts');
  const { needOf } = await import('../../lifecycle/verbs/apply/up-to-date.ts');
  return runOnFleet<'applied' | 'up to date' | 'stopped'>(
    options,
    context,
    {
      async work(session) {
        const need = await needOf(session);
        if (need !== 'apply') return need;
        await apply(session, choicesOf(options));
        return 'applied';
      },
      summarize: (value, counts) => {
        if (value === 'up to date') return value;
        if (value === 'stopped') return 'stopped, and left as it is';
        const objects = [...counts].map(([verb, number]) => `${number} ${verb}`).join(', ');
        return `${options.dryRun ? 'would be ' : ''}applied: ${objects}`;
      },
      stops: true,
      end: (outcomes) =>
        [...outcomes.values()].every(({ state }) => state === 'done') ? exitCodes.done : exitCodes.wrongInput,
    },
    kind,
  );
}
