import type { Command } from 'commander';
import {
  addClusterOptions,
  type ClusterCommand,
  type ClusterOptions,
  runOnCluster,
} from '../cluster-command.ts';
import { action, afterHelp, type Context } from '../context.ts';

/** What the exit codes mean, as those of `kubectl diff`. */
const ends = { none: 0, changes: 1, failed: 2 } as const;

const kind: ClusterCommand = { readOnly: true, outputs: ['text', 'json'], failed: ends.failed };

interface DiffOptions extends ClusterOptions {
  readonly beside?: true;
}

/** `diff`: says what an apply would change. */
export function registerDiff(program: Command, context: Context): void {
  const command = program
    .command('diff')
    .summary('say what an apply would change')
    .description(
      'Asks the API server, by a dry run, what an apply of the environment would change, and lists it object by object and field by field. What the server fills in by itself is left out. Of a Secret only the keys are named, and whether their values change; fields that other managers have set are marked, since an apply refuses to change them. Nothing is changed, and no run that is under way is disturbed.',
    );
  addClusterOptions(command, kind)
    .option('--beside', 'as apply with it: the environment may run as another release, too')
    .addHelpText(
      'after',
      afterHelp(
        [
          ['glyphoxa-kustomize diff production', 'what an apply would change'],
          ['glyphoxa-kustomize diff production -o json', 'the same as one JSON document'],
          ['glyphoxa-kustomize diff production || test $? -eq 1', 'changes are no failure'],
        ],
        'an apply would change something',
        'an apply would change nothing',
        'it failed, the cluster refuses an object, or the command line is wrong',
      ),
    )
    .action(
      action(context, (word: string, options: DiffOptions) =>
        runOnCluster(
          word,
          options,
          context,
          async (session) => {
            const { diffRelease } = await import('../../lifecycle/verbs/diff/diff.ts');
            const { formatReleaseDiff, releaseDiffAsJson, summarize } = await import(
              '../format-release-diff.ts'
            );
            const { hasErrors } = await import('../../model/finding.ts');
            const diff = await diffRelease(session, { beside: options.beside === true });
            const { io } = context;
            io.stdout.write(
              options.output === 'json'
                ? releaseDiffAsJson(diff, session.target)
                : formatReleaseDiff(diff, io.color),
            );
            session.report.findings(diff.findings);
            const hasFailed = hasErrors(diff.findings);
            // What could not be compared may well change.
            if (!hasFailed || diff.objects.length > 0) session.report.say(summarize(diff));
            if (hasFailed) return ends.failed;
            return diff.objects.length === 0 ? ends.none : ends.changes;
          },
          kind,
        ),
      ),
    );
}
