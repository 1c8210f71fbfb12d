/** The way from a command line to a {@link Session}. */
import { checks } from '../../config/checks.ts';
import type { Wrong } from '../../config/problem.ts';
import type { Lead } from '../../model/command.ts';
import { Failure, type Finding, finding } from '../../model/finding.ts';

import { type Client, openClient } from '../api/client.ts';
import { type ClusterAccess, type ClusterChoice, findCluster } from '../api/kube-config.ts';
import type { CheckedFleet } from './configuration.ts';
import { targetAt } from './former-place.ts';
import { wrongContext } from './open-cluster.ts';
import type { Report } from './report.ts';
import type { Session } from './session.ts';
import { loadTarget, type Target } from './target.ts';

/** What a command line says about environment and cluster. */
export interface SessionOptions {
  readonly dir?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  /** The release's name, where it was another one. */
  readonly release?: string;
  /** Whether the namespace may be another than the environment's. @default false */
  readonly former?: boolean;
  readonly dryRun?: true;
  /**
   * What becomes of a tree that is not what its configuration says: refused unless `stale` asks to go on, or nothing for
   * a command that shows it itself. @default refused
   */
  readonly mayBeStale?: 'if asked' | 'shown';
  /** Whether a tree that is out of date will do. @default false */
  readonly stale?: true;
  /** Whether all of the environment must be seen. @default what is not is a warning */
  readonly all?: boolean;
  /** Whether the configuration will do where the kustomization cannot be built. @default false */
  readonly mayBeUnbuilt?: boolean;
}

/** The world of a session. */
export interface SessionWorld {
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly report: Report;
  /** Takes the texts that were read, by the names that findings give them. */
  readonly texts: Map<string, string>;
  /** Ends what is under way. */
  readonly controller: AbortController;
  /** What the tenants of a fleet have in common. @default nothing, and all is found anew */
  readonly shared?: {
    readonly access: ClusterAccess;
    readonly client: Client;
    readonly fleet: CheckedFleet;
  };
}

/**
 * Builds the environment, finds the cluster and says which it is. Nothing is sent yet.
 *
 * @throws Failure where the environment cannot be built, there is no cluster, or it is another than the one that
 *   the environment is for, or the tree is out of date
 */
export async function openSession(
  word: string,
  options: SessionOptions,
  { env, cwd, report, texts, controller, shared }: SessionWorld,
): Promise<Session> {
  const misnamed = nameFindings(options);
  if (misnamed.length > 0) throw new Failure(misnamed);
  const choice: ClusterChoice = { ...options, env, cwd };
  const access = shared?.access ?? findCluster(choice);
  const { target: built, findings } = await loadTarget(word, {
    ...options,
    namespace: { ...namespaceOptions(options, access), mayDiffer: options.former === true },
    env,
    cwd,
    texts,
    signal: controller.signal,
    ...(shared === undefined ? {} : { fleet: shared.fleet }),
  });
  const target = options.former ? targetAt(built, options) : built;
  if (findings.length > 0) report.findings(findings);
  const { context, server } = access;
  const wrong = target.pins.filter((pin) => pin.context !== context);
  if (wrong.length > 0) {
    throw new Failure(wrong.map((pin) => wrongContext(target.name, pin.context, context, pin.file)));
  }
  report.findings(whereStale(target.stale, options));
  if (options.all && target.unseen.length > 0) throw new Failure(target.unseen.map(refused));
  report.findings([...target.unseen, ...unbuiltFindings(target)]);
  const { release, namespace } = target;
  report.say(`${target.name}: release ${release} in namespace ${namespace} of ${context} (${server})`, {
    release,
    namespace,
    context,
    server,
  });
  const seen = new Set<string>();
  const client = openClient(
    access,
    {
      lost: (why) => report.say(`the API server does not answer (${why}); waiting for it`),
      back: (ms) => report.say(`the API server answers again after ${(ms / 1000).toFixed(1)} s`),
      warning: (text) => {
        if (!seen.has(text)) report.warn('api-server', text, 'change what it names where it was made');
        seen.add(text);
      },
    },
    { signal: controller.signal, ...(shared === undefined ? {} : { beside: shared.client }) },
  );
  const abort = (reason: unknown) => controller.abort(reason);
  return {
    target,
    access,
    client,
    report,
    lead: leadOf(options),
    dryRun: options.dryRun === true,
    signal: controller.signal,
    abort,
    env,
    cwd,
  };
}

/** What nothing can be called. */
function nameFindings({ namespace, release }: SessionOptions): Finding[] {
  const told = (code: string, option: string, wrong: readonly Wrong[]) =>
    wrong.map(({ message, hint }) => finding(code, `${option}: ${message}`, hint));
  return [
    ...(namespace === undefined ? [] : told('namespace-name', '--namespace', checks['dns-label'](namespace))),
    ...(release === undefined ? [] : told('release-name', '--release', checks['release-name'](release))),
  ];
}

/**
 * What is reported of a tree that is out of date and is used all the same.
 *
 * @throws Failure where it is not: what would be applied, or looked for in the cluster, is not what the configuration says
 */
export function whereStale(
  stale: readonly Finding[],
  { mayBeStale, stale: asked }: SessionOptions,
): Finding[] {
  if (stale.length === 0 || mayBeStale === 'shown') return [];
  if (mayBeStale === undefined) throw new Failure(stale);
  if (!asked) {
    // In an incident nobody has the time to look at what generate changes.
    const hint = 'or use the tree as it is, with --stale';
    throw new Failure(
      stale.map((finding) => ({ ...finding, hint: [finding.hint, hint].filter(Boolean).join('; ') })),
    );
  }
  return stale.map((finding) => ({ ...finding, severity: 'warning' }));
}

/** What is not seen of an environment that is to be applied whole. */
function refused(finding: Finding): Finding {
  const hint =
    'apply it with what runs plugins and decrypts, such as Argo CD or Flux; "diff" and "status" work here';
  return { ...finding, severity: 'error', hint };
}

function unbuiltFindings({ unbuilt }: Target): Finding[] {
  return (unbuilt?.findings ?? []).map((finding) => ({
    ...finding,
    severity: 'warning',
    message: `${finding.message}; what the configuration says is used instead`,
  }));
}

/** The options that led here, as they were given. */
export function leadOf({ dir, kubeconfig, context, namespace, former }: SessionOptions): Lead {
  return { dir, kubeconfig, context, namespace: former === true ? undefined : namespace };
}

/** Only `--namespace` must agree with the objects; the context's is for objects without one. */
function namespaceOptions(options: SessionOptions, access: { readonly namespace: string | undefined }) {
  return { asked: options.namespace, fallback: access.namespace };
}
