import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { watchCertainty } from '../../../generator/lifecycle/rollout/certainty.ts';
import type { Problem } from '../../../generator/lifecycle/rollout/problem.ts';

const start = Date.parse('2026-01-01T12:00:00Z');
const at = (seconds: number) => start + seconds * 1000;
const before = (seconds: number) => new Date(at(-seconds)).toISOString();

const problem = (certainAfterMs?: number, retried?: Problem['retried']): Problem => ({
  code: 'rollout-image',
  message: 'm',
  hint: 'h',
  pod: 'p',
  ...(certainAfterMs === undefined ? {} : { certainAfterMs }),
  ...(retried === undefined ? {} : { retried }),
});

/** The second at which a problem that each look sees is certain; undefined for never in six minutes. */
function certainAt(seen: (second: number) => readonly Problem[]): number | undefined {
  const certainty = watchCertainty();
  for (let second = 0; second < 400; second++)
    if (certainty(seen(second), at(second)).length > 0) return second;
  return undefined;
}

describe('a problem is certain', () => {
  it('once it has lasted as long as it may', () => {
    assert.equal(
      certainAt(() => [problem(0)]),
      0,
    );
    assert.equal(
      certainAt(() => [problem(20_000)]),
      20,
    );
    assert.equal(
      certainAt(() => [problem()]),
      undefined,
    );
  });

  it('later, where it went away for a moment', () => {
    assert.equal(
      certainAt((second) => (second === 15 ? [] : [problem(20_000)])),
      36,
    );
  });

  it('at once, where its pod is as young as the rollout', () => {
    assert.equal(
      certainAt(() => [problem(0, { since: before(3), attempt: '1' })]),
      0,
    );
  });

  it('after another attempt, where it may be left from before', () => {
    const old = (attempt: string) => [problem(0, { since: before(3600), attempt })];
    assert.equal(
      certainAt((second) => old(second < 7 ? '1' : '2')),
      7,
    );
    assert.equal(
      certainAt(() => old('1')),
      310,
    );
    assert.equal(
      certainAt(() => [problem(0, { since: before(30), attempt: '1' })]),
      40,
    );
  });

  it('at once, where it is old but was not there at the first look', () => {
    const old = [problem(0, { since: before(3600), attempt: '1' })];
    assert.equal(
      certainAt((second) => (second < 2 ? [] : old)),
      2,
    );
  });
});
