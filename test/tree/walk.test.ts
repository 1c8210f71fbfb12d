/** A tree on its way: renames, switches and upgrades in any order, and what people do to it with kustomize between them. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { isObject, type JsonObject, maps } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { checkFolder } from '../../generator/tree/check/check.ts';
import { Chance } from '../support/chance.ts';
import { requireKustomizers, requireTool, toolEnv } from '../support/tools.ts';
import { generateIn, get, makeFolder, put, snapshot } from './folder.ts';
import { build } from './law.ts';

const seed = Number(process.env.GLYPHOXA_WALK_SEED || Math.floor(Math.random() * 2 ** 31));
const walks = Number(process.env.GLYPHOXA_WALKS || 2);
const steps = 6;

const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };
const repository = 'example.com/app';

/** What a user added to an environment: it must be in its kustomization ever after. */
type Addition = (kustomization: JsonObject) => boolean;

interface Environment {
  namespace: string;
  spec: { [section: string]: JsonObject };
  image: string | undefined;
  readonly additions: Map<string, Addition>;
}

/** A tree, and what it is meant to be. */
class Walk {
  readonly folder: string;
  readonly #chance: Chance;
  readonly #kustomize: string;
  readonly environments = new Map<string, Environment>();
  readonly log: string[] = [];
  #release = 'glyphoxa';
  #spec: { [section: string]: JsonObject } = {};
  #count = 0;

  constructor(folder: string, chance: Chance, kustomize: string) {
    this.folder = folder;
    this.#chance = chance;
    this.#kustomize = kustomize;
    this.#add('prod');
    this.#add('stage');
  }

  /** Changes what is wanted, as somebody would, and says what was done. */
  async step(): Promise<void> {
    const ways: readonly (() => string | Promise<string>)[] = [
      () => this.#rename(),
      () => this.#each((one) => this.#move(one), 'namespace'),
      () => this.#switch(this.#spec, 'in the resource'),
      () => this.#each(({ spec }) => this.#switch(spec, 'here'), 'switch'),
      () => this.#each(({ spec }) => this.#secrets(spec), 'provider'),
      () => `add ${this.#add(this.#chance.pick(['prod', 'stage', 'dev']))}`,
      () => this.#remove(),
      () => this.#upgrade(),
      () => this.#edit(),
      () => this.#edit(),
      () => this.#edit(),
    ];
    this.log.push(await this.#chance.pick(ways)());
  }

  /** Writes the inputs. */
  write(): void {
    const image = { image: { repository, tag: 'v1' } };
    put(
      this.folder,
      'glyphoxa.yaml',
      writeYaml({ ...head, metadata: { name: this.#release }, spec: { core: image, ...this.#spec } }),
    );
    for (const [name, { namespace, spec }] of this.environments) {
      put(this.folder, `overlays/${name}/config.yaml`, writeYaml({ ...head, metadata: { namespace }, spec }));
      put(this.folder, `overlays/${name}/secrets.env`, 'admin-key=a\ndatabase-dsn=postgres://db/g\n');
    }
  }

  #rename(): string {
    this.#release = this.#chance.pick(['glyphoxa', 'choir', 'bard', 'r2']);
    return `rename to ${this.#release}`;
  }

  #move(environment: Environment): string {
    environment.namespace = this.#chance.pick(['a', 'b', '123', '1e3']);
    return environment.namespace;
  }

  #add(name: string): string {
    if (this.environments.has(name)) return 'nothing';
    this.environments.set(name, { namespace: name, spec: {}, image: undefined, additions: new Map() });
    return name;
  }

  #remove(): string {
    if (this.environments.size < 2) return 'nothing';
    const name = this.#chance.pick([...this.environments.keys()]);
    this.environments.delete(name);
    rmSync(path.join(this.folder, 'overlays', name), { recursive: true });
    return `remove ${name}`;
  }

