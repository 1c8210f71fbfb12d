/** Every command that is advised about this machine's files and kubeconfigs, run as it is printed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { advised } from '../../../generator/model/command.ts';
import { filesIn } from '../../support/folder.ts';
import { requireKustomize } from '../../support/tools.ts';
import { machineCases } from './machine.ts';
import { objectCases } from './objects.ts';
import { operatorCases } from './operators.ts';
import { releaseCases } from './release.ts';
import { rolloutCases } from './rollout.ts';

const cases = { ...machineCases, ...objectCases, ...operatorCases, ...releaseCases, ...rolloutCases };

/** The registry itself, which names none. */
const registry = 'model/command.ts';

describe('a command that is advised ends its state, or shows it:', { concurrency: 4 }, () => {
  for (const [state, check] of Object.entries(machineCases))
    it(state, async (t) => {
      if (requireKustomize(t) !== undefined) await check(t);
    });
});

it('every state that names commands has its case', () => {
  assert.deepEqual(Object.keys(cases).sort(), Object.keys(advised).sort());
});

it('every state names its commands at one place, so that each place has a case', () => {
  const root = fileURLToPath(new URL('../../../generator/', import.meta.url));
  const files = [...filesIn(root)].filter(([file]) => file.endsWith('.ts') && file !== registry);
  const named = files.flatMap(([file, text]) =>
    [...text.matchAll(/\badvise\(\s*([^)]*?),?\s*\)/g)].map(([, state = '']) => ({ file, state })),
  );
  const states = named.map(({ state }) => state.replaceAll("'", ''));
  assert.deepEqual(states.sort(), Object.keys(advised).sort());
});
