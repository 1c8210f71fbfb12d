/** Fleets that an engine runs, for the tests of what is written for it. */
import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { toolEnv } from '../../support/tools.ts';
import { generateIn, layer, makeFolder, minimal, put } from '../folder.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: prod\n';

/** Tenants of every kind: in each wave, with `_` in the id, with words of YAML, with a release and objects of their own. */
export const tenants = `waves: [canary, early, rest]
tenants:
  acme: { wave: canary }
  big_corp: { wave: early, spec: { autoscaling: { enabled: true } } }
  "null": { wave: canary, namespace: "0123" }
  "yes": { spec: { core: { createNamespace: true } } }
  moved: { release: glyphoxa-moved, labels: { plan: gold, "example.com/on": "1e3" } }
`;

/** The text of a fleet's file. */
export function fleetText(engine: string, rest = tenants): string {
  return `${head}${engine}${rest}`;
}

/** A written tree of a fleet, in a git repository; with `below` the tree is a folder in it. */
export async function makeFleet(
  t: TestContext,
  engine: string,
  { rest = tenants, below = '' }: { rest?: string; below?: string } = {},
): Promise<{ repository: string; tree: string }> {
  const repository = makeFolder(t);
  const tree = below === '' ? repository : `${repository}/${below}`;
  put(tree, 'glyphoxa.yaml', minimal);
  put(tree, 'overlays/prod/config.yaml', layer('prod', 'spec:\n  core: { topology: dedicated }\n'));
  put(tree, 'overlays/other/config.yaml', layer('other'));
  put(tree, 'tenants.yaml', fleetText(engine, rest));
  await generateIn(tree);
  execFileSync('git', ['init', '--quiet'], { cwd: repository, env: toolEnv() });
  stage(repository);
  return { repository, tree };
}

/** Makes git know all files, as Argo CD asks it for them. */
export function stage(repository: string): void {
  execFileSync('git', ['add', '--all'], { cwd: repository, env: toolEnv() });
}
