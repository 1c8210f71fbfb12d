/** One `helm upgrade --install`, and what has to happen around it. */
import { randomBytes } from 'node:crypto';
import { Failure } from '../../../model/finding.ts';
import { isObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { parseYaml } from '../../../model/yaml.ts';
import { pause } from '../../api/pause.ts';
import { shortName, typeOf } from '../../api/resources.ts';
import { applyObject } from '../../api/server-side-apply.ts';
import { serverNow } from '../../api/server-time.ts';
import type { Masking } from '../../rollout/mask.ts';
import type { Session } from '../../session/session.ts';
import { type FetchedChart, valueArguments, valuesText } from './charts.ts';
import { isPending } from './decide.ts';
import { type Helm, runHelm } from './helm.ts';
import { helmFailure, isPassing } from './helm-failure.ts';
import { type InstalledRelease, markFailed, readInstalled, runLabel } from './installed.ts';

/** How long a helm whose parent was killed may go on by itself, in milliseconds. */
const orphanMs = 15_000;

/** How often something is tried again for want of what may come back. */
export const maxAttempts = 40;

/** How long after, in milliseconds. */
export const againAfterMs = 2_000;

/**
 * Installs or upgrades a release, and goes on from one that was cut off.
 *
 * @throws Failure with why helm fails
 */
export async function upgradeRelease(
  session: Session,
  helm: Helm,
  fetched: FetchedChart,
  release: InstalledRelease | undefined,
  mask: Masking,
): Promise<void> {
  const { chart } = fetched.part;
  if (release !== undefined) await applyDefinitions(session, helm, fetched);
  const args = [
    'upgrade',
    '--install',
    chart.releaseName,
    fetched.file,
    ...valueArguments(chart),
    '--history-max=10',
  ];
  for (let attempt = 1; ; attempt++) {
    // Another one each time: a revision that has the label of the one before was made by somebody else.
    const run = randomBytes(8).toString('hex');
    const result = await runHelm(session, helm, [...args, `--labels=${runLabel}=${run}`], valuesText(chart));
    if (result.ok) return;
    // Waits for the API server too, where that is what is missing.
    const left = (await readInstalled(session, chart.releaseName, chart.namespace)).release;
    if (left !== undefined && isPending(left) && left.run === run) await markFailed(session, left);
    if (!isPassing(result.stderr) || attempt >= maxAttempts) {
      throw new Failure([helmFailure(chart, result.stderr, mask, left !== undefined)]);
    }
    const { message } = helmFailure(chart, result.stderr, mask);
    session.report.progress(fetched.part.name, `${message}; trying again`);
    await pause(againAfterMs, session.signal);
  }
}

/**
 * Ends a revision that was cut off, so that helm does not take it for one under way. A helm whose parent was
 * killed may still be at it, and gets the time to end.
 */
export async function recover(session: Session, name: string, found: InstalledRelease): Promise<void> {
  const { report, signal } = session;
  let release: InstalledRelease | undefined = found;
  while (release !== undefined && isPending(release)) {
    const left = release.begunAt + orphanMs - serverNow(session);
    if (left <= 0) {
      report.say(
        `${name}: an earlier run was cut off at revision ${release.revision} of the Helm release ${release.name} (${release.status}); going on from there`,
        { release: release.name, namespace: release.namespace, status: release.status },
      );
      await markFailed(session, release);
    } else {
      report.progress(
        name,
        `an earlier run was cut off (${release.status}); waiting whether its helm still ends`,
      );
      await pause(Math.min(left, againAfterMs), signal);
    }
    release = (await readInstalled(session, release.name, release.namespace)).release;
  }
}

/**
 * Helm installs the definitions of a chart's `crds` folder once and never upgrades them, unlike what
 * `kustomize build --enable-helm` hands to kubectl.
 */
async function applyDefinitions(session: Session, helm: Helm, { file, part }: FetchedChart): Promise<void> {
  const { ok, stdout } = await runHelm(session, helm, ['show', 'crds', file]);
  if (!ok) return;
  const objects = parseYaml(stdout).filter((value): value is KubernetesObject => isObject(value));
  for (const object of objects) {
    const type = await typeOf(session.client, object);
    await applyObject(session.client, type, object, { force: true });
    session.report.progress(part.name, `${shortName(object)} as the chart has it`);
  }
}
