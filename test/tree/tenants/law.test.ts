/** The law of the tree, for tenants: what kustomize builds from a tenant's folder is what `build --tenant` gives. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { type Fleet, readFleet, type Tenant } from '../../../generator/config/fleet.ts';
import { lay, loadStack, stackOf } from '../../../generator/config/load.ts';
import type { Config } from '../../../generator/config/schema/resource.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { writeYaml } from '../../../generator/model/yaml-writer.ts';
import { tenantObjects } from '../../../generator/objects/tenant.ts';
import type { ImageOverride } from '../../../generator/tree/images.ts';
import { treeId, treeObjects } from '../../../generator/tree/objects.ts';
import { followTemplate, planShared, planTenant } from '../../../generator/tree/tenants/plan-tenant.ts';
import { arbitraryEnvironment, arbitraryLayers } from '../../support/configs.ts';
import { draws } from '../../support/draws.ts';
import { type Kustomizer, requireKustomizers } from '../../support/tools.ts';
import { build, differences, expectedObjects, writePlan } from '../law.ts';

/** Fleets on the newest kustomize. */
const runs = Number(process.env.GLYPHOXA_LAW_RUNS || draws(60));
const runsOnOthers = Math.min(runs, 10);
const seed = Number(process.env.GLYPHOXA_LAW_SEED || Math.floor(Math.random() * 2 ** 31));
const batchSize = 20;

const temporary = mkdtempSync(path.join(tmpdir(), 'tenant-law-'));
after(() => rmSync(temporary, { recursive: true, force: true }));

interface Drawn {
  readonly layers: { readonly resource: JsonObject; readonly environment: JsonObject };
  readonly defaults: JsonObject;
  readonly tenant: JsonObject;
  readonly settings: JsonObject;
  readonly release: boolean;
  readonly images: readonly ImageOverride[];
}

const quota = fc.constantFrom<JsonObject>(
  {},
  { resourceQuota: { hard: { pods: 10, 'requests.cpu': '1000m' } } },
  { limitRange: { default: { cpu: 1, memory: '1Gi' }, max: { cpu: '4' } }, defaultDeny: true },
  { resourceQuota: null, limitRange: null, defaultDeny: false },
);
const labels = fc.constantFrom<JsonObject>(
  {},
  { labels: { plan: 'gold', 'example.com/yes': 'yes' } },
  { labels: { plan: '1e3' } },
);
const images = fc.constantFrom<readonly ImageOverride[]>(
  [],
  [],
  [{ name: 'ghcr.io/mrwong99/glyphoxa', newTag: 'from-the-template' }],
  [{ name: 'ghcr.io/mrwong99/glyphoxa', newName: 'registry.example.com:5000/glyphoxa', newTag: 'main' }],
);

const drawn: fc.Arbitrary<Drawn> = arbitraryLayers().chain((layers) =>
  fc.record({
    layers: fc.constant(layers),
    defaults: fc.oneof(fc.constant({}), arbitraryEnvironment(layers.resource)),
    tenant: fc.oneof(fc.constant({}), arbitraryEnvironment(layers.resource)),
    settings: fc.tuple(quota, quota, labels).map(([all, own, some]) => ({ all, own: { ...own, ...some } })),
    release: fc.boolean(),
    images,
  }),
);

interface Case {
  readonly index: number;
  readonly drawn: Drawn;
  readonly fleet: Fleet;
  readonly tenant: Tenant;
  readonly base: Config;
  readonly template: Config;
  readonly shared: Config;
  readonly config: Config;
}

