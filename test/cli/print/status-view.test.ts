/** `status --watch` on a terminal and elsewhere, of a cluster that is a table of answers. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { screenOf } from '../../../generator/cli/io.ts';
import { openStatusView } from '../../../generator/cli/print/status-view.ts';
import { ConnectionError } from '../../../generator/lifecycle/api/errors.ts';
import type { Session } from '../../../generator/lifecycle/session/session.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { fakeIo } from '../../support/fake-io.ts';
import { stubSession } from '../../support/stub-session.ts';

const gateway = '/apis/apps/v1/namespaces/voice/deployments/glyphoxa-gateway';

/** A Deployment with so many pods ready. */
function deployment(ready: number): JsonObject {
  const counts = { replicas: ready, updatedReplicas: ready, readyReplicas: ready, availableReplicas: ready };
  const status = { observedGeneration: 1, ...counts };
  return {
    metadata: { name: 'glyphoxa-gateway', uid: 'd', generation: 1 },
    spec: { replicas: 3, selector: { matchLabels: { a: 'b' } }, template: { spec: { containers: [] } } },
    status,
  };
}

/** A watch that has begun, with what it has written; `end` interrupts it. */
async function watching(t: TestContext, { columns = 70, rows = 24, isTerminal = true } = {}) {
  const objects: { [path: string]: JsonObject } = {};
  const { session: stub } = await stubSession(t, { mcpGateway: { enabled: false } }, { objects });
  const controller = new AbortController();
  let isAway = false;
  const client = {
    ...stub.client,
    clockSkewMs: () => 0,
    get: async (...args: Parameters<typeof stub.client.get>) => {
      if (isAway) throw new ConnectionError(new Error('connect ECONNREFUSED'));
      return stub.client.get(...args);
    },
  };
  const session = {
    ...stub,
    client,
    signal: controller.signal,
    access: { context: 'eu', server: 'https://eu' },
  } as unknown as Session;
  let written = '';
  let isUnread = false;
  const { io } = fakeIo();
  const view = openStatusView(
    {
      ...io,
      stdout: { write: (text) => (written += text) },
      isUnread: () => isUnread,
      ...(isTerminal ? { screen: () => ({ columns, rows }) } : {}),
    },
    { watch: true, interval: 20 },
  );
  const ended = view.show(session).catch((error: unknown) => error);
  // where a test fails, too: else it would look again for ever
  t.after(() => controller.abort(new Error('the test has ended')));
  const until = async (pattern: RegExp) => {
    for (let waited = 0; !pattern.test(written); waited += 10) {
      assert.ok(waited < 5_000, written);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const end = async () => {
    controller.abort(new Error('interrupted'));
    assert.match(String(await ended), /interrupted/);
    return written;
  };
  const setAway = (away: boolean) => {
    isAway = away;
  };
  const leave = () => {
    isUnread = true;
    return ended;
  };
  return { objects, until, end, leave, view, setAway, clear: () => (written = '') };
}

describe('status --watch', () => {
  it('is written anew in place on a terminal, which is afterwards as it was, with the last look', async (t) => {
    const { objects, until, end, clear } = await watching(t);
    await until(/is not deployed/);
    clear();
    objects[gateway] = deployment(1);
    await until(/1\/3/);
    objects[gateway] = deployment(3);
    await until(/3\/3/);
    const written = await end();
    const leave = '\x1b[?25h\x1b[?1049l';
    const [frames = '', rest] = written.split(leave);
    // each frame begins at the top, and clears what an earlier one had beside and below it
    const [first, ...others] = frames.split('\x1b[H');
    assert.equal(first, '');
    assert.ok(others.length >= 2);
    for (const frame of others) {
      assert.ok(frame.endsWith('\x1b[J'));
      const lines = frame.slice(0, -3).split('\r\n');
      assert.ok(lines.length < 24 && lines.every((line) => line.endsWith('\x1b[K') && line.length <= 73));
      assert.doesNotMatch(frame, /\n(?<!\r\n)/);
    }
    assert.match(rest ?? '', /^glyphoxa is .*3\/3/s);
    assert.ok(!rest?.includes('\x1b'));
  });

  it('has room on a terminal that does not know its size', () => {
    assert.deepEqual(screenOf({ columns: 0, rows: 0 }), { columns: 80, rows: 24 });
  });

  it('leaves out what a low screen has no room for', async (t) => {
    const { objects, until, end } = await watching(t, { rows: 6 });
    objects[gateway] = deployment(3);
    await until(/lines more/);
    const [frame = ''] = (await end()).split('\x1b[H').filter((text) => text.includes('lines more'));
    assert.equal(frame.split('\r\n').length, 6);
  });

  it('shows that the cluster does not answer, and goes on when it does', async (t) => {
    const { objects, until, end, setAway, clear } = await watching(t);
    objects[gateway] = deployment(3);
    await until(/3\/3/);
    setAway(true);
    await until(/is unknown[\s\S]*the cluster: connect ECONNREFUSED/);
    setAway(false);
    clear();
    await until(/3\/3/);
    await end();
  });

  it('ends with the last health where nobody reads on', async (t) => {
    const { objects, until, leave } = await watching(t, { isTerminal: false });
    objects[gateway] = deployment(3);
    await until(/3\/3/);
    assert.equal(await leave(), 'unhealthy');
  });

  it('elsewhere writes it again only where it has changed', async (t) => {
    const { objects, until, end } = await watching(t, { isTerminal: false });
    await until(/is not deployed/);
    await new Promise((resolve) => setTimeout(resolve, 100));
    objects[gateway] = deployment(3);
    await until(/3\/3/);
    const written = await end();
    assert.equal(written.match(/^glyphoxa is /gm)?.length, 2, written);
    assert.ok(!written.includes('\x1b'));
  });
});
