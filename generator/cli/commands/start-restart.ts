import type { Session } from '../../lifecycle/session/session.ts';
import { action, type Context, exitCodes } from '../context.ts';
import { addClusterOptions, type ClusterOptions, runOnCluster } from './shared/cluster-command.ts';
import type { Command } from './shared/command.ts';

/** A command that has no options but those of all that work on a cluster. */
interface PlainVerb {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: Parameters<Command['examples']>[0];
  /** When it ends with 1. */
  readonly fails: string;
  /** What it does; nothing heavy is loaded before. */
  readonly load: () => Promise<(session: Session) => Promise<void>>;
}

const start: PlainVerb = {
  name: 'start',
  summary: 'start a stopped deployment as it was',
  description:
    'Gives back what "stop" took: the gateway’s right to start voice sessions, and the replicas of each Deployment as they were; then waits until the pods run. What the environment says beyond that is for "apply", which works as if nothing had been. A deployment that is not stopped is left as it is.',
  examples: [
    ['glyphoxa-kustomize start production', 'run again as before the stop'],
    ['glyphoxa-kustomize start production --dry-run', 'what would be scaled to which number'],
  ],
  fails: 'it is not deployed, or the pods do not run',
  load: async () => (await import('../../lifecycle/verbs/start/start.ts')).start,
};

const restart: PlainVerb = {
  name: 'restart',
  summary: 'restart the workloads one at a time',
  description:
    'Gives each Deployment new pods, one Deployment at a time, and waits for them. The MCP gateway comes first: voice sessions lose a tool call at most, and where its new pods do not run, the gateway is left alone. The gateway comes last, and its voice connections break with the pods that hold them: voice sessions on them end. Restart while nobody plays. Workers of voice sessions are not restarted.',
  examples: [
    ['glyphoxa-kustomize restart production', 'new pods, such as after a key was changed'],
    ['glyphoxa-kustomize restart production --dry-run', 'what would be restarted, in which order'],
  ],
  fails: 'it is stopped or not deployed, or the new pods do not run',
  load: async () => (await import('../../lifecycle/verbs/restart/restart.ts')).restart,
};

/** `start`: starts a stopped deployment as it was. `restart`: restarts the workloads one at a time. */
export function registerStartAndRestart(program: Command, context: Context): void {
  for (const { name, summary, description, examples, fails, load } of [start, restart]) {
    const command = program.command(name).summary(summary).description(description);
    addClusterOptions(command)
      .examples(examples, fails)
      .action(
        action(context, (word: string, options: ClusterOptions) =>
          runOnCluster(word, options, context, async (session) => {
            const work = await load();
            await work(session);
            return exitCodes.done;
          }),
        ),
      );
  }
}
