/** The objects that engines get of a fleet: each field, with and without what a fleet may have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fleet, readFleet } from '../../../generator/config/fleet.ts';
import { parseYaml } from '../../../generator/model/yaml.ts';
import { argocdFiles, argocdTenantFiles } from '../../../generator/tree/engine/argocd.ts';
import { fluxFiles, fluxTenantFiles } from '../../../generator/tree/engine/flux.ts';
import { fleetText } from './fleet.ts';

const url = 'repoURL: "https://git.example.com/team/deploy.git"';
const waves =
  'waves: [canary, early, rest]\ntenants:\n  zed: { wave: canary }\n  acme: { wave: canary }\n  moved: { labels: { plan: gold } }\n';
const plain = 'tenants:\n  acme:\n';

/** A fleet with its engine. */
function fleetWith<K extends 'argocd' | 'flux'>(kind: K, options: string, rest: string) {
  const fleet = readFleet(fleetText(`engine: { ${kind}: { ${options} } }\n`, rest), 'tenants.yaml');
  const { engine } = fleet;
  assert.ok(engine !== 'wrong' && engine?.kind === kind);
  return { fleet, engine: engine as Extract<Fleet['engine'], { kind: K }> };
}

/** What is read back of an object, as far as tests look into it. */
interface Read {
  readonly kind: string;
  readonly metadata: { readonly labels: { readonly [label: string]: string } };
  readonly resources: string[];
  readonly spec: {
    readonly [field: string]: unknown;
    readonly generators: { readonly git: { readonly files: unknown } }[];
    readonly strategy: { readonly rollingSync: { readonly steps: object[] } };
    readonly template: {
      readonly metadata: { readonly name: string; readonly labels: Labels; readonly annotations: Labels };
    };
  };
}

interface Labels {
  readonly [label: string]: string;
}

/** What files say, by their paths. */
const read = (files: ReadonlyMap<string, string>) =>
  Object.fromEntries([...files].map(([file, text]) => [file, parseYaml(text)[0] as unknown as Read]));

/** What one of them says. */
const readOne = (files: ReadonlyMap<string, string>, file: string): Read =>
  read(files)[file] ?? assert.fail(file);
const tenantOf = ({ tenants }: Fleet, id: string) =>
  tenants.find((tenant) => tenant.id === id) ?? assert.fail(id);

const set = (options: string, rest: string, reads: readonly string[] = []) => {
  const { fleet, engine } = fleetWith('argocd', options, rest);
  return readOne(argocdFiles(engine.argocd, fleet, reads), 'argocd/applicationset.yaml');
};

test('an ApplicationSet of a fleet without waves', () => {
  const { spec, metadata } = set(url, plain);
  assert.deepEqual(metadata, { name: 'glyphoxa-tenants', namespace: 'argocd' });
  assert.deepEqual(spec.goTemplateOptions, ['missingkey=error']);
  assert.equal(spec.goTemplate, true);
  assert.deepEqual(spec.generators, [
    {
      git: {
        repoURL: 'https://git.example.com/team/deploy.git',
        revision: 'main',
        files: [{ path: 'tenants/*/argocd.yaml' }],
      },
    },
  ]);
  assert.deepEqual(spec.syncPolicy, { preserveResourcesOnDeletion: true });
  assert.equal('strategy' in spec, false);
  assert.deepEqual(spec.template, {
    metadata: {
      name: '{{ .namespace }}',
      labels: { 'glyphoxa.io/tenant': '{{ .tenant }}' },
      annotations: { 'argocd.argoproj.io/manifest-generate-paths': '{{ if .alone }}.{{ else }}.{{ end }}' },
    },
    spec: {
      project: 'default',
      source: {
        repoURL: 'https://git.example.com/team/deploy.git',
        targetRevision: 'main',
        path: '{{ .path.path }}',
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: '{{ .namespace }}' },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['ServerSideApply=true'] },
    },
  });
});