/** The configurations of a fleet of one tenant; undefined where the draw is no valid input. */
function caseOf(index: number, draw: Drawn): Case | undefined {
  const spec = (layer: JsonObject) => (layer.spec === undefined ? {} : { spec: layer.spec });
  const { all, own } = draw.settings as { all: JsonObject; own: JsonObject };
  const file = writeYaml({
    apiVersion: 'deploy.glyphoxa.io/v1alpha1',
    kind: 'GlyphoxaFleet',
    template: 'env',
    defaults: { ...all, ...spec(draw.defaults) },
    tenants: {
      [`t_${index}`]: {
        ...own,
        ...spec(draw.tenant),
        ...(draw.release ? { release: `other-${index}` } : {}),
      },
    },
  });
  const fleet = readFleet(file, 'tenants.yaml');
  const [tenant] = fleet.tenants;
  if (tenant === undefined) throw new Error(JSON.stringify(fleet.findings));
  const environment = { ...draw.layers.environment, metadata: { namespace: `env-${index}` } };
  const alone = stackOf({ value: draw.layers.resource, findings: [] });
  const over = lay(alone, { value: environment, findings: [] });
  const defaults = lay(over, fleet.defaults);
  const stack = lay({ ...defaults, findings: [] }, tenant.layer, { renames: true });
  const loaded = loadStack(stack, defaults);
  const [base, template, shared] = [loadStack(alone), loadStack(over), loadStack(defaults)].map(
    ({ config }) => config,
  );
  const { config, findings } = loaded;
  const isWrong = [...defaults.findings, ...findings].some(({ severity }) => severity === 'error');
  if (isWrong || !base || !template || !shared || !config) return undefined;
  if ([template, config].some(({ spec }) => spec.secrets.provider === 'kubernetes')) return undefined;
  return { index, drawn: draw, fleet, tenant, base, template, shared, config };
}

function write(root: string, files: ReadonlyMap<string, string>): void {
  for (const [file, text] of files) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
}

function writeCase(
  root: string,
  { base, template, shared, config, fleet, tenant, drawn: { images } }: Case,
): void {
  writePlan(root, { base, config: template });
  const kustomization = path.join(root, 'overlays/env/kustomization.yaml');
  if (images.length > 0) appendTo(kustomization, writeYaml({ images: images as unknown as JsonObject[] }));
  const planned = planShared('env', template, shared, fleet.bounds, images);
  write(path.join(root, 'tenants/_shared'), planned.files);
  write(path.join(root, 'tenants/it'), planTenant(planned.base, config, tenant));
}

function appendTo(file: string, text: string): void {
  writeFileSync(file, text, { flag: 'a' });
}

function expected({ config, template, tenant, drawn: { images } }: Case): KubernetesObject[] {
  const templateObjects = new Map(treeObjects(template).map((object) => [treeId(object), object]));
  const objects = followTemplate(expectedObjects(config), config, template, templateObjects, images);
  return tenantObjects(objects, config, tenant);
}

/** Builds cases in one process, and gives those that are not what they should be. */
async function failures(kustomize: Kustomizer, some: readonly Case[]): Promise<[Case, string[]][]> {
  const folder = mkdtempSync(path.join(temporary, 'batch-'));
  let lines: string[];
  try {
    for (const one of some) writeCase(path.join(folder, `case-${one.index}`), one);
    const resources = some.map(({ index }) => `case-${index}/tenants/it`);
    writeFileSync(path.join(folder, 'kustomization.yaml'), writeYaml({ resources }));
    lines = differences(await build(kustomize, folder), some.flatMap(expected));
  } catch (error) {
    lines = [String(error)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (lines.length === 0) return [];
  const [first] = some;
  if (some.length === 1 && first !== undefined) return [[first, lines]];
  const half = Math.ceil(some.length / 2);
  const left = await failures(kustomize, some.slice(0, half));
  return left.length > 0 ? left : failures(kustomize, some.slice(half));
}

test('what kustomize builds from the folder of a tenant is what build --tenant gives', async (t) => {
  const kustomizers = requireKustomizers(t);
  if (kustomizers === undefined) return;
  t.diagnostic(`seed ${seed}: GLYPHOXA_LAW_SEED=${seed} repeats this run`);
  const cases = fc
    .sample(drawn, { seed, numRuns: runs * 2 })
    .flatMap((draw, index) => caseOf(index, draw) ?? []);
  assert.ok(cases.length > runs / 2, `${cases.length} of ${runs * 2} draws are valid`);
  for (const kustomize of kustomizers) {
    const count = kustomize === kustomizers.at(-1) ? runs : runsOnOthers;
    await t.test(`${Math.min(count, cases.length)} tenants with ${kustomize.name}`, async () => {
      const some = cases.slice(0, count);
      for (let first = 0; first < some.length; first += batchSize) {
        const [wrong] = await failures(kustomize, some.slice(first, first + batchSize));
        if (wrong === undefined) continue;
        const [{ index, drawn: draw }, lines] = wrong;
        assert.fail(
          `draw ${index}:\n${lines.slice(0, 20).join('\n')}\n\n${writeYaml(draw as unknown as JsonObject)}`,
        );
      }
    });
  }
});
