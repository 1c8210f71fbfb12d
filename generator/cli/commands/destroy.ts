import type { Session } from '../../lifecycle/session/session.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import { addClusterOptions, ask, type ClusterOptions, runOnCluster } from './shared/cluster-command.ts';
import type { Command } from './shared/command.ts';

interface DestroyOptions extends ClusterOptions {
  readonly yes?: true;
  readonly release?: string;
  readonly deleteDatabase?: true;
  readonly deleteVolumes?: true;
  readonly deleteNamespace?: true;
}

const kind = { mayBeStale: 'if asked' } as const;

/** `destroy`: deletes a deployment, and says what stays. */
export function registerDestroy(program: Command, context: Context): void {
  const command = program
    .command('destroy')
    .summary('delete a deployment, and say what stays')
    .description(
      'Lists what goes and what stays, and asks for the environment’s name and the namespace. Then deletes what applies created, the gateway first, and the Jobs of voice sessions, which end; waits until all of it is gone, and says what was kept. The namespace, the database and its volumes stay unless they are named one by one. So do objects and Secrets that somebody else created.',
    );
  addClusterOptions(command, kind)
    .option('--release <name>', 'the release’s name, where it was another one; with -n, where it was')
    .option('-y, --yes', 'do not ask')
    .option(
      '--delete-database',
      'delete the database server too: CloudNativePG’s Cluster and Database, or the StatefulSet. Its volumes stay',
    )
    .option('--delete-volumes', 'delete the volumes of the database too, with everything on them')
    .option('--delete-namespace', 'delete the namespace too, with everything that is left in it')
    .examples(
      [
        ['glyphoxa-kustomize destroy production --dry-run', 'what would go, and what would stay'],
        ['glyphoxa-kustomize destroy production', 'delete it, after a question'],
        ['glyphoxa-kustomize destroy production -n voice', 'delete it where it was before it moved'],
        [
          'glyphoxa-kustomize destroy acme --yes --delete-database --delete-volumes',
          'leave no database and none of its volumes, and ask nothing',
        ],
      ],
      'it was not confirmed, something must not go, or it is not gone in time',
    )
    .action(
      action(context, (word: string, options: DestroyOptions) =>
        runOnCluster(
          word,
          { ...options, former: true },
          context,
          (session) => run(session, options, context.io),
          kind,
        ),
      ),
    );
}

async function run(session: Session, options: DestroyOptions, io: Io): Promise<number> {
  const { destroy } = await import('../../lifecycle/verbs/destroy/destroy.ts');
  const { deleteDatabase, deleteVolumes, deleteNamespace, yes } = options;
  const choices = {
    release: options.release,
    database: deleteDatabase === true,
    volumes: deleteVolumes === true,
    namespace: deleteNamespace === true,
  };
  await destroy(session, choices, async (expected) => {
    if (!yes) await confirm(io, expected, session.signal);
  });
  return exitCodes.done;
}

async function confirm(io: Io, expected: string, signal: AbortSignal): Promise<void> {
  const { failure } = await import('../../model/finding.ts');
  const answer = await ask(io, `Type "${expected}" to continue: `, signal);
  if (answer === expected) return;
  const [message, hint] =
    answer === undefined
      ? ['nobody is there to confirm it, so nothing was deleted', 'confirm it with --yes']
      : [`what was typed is not "${expected}", so nothing was deleted`, 'run it again to continue'];
  throw failure('not-confirmed', message, hint);
}
