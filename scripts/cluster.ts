/**
 * Starts a cluster for tests (a real control plane, fake nodes) and keeps it until Ctrl-C:
 *
 *     npm run cluster [FILE]
 *
 * The access of its admin stands in FILE (by default in a file of a temporary folder), and tests that find that
 * file's path in GLYPHOXA_TEST_CLUSTER join it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { removeAtExit } from '../test/support/control-plane/process.ts';
import { allComponents, startControlPlane } from '../test/support/control-plane.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  // For a program that starts this one: the cluster ends with it, however it ends.
  options: { 'until-stdin-ends': { type: 'boolean', default: false } },
});

// Holds the process, whose servers do not.
const hold = setInterval(() => {}, 60_000);

const signal = new Promise<void>((done) => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => done());
  if (values['until-stdin-ends']) process.stdin.once('end', done).once('error', done).resume();
});

const starting = startControlPlane({ components: allComponents }).catch((error: Error) => {
  console.error(error.message);
});
const plane = await Promise.race([starting, signal]);
// A signal while it starts, or a failure: the exit ends what has been started.
if (plane === undefined) process.exit(1);
const file = accessFile();
const { server, token, ca, kubeconfig } = plane;
writeFileSync(file, `${JSON.stringify({ server, token, ca, kubeconfig }, undefined, 2)}\n`, { mode: 0o600 });
console.log(`export GLYPHOXA_TEST_CLUSTER=${file}`);
console.log(`export KUBECONFIG=${kubeconfig}`);
await signal;
rmSync(file, { force: true });
await plane.stop();
clearInterval(hold);
process.exit();

function accessFile(): string {
  if (positionals[0] !== undefined) return resolve(positionals[0]);
  const folder = mkdtempSync(join(tmpdir(), 'test-cluster-'));
  removeAtExit(folder);
  return join(folder, 'access.json');
}
