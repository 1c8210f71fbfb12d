/** `import helm --tenant`: a dedicated tenant of the chart becomes one of the fleet, with the objects that it had. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { hasCode } from '../../generator/model/finding.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { convertChart } from '../../generator/moving/chart-values.ts';
import { prepareImport } from '../../generator/moving/import.ts';
import { readGiven } from '../../generator/moving/read.ts';
import { generate } from '../../generator/objects/generate.ts';
import { Chance } from '../support/chance.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { writeValues } from './helm-objects.ts';
import { randomValues } from './random-values.ts';

const runs = Number(process.env.GLYPHOXA_IMPORT_RUNS || 12);
const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\n';
const none = 'tenants:\n  # the first one\n  other:\n';

/** A fleet whose template says a few things of its own. */
function fleetOf(t: TestContext, { template = '', tenants = none } = {}): string {
  return folderOf(t, {
    'glyphoxa.yaml': `${head}kind: Glyphoxa\nmetadata: {name: glyphoxa}\n`,
    'overlays/dedicated/config.yaml': `${head}kind: Glyphoxa\nmetadata: {namespace: none}\nspec:\n  core: { topology: dedicated }\n${template}`,
    'tenants.yaml': `${head}kind: GlyphoxaFleet\ntemplate: dedicated\n${tenants}`,
    'values.yaml':
      'topology: dedicated\nimage: {tag: 0.1.3}\ngateway: {replicaCount: 2, nodeSelector: {disk: fast}}\nconfig: {data: {campaign: {name: Keep}}}\n',
  });
}

const importTenant = ['import', 'helm', 'values.yaml', '--tenant'];

async function objectsOf(cwd: string, id: string): Promise<KubernetesObject[]> {
  const { stdout, stderr, exitCode } = await runCli(['build', '--tenant', id], { cwd });
  assert.equal(exitCode, 0, stderr);
  return parseYaml(stdout) as KubernetesObject[];
}

/** Without what a tenant has beside its deployment. */
function bare(objects: readonly KubernetesObject[]): JsonObject[] {
  return objects.map(({ metadata, ...rest }) => {
    const { 'glyphoxa.io/tenant': _, ...labels } = metadata.labels as JsonObject;
    return { ...rest, metadata: { ...metadata, labels } };
  });
}

describe('import helm --tenant', () => {
  it('adds what differs, under the names that the chart gave it, and keeps the file', async (t) => {
    const cwd = fleetOf(t, { template: '  gateway: { nodeSelector: { zone: a } }\n' });
    const { exitCode, stdout, stderr } = await runCli([...importTenant, 'big_corp'], { cwd });
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^change tenants.yaml\n/);
    assert.match(stdout, /^create tenants\/big_corp\/objects.yaml$/m);
    assert.match(stderr, /"glyphoxa-kustomize apply tenants\/big_corp --adopt --dry-run"/);
    const text = readFileSync(path.join(cwd, 'tenants.yaml'), 'utf8');
    assert.match(text, /^ {2}# the first one\n {2}other:$/m);
    const { tenants } = parseYaml(text)[0] as { tenants: { [id: string]: JsonObject } };
    const { spec, ...names } = tenants.big_corp as JsonObject & { spec: JsonObject };
    assert.deepEqual(names, { namespace: 'glyphoxa-tenant-big-corp', release: 'glyphoxa-big-corp' });
    assert.deepEqual(spec.config, { campaign: { name: 'Keep' } });
    const [gateway] = (await objectsOf(cwd, 'big_corp')).filter(
      ({ metadata }) => metadata.name === 'glyphoxa-big-corp-gateway',
    );
    assert.equal(gateway?.metadata.namespace, 'glyphoxa-tenant-big-corp');
    const deployment = JSON.stringify(await objectsOf(cwd, 'big_corp'));
    assert.match(deployment, /"nodeSelector":\{"disk":"fast"\}/, 'what the template adds is gone');
    assert.match(deployment, /"serviceAccountName":"glyphoxa-gateway"/);
    assert.equal((await runCli(['generate', '--check'], { cwd })).exitCode, 0);
  });

  it('takes other names as they are given', async (t) => {
    const cwd = fleetOf(t);
    const { exitCode, stderr } = await runCli(
      [...importTenant, 'acme', '--release', 'tavern', '-n', 'games'],
      { cwd },
    );
    assert.equal(exitCode, 0, stderr);
    const objects = await objectsOf(cwd, 'acme');
    assert.ok(
      objects.some(({ metadata }) => metadata.name === 'tavern-gateway' && metadata.namespace === 'games'),
    );
  });

  it('changes nothing where there is no fleet, the tenant is there, or it would not be what Helm deploys', async (t) => {
    for (const [options, words, code] of [
      [{}, ['other'], 'tenant-exists'],
      [{}, ['acme', '-n', 'glyphoxa-tenant-other'], 'same-namespace'],
      [{}, ['acme', '--set', 'gateway.replicaCount=-1'], 'out-of-range'],
      [{ tenants: 'tenants: [\n' }, ['acme'], 'syntax'],
    ] as const) {
      const cwd = fleetOf(t, options);
      const before = readFileSync(path.join(cwd, 'tenants.yaml'), 'utf8');
      const { exitCode, stderr, stdout } = await runCli([...importTenant, ...words], { cwd });
      assert.deepEqual([exitCode, stdout], [1, ''], stderr);
      assert.match(stderr, new RegExp(`error ${code}: `));
      assert.equal(readFileSync(path.join(cwd, 'tenants.yaml'), 'utf8'), before);
    }
    const cwd = fleetOf(t);
    for (const words of [['Acme'], ['acme', '--secrets', 'secrets.env']])
      assert.equal((await runCli([...importTenant, ...words], { cwd })).exitCode, 2);
    rmSync(path.join(cwd, 'tenants.yaml'));
    assert.match((await runCli([...importTenant, 'acme'], { cwd })).stderr, /error no-fleet: /);
  });

  it('gives random tenants the objects that an import of their own gives', async (t) => {
    const cwd = fleetOf(t);
    let refused = 0;
    for (let seed = 0; seed < runs; seed += 1) {
      const handed = randomValues(new Chance(seed + 5000));
      const files = writeValues(cwd, handed);
      const words = [
        ...handed.set.flatMap((text) => ['--set', text]),
        ...handed.setString.flatMap((text) => ['--set-string', text]),
      ];
      const id = `t${seed}`;
      const ran = await runCli(['import', 'helm', ...files, ...words, '--tenant', id], { cwd });
      const aim = { release: `glyphoxa-${id}`, namespace: `glyphoxa-tenant-${id}`, environment: 'x' };
      const given = () => convertChart(readGiven({ ...handed, files }, cwd), aim);
      let alone: KubernetesObject[];
      try {
        alone = generate((await prepareImport(given())).config, new Map());
      } catch (error) {
        assert.ok(
          hasCode(error, 'requests-above-limits') || hasCode(error, 'wrong-assignment'),
          String(error),
        );
        assert.equal(ran.exitCode, 1);
        refused += 1;
        continue;
      }
      assert.equal(ran.exitCode, 0, `seed ${seed}: ${ran.stderr}`);
      assert.deepEqual(bare(await objectsOf(cwd, id)), bare(alone), `seed ${seed}`);
    }
    assert.ok(refused < runs / 2);
  });
});
