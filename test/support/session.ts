/** The inside of a command: a session on a test cluster, for tests that look at what is sent. */
import type { TestContext } from 'node:test';
import { openSession } from '../../generator/lifecycle/session/open-session.ts';
import type { Report } from '../../generator/lifecycle/session/report.ts';
import type { Session } from '../../generator/lifecycle/session/session.ts';
import { type Deployment, environment } from './lifecycle.ts';

const silent: Report = { say() {}, result() {}, warn() {}, findings() {}, progress() {}, settle() {} };

/** Opens the session that a command on the deployment's environment would have; it tells nothing. */
export async function sessionOf(t: TestContext, { env, folder: cwd }: Deployment): Promise<Session> {
  const controller = new AbortController();
  const session = await openSession(
    environment,
    {},
    { env, cwd, report: silent, texts: new Map(), controller },
  );
  t.after(() => session.client.close());
  return session;
}
