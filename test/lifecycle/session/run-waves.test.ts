/** Waves of tenants: what is begun when, and what no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Wave } from '../../../generator/config/fleet-waves.ts';
import { type Outcome, runWaves } from '../../../generator/lifecycle/session/run-waves.ts';

const waves: Wave[] = [
  { name: 'first', tenants: ['a', 'b', 'c'] },
  { name: 'second', tenants: ['d', 'e', 'f', 'g'] },
  { name: 'third', tenants: ['h'] },
];

/** Runs the waves; `fails` fail, and the work on `stopAt` gives the signal. */
async function run({ parallel = 2, stops = true, fails = [] as string[], stopAt = '' } = {}) {
  const controller = new AbortController();
  const told: string[] = [];
  let most = 0;
  let now = 0;
  const outcomes = await runWaves<string>(waves, {
    parallel,
    stops,
    signal: controller.signal,
    async work(id) {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      if (id === stopAt) controller.abort(new Error('interrupted'));
      if (controller.signal.aborted) throw controller.signal.reason;
      if (fails.includes(id)) throw new Error(id);
      return id;
    },
    events: {
      waveBegins: ({ name }) => told.push(`${name}`),
      begins: (id) => told.push(id),
      ends: (id, { state }: Outcome<string>) => told.push(`${id} ${state}`),
      waveEnds: ({ name }) => told.push(`${name} ends`),
      waveIsSkipped: ({ name }) => told.push(`${name} skipped`),
    },
  });
  const states = Object.fromEntries([...outcomes].map(([id, { state }]) => [id, state]));
  return { states, told, most };
}

test('each tenant is worked on once, a wave after the other, and no more at once than are allowed', async () => {
  for (const parallel of [1, 2, 3, 64]) {
    const { states, told, most } = await run({ parallel });
    assert.ok(Object.values(states).every((state) => state === 'done'));
    assert.deepEqual(Object.keys(states), ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], 'in their order');
    assert.equal(most, Math.min(parallel, 4));
    assert.ok(told.indexOf('first ends') < told.indexOf('d'));
    assert.equal(told.filter((text) => / done$/.test(text)).length, 8);
  }
});

test('a wave in which a tenant fails is the last, and the others in it are done', async () => {
  const { states, told } = await run({ fails: ['d'], parallel: 1 });
  assert.deepEqual(states, {
    a: 'done',
    b: 'done',
    c: 'done',
    d: 'failed',
    e: 'done',
    f: 'done',
    g: 'done',
    h: 'not-begun',
  });
  assert.equal(told.at(-1), 'third skipped');
  const all = await run({ fails: ['d'], stops: false });
  assert.equal(all.states.h, 'done', 'what changes nothing looks at all of them');
});

test('after the signal none is begun, and those that run are interrupted', async () => {
  const { states, told } = await run({ stopAt: 'b', parallel: 2 });
  assert.deepEqual(
    { a: states.a, b: states.b, c: states.c, h: states.h },
    { a: 'done', b: 'interrupted', c: 'interrupted', h: 'not-begun' },
  );
  assert.deepEqual(told.slice(-2), ['second skipped', 'third skipped']);
});
