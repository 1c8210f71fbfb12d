/** What a word on the command line stands for, and which clusters it may go to. Nothing here reaches a cluster. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { loadTarget, type Target, type TargetContext } from '../../../generator/lifecycle/session/target.ts';
import { Failure } from '../../../generator/model/finding.ts';
import { runCli } from '../../support/fake-io.ts';
import { tells } from '../../support/findings.ts';
import { folderOf } from '../../support/folder.ts';
import { lifecycleEnv } from '../../support/lifecycle.ts';
import { requireKustomize, requireTool } from '../../support/tools.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n';
/** Takes connections and does not speak TLS: told at once, while one that refuses them is tried until time is up. */
const deaf = createServer();
before(() => new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve)));
after(() => void deaf.close());

/** Set once there is a kustomize. */
let env: { [name: string]: string } = {};

/** A test that builds with kustomize. */
function builds(promise: string, work: (t: TestContext) => Promise<void>): void {
  it(promise, async (t) => {
    if (requireKustomize(t) === undefined) return;
    env = lifecycleEnv();
    await work(t);
  });
}
const nowhere = { asked: undefined, fallback: undefined };

/** A tree with the environment `prod`, and kustomizations around it. */
async function tree(t: TestContext, spec = '', port = (deaf.address() as AddressInfo).port): Promise<string> {
  const cwd = folderOf(t, {
    'glyphoxa.yaml': `${head}metadata: {name: bard}\n`,
    'overlays/prod/config.yaml': `${head}metadata: {namespace: stage}\n${spec}`,
    'clusters/eu/kustomization.yaml': 'resources: [../../overlays/prod]\nnamespace: eu\n',
    'clusters/two/kustomization.yaml': 'resources: [../eu, ../us]\n',
    'clusters/us/kustomization.yaml': 'resources: [../../overlays/prod]\nnamespace: us\n',
    'other/kustomization.yaml': 'resources: [cm.yaml]\n',
    'other/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'here',
      clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}` } }],
      users: [{ name: 'u', user: { token: 'x' } }],
      contexts: ['here', 'there'].map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
    }),
  });
  const { exitCode, stderr } = await runCli(['generate'], { cwd, env });
  assert.equal(exitCode, 0, stderr);
  return cwd;
}

async function load(
  word: string,
  cwd: string,
  namespace: TargetContext['namespace'] = nowhere,
): Promise<Target> {
  const { target } = await loadTarget(word, { cwd, env, namespace, texts: new Map() });
  return target;
}

function hasCode(code: string) {
  return (error: unknown) =>
    error instanceof Failure && error.findings.some((finding) => finding.code === code);
}

describe('an environment', { concurrency: 3 }, () => {
  builds('an environment is found by its name from anywhere in the repository', async (t) => {
    const cwd = await tree(t);
    for (const below of ['overlays/prod', 'other'])
      assert.equal((await load('prod', path.join(cwd, below))).namespace, 'stage');
    await assert.rejects(load('prd', path.join(cwd, 'other')), hasCode('no-environment'));
  });

  builds('is its name, its folder, its resource, or a kustomization over it', async (t) => {
    const cwd = await tree(t);
    const named = await load('prod', cwd);
    assert.deepEqual([named.release, named.namespace], ['bard', 'stage']);
    assert.deepEqual((await load('overlays/prod', cwd)).objects, named.objects);
    assert.deepEqual((await load('./overlays/prod/', path.join(cwd))).objects, named.objects);
    assert.deepEqual((await load('overlays/prod/kustomization.yaml', cwd)).objects, named.objects);
    assert.deepEqual((await load('.', path.join(cwd, 'overlays/prod'))).objects, named.objects);
    const around = await load('clusters/eu', cwd);
    assert.equal(around.namespace, 'eu');
    assert.equal(around.config?.metadata.namespace, 'stage');
    assert.ok(around.objects.every(({ metadata }) => metadata.namespace === 'eu'));
    const resource = await load('glyphoxa.yaml', cwd);
    assert.deepEqual([resource.namespace, resource.folder], ['glyphoxa', undefined]);
    assert.equal(resource.objects.length, named.objects.length);
  });

  builds('whose infrastructure comes first waits no longer than it is told to', async (t) => {
    const cwd = await tree(t, 'spec: {postgresql: {enabled: true}}\n', 1);
    const words = ['apply', 'prod', '--infrastructure', '--timeout=1s', '--kubeconfig=kubeconfig'];
    const started = performance.now();
    const { exitCode, stderr } = await runCli(words, { cwd, env });
    assert.equal(exitCode, 1);
    assert.match(stderr, /^error (?:cluster-unreachable|timeout|build): /m);
    // two minutes are how long a server is waited for
    assert.ok(performance.now() - started < 60_000);
  });

  builds('has the version of a chart that its tree was raised to', async (t) => {
    const cwd = await tree(t, 'spec: {postgresql: {enabled: true}}\n');
    const file = path.join(cwd, 'infrastructure/operators/kustomization.yaml');
    const text = readFileSync(file, 'utf8');
    assert.match(text, /version: "?0\.29\.0/);
    writeFileSync(file, text.replace('0.29.0', '0.31.0'));
    const { config } = await load('prod', cwd);
    assert.equal(config?.spec.postgresql.charts.operator.version, '0.31.0');
  });

  builds(
    'is not taken for built where it holds what cannot be seen, and is known all the same',
    async (t) => {
      const cwd = await tree(t);
      const sops = '{apiVersion: v1, kind: Secret, metadata: {name: enc}, sops: {version: 3.8.1}}';
      writeFileSync(path.join(cwd, 'clusters/eu/enc.yaml'), sops);
      writeFileSync(
        path.join(cwd, 'clusters/eu/gen.yaml'),
        'apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: gen}\n',
      );
      const kustomization = path.join(cwd, 'clusters/eu/kustomization.yaml');
      writeFileSync(
        kustomization,
        'resources: [../../overlays/prod, enc.yaml]\nnamespace: eu\ngenerators: [gen.yaml]\n',
      );
      const seen = await load('clusters/eu', cwd);
      assert.deepEqual(
        seen.unseen.map(({ code }) => code),
        ['plugin-unseen', 'encrypted-unseen'],
      );
      assert.ok(
        !seen.objects.some(({ metadata }) => metadata.name === 'enc'),
        'what is encrypted is not ours',
      );
      writeFileSync(kustomization, 'resources: [../../overlays/prod, gone.yaml]\nnamespace: eu\n');
      await assert.rejects(load('clusters/eu', cwd), hasCode('build'));
      const context = { cwd, env, namespace: nowhere, texts: new Map(), mayBeUnbuilt: true };
      const { target } = await loadTarget('clusters/eu', context);
      assert.equal(target.unbuilt?.findings[0]?.code, 'build');
      assert.deepEqual([target.release, target.namespace], ['bard', 'eu']);
      const ids = (objects: typeof seen.objects) =>
        objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
      assert.deepEqual(ids(target.objects), ids(seen.objects));
      const { target: alone } = await loadTarget('prod', { ...context, env: { PATH: '/nowhere' } });
      assert.equal(alone.unbuilt?.findings[0]?.code, 'no-kustomize');
      // names that it would change are not known without it
      writeFileSync(kustomization, 'resources: [../../overlays/prod, gone.yaml]\nnamePrefix: a-\n');
      await assert.rejects(loadTarget('clusters/eu', context), hasCode('build'));
    },
  );

  builds(
    'without a namespace gets that of the command line, of the context, or the default one',
    async (t) => {
      const cwd = await tree(t);
      const cases = [
        [{ asked: 'asked', fallback: 'own' }, 'asked'],
        [{ asked: undefined, fallback: 'own' }, 'own'],
        [nowhere, 'default'],
      ] as const;
      for (const [namespace, expected] of cases) {
        const target = await load('base', cwd, namespace);
        assert.equal(target.namespace, expected);
        assert.ok(target.objects.every(({ metadata }) => metadata.namespace === expected));
      }
    },
  );

  builds('is built by the kubectl that is there, and a resource by no program', async (t) => {
    const kubectl = requireTool(t, 'kubectl-1.36');
    if (kubectl === undefined) return;
    const cwd = await tree(t);
    const { objects } = await load('prod', cwd);
    mkdirSync(path.join(cwd, 'bin'));
    symlinkSync(kubectl, path.join(cwd, 'bin/kubectl'));
    const context = { cwd, namespace: nowhere, texts: new Map() };
    const { target } = await loadTarget('prod', { ...context, env: { PATH: path.join(cwd, 'bin') } });
    assert.deepEqual(target.objects, objects);
    const resource = await loadTarget('overlays/prod/config.yaml', { ...context, env: { PATH: '/nowhere' } });
    assert.deepEqual(resource.target.objects, objects);
  });

  builds('by its name comes before a folder of that name', async (t) => {
    const cwd = await tree(t);
    mkdirSync(path.join(cwd, 'prod'));
    writeFileSync(path.join(cwd, 'prod/kustomization.yaml'), 'resources: [../other]\n');
    assert.equal((await load('prod', cwd)).release, 'bard');
    await assert.rejects(load('./prod', cwd), hasCode('no-gateway'));
  });

  builds('that is none is told, with what is there', async (t) => {
    const cwd = await tree(t);
    await assert.rejects(
      load('prd', cwd),
      (error) => hasCode('no-environment')(error) && /\bprod\?/.test(String(error)),
    );
    await assert.rejects(load('other', cwd), hasCode('no-gateway'));
    await assert.rejects(load('clusters/two', cwd), hasCode('several-releases'));
    await assert.rejects(load('clusters', cwd), hasCode('no-kustomization'));
    mkdirSync(path.join(cwd, 'overlays/new'));
    writeFileSync(path.join(cwd, 'overlays/new/config.yaml'), `${head}metadata: {namespace: new}\n`);
    await assert.rejects(
      load('new', cwd),
      (error) => hasCode('no-kustomization')(error) && /"glyphoxa-kustomize generate"/.test(String(error)),
    );
    await assert.rejects(
      load('prod', cwd, { asked: 'elsewhere', fallback: undefined }),
      hasCode('namespace-mismatch'),
    );
    assert.equal((await load('prod', cwd, { asked: 'stage', fallback: undefined })).namespace, 'stage');
    const word = loadTarget('prod', { cwd, env: { PATH: '/nowhere' }, namespace: nowhere, texts: new Map() });
    await assert.rejects(
      word,
      (error) => hasCode('no-kustomize')(error) && /install kustomize/.test(String(error)),
    );
  });

  builds(
    'with a context of its own goes to no other cluster, also from a kustomization over it',
    async (t) => {
      const cwd = await tree(t, 'spec: {core: {context: there}}\n');
      const world = { cwd, env: { ...env, KUBECONFIG: path.join(cwd, 'kubeconfig') } };
      for (const word of ['prod', 'clusters/eu', 'overlays/prod']) {
        const { exitCode, stderr, stdout } = await runCli(['apply', word], world);
        assert.equal(exitCode, 1);
        tells(stderr, 'error wrong-context', 'there', 'here', 'overlays/prod/config.yaml');
        assert.equal(stdout, '');
      }
      const { stderr } = await runCli(['apply', 'prod', '--context=there'], world);
      assert.match(stderr, /^prod: .*\bbard .*\bstage .*\bthere \(https:\/\/127\.0\.0\.1:\d+\)/);
      assert.match(stderr, /error cluster-unreachable/);
    },
  );

  builds('whose context cannot be told goes nowhere; config.yaml of others is no matter', async (t) => {
    const cwd = await tree(t, 'spec: {core: {context: there}}\n');
    const world = { cwd, env: { ...env, KUBECONFIG: path.join(cwd, 'kubeconfig') } };
    const file = path.join(cwd, 'overlays/prod/config.yaml');
    for (const text of ['spec: {core: {contxt: there}}\n', 'spec: {core: {context: there\n']) {
      writeFileSync(file, `${head}metadata: {namespace: stage}\n${text}`);
      for (const word of ['prod', 'clusters/eu']) {
        const { exitCode, stderr } = await runCli(['apply', word], world);
        assert.equal(exitCode, 1);
        assert.match(stderr, /^overlays\/prod\/config\.yaml:\d+:\d+: error /);
        assert.doesNotMatch(stderr, /of here/);
      }
    }
    writeFileSync(file, 'spec: [\n');
    assert.match(
      (await runCli(['apply', 'prod'], world)).stderr,
      /^overlays\/prod\/config\.yaml:\d+:\d+: error /,
    );
    const kind = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };
    const pinned = { ...kind, metadata: { namespace: 'stage' }, spec: { core: { context: 'there' } } };
    for (const indent of [undefined, 2]) {
      writeFileSync(file, JSON.stringify(pinned, undefined, indent));
      assert.match((await runCli(['apply', 'prod'], world)).stderr, /error wrong-context: /);
    }
    writeFileSync(file, `${head}metadata: {namespace: stage}\n`);
    writeFileSync(path.join(cwd, 'clusters/eu/config.yaml'), 'listen: 1\n');
    assert.equal((await load('clusters/eu', cwd)).namespace, 'eu');
  });

  builds('whose tree is out of date is refused with what mends it, also through a wrapper', async (t) => {
    const cwd = await tree(t);
    const world = { cwd, env: { ...env, KUBECONFIG: path.join(cwd, 'kubeconfig') } };
    const file = path.join(cwd, 'overlays/prod/config.yaml');
    writeFileSync(file, `${head}metadata: {namespace: stage}\nspec: {gateway: {replicaCount: 7}}\n`);
    for (const word of ['prod', 'clusters/eu', 'overlays/prod']) {
      for (const command of ['apply', 'diff', 'infrastructure', 'restart', 'start']) {
        const { stderr, stdout, exitCode } = await runCli([command, word], world);
        assert.equal(exitCode, command === 'diff' ? 2 : 1);
        tells(stderr, 'error tree-stale', '(environment prod)');
        assert.match(stderr, /hint: run "glyphoxa-kustomize generate"/);
        assert.equal(stdout, '');
      }
    }
    for (const argv of [
      ['stop', 'prod'],
      ['destroy', 'prod', '--yes'],
    ]) {
      const refused = await runCli([...argv], world);
      assert.equal(refused.exitCode, 1);
      assert.match(refused.stderr, /^error tree-stale: .*\n(?:.*\n)*.*--stale$/m);
      assert.doesNotMatch(refused.stderr, /cluster-unreachable/);
      const { stderr } = await runCli([...argv, '--stale'], world);
      assert.match(stderr, /^warning tree-stale: .*\n(?:.*\n)*error cluster-unreachable/m);
    }
    const document = JSON.parse((await runCli(['status', 'prod', '-o', 'json'], world)).stdout);
    assert.equal(document.treeDrift.length, 1);
    assert.equal((await runCli(['generate'], world)).exitCode, 0);
    assert.deepEqual((await load('clusters/eu', cwd)).stale, []);
  });

  builds('is compared with its own part of the tree alone, and from any folder', async (t) => {
    const cwd = await tree(t);
    mkdirSync(path.join(cwd, 'overlays/bad'));
    writeFileSync(path.join(cwd, 'overlays/bad/config.yaml'), 'spec: [\n');
    assert.deepEqual((await load('prod', cwd)).stale, []);
    writeFileSync(path.join(cwd, 'base/gateway-service.yaml'), '# cut\n');
    const [finding] = (await load('.', path.join(cwd, 'clusters/us'))).stale;
    assert.deepEqual(finding?.details, ['../../base/gateway-service.yaml']);
    assert.match(finding?.hint ?? '', /generate \.\.\/\.\."/);
  });

  builds('as lines of JSON tells what people are told', async (t) => {
    const cwd = await tree(t);
    const world = { cwd, env: { ...env, KUBECONFIG: path.join(cwd, 'kubeconfig') } };
    const { stdout, stderr, exitCode } = await runCli(['apply', 'prod', '-o', 'json'], world);
    assert.equal(exitCode, 1);
    assert.equal(stderr, '');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; code?: string; context?: string });
    assert.deepEqual(
      events.map(({ type, code, context }) => code ?? context ?? type),
      ['here', 'cluster-unreachable'],
    );
  });

  builds('takes durations as people write them', async (t) => {
    const cwd = await tree(t);
    for (const wrong of ['0', 'soon', '-1s', '5x', '']) {
      const { exitCode, stderr } = await runCli(['apply', 'prod', `--timeout=${wrong}`], { cwd, env });
      assert.equal(exitCode, 2, wrong);
      assert.match(stderr, /--timeout/);
    }
    const argv = ['apply', 'prod', '--timeout=999h', '--kubeconfig=nowhere'];
    assert.match((await runCli(argv, { cwd, env })).stderr, /error no-kubeconfig/);
  });
});

builds('a build that hangs is ended when the time is up', async (t) => {
  const cwd = await tree(t);
  mkdirSync(path.join(cwd, 'bin'));
  writeFileSync(path.join(cwd, 'bin/kustomize'), '#!/bin/sh\nexec sleep 30\n', { mode: 0o755 });
  const started = performance.now();
  const argv = ['stop', 'prod', '--timeout=1s', '--kubeconfig=kubeconfig'];
  const PATH = [path.join(cwd, 'bin'), env.PATH].join(path.delimiter);
  const { exitCode, stderr } = await runCli(argv, { cwd, env: { ...env, PATH } });
  assert.equal(exitCode, 1);
  tells(stderr, 'error timeout', '1 s');
  assert.ok(performance.now() - started < 10_000);
});
