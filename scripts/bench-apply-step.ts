/** The apply step alone, as a process: reads what is there, applies the objects of a file, prunes. For bench-apply.ts. */
import { readFileSync } from 'node:fs';
import { openClient } from '../generator/lifecycle/api/client.ts';
import { findCluster } from '../generator/lifecycle/api/kube-config.ts';
import { applyStep } from '../generator/lifecycle/changes/apply-step.ts';
import type { Session } from '../generator/lifecycle/session/session.ts';
import type { Target } from '../generator/lifecycle/session/target.ts';
import { readLive } from '../generator/lifecycle/state/live.ts';
import type { KubernetesObject } from '../generator/model/object.ts';

const [file = ''] = process.argv.slice(2);
const objects: KubernetesObject[] = JSON.parse(readFileSync(file, 'utf8')).items;
const access = findCluster({ env: process.env, cwd: process.cwd() });
const { signal } = new AbortController();
const client = openClient(access, { lost() {}, back() {}, warning() {} }, { signal });
const namespace = String(objects[0]?.metadata.namespace);
const report = { result: (verb: string, object: string) => process.stdout.write(`${object} ${verb}\n`) };
const session = {
  client,
  report,
  dryRun: false,
  target: { release: 'glyphoxa', namespace, objects } as unknown as Target,
};
await applyStep(session as unknown as Session, await readLive(session as unknown as Session), {
  forceConflicts: false,
  adopt: false,
  prune: true,
});
client.close();
