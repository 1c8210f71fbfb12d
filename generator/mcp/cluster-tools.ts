/**
 * The tools that work on the cluster of the user's kubeconfig; a server has them only where it was started for that. What
 * changes a cluster is done behind a yes of the user, who sees what it would do.
 */
import * as Type from 'typebox';
import type { ReleaseDiff } from '../lifecycle/changes/compare-release.ts';
import type { Session } from '../lifecycle/session/session.ts';
import { Failure, type Finding, failure, hasErrors } from '../model/finding.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { page } from './answers.ts';
import { type KeptReport, keepReport } from './cluster-report.ts';
import { anyValue, cursor, findingPage, findings, namedEnvironment, paging } from './shapes.ts';
import { type Call, type Question, type Tool, tool } from './tool.ts';

/** How long a call may take, in milliseconds. */
const timeoutMs = 300_000;

/** What the tools need of the program around them. */
export interface ClusterWorld {
  readonly env: { readonly [name: string]: string | undefined };
  /** A diff as text, and in a few words. */
  readonly show: (diff: ReleaseDiff) => { readonly text: string; readonly summary: string };
}

interface Opened {
  readonly session: Session;
  readonly report: KeptReport;
}

/** How a command of its kind is opened. */
interface Choices {
  readonly dryRun?: true;
  readonly all?: boolean;
  readonly mayBeStale?: 'shown';
  readonly mayBeUnbuilt?: boolean;
}

const input = Type.Object({ environment: namedEnvironment }, { additionalProperties: false });

const done = Type.Object({
  done: Type.Boolean(),
  lines: Type.Array(Type.String(), { description: 'What was done, in its order.' }),
  findings,
});

/** Makes the tools. */
export function clusterTools(world: ClusterWorld): Tool[] {
  return [diffTool(world), statusTool(world), ...askingTools(world).map((verb) => askingTool(world, verb))];
}

/** Works on the cluster with what is saved. */
async function onCluster<T>(
  { env }: ClusterWorld,
  environment: string,
  choices: Choices,
  call: Call,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  await call.desk.use(async ({ session }) => {
    if (!session.environments().includes(environment))
      throw failure(
        'no-environment',
        `there is no environment ${JSON.stringify(environment)}`,
        'see list_environments',
      );
    const [unsaved] = session.changedFiles();
    if (unsaved !== undefined)
      throw failure('unsaved', `${unsaved} has edits that are not saved`, 'save or undo them');
  });
  const { openSession } = await import('../lifecycle/session/open-session.ts');
  const report = keepReport(call.tell);
  const controller = new AbortController();
  const abort = (code: string, message: string) =>
    controller.abort(failure(code, message, 'see cluster_status'));
  const cancelled = () => abort('cancelled', 'the client cancelled the call');
  call.signal.addEventListener('abort', cancelled, { once: true });
  const timer = setTimeout(() => abort('timeout', `not done in ${timeoutMs / 1000} s`), timeoutMs);
  let session: Session | undefined;
  try {
    const world = { env, cwd: call.desk.tree.root, report, texts: new Map<string, string>(), controller };
    session = await openSession(environment, choices, world);
    return await work({ session, report });
  } catch (error) {
    const { apiFinding } = await import('../lifecycle/api/errors.ts');
    const found = apiFinding(error);
    throw found === undefined ? error : new Failure([found]);
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener('abort', cancelled);
    session?.client.close();
  }
}

function diffTool(world: ClusterWorld): Tool {
  return tool({
    name: 'cluster_diff',
    title: 'Compare with the cluster',
    description:
      "Says what an apply of an environment, as it is saved, would change in the cluster of the user's kubeconfig: by a dry run of the API server, which changes nothing.",
    kind: 'looking',
    isIdempotent: true,
    input: Type.Object({ environment: namedEnvironment, cursor }, { additionalProperties: false }),
    output: Type.Object({
      summary: Type.String(),
      objects: Type.Array(anyValue),
      unchanged: Type.Integer(),
      findings,
      ...paging,
    }),
    run: ({ environment, cursor: from }, call) =>
      onCluster(world, environment, {}, call, async ({ session, report }) => {
        const { diffRelease } = await import('../lifecycle/verbs/diff/diff.ts');
        const diff = await diffRelease(session);
        const { items, ...rest } = page(diff.objects as unknown as Json[], from);
        return {
          summary: world.show(diff).summary,
          objects: items,
          unchanged: diff.unchanged,
          findings: findingPage([...report.found, ...diff.findings]).items,
          ...rest,
        };
      }),
  });
}