test('an ApplicationSet of a fleet with waves in a folder of its repository', () => {
  const options = `${url}, path: deploy, namePrefix: x-, maxUpdate: "25%"`;
  const { spec } = set(options, waves, ['base', 'overlays/a;b/c', 'overlays/x;y', 'top;level', 'a{{b']);
  assert.deepEqual(spec.generators[0]?.git.files, [{ path: 'deploy/tenants/*/argocd.yaml' }]);
  const step = (wave: string, maxUpdate: string | number) => ({
    matchExpressions: [{ key: 'glyphoxa.io/wave', operator: 'In', values: [wave] }],
    maxUpdate,
  });
  assert.deepEqual(spec.strategy, {
    type: 'RollingSync',
    rollingSync: { steps: ['canary', 'early', 'rest'].map((wave) => step(wave, '25%')) },
  });
  assert.equal(spec.template.metadata.name, 'x-{{ .namespace }}');
  const one = set(url, 'waves: [all]\ntenants:\n  acme:\n').spec;
  for (const { template } of [spec, one])
    assert.equal(template.metadata.labels['glyphoxa.io/wave'], '{{ .wave }}');
  const [paths] = Object.values(spec.template.metadata.annotations);
  assert.equal(
    paths,
    '{{ if .alone }}.{{ else }}.;/deploy/base;/deploy/overlays/;/deploy/;/deploy/a{{ "{{" }}b{{ end }}',
  );
  assert.deepEqual(
    set(`${url}, maxUpdate: "3"`, waves).spec.strategy.rollingSync.steps[0],
    step('canary', 3),
  );
  assert.equal('maxUpdate' in (set(url, waves).spec.strategy.rollingSync.steps[0] ?? {}), false);
});

test('the parameters of a tenant for Argo CD', () => {
  const { fleet } = fleetWith('argocd', url, waves);
  assert.deepEqual(read(argocdTenantFiles(tenantOf(fleet, 'moved'), true)), {
    'argocd.yaml': {
      tenant: 'moved',
      namespace: 'glyphoxa-tenant-moved',
      wave: 'rest',
      labels: { plan: 'gold' },
      alone: true,
    },
  });
  const alone = fleetWith('argocd', url, plain).fleet;
  assert.deepEqual(read(argocdTenantFiles(tenantOf(alone, 'acme'), false)), {
    'argocd.yaml': { tenant: 'acme', namespace: 'glyphoxa-tenant-acme', labels: {}, alone: false },
  });
});

const source = { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' };
const kustomization = (resources: readonly string[]) => ({
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  resources,
});

test('the Kustomization of a tenant for Flux', () => {
  const { fleet, engine } = fleetWith('flux', '', plain);
  assert.deepEqual(read(fluxTenantFiles(engine.flux, fleet, tenantOf(fleet, 'acme'))), {
    'flux/kustomization.yaml': kustomization(['sync.yaml']),
    'flux/sync.yaml': {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: {
        name: 'glyphoxa-tenant-acme',
        namespace: 'flux-system',
        labels: { 'glyphoxa.io/tenant': 'acme' },
      },
      spec: {
        interval: engine.flux.interval,
        retryInterval: '2m',
        timeout: engine.flux.timeout,
        sourceRef: source,
        path: './tenants/acme',
        prune: true,
        wait: true,
        deletionPolicy: 'Orphan',
      },
    },
  });
  assert.deepEqual(read(fluxFiles(engine.flux, fleet, fleet.tenants)), {
    'flux/kustomization.yaml': kustomization(['../../tenants/acme/flux']),
  });
});

test('waves of a fleet for Flux wait for each other, the first for none', () => {
  const { fleet, engine } = fleetWith('flux', 'path: deploy, serviceAccountName: me', waves);
  const specOf = (id: string) =>
    readOne(fluxTenantFiles(engine.flux, fleet, tenantOf(fleet, id)), 'flux/sync.yaml').spec;
  assert.equal('dependsOn' in specOf('acme'), false);
  assert.deepEqual(specOf('moved').dependsOn, [{ name: 'wave.early' }]);
  assert.deepEqual(
    [specOf('moved').path, specOf('moved').serviceAccountName],
    ['./deploy/tenants/moved', 'me'],
  );
  const all = fluxFiles(engine.flux, fleet, fleet.tenants);
  const one = (file: string) => readOne(all, file);
  assert.deepEqual(
    [...all.keys()],
    [
      'flux/wave.canary.yaml',
      'flux/wave.early.yaml',
      'flux/kustomization.yaml',
      'gate/wave.yaml',
      'gate/kustomization.yaml',
    ],
  );
  assert.deepEqual(one('flux/wave.canary.yaml').spec.dependsOn, [
    { name: 'glyphoxa-tenant-acme' },
    { name: 'glyphoxa-tenant-zed' },
  ]);
  assert.deepEqual(one('flux/wave.early.yaml'), {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'wave.early', namespace: 'flux-system', labels: { 'glyphoxa.io/wave': 'early' } },
    spec: {
      dependsOn: [{ name: 'wave.canary' }],
      interval: engine.flux.interval,
      retryInterval: '2m',
      sourceRef: source,
      path: './deploy/engine/gate',
      prune: true,
      targetNamespace: 'flux-system',
      nameSuffix: '-early',
    },
  });
  const tenants = ['acme', 'moved', 'zed'].map((id) => `../../tenants/${id}/flux`);
  assert.deepEqual(one('flux/kustomization.yaml').resources, [
    'wave.canary.yaml',
    'wave.early.yaml',
    ...tenants,
  ]);
  assert.deepEqual(one('gate/kustomization.yaml'), kustomization(['wave.yaml']));
  assert.deepEqual(
    [one('gate/wave.yaml').kind, one('gate/wave.yaml').metadata],
    ['ConfigMap', { name: 'glyphoxa-wave' }],
  );
});

