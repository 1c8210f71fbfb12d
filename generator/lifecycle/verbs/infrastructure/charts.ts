/** The charts of one run: fetched and tried out before anything changes, then installed or upgraded by helm. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Failure, type Finding, hasErrors } from '../../../model/finding.ts';
import { isObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { parseYaml } from '../../../model/yaml.ts';
import type { ChartPart } from '../../../tree/infrastructure.ts';
import { pause } from '../../api/pause.ts';
import { shortName, typeOf } from '../../api/resources.ts';
import { applyObject } from '../../api/server-side-apply.ts';
import { serverNow } from '../../api/server-time.ts';
import { apiVersionWords, versionOf } from '../../api/server-version.ts';
import type { Session } from '../../session/session.ts';
import { findHelm, helmFailure, isPassing, runHelm } from './helm.ts';
import { markFailed, readInstalled, runLabel } from './installed.ts';
import { isPending, type Plan, planPart } from './plan.ts';
import { patiently } from './wait.ts';

/** A chart on disk, with what it is given. */
export interface FetchedChart extends Plan {
  readonly helm: string;
  /** The archive. */
  readonly file: string;
  /** What it renders with the values that it is given. */
  readonly manifest: string;
}

/** How long a helm whose parent was killed may go on by itself, and how often is looked, in milliseconds. */
const [orphanMs, lookEveryMs] = [15_000, 2_000];

/**
 * Fetches charts side by side, each once, and renders them, so that what is wrong with any of them is told before
 * the first one is installed.
 *
 * @throws Failure with everything that is wrong
 */
export async function fetchCharts(
  session: Session,
  plans: readonly Plan[],
  folder: string,
): Promise<FetchedChart[]> {
  if (plans.length === 0) return [];
  const helm = await findHelm(session);
  const version = await versionOf(session.client);
  const kube = version === undefined ? [] : [`--kube-version=${apiVersionWords(version)}`];
  const findings: Finding[] = [];
  const fetched = await Promise.all(
    plans.map(async (plan): Promise<FetchedChart | undefined> => {
      const { name, chart } = plan.part;
      const place = path.join(folder, name);
      mkdirSync(place);
      const source = chart.repo.startsWith('oci://')
        ? [`${chart.repo.replace(/\/+$/, '')}/${chart.name}`]
        : [chart.name, `--repo=${chart.repo}`];
      const pull = ['pull', ...source, `--version=${chart.version}`, `--destination=${place}`];
      const pulled = await runHelm(session, helm, pull);
      const file = path.join(place, readdirSync(place).find((each) => each.endsWith('.tgz')) ?? '');
      const args = [
        'template',
        chart.releaseName,
        file,
        `--namespace=${chart.namespace}`,
        '--values=-',
        ...kube,
      ];
      const rendered = pulled.ok ? await runHelm(session, helm, args, valuesText(plan)) : pulled;
      if (rendered.ok) return { ...plan, helm, file, manifest: rendered.stdout };
      findings.push(helmFailure(chart, rendered.stderr, session.target.objects));
      return undefined;
    }),
  );
  if (findings.length > 0) throw new Failure(findings);
  return fetched.filter((chart) => chart !== undefined);
}

/** The values of a chart, which helm reads from standard input: none ever stands among arguments. */
function valuesText({ decision }: Plan): string {
  return JSON.stringify(decision.values);
}

/**
 * Installs or upgrades a release, and tries again for want of what may come back.
 *
 * @throws Failure with why helm fails
 */
export async function upgradeRelease(session: Session, fetched: FetchedChart): Promise<void> {
  const { helm, part, file, seen } = fetched;
  const { releaseName, namespace } = part.chart;
  if (seen.release !== undefined) await applyDefinitions(session, fetched);
  const args = ['upgrade', '--install', releaseName, file, `--namespace=${namespace}`, '--values=-'];
  await patiently(session, part.name, async (isLast) => {
    // Another one each time: a revision that has the label of the one before was made by somebody else.
    const run = randomBytes(8).toString('hex');
    const more = ['--history-max=10', `--labels=${runLabel}=${run}`];
    const { ok, stderr } = await runHelm(session, helm, [...args, ...more], valuesText(fetched));
    if (ok) return undefined;
    // Waits for the API server too, where that is what is missing.
    const { release: left } = await readInstalled(session, releaseName, namespace);
    if (left !== undefined && isPending(left) && left.run === run) await markFailed(session, left);
    const why = helmFailure(part.chart, stderr, session.target.objects, left !== undefined);
    if (isLast || !isPassing(stderr)) throw new Failure([why]);
    return why.message;
  });
}

/**
 * What is to be done with a part once a revision that was cut off is ended, so that helm does not take it for one under
 * way. A helm whose parent was killed may still be at it, and gets the time to end.
 *
 * @throws Failure where something is in the way
 */
export async function planSettled(session: Session, part: ChartPart): Promise<Plan> {
  const { report, signal } = session;
  for (;;) {
    const plan = await planPart(session, part);
    const { release } = plan.seen;
    if (hasErrors(plan.decision.findings)) throw new Failure(plan.decision.findings);
    if (release === undefined || !isPending(release)) return plan;
    const { name, namespace, revision, status, begunAt } = release;
    const left = begunAt + orphanMs - serverNow(session);
    if (left > 0) {
      report.progress(
        part.name,
        `an earlier run was cut off (${status}); waiting whether its helm still ends`,
      );
      await pause(Math.min(left, lookEveryMs), signal);
    } else {
      const message = `${part.name}: an earlier run was cut off at revision ${revision} of the Helm release ${name} (${status}); going on from there`;
      report.say(message, { release: name, namespace, status });
      await markFailed(session, release);
    }
  }
}

/**
 * Helm installs the definitions of a chart's `crds` folder once and never upgrades them, unlike what
 * `kustomize build --enable-helm` hands to kubectl.
 */
async function applyDefinitions(session: Session, { helm, file, part }: FetchedChart): Promise<void> {
  const { ok, stdout } = await runHelm(session, helm, ['show', 'crds', file]);
  const objects = ok ? parseYaml(stdout).filter((value): value is KubernetesObject => isObject(value)) : [];
  for (const object of objects) {
    await applyObject(session.client, await typeOf(session.client, object), object, { force: true });
    session.report.progress(part.name, `${shortName(object)} as the chart has it`);
  }
}
