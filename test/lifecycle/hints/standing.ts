/** Where a person stands whose cluster is nowhere but on the command line: every command that is named has to lead there. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JsonObject } from '../../../generator/model/json.ts';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { folderOf } from '../../support/folder.ts';
import {
  type Deployment,
  type DeploymentOptions,
  lifecycleEnv,
  makeDeployment,
} from '../../support/lifecycle.ts';
import { requireTool } from '../../support/tools.ts';
import type { Case, Place } from './follow.ts';

/** Somebody who works on a deployment. */
export interface Person extends Place {
  readonly of: Deployment;
  /** A command line that leads to the deployment. */
  argv(...words: string[]): string[];
}

/** Somebody in a folder of their own, for whom tree and kubeconfig are elsewhere. */
export function personAt(t: TestContext, of: Deployment, kubeconfig = of.cluster.kubeconfig): Person {
  const folder = folderOf(t, {});
  mkdirSync(join(folder, 'my kube'));
  copyFileSync(kubeconfig, join(folder, 'my kube', 'config'));
  const lead = ['--dir', of.folder, '--kubeconfig', join(folder, 'my kube', 'config'), '--context', 'test'];
  return {
    of,
    folder,
    env: { ...lifecycleEnv(), HOME: folder },
    argv: (command = '', ...words) => [command, 'test', ...words, ...lead],
  };
}

/** A case on the cluster that the tests share. */
export function onCluster(
  check: (person: Person, t: TestContext) => Promise<void>,
  options: DeploymentOptions & { readonly applied?: boolean } = {},
): Case {
  return async (t) => {
    if (!requireCluster(t) || requireTool(t, 'kubectl-1.36') === undefined) return;
    const of = await makeDeployment(t, await testCluster(), options);
    if (options.applied === true) await run(of, 'apply');
    await check(personAt(t, of), t);
  };
}

/** A case of a deployment that is applied and runs. */
export function onApplied(
  check: (person: Person, t: TestContext) => Promise<void>,
  spec: JsonObject = {},
): Case {
  return onCluster(check, { spec, applied: true });
}

/** Runs a command that has to succeed. */
export async function run(of: Deployment, command: string, ...words: string[]): Promise<void> {
  const { exitCode, stderr } = await of.run(command, 'test', ...words);
  assert.equal(exitCode, 0, stderr);
}