function statusTool(world: ClusterWorld): Tool {
  return tool({
    name: 'cluster_status',
    title: 'Status in the cluster',
    description:
      "Shows how an environment is in the cluster of the user's kubeconfig: workloads, pods, voice sessions, database, missing Secrets, warnings, drift. It changes nothing.",
    kind: 'looking',
    isIdempotent: true,
    input,
    output: Type.Object({ health: Type.String(), status: anyValue, findings }),
    run: ({ environment }, call) => {
      const choices = { mayBeStale: 'shown', mayBeUnbuilt: true } as const;
      return onCluster(world, environment, choices, call, async ({ session, report }) => {
        const { readStatus } = await import('../lifecycle/verbs/status/read.ts');
        const { status } = await readStatus(session, { strict: false, now: Date.now() });
        const [shown = {}] = page([JSON.parse(JSON.stringify(status)) as JsonObject]).items;
        return { health: status.health, status: shown, findings: findingPage(report.found).items };
      });
    },
  });
}

/** What is done behind a yes to what it would do. */
interface Asking extends Pick<Tool, 'name' | 'title' | 'description'> {
  /** What the question begins with. */
  readonly verb: string;
  readonly choices: Choices;
  readonly question: (session: Session) => Promise<Pick<Question, 'message' | 'subject'>>;
  readonly work: (session: Session) => Promise<void>;
}

function askingTools({ show }: ClusterWorld): Asking[] {
  const restart = async (session: Session) => {
    const verb = await import('../lifecycle/verbs/restart/restart.ts');
    await verb.restart(session);
  };
  const stop = async (session: Session) => {
    const verb = await import('../lifecycle/verbs/stop/stop.ts');
    await verb.stop(session, { drain: false });
  };
  return [
    {
      name: 'cluster_apply',
      title: 'Apply to the cluster',
      description:
        "Applies an environment, as it is saved, to the cluster of the user's kubeconfig and waits until it runs. The client asks the user first, with what would change.",
      verb: 'Apply',
      choices: { all: true },
      async question(session) {
        const { diffRelease } = await import('../lifecycle/verbs/diff/diff.ts');
        const diff = await diffRelease(session);
        if (hasErrors(diff.findings)) throw new Failure(diff.findings);
        const { text, summary } = show(diff);
        return { message: `${summary}\n\n${text}`, subject: text };
      },
      async work(session) {
        const { apply } = await import('../lifecycle/verbs/apply/apply.ts');
        await apply(session, { forceConflicts: false, adopt: false, beside: false, prune: true, wait: true });
      },
    },
    {
      name: 'cluster_restart',
      title: 'Restart in the cluster',
      description:
        'Gives the workloads of an environment new pods, one Deployment at a time. Voice sessions on them end. The client asks the user first.',
      verb: 'Restart',
      choices: {},
      question: (session) => dryRunOf(session, restart),
      work: restart,
    },
    {
      name: 'cluster_stop',
      title: 'Stop in the cluster',
      description:
        'Scales the workloads of an environment to nothing and remembers their numbers for a start. Running voice sessions end. The client asks the user first.',
      verb: 'Stop',
      choices: { mayBeUnbuilt: true },
      question: (session) => dryRunOf(session, stop),
      work: stop,
    },
  ];
}

function askingTool(world: ClusterWorld, asking: Asking): Tool {
  const { verb, choices, question, work, ...definition } = asking;
  return tool({
    ...definition,
    kind: 'running',
    input,
    output: done,
    run: async ({ environment }, call) => {
      call.demandUser();
      return onCluster(world, environment, choices, call, async ({ session, report }) => {
        const { message, subject } = await question(session);
        const place = placeOf(session);
        await call.confirm({
          message: [`${verb} ${place}?`, '', ...findingLines(report.found), message].join('\n'),
          title: `${verb.toLowerCase()} ${session.target.name}`,
          subject: `${place}\n${subject}`,
        });
        await work(session);
        return {
          done: true,
          lines: page([...report.lines]).items,
          findings: findingPage(report.found).items,
        };
      });
    },
  });
}

/** `production: release glyphoxa in namespace games of kind-test (https://…)` */
function placeOf({ target, access }: Session): string {
  const { name, release, namespace } = target;
  return `${name}: release ${release} in namespace ${namespace} of ${access.context} (${access.server})`;
}

/** What a command would do, in its own words. */
async function dryRunOf(session: Session, work: Asking['work']) {
  const report = keepReport(() => {});
  await work({ ...session, report, dryRun: true });
  return {
    message: [...report.lines, ...findingLines(report.found)].join('\n'),
    subject: report.facts.join('\n'),
  };
}

function findingLines(found: readonly Finding[]): string[] {
  return found.map(({ severity, message }) => `${severity}: ${message}`);
}
