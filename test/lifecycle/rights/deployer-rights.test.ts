/** The deployer's Role against the one list of what an apply needs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../../generator/config/schema/resource.ts';
import { knownType, splitVersion } from '../../../generator/lifecycle/api/resources.ts';
import { neededPermissions } from '../../../generator/lifecycle/rights/permissions.ts';
import type { Target } from '../../../generator/lifecycle/session/target.ts';
import { databaseOf } from '../../../generator/lifecycle/state/database.ts';
import { podTemplatesOf } from '../../../generator/lifecycle/state/pod-templates.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { generate } from '../../../generator/objects/generate.ts';
import { findReleases } from '../../../generator/tree/check/release.ts';
import { resolvedSecrets } from '../../support/configs.ts';
import { deployerRules, ruleText } from '../../support/deployer.ts';
import { configurations } from '../changes/configurations/configurations.ts';
import { customResources } from '../changes/configurations/custom-resources.ts';

/** The plurals of the kinds that definitions in configurations/custom-resources.ts bring. */
const customKinds = new Map(
  customResources.map(({ spec }) => {
    const { names } = spec as { names: { kind: string; plural: string } };
    return [names.kind, names.plural];
  }),
);

function typeOf({ apiVersion, kind }: KubernetesObject) {
  const plural = customKinds.get(kind);
  if (plural === undefined) return knownType(apiVersion, kind);
  return { ...splitVersion(apiVersion), kind, plural, namespaced: true };
}

function targetOf(config: Config): Target {
  const objects = generate(config, resolvedSecrets(config));
  const [parts] = findReleases(objects);
  assert.ok(parts !== undefined);
  const { name, namespace = 'default' } = config.metadata;
  return {
    name: 'test',
    folder: undefined,
    release: name,
    namespace,
    objects,
    parts,
    config,
    root: undefined,
    environment: undefined,
    pins: [],
    stale: [],
    unseen: [],
  };
}

describe("the deployer's Role", () => {
  it('has all that an apply of any configuration needs, but for making and changing the Namespace', () => {
    const allowed = new Set(deployerRules().map(ruleText));
    for (const { config, name } of configurations('games')) {
      const target = targetOf(config);
      const { release, namespace, objects } = target;
      const needed = neededPermissions({
        release,
        namespace,
        members: objects.map((object) => ({ type: typeOf(object), object })),
        templates: podTemplatesOf(target),
        database: databaseOf(target).object,
      });
      const lacking = new Set(needed.map(ruleText).filter((text) => !allowed.has(text)));
      const { createNamespace } = config.spec.core;
      assert.deepEqual([...lacking], createNamespace ? ['patch namespaces', 'create namespaces'] : [], name);
    }
  });
});
