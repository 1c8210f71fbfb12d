import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import type { Config } from '../../generator/config/schema/resource.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { arbitraryLayers } from '../support/configs.ts';
import { draws } from '../support/draws.ts';
import { type Kustomizer, requireKustomizers } from '../support/tools.ts';
import { build, configsOf, differences, expectedObjects, type Layers, writeBatch, writePlan } from './law.ts';
import { minimise } from './minimise.ts';

/** Pairs on the newest kustomize; `npm run test:law` takes 5,000. */
const runs = Number(process.env.GLYPHOXA_LAW_RUNS || draws(90));
const runsOnOthers = Math.min(runs, 12);
const seed = Number(process.env.GLYPHOXA_LAW_SEED || Math.floor(Math.random() * 2 ** 31));
const batchSize = 30;

const temporary = mkdtempSync(path.join(tmpdir(), 'tree-law-'));
after(() => rmSync(temporary, { recursive: true, force: true }));

interface Case {
  /** The number of the pair among those of the seed. */
  readonly index: number;
  readonly base: Config;
  readonly config: Config;
}

let sampled: Layers[] = [];

/** Some of the seed's pairs, with namespaces that tell them apart, set in the environment or in the resource. */
function cases(first: number, count: number): Case[] {
  if (sampled.length === 0) sampled = fc.sample(arbitraryLayers(), { seed, numRuns: Math.max(runs, 1) });
  return sampled.slice(first, first + count).map(({ resource, environment }, at) => {
    const index = first + at;
    const place = (value: Layers['resource']) => {
      const metadata = { ...(value.metadata as Layers['resource'] | undefined), namespace: `ns-${index}` };
      return { ...value, metadata };
    };
    const { metadata: _, ...rest } = environment;
    const layers =
      index % 2 === 0
        ? { resource, environment: place(environment) }
        : { resource: place(resource), environment: rest };
    return { index, ...configsOf(layers) };
  });
}

/** Builds cases in one process, and gives those that are not what they should be. */
async function failures(kustomize: Kustomizer, some: readonly Case[]): Promise<Case[]> {
  const folder = mkdtempSync(path.join(temporary, 'batch-'));
  try {
    writeBatch(folder, some);
    const built = await build(kustomize, folder).catch(() => undefined);
    const expected = some.flatMap(({ config }) => expectedObjects(config));
    if (built !== undefined && differences(built, expected).length === 0) return [];
    if (some.length === 1) return [...some];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const half = Math.ceil(some.length / 2);
  return [
    ...(await failures(kustomize, some.slice(0, half))),
    ...(await failures(kustomize, some.slice(half))),
  ];
}

/** What differs where a pair is built alone; nothing for a pair that is no valid input. */
async function differencesOf(kustomize: Kustomizer, layers: Layers): Promise<string[]> {
  let configs: ReturnType<typeof configsOf>;
  try {
    configs = configsOf(layers);
  } catch {
    return [];
  }
  const folder = mkdtempSync(path.join(temporary, 'alone-'));
  try {
    writePlan(folder, configs);
    const built = await build(kustomize, path.join(folder, 'overlays/env'));
    return differences(built, expectedObjects(configs.config));
  } catch (error) {
    return [String(error)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let isShrunk = false;

/** Fails with the smallest counter-example that is found near a failing pair; once, as it takes its time. */
async function report(kustomize: Kustomizer, index: number): Promise<never> {
  const pair = sampled[index] as Layers;
  const fails = async (layers: JsonObject) => (await differencesOf(kustomize, layers as never)).length > 0;
  const { resource, environment } = pair;
  const seconds = isShrunk ? 0 : 60;
  isShrunk = true;
  const smallest = (await minimise({ resource, environment }, fails, seconds)) as unknown as Layers;
  const lines = await differencesOf(kustomize, smallest);
  if (lines.length === 0) lines.push('only in another namespace, or together with other releases');
  const example = writeYaml({ resource: smallest.resource, environment: smallest.environment });
  throw new Error(`pair ${index} of seed ${seed} with ${kustomize.name}:\n${lines.join('\n')}\n\n${example}`);
}

async function hold(kustomize: Kustomizer, count: number): Promise<void> {
  for (let first = 0; first < count; first += batchSize) {
    const [wrong] = await failures(kustomize, cases(first, Math.min(batchSize, count - first)));
    if (wrong !== undefined) await report(kustomize, wrong.index);
  }
}

test('what kustomize builds from a written tree is what generate returns', async (t) => {
  const kustomizers = requireKustomizers(t);
  if (kustomizers === undefined) return;
  t.diagnostic(`seed ${seed}: GLYPHOXA_LAW_SEED=${seed} repeats this run`);
  const newest = kustomizers.at(-1) as Kustomizer;
  const others = kustomizers.slice(0, -1);
  await t.test(`${runs} pairs with ${newest.name}`, () => hold(newest, runs));
  for (const kustomize of others) {
    await t.test(`${runsOnOthers} pairs with ${kustomize.name}`, () => hold(kustomize, runsOnOthers));
  }
});
