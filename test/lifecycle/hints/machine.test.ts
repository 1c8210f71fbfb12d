/** Every command that is advised about this machine's files and kubeconfigs, run as it is printed. */
import { describe, it } from 'node:test';
import { machineCases } from './machine.ts';

describe('a command that is advised ends its state, or shows it:', { concurrency: 2 }, () => {
  for (const [state, check] of Object.entries(machineCases)) it(state, check);
});
