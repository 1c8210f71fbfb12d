import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Config } from '../../generator/config/schema/resource.ts';
import { schemaOf } from '../../generator/model/merge-keys.ts';
import { generate } from '../../generator/objects/generate.ts';
import {
  components,
  componentsOf,
  infrastructure,
  type Section,
  whyOff,
  withSections,
} from '../../generator/objects/parts.ts';
import { textsOf } from '../../generator/objects/texts.ts';
import { baseObjects, componentObjects, treeId } from '../../generator/tree/objects.ts';
import { planTree } from '../../generator/tree/plan.ts';
import { arbitraryLayers, resolvedSecrets } from '../support/configs.ts';
import { configOf, configsOf } from '../tree/law.ts';

const plain = configOf({
  apiVersion: 'deploy.glyphoxa.io/v1alpha1',
  kind: 'Glyphoxa',
  metadata: { name: 'glyphoxa' },
  spec: {},
});

const drawn = fc.sample(arbitraryLayers(), { numRuns: 60, seed: 11 }).map(configsOf);

describe('the optional parts', () => {
  it('are drawn on and off by the random configurations', () => {
    const ask: [name: string, isOn: (config: Config) => boolean][] = [
      ...components.map(({ name }): (typeof ask)[number] => [
        name,
        (config) => componentsOf(config).some((part) => part.name === name),
      ]),
      ...infrastructure.map((part): (typeof ask)[number] => [
        part.name,
        (config) => whyOff(config, part) === undefined,
      ]),
    ];
    for (const [name, isOn] of ask) {
      assert.equal(
        new Set(drawn.map(({ config }) => isOn(config))).size,
        2,
        `${name} is never on, or never off: draw its section in test/support/config-genes.ts`,
      );
    }
  });

  it('leave nothing in the base: a section that is switched brings no object there', () => {
    const sections = Object.keys(plain.spec).filter(
      (name) => (plain.spec as { [name: string]: { enabled?: unknown } })[name]?.enabled !== undefined,
    ) as Section[];
    const ids = (config: Config) => baseObjects(config).map(treeId);
    for (const section of sections) {
      const [on, off] = [true, false].map((enabled) => ({
        ...plain,
        spec: { ...plain.spec, [section]: { ...plain.spec[section], enabled } },
      })) as [Config, Config];
      assert.deepEqual(ids(on), ids(off), section);
    }
  });

  it('have in their components what their builders make, and change no object that another part changes', () => {
    const changedBy = new Map<string, string>();
    for (const part of components) {
      const config = withSections(plain, part.sections);
      const { added, changed } = componentObjects(plain, part);
      assert.deepEqual(
        added.map(treeId).sort(),
        part.objects(config, textsOf(config)).map(treeId).sort(),
        part.name,
      );
      for (const id of changed.map(treeId)) {
        assert.equal(changedBy.get(id), undefined, `${part.name} changes ${id} too`);
        changedBy.set(id, part.name);
      }
    }
  });
});

describe('the objects of every configuration', () => {
  it('are of kinds whose merge keys are known', () => {
    const all = withSections(
      plain,
      components.flatMap(({ sections }) => sections),
    );
    for (const config of [all, ...drawn.map((each) => each.config)])
      for (const object of generate(config, resolvedSecrets(config))) schemaOf(object);
  });

  it('are deleted from the base only where a value, not a part, takes them away', () => {
    const deleted = drawn.flatMap(({ base, config }) =>
      planTree(base, [{ name: 'env', config }]).flatMap(({ files }) =>
        [...files].flatMap(([file, text]) => (/^["']?\$patch\b/m.test(text) ? [file] : [])),
      ),
    );
    // The gateway's account is another or somebody else's; the program's file is in a Secret; no ingress controller is
    // named any more.
    const byValue = [
      'patches/config-config-map.yaml',
      'patches/gateway-ingress-network-policy.yaml',
      'patches/service-account.yaml',
    ];
    assert.ok(deleted.length > 0);
    assert.deepEqual(
      deleted.filter((file) => !byValue.includes(file)),
      [],
    );
  });
});
