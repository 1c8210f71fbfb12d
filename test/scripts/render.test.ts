import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { runTool } from '../support/tools.ts';

/** A program that tells a version, and says what it was asked to build. */
const program = (version: string) => `#!/bin/sh
case "$1" in
  version) echo '${version}' ;;
  *) echo "args: $*"; echo "plugins: $KUSTOMIZE_PLUGIN_HOME"; exit 3 ;;
esac
`;

/** Renders with only these programs on the PATH and an empty tool cache, which cannot be filled. */
async function render(t: TestContext, programs: Record<string, string>) {
  const dir = await mkdtemp(join(tmpdir(), 'render-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await cp('scripts', join(dir, 'scripts'), { recursive: true });
  await mkdir(join(dir, 'bin'));
  for (const [name, version] of Object.entries(programs)) {
    await writeFile(join(dir, 'bin', name), program(version), { mode: 0o755 });
  }
  const cache = join(dir, 'no-folder');
  await writeFile(cache, '');
  const env = { PATH: join(dir, 'bin'), GLYPHOXA_TOOLS_DIR: cache };
  return { dir, ...(await runTool(process.execPath, [join(dir, 'scripts/render.mjs')], { env })) };
}

const old = '{Version:kustomize/v4.5.3 GitCommit:de6b9784912a5c1df309e6ae9152b962be4eba47}';
const oldest = '{Version:kustomize/v4.5.4 GitCommit:cf3a452ddd6f83945d39d582243b8592ec627ae3}';

it('renders with the kustomize on the PATH, and ends as it does', async (t) => {
  const { dir, stdout, stderr, exitCode } = await render(t, { kustomize: oldest, kubectl: 'v1.36.3' });
  assert.equal(stdout, `args: build --enable-alpha-plugins ${dir}/\nplugins: ${dir}/generator/plugin\n`);
  assert.equal(stderr, 'rendered by kustomize 4.5.4\n');
  assert.equal(exitCode, 3);
});

it('renders with kubectl where kustomize is too old', async (t) => {
  const { dir, stdout, stderr } = await render(t, { kustomize: old, kubectl: 'Client Version: v1.27.1' });
  assert.match(stdout, new RegExp(`^args: kustomize --enable-alpha-plugins ${dir}/\n`));
  assert.equal(
    stderr,
    'kustomize on the PATH is 4.5.3; at least 4.5.4 is needed\nrendered by kubectl 1.27.1\n',
  );
});

it('says what to install where nothing can render', async (t) => {
  const { stdout, stderr, exitCode } = await render(t, { kubectl: 'Client Version: v1.26.9' });
  assert.equal(stdout, '');
  assert.match(stderr, /\bkubectl .* 1.26.9; .*\b1.27.0\b/);
  assert.match(stderr, /\bkubectl-1.36 .*: /);
  assert.match(stderr, /\bkustomize 4.5.4 .*\bkubectl 1.27 /);
  assert.equal(exitCode, 1);
});
