/**
 * What Argo CD needs to run a fleet: one ApplicationSet, and a small file of parameters in the folder of each tenant, which
 * its git generator reads. No Application overrides anything of its tenant, which would render them one after the other.
 */
import type { Fleet, Tenant } from '../../config/fleet.ts';
import type { ArgoCd } from '../../config/schema/engine.ts';
import type { JsonObject } from '../../model/json.ts';
import { writeYaml } from '../../model/yaml-writer.ts';
import type { Files } from '../base.ts';
import { engineHeader, tenantHeader } from '../headers.ts';
import { tenantsFolder } from '../layout.ts';
import { tenantLabel, waveLabel } from './labels.ts';

/** The parameters of a tenant, in its folder. No other file below `tenants/` is called so. */
const parametersFile = 'argocd.yaml';

/** The label of Argo CD for the paths that an Application is built from. */
const pathsAnnotation = 'argocd.argoproj.io/manifest-generate-paths';

/** What the template knows of a tenant. All of it is always there: a missing key is an error. */
export function argocdTenantFiles({ id, namespace, wave, labels }: Tenant, isAlone: boolean): Files {
  const { [tenantLabel]: _, ...own } = labels;
  const given = { labels: own, alone: isAlone };
  const parameters = { tenant: id, namespace, ...(wave === undefined ? {} : { wave }), ...given };
  return new Map([[parametersFile, writeYaml(parameters, { header: tenantHeader })]]);
}

/**
 * The files of the engine's folder.
 *
 * @param reads the folders and files of the tree that every tenant is built from which is not alone
 */
export function argocdFiles(argocd: ArgoCd, { waves }: Fleet, reads: readonly string[]): Files {
  const { repoURL, revision, path, namespace, name, maxUpdate } = argocd;
  const root = path === undefined ? '' : `${path}/`;
  const files = [{ path: `${root}${tenantsFolder}/*/${parametersFile}` }];
  const limit = maxUpdate === undefined ? {} : { maxUpdate: numberOr(maxUpdate) };
  const steps = waves.map((wave) => ({
    matchExpressions: [{ key: waveLabel, operator: 'In', values: [wave] }],
    ...limit,
  }));
  const applicationSet = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name, namespace },
    spec: {
      goTemplate: true,
      goTemplateOptions: ['missingkey=error'],
      generators: [{ git: { repoURL, revision, files } }],
      // a tenant that is taken out of the fleet keeps what it has in the cluster
      syncPolicy: { preserveResourcesOnDeletion: true },
      ...(steps.length === 0 ? {} : { strategy: { type: 'RollingSync', rollingSync: { steps } } }),
      template: template(argocd, waves.length > 0, pathsTemplate(root, reads)),
      templatePatch: labelsPatch,
    },
  };
  return new Map([['argocd/applicationset.yaml', writeYaml(applicationSet, { header: engineHeader })]]);
}

/** A tenant's own labels, whose names are not known here. */
const labelsPatch =
  'metadata: { labels: { {{ range $label, $value := .labels }}{{ printf "%q: %q, " $label $value }}{{ end }} } }\n';

function template(
  { repoURL, revision, namePrefix = '', project, server }: ArgoCd,
  hasWaves: boolean,
  paths: string,
): JsonObject {
  return {
    metadata: {
      name: `${namePrefix}{{ .namespace }}`,
      labels: { [tenantLabel]: '{{ .tenant }}', ...(hasWaves ? { [waveLabel]: '{{ .wave }}' } : {}) },
      annotations: { [pathsAnnotation]: paths },
    },
    spec: {
      project: literal(project),
      source: {
        repoURL: literal(repoURL),
        targetRevision: literal(revision),
        path: '{{ .path.path }}',
      },
      destination: { server: literal(server), namespace: '{{ .namespace }}' },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['ServerSideApply=true'],
      },
    },
  };
}

/** The paths are the same for all tenants but those that share nothing: so a change of them touches no tenant. */
function pathsTemplate(root: string, reads: readonly string[]): string {
  const shared = [...new Set(['.', ...reads.map((path) => `/${root}${separable(path)}`)])];
  return `{{ if .alone }}.{{ else }}${shared.map(literal).join(';')}{{ end }}`;
}

/** A path, or the folder of it that has no semicolon in its name, by which Argo CD parts paths. */
function separable(path: string): string {
  const at = path.indexOf(';');
  return at === -1 ? path : path.slice(0, path.lastIndexOf('/', at) + 1);
}

/** A text that a Go template gives as it stands. */
function literal(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}

function numberOr(text: string): number | string {
  return text.endsWith('%') ? text : Number(text);
}
