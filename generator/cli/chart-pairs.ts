/** Which pairs of kustomize and helm build the infrastructure's charts, and what an older pair needs. */
import { compareVersions } from '../model/versions.ts';
import type { Outcome } from './plugin-status.ts';

/** How charts go with a pair, by where they come from. */
export interface ChartOutcomes {
  /** From HTTP repositories. */
  readonly helmCharts: Outcome;
  /** From OCI registries. */
  readonly ociCharts: Outcome;
}

const fails = (reason: string): Outcome => ({ state: 'fails', reason });

/**
 * Judges a pair by its versions, and by a probe with a chart on disk. Versions decide what no probe on disk can
 * see: components with charts need kustomize 5.0, registries 5.2, and helm 4 needs 5.8.1, with which alone
 * kustomize stopped passing options that helm 4 does not know.
 *
 * @param kustomize the version of kustomize, or of the one inside kubectl; undefined where kubectl does not say
 * @param helm the version of helm
 * @param probe how a chart on disk went
 */
export function chartOutcomes(kustomize: string | undefined, helm: string, probe: Outcome): ChartOutcomes {
  const both = (outcome: Outcome) => ({ helmCharts: outcome, ociCharts: outcome });
  const isHelm4 = isAtLeast(helm, '4.0.0');
  if (kustomize !== undefined && !isAtLeast(kustomize, '5.0.0')) {
    return both(fails(`the charts need kustomize 5.0 or later, and this is ${kustomize}`));
  }
  if (isHelm4 && kustomize !== undefined && !isAtLeast(kustomize, '5.8.1')) {
    return both(
      fails(`helm ${helm} needs kustomize 5.8.1 or later, and this is ${kustomize}; or use helm 3`),
    );
  }
  if (kustomize !== undefined && /^5\.8\.0\b/.test(kustomize)) {
    return both(fails("kustomize 5.8.0 does not set namespaces on charts' objects; use 5.8.1"));
  }
  if (probe.state !== 'works' || kustomize === undefined || isAtLeast(kustomize, '5.2.0')) return both(probe);
  const reason = `OCI registries need kustomize 5.2 or later, and this is ${kustomize}`;
  return { helmCharts: probe, ociCharts: fails(reason) };
}

/** Whether a version is this or a later one; what leads to it counts, such as what a kubectl is built with. */
function isAtLeast(version: string, wanted: string): boolean {
  return compareVersions(version, `${wanted}-0`) >= 0;
}