  #each(change: (environment: Environment) => string, what: string): string {
    const name = this.#chance.pick([...this.environments.keys()]);
    return `${what} of ${name}: ${change(this.environments.get(name) as Environment)}`;
  }

  #switch(spec: Environment['spec'], where: string): string {
    const on = this.#chance.below(2) === 0;
    const section = this.#chance.pick([
      'mcpGateway',
      'networkPolicy',
      'autoscaling',
      'ingress',
      'core',
      'gateway',
    ]);
    if (section === 'core') spec.core = { ...spec.core, createNamespace: on };
    else if (section === 'gateway') spec.gateway = { serviceAccount: { create: on, name: 'foreign' } };
    else spec[section] = { enabled: on, ...(section === 'ingress' ? { host: 'g.example.com' } : {}) };
    // the resource has its image in core
    if (spec === this.#spec && section === 'core')
      spec.core = { ...spec.core, image: { repository, tag: 'v1' } };
    return `${section} ${on ? 'on' : 'off'} ${where}`;
  }

  #secrets(spec: Environment['spec']): string {
    const provider = this.#chance.pick(['existing', 'kubernetes', 'sealed-secrets', 'external-secrets']);
    const keys = { 'admin-key': { key: 'a' }, 'database-dsn': { key: 'd' } };
    spec.secrets = {
      provider,
      ...(provider === 'sealed-secrets' ? { sealed: { 'admin-key': 'QUJD', 'database-dsn': 'QUJD' } } : {}),
      ...(provider === 'external-secrets' ? { external: { storeRef: { name: 'store' }, keys } } : {}),
    };
    const value = { fromEnv: 'UNSET' };
    const isFile = provider === 'kubernetes';
    spec.gateway = { ...without(spec.gateway, 'adminKey'), ...(isFile ? { adminKey: value } : {}) };
    spec.database = isFile ? { dsn: value } : {};
    return provider;
  }

  /** As if an earlier version had written all of it. */
  #upgrade(): string {
    for (const [file, text] of snapshot(this.folder)) {
      if (file.endsWith('.sum'))
        put(this.folder, file, text.replace(/^# glyphoxa-kustomize .*/, '# glyphoxa-kustomize 0.0.1'));
    }
    return 'upgrade';
  }

  /** An edit of an environment that was written. */
  async #edit(): Promise<string> {
    const written = [...this.environments].filter(([name]) =>
      snapshot(this.folder).has(`overlays/${name}/kustomization.yaml`),
    );
    if (written.length === 0) return 'nothing';
    const [name, environment] = this.#chance.pick(written);
    const { additions } = environment;
    const id = `mine-${++this.#count}`;
    const edit = (...words: string[]) =>
      execa(this.#kustomize, ['edit', ...words], {
        cwd: path.join(this.folder, 'overlays', name),
        env: toolEnv(),
        extendEnv: false,
      });
    const ways: { readonly [way: string]: () => Promise<unknown> } = {
      image: () => {
        const tag = `v${this.#count}`;
        environment.image = `example.com/moved:${tag}`;
        additions.set('image', ({ images }) => maps(images).some(({ newTag }) => newTag === tag));
        return edit('set', 'image', `${repository}=example.com/moved:${tag}`);
      },
      annotation: () => {
        additions.set(id, ({ commonAnnotations: all }) => isObject(all) && all[id] === 'x');
        return edit('add', 'annotation', `${id}:x`);
      },
      label: () => {
        additions.set(id, ({ labels }) =>
          maps(labels).some(({ pairs }) => isObject(pairs) && pairs[id] === 'x'),
        );
        return edit('add', 'label', `${id}:x`, '--without-selector');
      },
      configmap: () => {
        additions.set(id, ({ configMapGenerator: all }) => maps(all).some((one) => one.name === id));
        return edit('add', 'configmap', id, '--from-literal=a=b');
      },
      resource: () => {
        put(
          this.folder,
          `overlays/${name}/${id}.yaml`,
          writeYaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: id } }),
        );
        additions.set(id, ({ resources }) => Array.isArray(resources) && resources.includes(`${id}.yaml`));
        return edit('add', 'resource', `${id}.yaml`);
      },
      namespace: () => {
        environment.namespace = id;
        return edit('set', 'namespace', id);
      },
      fix: () => edit('fix'),
    };
    const way = this.#chance.pick(Object.keys(ways));
    await ways[way]?.();
    return `kustomize edits ${way} of ${name}`;
  }
}

function without(section: JsonObject = {}, key: string): JsonObject {
  const { [key]: _, ...rest } = section;
  return rest;
}

/** Everything agrees: the check of the tree, every kustomize, `check`, and what the user added. */
async function agree(t: TestContext, walk: Walk): Promise<void> {
  const all = requireKustomizers(t) ?? [];
  const { folder, environments } = walk;
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
  for (const [name, { namespace, image, additions }] of environments) {
    const overlay = path.join(folder, 'overlays', name);
    const [value] = parseYaml(get(folder, `overlays/${name}/kustomization.yaml`));
    for (const [what, isThere] of additions) assert.ok(isThere(value as JsonObject), `${name} keeps ${what}`);
    const [oldest, newest] = await Promise.all(
      [all[0], all.at(-1)].map((one) => build(one as never, overlay)),
    );
    assert.deepEqual(oldest, newest, `both build the same of ${name}`);
    const text = JSON.stringify(newest);
    assert.ok(text.includes(`"namespace":"${namespace}"`), `${name} is in ${namespace}`);
    if (image !== undefined)
      assert.ok(!text.includes(`${repository}:v1`), `${name} runs ${image} everywhere`);
    const findings = await checkFolder(`overlays/${name}`, folder, { ...toolEnv(), PATH: walkPath(t) });
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      [],
    );
  }
}

function walkPath(t: TestContext): string {
  return path.dirname(requireTool(t, 'kustomize') as string);
}

for (let number = 0; number < walks; number += 1) {
  test(`walk ${number + 1} is nothing but ordinary generates`, async (t) => {
    const kustomize = requireTool(t, 'kustomize');
    if (kustomize === undefined || requireKustomizers(t) === undefined) return;
    t.diagnostic(
      `seed ${seed + number}: GLYPHOXA_WALKS=1 GLYPHOXA_WALK_SEED=${seed + number} repeats this walk`,
    );
    const walk = new Walk(makeFolder(t), new Chance(seed + number), kustomize);
    try {
      for (let step = 0; step < steps; step += 1) {
        if (step > 0) await walk.step();
        walk.write();
        await generateIn(walk.folder);
        await agree(t, walk);
      }
    } catch (error) {
      throw new Error(`seed ${seed + number}, after: ${walk.log.join('; ')}`, { cause: error });
    }
  });
}
