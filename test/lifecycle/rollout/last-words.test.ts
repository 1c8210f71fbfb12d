import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../../generator/lifecycle/api/errors.ts';
import { lastWords } from '../../../generator/lifecycle/rollout/last-words.ts';
import type { Problem } from '../../../generator/lifecycle/rollout/problem.ts';
import type { Session } from '../../../generator/lifecycle/session/session.ts';
import type { Json } from '../../../generator/model/json.ts';

const podSpec: Json = { imagePullSecrets: [{ name: 's' }] };
const crash: Problem = {
  code: 'rollout-crash-loop',
  message: 'm',
  hint: 'h',
  pod: 'p',
  container: 'c',
  ranAt: '2026-01-01T12:00:00Z',
};
const command = 'its log is not shown, since it may hold secrets: "kubectl -n ns logs p -c c --previous"';

const secret = (creationTimestamp: string, time = creationTimestamp) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', creationTimestamp, managedFields: [{ time }] },
  data: { key: Buffer.from('kSecretValue42').toString('base64') },
});

const refusal = (status: number) =>
  new ApiError('GET', '/', { status, text: '{"message":"no"}', retryAfter: undefined });

/** A session whose server gives a Secret, or refuses it, and these logs. */
function session(
  found: () => unknown,
  log: (query: { readonly previous?: string | undefined }) => string = () => 'start\nkey kSecretValue42\n\n',
): Session {
  const client = {
    get: async () => found(),
    sendText: async (_method: string, _path: string, { query }: { query: { previous?: string } }) =>
      log(query),
  };
  return { client, target: { namespace: 'ns' } } as unknown as Session;
}

describe('the last words of a container', () => {
  it('are the end of its log, without the values of its Secrets', async () => {
    const of = session(() => secret('2026-01-01T11:00:00Z'));
    assert.deepEqual(await lastWords(of, podSpec, crash), ['start', 'key (hidden)']);
    const said = 'left behind kSecretValue42';
    assert.deepEqual(await lastWords(of, podSpec, { ...crash, said }), [
      'left behind (hidden)',
      'start',
      'key (hidden)',
    ]);
  });

  it('are the way to its log where a Secret cannot be read', async () => {
    const forbidden = session(() => {
      throw refusal(403);
    });
    assert.deepEqual(await lastWords(forbidden, podSpec, { ...crash, said: 'kSecretValue42' }), [command]);
  });

  it('are the way to its log where a Secret was written or deleted since the container began', async () => {
    const written = session(() => secret('2026-01-01T11:00:00Z', '2026-01-01T12:00:01Z'));
    assert.deepEqual(await lastWords(written, podSpec, crash), [command]);
    const deleted = session(() => undefined);
    assert.deepEqual(await lastWords(deleted, podSpec, crash), [command]);
  });

  it('come from the run that goes on, where no other is kept, and are none where there is no log', async () => {
    const logs = (query: { readonly previous?: string | undefined }) => {
      if (query.previous === 'true') throw refusal(400);
      return 'now';
    };
    assert.deepEqual(
      await lastWords(
        session(() => undefined, logs),
        {},
        crash,
      ),
      ['now'],
    );
    const gone = session(
      () => undefined,
      () => {
        throw refusal(404);
      },
    );
    assert.deepEqual(await lastWords(gone, {}, crash), []);
  });

  it('end with the command, when its time is up', async () => {
    const reason = new Error('the time is up');
    const ended = session(() => {
      throw reason;
    });
    await assert.rejects(lastWords(ended, podSpec, crash), reason);
  });

  it('are none where no container has said anything', async () => {
    const { ranAt: _, ...image } = crash;
    assert.deepEqual(
      await lastWords(
        session(() => undefined),
        podSpec,
        image,
      ),
      [],
    );
  });
});
