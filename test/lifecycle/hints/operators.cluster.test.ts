/** Every command that is advised about operators, databases and Helm releases, run as it is printed. */
import { after, before, describe, it } from 'node:test';
import { serveRepository } from '../../support/charts.ts';
import { allComponents, requireControlPlane, startControlPlane } from '../../support/control-plane.ts';
import { findTool, requireTool } from '../../support/find-tool.ts';
import { charts, playOperator } from '../../support/infrastructure.ts';
import { operatorCases, type World } from './operators.ts';

let world: World | undefined;
let end = async () => {};

before(async () => {
  if (findTool('helm-3') === undefined) return;
  const [repository, cluster] = await Promise.all([
    serveRepository(charts),
    startControlPlane({ components: allComponents }),
  ]);
  const operator = playOperator(cluster);
  world = { repository, cluster, operator };
  end = async () => {
    await operator.stop();
    await Promise.all([repository.close(), cluster.stop()]);
  };
});

after(() => end());

describe('a command that is advised about operators ends its state, or shows it:', () => {
  for (const [state, check] of Object.entries(operatorCases)) {
    it(state, async (t) => {
      if (!requireControlPlane(t, allComponents) || requireTool(t, 'helm-3') === undefined) return;
      if (world !== undefined) await check(t, world);
    });
  }
});
