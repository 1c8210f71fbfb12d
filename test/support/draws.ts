/** How much the tests draw and repeat: little by default, more by `GLYPHOXA_DRAWS`, less where the one file is under test. */
import { test } from 'node:test';
import { binary } from './program.ts';

const factor = Number(process.env.GLYPHOXA_DRAWS || 1);

/** So many random cases; `GLYPHOXA_DRAWS=10` takes ten times as many. */
export const draws = (count: number): number => Math.ceil(count * factor);

/** Of cases of one kind that each start a program, every so-many-th; all of them with `GLYPHOXA_DRAWS=10`. */
export function some<T>(cases: readonly T[], every: number): T[] {
  const step = Math.max(1, Math.round(every / factor));
  return cases.filter((_, index) => index % step === 0);
}

/** {@link some} where the one file is under test, whose every answer is a process; else all. */
export const fewOfOneFile = <T>(cases: readonly T[], every: number): readonly T[] =>
  binary === undefined ? cases : some(cases, every);

/** A test that starts nothing of the program: with the one file under test it would say the same again. */
export const testInProcess: typeof test =
  binary === undefined ? test : ((() => {}) as unknown as typeof test);
