/** The charts of one run: fetched and tried out before anything changes, then installed or upgraded by helm. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Failure, type Finding } from '../../../model/finding.ts';
import { isObject, type JsonObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { parseYaml } from '../../../model/yaml.ts';
import { pause } from '../../api/pause.ts';
import { shortName, typeOf } from '../../api/resources.ts';
import { applyObject } from '../../api/server-side-apply.ts';
import { serverNow } from '../../api/server-time.ts';
import { apiVersionWords, versionOf } from '../../api/server-version.ts';
import type { Session } from '../../session/session.ts';
import { isPending } from './decide.ts';
import { helmFailure, isPassing, runHelm } from './helm.ts';
import { type InstalledRelease, markFailed, readInstalled, runLabel } from './installed.ts';
import type { Plan } from './plan.ts';

/** A chart on disk, with what it is given. */
export interface FetchedChart extends Plan {
  /** The archive. */
  readonly file: string;
  /** What it renders with the values that it is given. */
  readonly manifest: string;
}

/** How long a helm whose parent was killed may go on by itself, in milliseconds. */
const orphanMs = 15_000;

/** How often something is tried again for want of what may come back. */
export const maxAttempts = 40;

/** How long after, in milliseconds. */
export const againAfterMs = 2_000;

/**
 * Fetches charts side by side, each once, and renders them, so that what is wrong with any of them is told before
 * the first one is installed.
 *
 * @throws Failure with everything that is wrong
 */
export async function fetchCharts(
  session: Session,
  helm: string,
  plans: readonly Plan[],
  folder: string,
): Promise<FetchedChart[]> {
  const { objects } = session.target;
  const version = await versionOf(session.client);
  const findings: Finding[] = [];
  const fetched = await Promise.all(
    plans.map(async (plan): Promise<FetchedChart[]> => {
      const { chart, name } = plan.part;
      const { repo, releaseName, namespace } = chart;
      const place = path.join(folder, name);
      mkdirSync(place);
      const source = repo.startsWith('oci://')
        ? [`${repo.replace(/\/+$/, '')}/${chart.name}`]
        : [chart.name, `--repo=${repo}`];
      const pull = ['pull', ...source, `--version=${chart.version}`, `--destination=${place}`];
      const pulled = await runHelm(session, helm, pull);
      const archive = readdirSync(place).find((file) => file.endsWith('.tgz'));
      if (!pulled.ok || archive === undefined) {
        findings.push(helmFailure(chart, pulled.stderr, objects));
        return [];
      }
      const file = path.join(place, archive);
      const kube = version === undefined ? [] : [`--kube-version=${apiVersionWords(version)}`];
      const args = ['template', releaseName, file, `--namespace=${namespace}`, '--values=-', ...kube];
      const rendered = await runHelm(session, helm, args, valuesText(plan));
      if (!rendered.ok) findings.push(helmFailure(chart, rendered.stderr, objects));
      return [{ ...plan, file, manifest: rendered.stdout }];
    }),
  );
  if (findings.length > 0) throw new Failure(findings);
  return fetched.flat();
}

/** The values of a chart, which helm reads from standard input: none ever stands among arguments. */
function valuesText({ decision }: Plan): string {
  return JSON.stringify(decision.values satisfies JsonObject);
}

/**
 * Installs or upgrades a release, and tries again for want of what may come back.
 *
 * @throws Failure with why helm fails
 */
export async function upgradeRelease(session: Session, helm: string, fetched: FetchedChart): Promise<void> {
  const { part, file, seen } = fetched;
  const { chart } = part;
  const { releaseName, namespace } = chart;
  if (seen.release !== undefined) await applyDefinitions(session, helm, fetched);
  const args = ['upgrade', '--install', releaseName, file, `--namespace=${namespace}`, '--values=-'];
  for (let attempt = 1; ; attempt++) {
    // Another one each time: a revision that has the label of the one before was made by somebody else.
    const run = randomBytes(8).toString('hex');
    const more = ['--history-max=10', `--labels=${runLabel}=${run}`];
    const result = await runHelm(session, helm, [...args, ...more], valuesText(fetched));
    if (result.ok) return;
    // Waits for the API server too, where that is what is missing.
    const left = (await readInstalled(session, releaseName, namespace)).release;
    if (left !== undefined && isPending(left) && left.run === run) await markFailed(session, left);
    const why = helmFailure(chart, result.stderr, session.target.objects, left !== undefined);
    if (!isPassing(result.stderr) || attempt >= maxAttempts) throw new Failure([why]);
    session.report.progress(part.name, `${why.message}; trying again`);
    await pause(againAfterMs, session.signal);
  }
}

/**
 * Ends a revision that was cut off, so that helm does not take it for one under way. A helm whose parent was
 * killed may still be at it, and gets the time to end.
 */
export async function recover(session: Session, part: string, found: InstalledRelease): Promise<void> {
  const { report, signal } = session;
  const { name, namespace } = found;
  let release: InstalledRelease | undefined = found;
  while (release !== undefined && isPending(release)) {
    const { revision, status, begunAt } = release;
    const left = begunAt + orphanMs - serverNow(session);
    if (left > 0) {
      report.progress(part, `an earlier run was cut off (${status}); waiting whether its helm still ends`);
      await pause(Math.min(left, againAfterMs), signal);
    } else {
      const message = `${part}: an earlier run was cut off at revision ${revision} of the Helm release ${name} (${status}); going on from there`;
      report.say(message, { release: name, namespace, status });
      await markFailed(session, release);
    }
    release = (await readInstalled(session, name, namespace)).release;
  }
}

/**
 * Helm installs the definitions of a chart's `crds` folder once and never upgrades them, unlike what
 * `kustomize build --enable-helm` hands to kubectl.
 */
async function applyDefinitions(session: Session, helm: string, { file, part }: FetchedChart): Promise<void> {
  const { ok, stdout } = await runHelm(session, helm, ['show', 'crds', file]);
  if (!ok) return;
  const objects = parseYaml(stdout).filter((value): value is KubernetesObject => isObject(value));
  for (const object of objects) {
    const type = await typeOf(session.client, object);
    await applyObject(session.client, type, object, { force: true });
    session.report.progress(part.name, `${shortName(object)} as the chart has it`);
  }
}
