/** How a Secret or ConfigMap that is missing comes into being. */
import { secretsEnvFile } from '../../tree/layout.ts';
import { environmentName, isEnvironment } from '../session/target.ts';
import type { Reference } from '../state/references.ts';
import type { Preflight } from './context.ts';

/**
 * What to do about an object that is not there, or lacks keys. No command that is named has a value among its
 * arguments.
 *
 * @param keys those that are lacking. @default all that are needed
 */
export function hintToMake(
  { session: { target }, database }: Preflight,
  { kind, name, namespace, keys: all, onlyPulls }: Reference,
  keys: readonly string[] = all,
): string {
  const environment = environmentName(target);
  const at = `kubectl -n ${namespace}`;
  const secrets = target.config?.spec.secrets;
  const files = keys.map((key) => ` --from-file=${key}=FILE`).join('');
  if (kind === 'ConfigMap') return `make it: "${at} create configmap ${name}${files || ' --from-file=FILE'}"`;
  if (onlyPulls)
    return `make it: "${at} create secret docker-registry ${name}", or take it from spec.core.imagePullSecrets`;
  if (database.provider === 'cloudnative-pg' && name === `${database.object?.name}-app`) {
    return `CloudNativePG makes it with the database: run "glyphoxa-kustomize infrastructure ${environment}"`;
  }
  if (secrets?.name === name) {
    switch (secrets.provider) {
      case 'kubernetes':
        return `write its values with "glyphoxa-kustomize secrets init ${environment}", then generate and apply again`;
      case 'sealed-secrets':
        return `seal its values with "glyphoxa-kustomize seal ${environment}"`;
      case 'external-secrets':
        return 'name where its keys are kept in spec.secrets.external.keys';
      case 'existing':
        // Its values are kept on this machine for environments only.
        if (!isEnvironment(target)) break;
        return `write its values with "glyphoxa-kustomize secrets init ${environment}", then "${at} create secret generic ${name} --from-env-file=overlays/${environment}/${secretsEnvFile}"; "glyphoxa-kustomize secrets status ${environment} --cluster" lists all`;
    }
  }
  return `make it: "${at} create secret generic ${name}${files || ' --from-file=FILE'}"; for one that is there "${at} edit secret ${name}"`;
}
