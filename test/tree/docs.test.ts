import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '../../generator/model/yaml.ts';
import { programWords } from '../support/program.ts';
import { findTool, requireKustomizers, runTool } from '../support/tools.ts';
import { makeFolder, put } from './folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Block {
  readonly language: string;
  readonly text: string;
  /** Whether the block needs a cluster, by the comment above it. */
  readonly needsCluster: boolean;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(path.join(root, 'docs', page), 'utf8');
  return [...text.matchAll(/(<!-- cluster -->\n)?```(\w+)\n(.*?)```/gs)].map(
    ([, cluster, language = '', body = '']) => {
      return { language, text: body, needsCluster: cluster !== undefined };
    },
  );
}

/** A folder of programs as a reader has them: this tool, kustomize and kubectl. */
function programs(t: TestContext): string {
  const folder = makeFolder(t);
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  put(bin, 'glyphoxa-kustomize', `#!/bin/sh\nexec ${programWords} "$@"\n`);
  chmodSync(path.join(bin, 'glyphoxa-kustomize'), 0o755);
  symlinkSync(findTool('kustomize') as string, path.join(bin, 'kustomize'));
  symlinkSync(findTool('kubectl-1.36') as string, path.join(bin, 'kubectl'));
  return bin;
}

for (const page of ['customising.md', 'gitops.md']) {
  test(`docs/${page}: files and commands work as written, in their order`, async (t) => {
    if (requireKustomizers(t) === undefined) return;
    const cwd = makeFolder(t);
    const env = { PATH: `${programs(t)}:/usr/bin:/bin` };
    let commands = 0;
    for (const { language, text, needsCluster } of blocksOf(page)) {
      if (language === 'yaml') {
        const [, file] = /^# ([\w./-]+\.yaml)\n/.exec(text) ?? [];
        assert.ok(file !== undefined, `a YAML block names its file: ${text.slice(0, 60)}`);
        assert.equal(parseYaml(text).length, 1);
        put(cwd, file, text);
      } else if (language === 'sh' && !needsCluster) {
        const { exitCode, stdout, stderr } = await runTool('/bin/sh', ['-euc', text], { cwd, env });
        assert.equal(exitCode, 0, `${text}\n${stdout}\n${stderr}`);
        commands += 1;
      }
    }
    assert.ok(commands > 2);
  });
}
