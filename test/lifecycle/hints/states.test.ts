/** Every command that is advised about this machine's files and kubeconfigs, run as it is printed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advised } from '../../../generator/model/command.ts';
import { machineCases } from './machine.ts';
import { objectCases } from './objects.ts';
import { operatorCases } from './operators.ts';
import { releaseCases } from './release.ts';
import { rolloutCases } from './rollout.ts';

const cases = { ...machineCases, ...objectCases, ...operatorCases, ...releaseCases, ...rolloutCases };

describe('a command that is advised ends its state, or shows it:', { concurrency: 2 }, () => {
  for (const [state, check] of Object.entries(machineCases)) it(state, check);
});

it('every state that names commands has its case', () => {
  assert.deepEqual(Object.keys(cases).sort(), Object.keys(advised).sort());
});
