/** The charts of one run: fetched and tried out before anything changes. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Failure, type Finding } from '../../../model/finding.ts';
import type { JsonObject } from '../../../model/json.ts';
import type { HelmChart } from '../../../objects/infrastructure.ts';
import type { ChartPart } from '../../../tree/infrastructure.ts';
import { apiVersionWords, versionOf } from '../../api/server-version.ts';
import type { Masking } from '../../rollout/mask.ts';
import type { Session } from '../../session/session.ts';
import { type Helm, pullArguments, pulledChart, runHelm } from './helm.ts';
import { helmFailure } from './helm-failure.ts';

/** A chart on disk. */
export interface FetchedChart {
  readonly part: ChartPart;
  /** The archive. */
  readonly file: string;
  /** What it renders with the values that it is given. */
  readonly manifest: string;
}

/**
 * Fetches charts side by side, each once, and renders them, so that what is wrong with any of them is told before
 * the first one is installed.
 *
 * @throws Failure with everything that is wrong
 */
export async function fetchCharts(
  session: Session,
  helm: Helm,
  parts: readonly ChartPart[],
  folder: string,
  mask: Masking,
): Promise<FetchedChart[]> {
  const version = await versionOf(session.client);
  const findings: Finding[] = [];
  const fetched = await Promise.all(
    parts.map(async (part): Promise<FetchedChart[]> => {
      const { chart } = part;
      const place = path.join(folder, part.name);
      mkdirSync(place);
      const pulled = await runHelm(session, helm, pullArguments(chart, place));
      const file = pulledChart(place);
      if (!pulled.ok || file === undefined) {
        findings.push(helmFailure(chart, pulled.stderr, mask));
        return [];
      }
      const kube = version === undefined ? [] : [`--kube-version=${apiVersionWords(version)}`];
      const args = ['template', chart.releaseName, file, ...valueArguments(chart), ...kube];
      const rendered = await runHelm(session, helm, args, valuesText(chart));
      if (!rendered.ok) findings.push(helmFailure(chart, rendered.stderr, mask));
      return [{ part, file, manifest: rendered.stdout }];
    }),
  );
  if (findings.length > 0) throw new Failure(findings);
  return fetched.flat();
}

/** The namespace, and values from standard input: none ever stands among arguments. */
export function valueArguments({ namespace }: HelmChart): string[] {
  return [`--namespace=${namespace}`, '--values=-'];
}

/** The values of a chart as helm reads them. They hold names of Secrets, and no secret. */
export function valuesText({ valuesInline }: HelmChart): string {
  return JSON.stringify(valuesInline satisfies JsonObject);
}
