/** The image: pushed to a real registry, and run by kustomize, by kpt and by hand in a real container runtime. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { isObject, type JsonObject } from '../../generator/model/json.ts';
import { tarOf } from '../../generator/publish/tar.ts';
import manifest from '../../package.json' with { type: 'json' };
import { buildBinaries } from '../../scripts/release/binaries.ts';
import { buildImage, imageTargets } from '../../scripts/release/image.ts';
import { pushImage } from '../../scripts/release/push-image.ts';
import { fullResource, objectsIn } from '../function/deployments.ts';
import { type Containers, startContainers } from '../support/containers.ts';
import { skipWithout } from '../support/find-tool.ts';
import { tells } from '../support/findings.ts';
import { filesIn, folderOf, makeFolder } from '../support/folder.ts';
import { functionFile } from '../support/program.ts';
import { startRegistry } from '../support/registry.ts';
import { findTool, requireTool, runTool, type ToolName } from '../support/tools.ts';

const release = makeFolder();
const layout = path.join(release, 'image');
let digest = '';
let programs: string[] = [];
before(async () => {
  programs = await buildBinaries(imageTargets, release);
  digest = await buildImage(release, programs);
});

/** The image in a registry, and a runtime that knows it; undefined where a tool is missing and the test is skipped. */
async function pushed(t: TestContext): Promise<(Containers & { readonly image: string }) | undefined> {
  const needed: ToolName[] = ['podman', 'runc', 'docker-registry'];
  const missing = needed.find((tool) => findTool(tool) === undefined);
  if (missing !== undefined) return void skipWithout(t, missing);
  inRegistry ??= push();
  return inRegistry;
}

let inRegistry: ReturnType<typeof push> | undefined;

async function push() {
  const { host } = await startRegistry();
  const image = `${host}/glyphoxa/kustomize:${manifest.version}`;
  for (const _ of ['once', 'again'])
    assert.equal(await pushImage(layout, `oci://${image}`), `oci://${image}@${digest}`);
  return { ...startContainers(host), image };
}

const annotated = (image: string, resource = fullResource, more = '') =>
  resource.replace(
    /^metadata:\n/m,
    `metadata:\n  annotations:\n    config.kubernetes.io/function: |\n      container:\n        image: ${image}\n${more}`,
  );

const withSecrets = fullResource
  .replace(
    '  vault:',
    `  gateway: {adminKey: {fromEnv: TEST_ADMIN_KEY}}
  database: {dsn: {fromFile: keys/dsn}}
  secrets: {provider: kubernetes}
  vault:`,
  )
  .replace(/ {2}gateway:\n {4}podPatch:\n.*\n.*\n/, '');

const list = (config: string) =>
  `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n${config.replaceAll(/^(?=.)/gm, '  ')}`;

test('every blob of the layout has the digest and size that names it', () => {
  const blobs = path.join(layout, 'blobs/sha256');
  const sumOf = (name: string) =>
    createHash('sha256')
      .update(readFileSync(path.join(blobs, name)))
      .digest('hex');
  for (const name of readdirSync(blobs)) assert.equal(sumOf(name), name);
  const read = (name: string) =>
    JSON.parse(readFileSync(path.join(blobs, name.replace('sha256:', '')), 'utf8'));
  const [named] = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8')).manifests;
  assert.equal(named.digest, digest);
  const index = read(digest);
  const platforms = index.manifests.map(({ platform }: JsonObject) => platform);
  assert.deepEqual(
    platforms,
    ['amd64', 'arm64'].map((architecture) => ({ architecture, os: 'linux' })),
  );
  const seen = new Set([digest]);
  for (const { digest: one } of index.manifests) {
    const { config, layers } = read(one);
    assert.equal(read(config.digest).config.User, 'nobody');
    for (const blob of [config, ...layers]) {
      assert.equal(readFileSync(path.join(blobs, blob.digest.replace('sha256:', ''))).length, blob.size);
      seen.add(blob.digest);
    }
    seen.add(one);
  }
  assert.deepEqual([...seen].map((name) => name.replace('sha256:', '')).sort(), readdirSync(blobs).sort());
});

