/** Every command that is advised about what pods name, run as it is printed. */
import { describe, it } from 'node:test';
import { objectCases } from './objects.ts';

describe('a command that is advised about what pods name ends its state, or shows it:', {
  concurrency: 3,
}, () => {
  for (const [state, check] of Object.entries(objectCases)) it(state, check);
});
