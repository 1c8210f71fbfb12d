/** The two ways of the README, followed as they are written: from an empty folder to a deployment that runs. */
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '../../generator/model/yaml.ts';
import { serveRepository } from '../support/charts.ts';
import { waitFor } from '../support/cluster.ts';
import {
  allComponents,
  type ControlPlane,
  requireControlPlane,
  startControlPlane,
} from '../support/control-plane.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { charts, playOperator } from '../support/infrastructure.ts';
import { programWords } from '../support/program.ts';
import { findTool, requireTool, runTool } from '../support/tools.ts';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

/** The commands below a heading of the README. */
function commandsBelow(heading: string): string[] {
  const [, section = ''] = readme.split(`## ${heading}\n`);
  const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
  return block.trimEnd().split('\n');
}

/** The programs of a reader; helm finds the charts of the internet on loopback. */
function programs(t: TestContext, repository?: string): string {
  const bin = folderOf(t, {});
  const script = (name: string, text: string) => {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(bin, name), 0o755);
  };
  script('glyphoxa-kustomize', `exec ${programWords} "$@"`);
  symlinkSync(findTool('kubectl-1.36') as string, path.join(bin, 'kubectl'));
  if (repository !== undefined) {
    const here = `word=$(printf %s "$word" | sed 's#https://cloudnative-pg.github.io/charts#${repository}#')`;
    script(
      'helm',
      `for word do shift; ${here}; set -- "$@" "$word"; done\nexec '${findTool('helm-3')}' "$@"`,
    );
  }
  return bin;
}

/** Follows commands in a shell; `cd` leads on. */
async function follow(
  lines: readonly string[],
  home: string,
  env: Record<string, string>,
): Promise<{ cwd: string; said: Map<string, string> }> {
  let cwd = home;
  const said = new Map<string, string>();
  for (const line of lines) {
    const [, folder] = /^cd (\w+)$/.exec(line) ?? [];
    if (folder !== undefined) {
      cwd = path.join(cwd, folder);
      continue;
    }
    const { exitCode, stdout, stderr } = await runTool('/bin/sh', ['-euc', line], {
      cwd,
      env,
      timeout: 300_000,
    });
    assert.equal(exitCode, 0, `${line}\n${stdout}\n${stderr}`);
    said.set(line, stdout + stderr);
  }
  return { cwd, said };
}

/** CloudNativePG makes this Secret of a Cluster; the tests' stand-in only says that the database is there. */
async function makeDatabaseSecret({ request }: ControlPlane): Promise<void> {
  const secret = {
    metadata: { name: 'glyphoxa-postgresql-app' },
    stringData: { uri: 'postgres://u:p@db/x' },
  };
  const cluster = '/apis/postgresql.cnpg.io/v1/namespaces/glyphoxa/clusters/glyphoxa-postgresql';
  await waitFor('the database', async () =>
    (await request('GET', cluster)).status === 200 ? true : undefined,
  );
  assert.equal((await request('POST', '/api/v1/namespaces/glyphoxa/secrets', secret)).status, 201);
}

describe('the first minute', () => {
  it('with one box: from an empty folder to a deployment that runs, the database beside it', async (t) => {
    if (
      !requireControlPlane(t, allComponents) ||
      !requireTool(t, 'helm-3') ||
      !requireTool(t, 'kubectl-1.36')
    )
      return;
    const [repository, plane] = await Promise.all([
      serveRepository(charts),
      startControlPlane({ components: allComponents }),
    ]);
    const operator = playOperator(plane);
    t.after(async () => {
      await operator.stop();
      await Promise.all([repository.close(), plane.stop()]);
    });
    const home = folderOf(t, {});
    const env = {
      PATH: `${programs(t, repository.url)}:/usr/bin:/bin`,
      HOME: home,
      KUBECONFIG: plane.kubeconfig,
    };
    const isMade = makeDatabaseSecret(plane);
    const { cwd, said } = await follow(commandsBelow('I have one box'), home, env);
    await isMade;
    assert.deepEqual(
      [...said.keys()].map((line) => line.split(' ')[1]),
      ['init', 'secrets', 'apply', 'status'],
    );
    const status = said.get('glyphoxa-kustomize status production') ?? '';
    assert.match(status, /^glyphoxa-gateway .* 1\/1 /m);
    assert.match(status, /^glyphoxa-mcp-gateway .* 1\/1 /m);
    const [, key = ''] =
      /^admin-key=(.+)$/m.exec(filesIn(cwd).get('overlays/production/secrets.env') ?? '') ?? [];
    assert.ok(key.length > 30);
    for (const [line, words] of said) assert.ok(!words.includes(key), `${line} shows the admin key`);
  });

  it('with Argo CD or Flux: a repository whose overlays any kustomize builds, with nothing secret in it', async (t) => {
    if (!requireTool(t, 'kubectl-1.36')) return;
    const home = folderOf(t, {});
    const { cwd, said } = await follow(commandsBelow('I have Argo CD or Flux'), home, {
      PATH: `${programs(t)}:/usr/bin:/bin`,
      HOME: home,
    });
    const objects = parseYaml(said.get('kubectl kustomize overlays/production') ?? '') as { kind: string }[];
    const kinds = new Set(objects.map(({ kind }) => kind));
    for (const kind of ['Deployment', 'NetworkPolicy', 'Service', 'ConfigMap'])
      assert.ok(kinds.has(kind), kind);
    assert.ok(!kinds.has('Glyphoxa'), 'no plugin is asked for');
    const tracked = await runTool('git', ['ls-files'], { cwd, env: { HOME: home } });
    assert.match(tracked.stdout, /^overlays\/production\/kustomization.yaml$/m);
    assert.doesNotMatch(tracked.stdout, /secrets\.env/);
    const check = await runTool('/bin/sh', ['-euc', `${programWords} generate --check`], { cwd });
    assert.equal(check.exitCode, 0, check.stderr);
  });
});
