/** What a drain does after each look, and what it takes, without a cluster. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { VoiceSession } from '../../../generator/lifecycle/state/voice-sessions.ts';
import { drainStep, rightsToTake, settleMs } from '../../../generator/lifecycle/verbs/stop/drain.ts';
import { hasCode } from '../../../generator/model/finding.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { stubSession } from '../../support/stub-session.ts';

/** The sessions of a word: a letter each, a capital one where it has ended. */
function sessions(word: string): VoiceSession[] {
  return [...word].map((letter) => {
    const id = letter.toLowerCase();
    const metadata = { name: `job-${id}`, uid: id };
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata };
    return { id, tenant: undefined, startedAt: '', hasEnded: letter !== id, job };
  });
}

const late = settleMs;
const early = settleMs - 1;

/** Sessions that were left, what is there now, whether it is a drain still, and when. */
const looks: readonly (readonly [
  what: string,
  before: string,
  now: string,
  draining: boolean,
  sinceMs: number,
  left: string,
  ended: string,
  next: string,
])[] = [
  ['sessions that go on are waited for', 'ab', 'ab', true, late, 'ab', '', 'wait'],
  ['one that has ended is told, and one whose Job is gone', 'abc', 'aB', true, late, 'a', 'bc', 'wait'],
  ['one that has just begun is waited for, too', 'a', 'Ad', true, late, 'd', 'a', 'wait'],
  ['the last one ends the wait', 'a', 'A', true, late, '', 'a', 'go on'],
  ['not before the API server knows that none may begin', '', '', true, early, '', '', 'wait'],
  ['then it goes on', '', '', true, late, '', '', 'go on'],
  ['whoever stops the release ends the wait at once', 'ab', 'aB', false, early, 'a', 'b', 'leave'],
  ['also where none is left', '', '', false, late, '', '', 'leave'],
];

describe('a drain', () => {
  for (const [what, before, now, draining, sinceMs, left, ended, next] of looks) {
    it(what, () => {
      const step = drainStep(sessions(before), sessions(now), draining, sinceMs);
      const ids = (all: readonly VoiceSession[]) => all.map(({ id }) => id).join('');
      assert.deepEqual([ids(step.left), ids(step.ended), step.next], [left, ended, next]);
    });
  }

  it('knows another session of the same name by its uid', () => {
    const [before] = sessions('a') as [VoiceSession];
    const job = { ...before.job, metadata: { ...before.job.metadata, uid: 'other' } };
    const step = drainStep([before], [{ ...before, job }], true, late);
    assert.deepEqual([step.ended, step.left.length, step.next], [[before], 1, 'wait']);
  });
});

describe('the right that a drain takes', () => {
  const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/voice/roles/glyphoxa-job-manager';
  const role = (...verbs: string[]): JsonObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'glyphoxa-job-manager', namespace: 'voice' },
    rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs }],
  });
  const image = { repository: 'registry.example.com/glyphoxa', tag: '1' };
  const take = async (t: TestContext, live: JsonObject, mayNot: readonly string[] = []) => {
    const denies = ({ verb }: JsonObject) => mayNot.includes(String(verb));
    const cluster = { objects: { [path]: live }, denies };
    const { session } = await stubSession(t, { core: { image } }, cluster);
    return rightsToTake(session);
  };

  it('is that of the Roles that are bound to the gateway, as they are in the cluster', async (t) => {
    const rules = { 'glyphoxa-job-manager': role('create', 'get').rules };
    assert.deepEqual(await take(t, role('create', 'get')), rules);
  });

  it('is not there where no Role gives it', async (t) => {
    await assert.rejects(take(t, role('get')), (error) => hasCode(error, 'no-right-to-take'));
  });

  it('is taken by whoever can give it back: by having it, or by "escalate"', async (t) => {
    for (const one of ['create', 'escalate']) assert.ok(await take(t, role('create'), [one]));
    await assert.rejects(take(t, role('create'), ['create', 'escalate']), (error) =>
      hasCode(error, 'cannot-give-back'),
    );
  });
});
