/** Secrets that pods of a release cannot start without, and that are not there. */
import type { Client } from '../../api/client.ts';
import type { Target } from '../../session/target.ts';
import { type PodTemplate, podTemplatesOf } from '../../state/pod-templates.ts';
import { type Reference, referencesOf } from '../../state/references.ts';
import { secretKeys } from '../../state/secret-keys.ts';

/** A Secret that is not there, or lacks keys. */
export interface MissingSecret {
  readonly name: string;
  /** The keys that it lacks; of a Secret that is not there, all that are needed. */
  readonly keys: readonly string[];
  readonly isThere: boolean;
  /** Whose pods need it. */
  readonly neededBy: readonly string[];
}

/** Looks for each Secret that pods cannot start without. Reads the names of keys, and keeps no value. */
export async function readMissingSecrets(client: Client, target: Target): Promise<MissingSecret[]> {
  const needed = secretsIn(podTemplatesOf(target));
  const found = await Promise.all(
    needed.map(async (reference) =>
      missing(reference, await secretKeys(client, reference.namespace, reference.name)),
    ),
  );
  return found.filter((secret) => secret !== undefined);
}

/** Pods start without a Secret that only serves to pull images. */
function secretsIn(templates: readonly PodTemplate[]): Reference[] {
  return referencesOf(templates).filter(({ kind, onlyPulls }) => kind === 'Secret' && !onlyPulls);
}

function missing(
  { name, keys, owners }: Reference,
  there: readonly string[] | undefined,
): MissingSecret | undefined {
  if (there === undefined) return { name, keys, isThere: false, neededBy: owners };
  const lacking = keys.filter((key) => !there.includes(key));
  return lacking.length === 0 ? undefined : { name, keys: lacking, isThere: true, neededBy: owners };
}
