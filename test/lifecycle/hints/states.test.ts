/** Every command that is advised about this machine's files and kubeconfigs, run as it is printed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advised } from '../../../generator/model/command.ts';
import { machineCases } from './machine.ts';
import { objectCases } from './objects.ts';
import { releaseCases } from './release.ts';
import { rolloutCases } from './rollout.ts';

/** States that need helm or an operator, whose commands are not yet tried as they are printed. */
const untried = [
  'database-missing',
  'database-not-ready',
  'helm-failed',
  'helm-uninstalling',
  'not-of-helm',
  'operator-missing',
  'operator-values',
  'other-chart',
  'secret-not-made',
];

const cases = { ...machineCases, ...objectCases, ...releaseCases, ...rolloutCases };

describe('a command that is advised ends its state, or shows it:', { concurrency: 2 }, () => {
  for (const [state, check] of Object.entries(machineCases)) it(state, check);
});

it('every state that names commands has its case, or is known to have none', () => {
  assert.deepEqual([...Object.keys(cases), ...untried].sort(), Object.keys(advised).sort());
});
