/** What is written for Argo CD, rendered by the libraries that it renders with. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { readFleet, type Tenant } from '../../../generator/config/fleet.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { parseYaml } from '../../../generator/model/yaml.ts';
import { requireCrd } from '../../support/published-crds.ts';
import { type Kustomizer, requireKustomizers, requireTool } from '../../support/tools.ts';
import { generateIn, get, makeFolder, put } from '../folder.ts';
import { build, differences } from '../law.ts';
import { makeFleet, stage } from './fleet.ts';

const engine = 'engine: { argocd: { repoURL: "https://git.example.com/team/deploy.git" } }\n';
const file = 'engine/argocd/applicationset.yaml';

interface Application extends JsonObject {
  readonly metadata: {
    readonly name: string;
    readonly labels: { readonly [label: string]: string };
    readonly annotations: { readonly [name: string]: string };
    readonly finalizers?: string[];
  };
  readonly spec: {
    readonly source: JsonObject & { readonly path: string; readonly repoURL: string };
    readonly destination: JsonObject;
    readonly syncPolicy: JsonObject;
    readonly project: string;
  };
}

interface ApplicationSet {
  readonly spec: {
    readonly strategy?: {
      readonly rollingSync: {
        readonly steps: {
          readonly matchExpressions: { readonly key: string; readonly values: string[] }[];
        }[];
      };
    };
    readonly template: { readonly spec: { readonly source: JsonObject } };
  };
}

/** The Applications that Argo CD makes; undefined where its renderer is missing. */
function applicationsOf(t: TestContext, repository: string, tree = repository): Application[] | undefined {
  const renderer = requireTool(t, 'applicationset');
  if (renderer === undefined) return undefined;
  return JSON.parse(execFileSync(renderer, [path.join(tree, file), repository]).toString());
}

function setIn(tree: string): ApplicationSet & JsonObject {
  return parseYaml(get(tree, file))[0] as unknown as ApplicationSet & JsonObject;
}

function tenantsIn(tree: string): readonly Tenant[] {
  return readFleet(get(tree, 'tenants.yaml'), 'tenants.yaml').tenants;
}

/** The paths of the annotation, from the root of the repository, as Argo CD's GetSourceRefreshPaths has them. */
function pathsOf({ metadata, spec }: Application): string[] {
  const text = metadata.annotations['argocd.argoproj.io/manifest-generate-paths'] ?? '';
  return text
    .split(';')
    .map((item) => (item.startsWith('/') ? item.slice(1) : path.join(spec.source.path, item)));
}

for (const below of ['', 'deploy/games'] as const) {
  const where = below === '' ? 'at the root of a repository' : 'in a folder of a repository';
  const text =
    below === '' ? engine : engine.replace('{ repoURL', `{ path: ${below}, maxUpdate: 10%, repoURL`);

  test(`the ApplicationSet of a fleet ${where} is valid, and so is each Application that it makes`, async (t) => {
    const [sets, singles] = [requireCrd(t, 'crd-argo-applicationset'), requireCrd(t, 'crd-argo-application')];
    const { repository, tree } = await makeFleet(t, text, { below });
    const applications = applicationsOf(t, repository, tree);
    if (sets === undefined || singles === undefined || applications === undefined) return;
    assert.deepEqual(sets.errorsIn(setIn(tree)), []);
    assert.equal(applications.length, 5);
    for (const application of applications) assert.deepEqual(singles.errorsIn(application), []);
  });

  test(`each Application of a fleet ${where} is what the tenant is meant to be`, async (t) => {
    const kustomizers = requireKustomizers(t);
    const { repository, tree } = await makeFleet(t, text, { below });
    const applications = applicationsOf(t, repository, tree);
    if (kustomizers === undefined || applications === undefined) return;
    const steps = (setIn(tree).spec.strategy?.rollingSync.steps ?? []).map(
      ({ matchExpressions }) => matchExpressions,
    );
    const byTenant = new Map(applications.map((one) => [one.metadata.labels['glyphoxa.io/tenant'], one]));
    for (const { id, namespace, wave, labels } of tenantsIn(tree)) {
      const application = byTenant.get(id) as Application;
      const { metadata, spec } = application;
      assert.equal(metadata.name, namespace);
      assert.equal(spec.destination.namespace, namespace);
      assert.equal(spec.source.path, path.join(below, 'tenants', id));
      assert.equal(spec.source.repoURL, 'https://git.example.com/team/deploy.git');
      assert.deepEqual(Object.keys(spec.source).sort(), ['path', 'repoURL', 'targetRevision'], 'no override');
      assert.equal(metadata.finalizers, undefined, 'what is in the cluster outlives the Application');
      assert.deepEqual(metadata.labels, { ...labels, 'glyphoxa.io/wave': wave });
      const matching = steps.filter((expressions) =>
        expressions.every(({ key, values }) => values.includes(metadata.labels[key] ?? '')),
      );
      assert.equal(matching.length, 1, 'one step has it');
      assert.equal(steps.indexOf(matching[0] ?? []), ['canary', 'early', 'rest'].indexOf(wave ?? ''));
      const objects = await build(kustomizers.at(-1) as Kustomizer, path.join(repository, spec.source.path));
      for (const object of objects)
        assert.ok([undefined, namespace].includes(object.metadata.namespace as string | undefined));
    }
  });

  test(`a tenant ${where} is built from the paths of its annotation, and needs each of them`, async (t) => {
    const kustomizers = requireKustomizers(t);
    const { repository, tree } = await makeFleet(t, text, { below });
    // what somebody adds to the template environment is read too
    put(tree, 'mine/a-b/kustomization.yaml', 'resources: [map.yaml]\n');
    put(tree, 'mine/a-b/map.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: mine }\n');
    const overlay = 'overlays/prod/kustomization.yaml';
    put(tree, overlay, get(tree, overlay).replace('resources:\n', 'resources:\n- ../../mine/a-b\n'));
    await generateIn(tree);
    stage(repository);
    const applications = applicationsOf(t, repository, tree);
    if (kustomizers === undefined || applications === undefined) return;
    const kustomizer = kustomizers.at(-1) as Kustomizer;
    const some = applications.filter(({ metadata }) =>
      ['acme', 'moved'].includes(metadata.labels['glyphoxa.io/tenant'] ?? ''),
    );
    assert.equal(some.length, 2);
    for (const application of some) {
      const { path: folder } = application.spec.source;
      const paths = pathsOf(application);
      const whole = await build(kustomizer, path.join(repository, folder));
      const copy = (kept: readonly string[]) => {
        const bare = makeFolder(t);
        for (const one of kept) cpSync(path.join(repository, one), path.join(bare, one), { recursive: true });
        return path.join(bare, folder);
      };
      assert.deepEqual(differences(await build(kustomizer, copy(paths)), whole), []);
      for (const one of paths)
        await assert.rejects(
          build(kustomizer, copy(paths.filter((other) => other !== one))),
          `${folder} needs ${one}`,
        );
    }
    const isRead = (name: string) =>
      applications.filter((one) => pathsOf(one).includes(path.join(below, name))).length;
    assert.equal(isRead('mine/a-b'), 4);
    assert.equal(isRead('overlays/other'), 0);
  });
}

