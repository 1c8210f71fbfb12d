/** Every command that is advised about a release, run as it is printed. */
import { describe, it } from 'node:test';
import { releaseCases } from './release.ts';

describe('a command that is advised about a release ends its state, or shows it:', { concurrency: 3 }, () => {
  for (const [state, check] of Object.entries(releaseCases)) it(state, check);
});
