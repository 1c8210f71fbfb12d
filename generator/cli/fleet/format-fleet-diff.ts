/** What an apply of a fleet would change: tenants that would change alike are shown together. */
import { createColors } from 'picocolors';
import type { ReleaseDiff } from '../../lifecycle/changes/compare-release.ts';
import type { Outcome } from '../../lifecycle/session/run-waves.ts';
import { nameSome } from '../../model/names.ts';
import { findingsOf } from '../commands/shared/cluster-errors.ts';
import { formatReleaseDiff, type Place, releaseDiffAsJson, summarize } from '../print/format-release-diff.ts';
import { findingsAsJson } from '../print/print-findings.ts';

/** What would change of a tenant. */
export interface TenantDiff {
  readonly diff: ReleaseDiff;
  readonly place: Place;
}

/** Tenants by what they came to. */
export type TenantDiffs = ReadonlyMap<string, Outcome<TenantDiff>>;

/** So many ids are named above the changes that they have in common. */
const mostNamed = 10;

/** Writes each distinct set of changes once, below the tenants that it is about; nothing where nothing would change. */
export function formatFleetDiff(outcomes: TenantDiffs, color: boolean): string {
  const alike = new Map<string, { diff: ReleaseDiff; ids: string[]; text: string }>();
  for (const [id, outcome] of outcomes) {
    if (outcome.state !== 'done' || outcome.value.diff.objects.length === 0) continue;
    const { diff, place } = outcome.value;
    const text = formatReleaseDiff(diff, color);
    const key = withoutOwn(text, id, place);
    const group = alike.get(key) ?? { diff, ids: [], text };
    group.ids.push(id);
    alike.set(key, group);
  }
  const { bold } = createColors(color);
  return [...alike]
    .map(([common, { diff, ids, text }]) => {
      const whose = ids.length === 1 ? ids[0] : `${ids.length} tenants: ${nameSome(ids, mostNamed)}`;
      return `${bold(`${whose}: ${summarize(diff)}`)}\n${ids.length === 1 ? text : common}`;
    })
    .join('\n');
}

/** A text with words in the place of what each tenant has for itself. */
function withoutOwn(text: string, id: string, { namespace }: Place): string {
  return text
    .replaceAll(`glyphoxa.io/tenant: ${id}`, 'glyphoxa.io/tenant: ID')
    .replace(new RegExp(`(?<![\\w.-])${namespace}(?![\\w.-])`, 'g'), 'NAMESPACE');
}

/** The same for programs: one JSON document, with every tenant in it. */
export function fleetDiffAsJson(outcomes: TenantDiffs): string {
  const tenants = [...outcomes].map(([tenant, outcome]) => {
    if (outcome.state === 'done')
      return { tenant, state: 'done', ...releaseDiffAsJson(outcome.value.diff, outcome.value.place) };
    if (outcome.state !== 'failed') return { tenant, state: outcome.state };
    const { findings } = JSON.parse(findingsAsJson(findingsOf(outcome.error))) as { findings: object[] };
    return { tenant, state: 'failed', findings };
  });
  return `${JSON.stringify({ tenants }, null, 2)}\n`;
}