test('without waves nothing is held back, and a prefix tells the fleets of one Argo CD apart', async (t) => {
  const { repository } = await makeFleet(
    t,
    engine.replace('{ repoURL', '{ namePrefix: eu-, name: eu, repoURL'),
    {
      rest: 'tenants: { acme: }\n',
    },
  );
  const applications = applicationsOf(t, repository);
  if (applications === undefined) return;
  assert.equal(setIn(repository).spec.strategy, undefined);
  assert.deepEqual(
    applications.map(({ metadata }) => metadata.name),
    ['eu-glyphoxa-tenant-acme'],
  );
});

test('what looks like a template in a value is none', async (t) => {
  const hostile = 'https://kubernetes.example.com/{{.tenant}}{{fail';
  const { repository } = await makeFleet(t, engine.replace('{ repoURL', `{ server: '${hostile}', repoURL`));
  const applications = applicationsOf(t, repository);
  if (applications === undefined) return;
  for (const { spec } of applications) assert.equal(spec.destination.server, hostile);
});

test('a parameter that is missing is an error, and no Application of another tenant', async (t) => {
  const { repository } = await makeFleet(t, engine);
  put(repository, 'tenants/acme/argocd.yaml', 'tenant: acme\n');
  const renderer = requireTool(t, 'applicationset');
  if (renderer === undefined) return;
  assert.throws(
    () => execFileSync(renderer, [path.join(repository, file), repository], { stdio: 'pipe' }),
    /\bno entry\b/,
  );
});

test('a tenant that changes touches its own files, and one that comes or goes no others', async (t) => {
  const { tree, repository } = await makeFleet(t, engine);
  const changed = async (from: string, to: string) => {
    put(tree, 'tenants.yaml', get(tree, 'tenants.yaml').replace(from, to));
    const { changes } = await generateIn(tree);
    stage(repository);
    return changes.map((change) => `${change.what} ${change.path}`);
  };
  assert.deepEqual(await changed('acme: { wave: canary }', 'acme: { wave: early }'), [
    'change tenants/acme/argocd.yaml',
  ]);
  assert.deepEqual(await changed('  acme: { wave: early }\n', ''), [
    'delete tenants/acme/argocd.yaml',
    'delete tenants/acme/kustomization.yaml',
  ]);
  assert.deepEqual(await changed('tenants:\n', 'tenants:\n  new_one: {}\n'), [
    'create tenants/new_one/kustomization.yaml',
    'create tenants/new_one/argocd.yaml',
  ]);
  assert.equal(existsSync(path.join(tree, 'tenants/acme')), false);
  rmSync(path.join(tree, file));
  assert.deepEqual(
    (await generateIn(tree)).changes.map((change) => change.path),
    [file],
  );
});
