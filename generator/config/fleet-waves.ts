/** The waves of a fleet: which tenants a change reaches first. */
import { type Finding, failure } from '../model/finding.ts';
import { dig, isObject } from '../model/json.ts';
import type { Fleet } from './fleet.ts';

/** Tenants that a change reaches together. */
export interface Wave {
  /** Undefined where the fleet has no waves. */
  readonly name: string | undefined;
  /** Their ids, in the order of the file; those that have errors are among them. */
  readonly tenants: readonly string[];
}

/**
 * The waves of a fleet in their order, without those that are empty.
 *
 * @param only the name of the one that is asked for. @default all
 * @throws Failure where there is none of that name, or no tenant is in it
 */
export function wavesOf(fleet: Fleet, only?: string): Wave[] {
  const { waves } = fleet;
  if (only !== undefined && !waves.includes(only)) {
    const hint = `the waves are ${waves.join(', ') || 'none'}`;
    throw failure('unknown-wave', `${JSON.stringify(only)} is not among the waves`, hint);
  }
  const names: readonly (string | undefined)[] = waves.length === 0 ? [undefined] : waves;
  const right = new Map(fleet.tenants.map(({ id, wave }) => [id, wave]));
  const tenants = dig(fleet.source.value, ['tenants']);
  const written = isObject(tenants) ? Object.keys(tenants) : [];
  const waveOf = (id: string) => (right.has(id) ? right.get(id) : namedWave(fleet, id));
  const found = names
    .filter((name) => only === undefined || name === only)
    .map((name) => ({ name, tenants: written.filter((id) => waveOf(id) === name) }))
    .filter(({ tenants }) => tenants.length > 0);
  if (only !== undefined && found.length === 0)
    throw failure('empty-wave', `no tenant is in the wave ${only}`, 'put a tenant into it, or remove it');
  return found;
}

/** The wave of a tenant that has errors, as far as it can be told. */
function namedWave({ waves, source: { value } }: Fleet, id: string): string | undefined {
  const named = [dig(value, ['tenants', id, 'wave']), dig(value, ['defaults', 'wave'])];
  return waves.find((wave) => wave === (named[0] ?? named[1])) ?? waves.at(-1);
}

/** The errors of a fleet's file that are about no tenant in particular, and its warnings. */
export function wholeFindings({ findings }: Fleet): Finding[] {
  return findings.filter(({ severity, tenants }) => severity === 'warning' || tenants === undefined);
}
