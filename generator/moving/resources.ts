/** CPU and memory. The resource's defaults are completed key by key, so what was taken away is taken away by a pod patch. */
import { dig, isObject, type Json, type JsonObject, type Path } from '../model/json.ts';
import type { Draft } from './draft.ts';

const sides = ['requests', 'limits'] as const;
const amounts = ['cpu', 'memory'];

/** The names of the containers. */
const containers: { readonly [workload: string]: string } = {
  gateway: 'gateway',
  worker: 'worker',
  mcpGateway: 'mcp-gateway',
};

/** Moves requests and limits of a Deployment. */
export function moveResources(draft: Draft, to: Path, from: Path, value: Json | undefined): void {
  setAmounts(draft, to, from, value);
  takeAway(draft, String(to[0]), from, value);
}

/** Moves the profiles of workers. A profile of the operator's own becomes the amounts of `cloud`. */
export function moveWorkerResources(draft: Draft, complete: JsonObject): void {
  const profiles = dig(complete, ['worker', 'profiles']);
  const chosen = dig(complete, ['worker', 'resourceProfile']);
  const known = ['cloud', 'whisper-native', 'local-llm'];
  const own = typeof chosen === 'string' && chosen !== '' && !known.includes(chosen) ? chosen : undefined;
  const isGiven = own !== undefined && isObject(profiles) && Object.hasOwn(profiles, own);
  const profile = own === undefined && typeof chosen === 'string' && chosen !== '' ? chosen : 'cloud';
  // what is no profile is `cloud` to helm
  const source = (name: string): Path => {
    if (name === 'cloud') return ['worker', 'profiles', isGiven ? own : name];
    return ['worker', 'profiles', isObject(profiles) && Object.hasOwn(profiles, name) ? name : 'cloud'];
  };
  for (const name of known)
    setAmounts(draft, ['worker', 'profiles', name], source(name), dig(complete, source(name)));
  const at = ['worker', 'resourceProfile'];
  if (own === undefined && chosen !== undefined && chosen !== null && typeof chosen !== 'string')
    draft.set(at, chosen, at);
  else draft.set(at, profile, at);
  takeAway(draft, 'worker', source(profile), dig(complete, source(profile)));
  if (own !== undefined) {
    const instead = isGiven ? 'its amounts are those of the profile cloud now' : 'helm takes cloud for it';
    draft.tell(
      'read-as',
      at,
      `the resource has no resource profile of that name: ${instead}`,
      'look at spec.worker.profiles.cloud',
    );
  }
  for (const name of isObject(profiles) ? Object.keys(profiles) : [])
    if (!known.includes(name) && name !== own)
      draft.tell(
        'no-counterpart',
        ['worker', 'profiles', name],
        `worker.profiles.${name} is a profile that the resource does not have, and none of the values uses it`,
        'leave it out',
      );
}

function setAmounts(draft: Draft, to: Path, from: Path, value: Json | undefined): void {
  if (!isObject(value)) {
    if (typeof value === 'string' && value !== '') draft.set(to, value, from);
    return;
  }
  for (const [side, given] of Object.entries(value))
    if (given !== null) draft.set([...to, side], withoutNulls(given), [...from, side]);
}

function withoutNulls(given: Json): Json {
  if (!isObject(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([, amount]) => amount !== null));
}

/** Takes the defaults away that a null took away in helm. */
function takeAway(draft: Draft, workload: string, from: Path, value: Json | undefined): void {
  const given = isObject(value) ? value : {};
  const patch: JsonObject = {};
  for (const side of sides) {
    const stated = isObject(given[side]) ? (given[side] as JsonObject) : {};
    const gone = amounts.filter((name) => stated[name] === undefined || stated[name] === null);
    const isEmpty = Object.values(stated).every((amount) => amount === null);
    if (isEmpty) patch[side] = null;
    else if (gone.length > 0) patch[side] = Object.fromEntries(gone.map((name) => [name, null]));
  }
  if (Object.keys(patch).length === 0) return;
  const resources = sides.every((side) => patch[side] === null) ? null : patch;
  draft.set(
    [workload, 'podPatch'],
    { spec: { containers: [{ name: containers[workload] as string, resources }] } },
    from,
  );
}
