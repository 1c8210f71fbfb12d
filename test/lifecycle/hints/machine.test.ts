/** Every command that is advised about this machine's files and kubeconfigs, run as it is printed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advised } from '../../../generator/model/command.ts';
import { machineCases } from './machine.ts';

/** States of a cluster, whose commands are not yet tried as they are printed. A new state is tried, or stands here. */
const untried = [
  'adopt',
  'config-map-key-missing',
  'config-map-missing',
  'database-missing',
  'database-not-ready',
  'draining',
  'helm-failed',
  'kept-parked',
  'helm-uninstalling',
  'initialized-existing',
  'kept-of-helm',
  'log-hidden',
  'namespace-leaving',
  'namespace-missing',
  'node-lost',
  'not-deployed',
  'not-of-helm',
  'operator-missing',
  'operator-values',
  'other-chart',
  'paused',
  'pull-secret-missing',
  'rollout-deadline',
  'rollout-not-ready',
  'rollout-paused',
  'runs-elsewhere',
  'runs-on',
  'secret-key-missing',
  'secret-key-missing/kubernetes',
  'secret-missing',
  'secret-missing/existing',
  'secret-not-made',
  'service-account-missing',
  'stopped',
];

describe('a command that is advised ends its state, or shows it:', { concurrency: 2 }, () => {
  for (const [state, check] of Object.entries(machineCases)) it(state, check);
});

it('every state that names commands has its case, or is known to have none', () => {
  assert.deepEqual([...Object.keys(machineCases), ...untried].sort(), Object.keys(advised).sort());
});