test('two builds have one digest', async () => {
  assert.equal(await buildImage(makeFolder(), programs), digest);
});

test('any tool for layouts pushes it too, to the same digest', async (t) => {
  const oras = requireTool(t, 'oras');
  const containers = await pushed(t);
  if (oras === undefined || containers === undefined) return;
  const other = containers.image.replace('kustomize:', 'other:');
  const words = ['cp', '--from-oci-layout', `${layout}:${manifest.version}`, '--to-plain-http', other];
  const copied = await runTool(oras, words);
  assert.equal(copied.exitCode, 0, copied.stderr);
  assert.match(copied.stdout, new RegExp(`Digest: ${digest}`));
});

test('an archive is what tar reads, with names of any length that it can hold', (t) => {
  const long = `${'deep/'.repeat(25)}${'n'.repeat(90)}`;
  const entries = [
    { name: 'b', content: Buffer.from('two') },
    { name: long, content: Buffer.alloc(513, 'x'), mode: 0o755 },
    { name: 'folder' },
    { name: 'a', link: 'b' },
  ];
  const cwd = folderOf(t, { 'a.tar': tarOf(entries) });
  execFileSync('tar', ['-xf', 'a.tar'], { cwd });
  assert.equal(readFileSync(path.join(cwd, 'a'), 'utf8'), 'two');
  assert.equal(readFileSync(path.join(cwd, long)).length, 513);
  assert.deepEqual(tarOf(entries.toReversed()), tarOf(entries));
  assert.throws(() => tarOf([{ name: 'n'.repeat(101) }]), /too long/);
});

test("kustomize's own container functions run it, with --enable-alpha-plugins alone", async (t) => {
  const kustomize = requireTool(t, 'kustomize');
  const containers = await pushed(t);
  if (kustomize === undefined || containers === undefined) return;
  const cwd = folderOf(t, {
    'glyphoxa.yaml': annotated(containers.image),
    'kustomization.yaml': 'generators: [glyphoxa.yaml]\n',
  });
  const words = ['build', '--enable-alpha-plugins', '.'];
  const built = await runTool(kustomize, words, { cwd, env: containers.env });
  assert.equal(built.exitCode, 0, built.stderr);
  const byExec = folderOf(t, {
    'glyphoxa.yaml': annotated('x').replace(/container:\n +image: x/, `exec:\n        path: ${functionFile}`),
    'kustomization.yaml': 'generators: [glyphoxa.yaml]\n',
  });
  const expected = await runTool(kustomize, [...words, '--enable-exec'], { cwd: byExec });
  assert.deepEqual(objectsIn(built.stdout), objectsIn(expected.stdout));
});

test('kpt fn eval --image runs it', async (t) => {
  const kpt = requireTool(t, 'kpt');
  const containers = await pushed(t);
  if (kpt === undefined || containers === undefined) return;
  const evaluated = async (...words: string[]) => {
    const cwd = folderOf(t, { 'glyphoxa.yaml': fullResource });
    const run = await runTool(kpt, ['fn', 'eval', '.', ...words, '--fn-config', 'glyphoxa.yaml'], {
      cwd,
      env: containers.env,
    });
    assert.equal(run.exitCode, 0, run.stderr);
    return [...filesIn(cwd)];
  };
  const made = await evaluated('--image', containers.image);
  assert.ok(made.length > 10);
  assert.deepEqual(made, await evaluated('--exec', functionFile));
});

