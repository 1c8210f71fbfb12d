/** Environments published to a real registry, and pulled by what controllers pull with. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Ran, runInProcess } from '../support/fake-io.ts';
import { skipWithout } from '../support/find-tool.ts';
import { tells } from '../support/findings.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { findTool, requireKustomize, requireTool, runTool, type ToolName } from '../support/tools.ts';
import { get, layer, put } from '../tree/folder.ts';
import { commit, git, publish, repository } from './repository.ts';

let started: Promise<Registry> | undefined;

/** The address of a repository of its own in the registry of this file; undefined where a tool is missing. */
async function address(t: TestContext, tag = ':prod'): Promise<string | undefined> {
  const needed: ToolName[] = ['docker-registry', 'oras', 'flux-oci', 'kustomize'];
  const missing = needed.find((tool) => findTool(tool) === undefined);
  if (missing !== undefined) return void skipWithout(t, missing);
  started ??= startRegistry();
  const name = t.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60);
  return `oci://${(await started).host}/deploy/${name}x${tag}`;
}

const plain = (place: string) => place.replace('oci://', '');

const asJson = ['-o', 'json'];

/** What a publication of {@link asJson} says that it did. */
function outcome({ stdout, stderr, exitCode }: Ran) {
  assert.equal(exitCode, 0, stderr);
  const { reference, sent, moved } = JSON.parse(stdout);
  return { reference, sent, moved };
}

/** Pulls as Flux does, and as somebody with oras does. */
async function pulled(t: TestContext, place: string) {
  const byFlux = folderOf(t, {});
  const flux = await runTool(findTool('flux-oci') as string, [plain(place), byFlux]);
  assert.equal(flux.exitCode, 0, flux.stderr);
  const byOras = folderOf(t, {});
  const oras = await runTool(findTool('oras') as string, [
    'pull',
    '--plain-http',
    plain(place),
    '-o',
    byOras,
  ]);
  assert.equal(oras.exitCode, 0, oras.stderr);
  assert.deepEqual(filesIn(byOras), filesIn(byFlux));
  return { folder: byFlux, metadata: JSON.parse(flux.stdout) };
}

async function manifestOf(place: string) {
  const words = ['manifest', 'fetch', '--plain-http', plain(place)];
  const { stdout } = await runTool(findTool('oras') as string, words);
  return JSON.parse(stdout);
}

for (const [what, words, folderIn] of [
  ['a tree', [], 'overlays/prod'],
  ['objects', ['--rendered'], '.'],
] as const) {
  test(`${what} that Flux and oras pull build to what the environment builds to`, async (t) => {
    const kustomize = requireKustomize(t);
    const place = await address(t);
    if (kustomize === undefined || place === undefined) return;
    const folder = await repository({
      'overlays/prod/config.yaml': layer(
        'prod',
        'spec: {gateway: {replicaCount: 3}, autoscaling: {enabled: false}}\n',
      ),
      'overlays/staging/config.yaml': layer('staging'),
    });
    put(folder, 'overlays/prod/extra/kustomization.yaml', 'resources: [more.yaml]\n');
    put(folder, 'overlays/prod/extra/more.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n');
    put(folder, 'overlays/prod/notes.txt', 'of the generator\n');
    put(folder, 'overlays/prod/unused.yaml', 'kind: Nothing\n');
    put(
      folder,
      'overlays/prod/kustomization.yaml',
      `${get(folder, 'overlays/prod/kustomization.yaml').replace('resources:\n', 'resources:\n- extra\n')}configMapGenerator:\n- {name: notes, files: [text=notes.txt]}\n`,
    );
    commit(folder);
    const ran = await publish(folder, place, [...words, '-o', 'json']);
    assert.equal(ran.exitCode, 0, ran.stderr);
    const told = JSON.parse(ran.stdout);
    assert.deepEqual([told.path, told.sent, told.moved], [folderIn, true, true]);
    const { folder: got, metadata } = await pulled(t, place);
    assert.deepEqual([...filesIn(got).keys()], told.files);
    assert.ok(told.files.every((file: string) => !/staging|unused|config\.yaml|glyphoxa\.yaml/.test(file)));
    const here = await kustomize.build(path.join(folder, 'overlays/prod'));
    const there = await kustomize.build(path.join(got, folderIn));
    assert.deepEqual([there.stdout, there.exitCode], [here.stdout, 0], there.stderr);
    assert.match(here.stdout, /name: more/);
    assert.equal(metadata.digest, `${plain(place).replace(/:prod$/, '')}@${told.digest}`);
    assert.deepEqual(
      [metadata.created, metadata.source_url, metadata.source_revision],
      [
        '2026-01-02T01:04:05Z',
        'https://git.example.com/team/deploy.git',
        `sha1:${git(folder, 'rev-parse', 'HEAD').trim()}`,
      ],
    );
  });
}

test('it has the form that Argo CD takes: one content layer, of the type that it allows', async (t) => {
  const place = await address(t);
  if (place === undefined) return;
  await publish(await repository(), place);
  const { layers, config } = await manifestOf(place);
  assert.deepEqual(
    layers.map(({ mediaType }: { mediaType: string }) => mediaType),
    ['application/vnd.oci.image.layer.v1.tar+gzip'],
  );
  assert.equal(config.mediaType, 'application/vnd.cncf.flux.config.v1+json');
});

