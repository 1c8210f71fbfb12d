import type { ReleaseDiff } from '../../lifecycle/changes/compare-release.ts';
import type { Session } from '../../lifecycle/session/session.ts';
import { action, type Context } from '../context.ts';
import { addFleetOptions, chosen, type FleetOptions, runOnFleet } from '../fleet/fleet-command.ts';
import { addClusterOptions, type ClusterCommand, runOnCluster } from './shared/cluster-command.ts';
import type { Command } from './shared/command.ts';

/** What the exit codes mean, as those of `kubectl diff`. */
const ends = { none: 0, changes: 1, failed: 2 } as const;

const kind: ClusterCommand = {
  readOnly: true,
  outputs: ['text', 'json'],
  failed: ends.failed,
  takesTenants: true,
};

interface DiffOptions extends FleetOptions {
  readonly beside?: true;
}

/** `diff`: says what an apply would change. */
export function registerDiff(program: Command, context: Context): void {
  const command = program
    .command('diff')
    .summary('say what an apply would change')
    .description(
      'Asks the API server, by a dry run, what an apply of the environment would change, and lists it object by object and field by field. What the server fills in by itself is left out. Of a Secret only the keys are named, and whether their values change; fields that other managers have set are marked, since an apply refuses to change them. Nothing is changed, and no run that is under way is disturbed. Of a fleet, tenants that would change alike are shown once.',
    );
  addFleetOptions(addClusterOptions(command, kind))
    .option('--beside', 'as apply with it: the environment may run as another release, too')
    .examples(
      [
        ['glyphoxa-kustomize diff production', 'what an apply would change'],
        ['glyphoxa-kustomize diff production -o json', 'the same as one JSON document'],
        ['glyphoxa-kustomize diff production || test $? -eq 1', 'changes are no failure'],
        ['glyphoxa-kustomize diff --wave canary', 'the tenants of a wave'],
      ],
      'an apply would change something',
      'an apply would change nothing',
      'it failed, the cluster refuses an object, or the command line is wrong',
    )
    .action(
      action(context, async (word: string | undefined, options: DiffOptions, self: Command) => {
        const one = await chosen(word, options, self, context.io.cwd);
        return one === undefined
          ? diffFleet(options, context)
          : runOnCluster(
              one.word,
              one.options,
              context,
              (session) => diffOne(session, options, context),
              kind,
            );
      }),
    );
}

async function diffOne(session: Session, options: DiffOptions, { io }: Context): Promise<number> {
  const { diffRelease } = await import('../../lifecycle/verbs/diff/diff.ts');
  const { formatReleaseDiff, releaseDiffAsJson, summarize } = await import('../print/format-release-diff.ts');
  const { hasErrors } = await import('../../model/finding.ts');
  const diff = await diffRelease(session, { beside: options.beside === true });
  io.stdout.write(
    options.output === 'json'
      ? `${JSON.stringify(releaseDiffAsJson(diff, session.target), null, 2)}\n`
      : formatReleaseDiff(diff, io.color),
  );
  session.report.findings(diff.findings);
  const hasFailed = hasErrors(diff.findings);
  // What could not be compared may well change.
  if (!hasFailed || diff.objects.length > 0) session.report.say(summarize(diff));
  return endOf(diff, hasFailed);
}

function endOf({ objects }: ReleaseDiff, hasFailed: boolean): number {
  if (hasFailed) return ends.failed;
  return objects.length === 0 ? ends.none : ends.changes;
}

async function diffFleet(options: DiffOptions, context: Context): Promise<number> {
  const { diffRelease } = await import('../../lifecycle/verbs/diff/diff.ts');
  const { summarize } = await import('../print/format-release-diff.ts');
  const { formatFleetDiff, fleetDiffAsJson } = await import('../fleet/format-fleet-diff.ts');
  const { Failure, hasErrors } = await import('../../model/finding.ts');
  const { io } = context;
  return runOnFleet(
    options,
    context,
    {
      async work(session) {
        const diff = await diffRelease(session, { beside: options.beside === true });
        if (hasErrors(diff.findings)) throw new Failure(diff.findings);
        session.report.findings(diff.findings);
        const { release, namespace } = session.target;
        return { diff, place: { release, namespace } };
      },
      summarize: ({ diff }) => summarize(diff),
      stops: false,
      end(outcomes) {
        io.stdout.write(
          options.output === 'json' ? fleetDiffAsJson(outcomes) : formatFleetDiff(outcomes, io.color),
        );
        const all = [...outcomes.values()].map((outcome) =>
          outcome.state === 'done' ? endOf(outcome.value.diff, false) : ends.failed,
        );
        return Math.max(ends.none, ...all);
      },
    },
    kind,
  );
}
