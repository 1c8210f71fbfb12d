/** Every command that is advised about a rollout, run as it is printed. */
import { describe, it } from 'node:test';
import { rolloutCases } from './rollout.ts';

describe('a command that is advised about a rollout ends its state, or shows it:', { concurrency: 3 }, () => {
  for (const [state, check] of Object.entries(rolloutCases)) it(state, check);
});