test('the same commit has the same digest in every clone, and nothing is sent twice', async (t) => {
  const place = await address(t);
  if (place === undefined) return;
  const folder = await repository();
  const first = await publish(folder, place);
  const clone = path.join(folderOf(t, {}), 'elsewhere');
  git(folder, 'clone', '--quiet', folder, clone);
  git(clone, 'remote', 'set-url', 'origin', 'https://other:secret@git.example.com/team/deploy.git');
  const second = outcome(await publish(clone, place, asJson));
  assert.deepEqual(second, { reference: first.stdout.trim(), sent: false, moved: false });
  const argv = ['publish', 'prod', place, '--dry-run'];
  const env = { PATH: process.env.PATH };
  assert.equal((await runInProcess(argv, { cwd: clone, env })).stdout, first.stdout);
  const tagged = outcome(await publish(clone, place.replace(':prod', ':stable'), asJson));
  assert.deepEqual([tagged.sent, tagged.moved], [false, true]);
  assert.deepEqual(await manifestOf(place.replace(':prod', ':stable')), await manifestOf(place));
});

test('a commit that goes back moves the tag back', async (t) => {
  const place = await address(t);
  if (place === undefined) return;
  const folder = await repository();
  const first = await publish(folder, place);
  commit(folder);
  const second = await publish(folder, place);
  assert.notEqual(second.stdout, first.stdout);
  git(folder, 'checkout', '--quiet', 'HEAD~1');
  const third = outcome(await publish(folder, place, asJson));
  assert.deepEqual([third.reference, third.moved], [first.stdout.trim(), true]);
});

test('a dry run sends nothing and needs no registry', async () => {
  const folder = await repository();
  const ran = await publish(folder, 'oci://127.0.0.1:9/deploy/glyphoxa', ['--dry-run']);
  assert.equal(ran.exitCode, 0, ran.stderr);
  assert.match(ran.stdout, /^oci:\/\/127\.0\.0\.1:9\/deploy\/glyphoxa:latest@sha256:[0-9a-f]{64}\n$/);
});

/** Of the user `deployer` with the password `canary-password`, as Apache's htpasswd writes it. */
const users = 'deployer:$2b$05$abcdefghijklmnopqrstuuTvmw3qcMpAvEgQGhbFMhqjD3R/evDDW\n';

test('credentials come from docker’s configuration and from helpers, and are never shown', async (t) => {
  if (requireTool(t, 'docker-registry') === undefined) return;
  const { host } = await startRegistry({ users });
  const folder = await repository();
  const place = `oci://${host}/deploy/glyphoxa:prod`;
  const auth = (password: string) => Buffer.from(`deployer:${password}`).toString('base64');
  const configs = folderOf(t, {});
  const helper = (name: string, script: string) =>
    put(configs, `bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`);
  const answer = '{"Username":"deployer","Secret":"canary-password"}';
  helper('good', `grep -q '^${host}$' && echo '${answer}'`);
  helper('empty', 'echo credentials not found in native keychain; exit 1');
  helper('broken', 'echo canary-helper; echo canary-helper >&2; exit 3');
  helper('odd', 'echo canary-helper');
  await runTool('chmod', ['-R', '+x', path.join(configs, 'bin')]);
  const cases: [config: object, expected: [code: string, ...names: string[]] | undefined][] = [
    [{ auths: { [host]: { auth: auth('canary-password') } } }, undefined],
    [{ credHelpers: { [host]: 'good' } }, undefined],
    [{ credsStore: 'good', auths: { [host]: {} } }, undefined],
    [{ credsStore: 'empty' }, ['login', host]],
    [{ auths: { [host]: { auth: auth('canary-expired') } } }, ['login', `docker login ${host}`]],
    [{}, ['login', host]],
    [{ auths: { 'other.example.com': { auth: auth('canary-password') } } }, ['login', host]],
    [{ credsStore: 'broken' }, ['credentials', 'docker-credential-broken']],
    [{ credsStore: 'odd' }, ['credentials', 'docker-credential-odd']],
    [{ credsStore: 'missing' }, ['credentials', 'docker-credential-missing', 'PATH']],
    [{ credsStore: '../bin/evil' }, ['credentials']],
    [{ auths: { [host]: { auth: 'canary' } } }, ['credentials', 'config.json', 'docker login']],
  ];
  for (const [config, expected] of cases) {
    put(configs, 'config.json', JSON.stringify(config));
    const env = { DOCKER_CONFIG: configs, PATH: `${path.join(configs, 'bin')}:${process.env.PATH}` };
    const ran = await publish(folder, place, [], env);
    assert.equal(ran.exitCode, expected === undefined ? 0 : 1, `${JSON.stringify(config)}\n${ran.stderr}`);
    if (expected !== undefined) tells(ran.stderr, `error registry-${expected[0]}`, ...expected.slice(1));
    assert.doesNotMatch(ran.stdout + ran.stderr, /canary/);
    commit(folder);
  }
  put(configs, 'config.json', '{"canary');
  const ran = await publish(folder, place, [], { DOCKER_CONFIG: configs });
  tells(ran.stderr, 'error registry-credentials', 'config.json', 'JSON');
  assert.doesNotMatch(ran.stderr, /canary/);
});
