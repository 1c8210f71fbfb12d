/** Works on the tenants of a fleet: some at the same time, wave after wave. */
import type { Wave } from '../../config/fleet-waves.ts';

/** What came of one tenant. */
export type Outcome<T> =
  | { readonly state: 'done'; readonly value: T }
  | { readonly state: 'failed'; readonly error: unknown }
  /** It was worked on when the command was interrupted. */
  | { readonly state: 'interrupted' }
  | { readonly state: 'not-begun' };

/** How a fleet is worked on. */
export interface WaveRun<T> {
  /** How many tenants at the same time. */
  readonly parallel: number;
  /** Begins no tenant any more. */
  readonly signal: AbortSignal;
  /** Whether no wave is begun after one in which a tenant failed. */
  readonly stops: boolean;
  /** The work on one tenant; what it throws is its failure, or its end where the signal was given. */
  work(id: string): Promise<T>;
  readonly events: WaveEvents<T>;
}

/** What is reported while it runs. */
export interface WaveEvents<T> {
  waveBegins(wave: Wave): void;
  begins(id: string): void;
  ends(id: string, outcome: Outcome<T>): void;
  waveEnds(wave: Wave): void;
  /** It is not begun, since a tenant of one before failed, or the signal was given. */
  waveIsSkipped(wave: Wave): void;
}

/** Runs the waves one after the other, and gives what came of each tenant, in their order. */
export async function runWaves<T>(
  waves: readonly Wave[],
  { parallel, signal, stops, work, events }: WaveRun<T>,
): Promise<ReadonlyMap<string, Outcome<T>>> {
  const outcomes = new Map<string, Outcome<T>>(
    waves.flatMap(({ tenants }) => tenants.map((id) => [id, { state: 'not-begun' }] as const)),
  );
  const runOne = async (id: string) => {
    events.begins(id);
    const outcome = await work(id).then(
      (value): Outcome<T> => ({ state: 'done', value }),
      (error: unknown): Outcome<T> =>
        signal.aborted ? { state: 'interrupted' } : { state: 'failed', error },
    );
    outcomes.set(id, outcome);
    events.ends(id, outcome);
  };
  for (const wave of waves) {
    const hasFailed = [...outcomes.values()].some(({ state }) => state === 'failed');
    if (signal.aborted || (stops && hasFailed)) {
      events.waveIsSkipped(wave);
      continue;
    }
    events.waveBegins(wave);
    const left = [...wave.tenants];
    const runSome = async () => {
      for (let id = left.shift(); id !== undefined && !signal.aborted; id = left.shift()) await runOne(id);
    };
    await Promise.all(Array.from({ length: parallel }, runSome));
    events.waveEnds(wave);
  }
  return outcomes;
}