test('what a container cannot see is told as that, and is seen where it is handed over', async (t) => {
  const kustomize = requireTool(t, 'kustomize');
  const containers = await pushed(t);
  if (kustomize === undefined || containers === undefined) return;
  const cwd = folderOf(t, {
    'glyphoxa.yaml': annotated(containers.image, withSecrets),
    'kustomization.yaml': 'generators: [glyphoxa.yaml]\n',
    'keys/dsn': 'postgres://u:p@db/x\n',
  });
  chmodSync(cwd, 0o755);
  const env = { ...containers.env, TEST_ADMIN_KEY: 'canary' };
  const build = (...words: string[]) =>
    runTool(kustomize, ['build', '--enable-alpha-plugins', ...words, '.'], { cwd, env });
  const unseen = await build();
  assert.notEqual(unseen.exitCode, 0);
  assert.match(unseen.stderr, / TEST_ADMIN_KEY .*"--env TEST_ADMIN_KEY".*\bcontainer\b/);
  assert.match(unseen.stderr, /\bkeys\/dsn .*\bcontainer\b.* \/work\b/);
  assert.doesNotMatch(unseen.stderr, /canary/);
  const seen = await build('--env', 'TEST_ADMIN_KEY', '--mount', 'type=bind,src=.,dst=/work');
  assert.equal(seen.exitCode, 0, seen.stderr);
  const secret = objectsIn(seen.stdout).find(({ kind }) => kind === 'Secret');
  const data = isObject(secret?.data) ? secret.data : {};
  assert.equal(Buffer.from(String(data['admin-key']), 'base64').toString(), 'canary');
});

test('the layer of an environment alone is told as that', async (t) => {
  const containers = await pushed(t);
  if (containers === undefined) return;
  const layer = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {namespace: games}\n';
  const run = await containers.docker(
    ['run', '--rm', '-i', '--network', 'none', containers.image],
    list(layer),
  );
  assert.equal(run.exitCode, 1);
  tells(run.stderr, 'error required', 'metadata.name');
});

test('it is the command by another entrypoint, as any user, for an environment in a folder that is mounted', async (t) => {
  const containers = await pushed(t);
  if (containers === undefined) return;
  const layer =
    'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {namespace: games-of-two}\n';
  const cwd = folderOf(t, { 'glyphoxa.yaml': fullResource, 'overlays/two/config.yaml': layer });
  chmodSync(cwd, 0o755);
  const run = await containers.docker([
    ...[
      'run',
      '--rm',
      '--network',
      'none',
      '--user',
      '999',
      '--volume',
      `${cwd}:/work:ro`,
      '--workdir',
      '/work/overlays/two',
    ],
    ...['--entrypoint', 'glyphoxa-kustomize', containers.image, 'build'],
  ]);
  assert.equal(run.exitCode, 0, run.stderr);
  assert.ok(
    objectsIn(run.stdout).some(({ metadata }) => isObject(metadata) && metadata.namespace === 'games-of-two'),
  );
});

test('its arm64 half starts with the C library that is in it', async (t) => {
  const qemu = requireTool(t, 'qemu-arm64');
  const containers = await pushed(t);
  if (qemu === undefined || containers === undefined) return;
  const { docker, image } = containers;
  await docker(['pull', '--quiet', '--arch', 'arm64', image]);
  const created = await docker(['create', '--arch', 'arm64', image]);
  const cwd = folderOf(t, {});
  const tar = path.join(cwd, 'image.tar');
  const exported = await docker(['export', '--output', tar, created.stdout.trim().split('\n').at(-1) ?? '']);
  assert.equal(exported.exitCode, 0, exported.stderr);
  const root = path.join(cwd, 'root');
  const mounts = 'mkdir -p root/proc root/dev && mount -t proc proc root/proc && mount --bind /dev root/dev';
  execFileSync('sh', ['-ec', 'mkdir root && tar -xf image.tar -C root && rm image.tar'], { cwd });
  cpSync(qemu, path.join(root, 'qemu'));
  const script = `${mounts} && exec chroot root /qemu /usr/local/bin/glyphoxa-kustomize --version`;
  const run = await runTool('unshare', ['--mount', 'sh', '-ec', script], { cwd });
  assert.deepEqual([run.stdout, run.exitCode], [`${manifest.version}\n`, 0], run.stderr);
});
