/**
 * A run that works on a deployment until it is killed or loses its lease: `lease-holder.ts FOLDER WORDS`. It says `held`
 * once it holds the lease, and the code and message of what ends it.
 */
import { pause } from '../../generator/lifecycle/api/pause.ts';
import { openSession } from '../../generator/lifecycle/session/open-session.ts';
import { withLease } from '../../generator/lifecycle/state/lease.ts';
import { Failure } from '../../generator/model/finding.ts';

const [cwd = '', doing = ''] = process.argv.slice(2);
const controller = new AbortController();
const report = { say() {}, result() {}, warn() {}, findings() {}, progress() {}, settle() {} };
const world = { env: process.env, cwd, report, texts: new Map(), controller };
const session = await openSession('test', {}, world);
try {
  await withLease(session, doing, async () => {
    process.stderr.write('held\n');
    await pause(600_000, session.signal);
  });
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  for (const { code, message } of error.findings) process.stderr.write(`error ${code}: ${message}\n`);
  process.exitCode = 1;
} finally {
  session.client.close();
}