test('with a registry each tenant has a source of its own, and no wave waits', () => {
  const registry = (more = '') => `registry: { url: "oci://registry.example.com/fleet"${more} }`;
  const { fleet, engine } = fleetWith('flux', `path: deploy, ${registry()}`, waves);
  const all = fluxTenantFiles(engine.flux, fleet, tenantOf(fleet, 'moved'));
  const one = (file: string) => readOne(all, file);
  assert.deepEqual(one('flux/kustomization.yaml').resources, ['source.yaml', 'sync.yaml']);
  const { metadata, spec } = one('flux/sync.yaml');
  assert.deepEqual(metadata.labels, {
    'glyphoxa.io/tenant': 'moved',
    plan: 'gold',
    'glyphoxa.io/wave': 'rest',
  });
  assert.deepEqual([spec.path, 'dependsOn' in spec], ['./tenants/moved', false]);
  assert.deepEqual(spec.sourceRef, {
    kind: 'OCIRepository',
    name: 'glyphoxa-tenant-moved',
    namespace: 'flux-system',
  });
  assert.deepEqual(one('flux/source.yaml'), {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'OCIRepository',
    metadata,
    spec: {
      interval: engine.flux.registry?.interval,
      url: 'oci://registry.example.com/fleet',
      ref: { tag: 'moved' },
      provider: engine.flux.registry?.provider,
    },
  });
  assert.deepEqual(Object.keys(read(fluxFiles(engine.flux, fleet, fleet.tenants))), [
    'flux/kustomization.yaml',
  ]);
  const secret = fleetWith('flux', registry(', secretName: key'), plain);
  const own = fluxTenantFiles(secret.engine.flux, secret.fleet, tenantOf(secret.fleet, 'acme'));
  assert.deepEqual(readOne(own, 'flux/source.yaml').spec.secretRef, { name: 'key' });
});

test('a tenant stays in its shard while others come and go', () => {
  const shardOf = (id: string, shards: string) => {
    const { fleet, engine } = fleetWith('flux', `shards: [${shards}]`, `tenants:\n  ${id}:\n`);
    const files = fluxTenantFiles(engine.flux, fleet, tenantOf(fleet, id));
    const { metadata } = readOne(files, 'flux/sync.yaml');
    return metadata.labels['sharding.fluxcd.io/key'];
  };
  const ids = Array.from({ length: 30 }, (_, index) => `t${index}`);
  const [two, three] = ['a, b', 'c, b, a'].map((shards) => ids.map((id) => shardOf(id, shards)));
  assert.deepEqual([...new Set(three)].sort(), ['a', 'b', 'c']);
  for (const [index, shard] of (three ?? []).entries()) if (shard !== 'c') assert.equal(shard, two?.[index]);
  assert.equal(shardOf('t1', 'a'), 'a');
});
