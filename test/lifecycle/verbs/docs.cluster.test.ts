/**
 * The pages about the lifecycle, as a reader follows them on a cluster: marked blocks are run in their order, and
 * what a page shows of the output is there.
 *
 *     <!-- run -->          the next block is run, and ends with 0; with another number, with that
 *     <!-- setup … -->      lines of a shell that readers have no use for
 *     <!-- session ID -->   a voice session of that id begins here
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireCluster, testCluster } from '../../support/cluster.ts';
import { folderOf } from '../../support/folder.ts';
import { type Deployment, makeDeployment, secretValues } from '../../support/lifecycle.ts';
import { programWords } from '../../support/program.ts';
import { findTool, requireKustomizers, runTool } from '../../support/tools.ts';
import { startSession } from '../../support/voice-session.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What a page has for the test, in its order. */
type Step =
  | { readonly kind: 'session'; readonly id: string }
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | {
      readonly kind: 'run';
      readonly language: string;
      readonly text: string;
      readonly code: number;
    };

function stepsOf(page: string): Step[] {
  const text = readFileSync(path.join(root, 'docs', page), 'utf8');
  const marks =
    /<!-- session (\S+) -->|<!-- setup\n(.*?)-->|<!-- run(?: (\d+))? -->\n```(\w+)\n(.*?)```|```yaml\n(.*?)```/gs;
  return [...text.matchAll(marks)].map(([, session, setup, code, language = '', block = '', yaml]): Step => {
    if (session !== undefined) return { kind: 'session', id: session };
    if (setup !== undefined) return { kind: 'run', language: 'sh', text: setup, code: 0 };
    if (yaml !== undefined) {
      const [, name] = /^# ([\w./-]+\.yaml)\n/.exec(yaml) ?? [];
      assert.ok(name !== undefined, `a YAML block names its file: ${yaml.slice(0, 60)}`);
      return { kind: 'file', name, text: yaml };
    }
    return { kind: 'run', language, text: block, code: Number(code ?? 0) };
  });
}

/** A reader: a tree, the programs, and a kubeconfig whose context has the name that the pages give it. */
async function makeReader(t: TestContext, { secret }: { secret: boolean }) {
  const of = await makeDeployment(t, await testCluster(), { secret });
  const folder = folderOf(t, { 'glyphoxa.yaml': readFileSync(path.join(of.folder, 'glyphoxa.yaml')) });
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'glyphoxa-kustomize'), `#!/bin/sh\nexec ${programWords} "$@"\n`);
  chmodSync(path.join(bin, 'glyphoxa-kustomize'), 0o755);
  symlinkSync(findTool('kustomize') as string, path.join(bin, 'kustomize'));
  symlinkSync(findTool('kubectl-1.36') as string, path.join(bin, 'kubectl'));
  const kubeconfig = JSON.parse(readFileSync(of.cluster.kubeconfig, 'utf8'));
  kubeconfig['current-context'] = 'production-eu';
  kubeconfig.contexts[0].name = 'production-eu';
  kubeconfig.contexts[0].context.namespace = of.namespace;
  writeFileSync(path.join(folder, 'kubeconfig'), JSON.stringify(kubeconfig), { mode: 0o600 });
  const env = { PATH: `${bin}:/usr/bin:/bin`, KUBECONFIG: path.join(folder, 'kubeconfig') };
  const shell = (script: string) => runTool('/bin/sh', ['-uc', script], { cwd: folder, env });
  return { of, folder, shell };
}

/** What differs from run to run, made the same: names, numbers, widths. */
function masked(line: string, { namespace, cluster }: Deployment): string {
  return line
    .replaceAll(namespace, 'glyphoxa')
    .replaceAll(cluster.server, 'https://eu.example.com:6443')
    .replace(/(glyphoxa-(?:mcp-)?gateway)-[a-z0-9]{6,10}-[a-z0-9]{5}\b/g, '$1-POD')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d+(?:s|m| min)\b/g, 'AGE')
    .replace(/\s+/g, ' ')
    .trim();
}

async function follow(page: string, reader: Awaited<ReturnType<typeof makeReader>>): Promise<number> {
  const { of, folder, shell } = reader;
  let runs = 0;
  for (const step of stepsOf(page)) {
    if (step.kind === 'session') await startSession(of, step.id);
    else if (step.kind === 'file') {
      const file = path.join(folder, step.name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, step.text.replace('namespace: glyphoxa', `namespace: ${of.namespace}`));
    } else {
      const [first = '', ...shown] = step.text.trimEnd().split('\n');
      const script =
        step.language === 'console' ? `exec 2>&1; ${first.replace(/^\$ /, '')}` : `set -e\n${step.text}`;
      const { exitCode, stdout, stderr } = await shell(script);
      const said = `${page}: ${step.text}\n--\n${stdout}${stderr}`;
      assert.equal(exitCode, step.code, said);
      for (const value of Object.values(secretValues)) assert.ok(!said.includes(value));
      const lines = new Set(stdout.split('\n').map((line) => masked(line, of)));
      if (step.language === 'console')
        for (const line of shown.filter((each) => !/^\s*…$/.test(each)))
          assert.ok(lines.has(masked(line, of)), `it did not say: ${line}\n${said}`);
      runs += 1;
    }
  }
  return runs;
}

/** In the order of the life that they tell of. */
const life = ['README', 'apply', 'status', 'infrastructure', 'stop', 'start', 'restart', 'diff', 'destroy'];

it('every page about the lifecycle is among those that are followed', () => {
  const pages = readdirSync(path.join(root, 'docs', 'lifecycle')).map((file) => path.basename(file, '.md'));
  assert.deepEqual(life.toSorted(), pages.sort());
});

// Most of the time goes by in waiting for rollouts.
describe('docs/', { concurrency: true }, () => {
  it('lifecycle: what the pages show is what a cluster answers', async (t) => {
    if (!requireCluster(t) || requireKustomizers(t) === undefined) return;
    const reader = await makeReader(t, { secret: false });
    let runs = 0;
    for (const page of life) runs += await follow(path.join('lifecycle', `${page}.md`), reader);
    assert.ok(runs > 15, `${runs} blocks`);
  });

  it('operations.md: commands work as written, in their order', async (t) => {
    if (!requireCluster(t) || requireKustomizers(t) === undefined) return;
    const reader = await makeReader(t, { secret: true });
    assert.ok((await follow('operations.md', reader)) > 4);
  });
});
