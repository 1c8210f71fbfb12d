/** What a drain takes from a Role. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutJobCreation } from '../../../generator/lifecycle/state/job-rights.ts';
import type { JsonObject } from '../../../generator/model/json.ts';

const rule = (apiGroups: string[], resources: string[], verbs: string[]): JsonObject => ({
  apiGroups,
  resources,
  verbs,
});

const others = ['get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection'];

const cases: readonly (readonly [name: string, before: JsonObject[], after: JsonObject[]])[] = [
  [
    'the rule of the base loses create alone, and the others stay',
    [rule(['batch'], ['jobs'], ['create', 'get', 'list', 'watch', 'delete']), rule([''], ['pods'], ['get'])],
    [rule(['batch'], ['jobs'], ['get', 'list', 'watch', 'delete']), rule([''], ['pods'], ['get'])],
  ],
  [
    'create on other kinds stays',
    [rule(['batch'], ['jobs', 'cronjobs'], ['create', 'get'])],
    [rule(['batch'], ['cronjobs'], ['create', 'get']), rule(['batch'], ['jobs'], ['get'])],
  ],
  ['a rule that allowed nothing else goes', [rule(['batch'], ['jobs'], ['create'])], []],
  [
    'every verb becomes every other verb',
    [rule(['batch'], ['jobs'], ['*'])],
    [rule(['batch'], ['jobs'], others)],
  ],
  [
    'of everything, creation goes altogether: rules cannot say all but one',
    [rule(['*'], ['*'], ['*'])],
    [rule(['*'], ['*'], others)],
  ],
  [
    'pods of Jobs and other groups are no Jobs',
    [rule(['batch'], ['jobs/status'], ['create']), rule(['example.org'], ['jobs'], ['create'])],
    [rule(['batch'], ['jobs/status'], ['create']), rule(['example.org'], ['jobs'], ['create'])],
  ],
];

describe('withoutJobCreation', () => {
  for (const [name, before, after] of cases) {
    it(name, () => {
      assert.deepEqual(withoutJobCreation(before), after);
      assert.deepEqual(withoutJobCreation(after), after);
    });
  }
});
