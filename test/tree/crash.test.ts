import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { generateIn, layer, makeFolder, minimal, put, snapshot } from './folder.ts';

const kills = Number(process.env.GLYPHOXA_KILLS || 12);
const seed = Number(process.env.GLYPHOXA_KILL_SEED || Math.floor(Math.random() * 2 ** 31));
const script = fileURLToPath(new URL('generate-for-ever.ts', import.meta.url));

const fleet = (tenants: string) =>
  `apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: prod\ntenants:\n${tenants}`;

/** Two sets of inputs whose trees differ in files that change, come and go. */
const inputs = {
  a: {
    'glyphoxa.yaml': minimal,
    'overlays/prod/config.yaml': layer('prod'),
    'tenants.yaml': fleet('  acme:\n  big: { release: moved }\n'),
  },
  b: {
    'glyphoxa.yaml': `${minimal}spec:\n  gateway:\n    replicaCount: 5\n    ports: { admin: 8888 }\n`,
    'overlays/prod/config.yaml': layer(
      'other',
      'spec:\n  core: { createNamespace: true, image: { tag: "0.1" } }\n  gateway: { replicaCount: 7 }\n  config: { campaign: { name: x } }\n',
    ),
    'tenants.yaml': fleet('  acme: { spec: { gateway: { replicaCount: 3 } } }\n  corp:\n'),
  },
};

/** Numbers from 0 to 1 that depend on a seed alone. */
function* random(from: number): Generator<number, never> {
  for (let state = from >>> 0; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

test('killed at any moment, a run leaves each file old or new, and the next one repairs the rest', async (t) => {
  t.diagnostic(`seed ${seed}: GLYPHOXA_KILL_SEED=${seed} repeats this run`);
  const root = makeFolder(t);
  for (const [name, files] of Object.entries(inputs)) {
    for (const [file, text] of Object.entries(files)) put(root, `${name}/${file}`, text);
  }
  const trees = { a: new Map<string, string>(), b: new Map<string, string>() };
  for (const name of ['a', 'b'] as const) {
    const folder = path.join(root, `whole-${name}`);
    mkdirSync(folder);
    cpSync(path.join(root, name), folder, { recursive: true });
    await generateIn(folder);
    trees[name] = snapshot(folder);
  }

  const folder = path.join(root, 'tree');
  mkdirSync(folder);
  const moments = random(seed);
  for (let kill = 0; kill < kills; kill += 1) {
    await runAndKill(folder, moments.next().value * 400);
    for (const [file, text] of snapshot(folder)) {
      if (file.endsWith('.sum') || /\.glyphoxa-tmp$|\.new$/.test(file)) continue;
      assert.ok(
        [trees.a.get(file), trees.b.get(file)].includes(text),
        `${file} is old or new after kill ${kill}`,
      );
    }
    const next = moments.next().value < 0.5 ? 'a' : 'b';
    cpSync(path.join(root, next), folder, { recursive: true });
    await generateIn(folder);
    const repaired = [...snapshot(folder)].filter(([file]) => !file.endsWith('.new'));
    assert.deepEqual(new Map(repaired), trees[next], `the tree is whole again after kill ${kill}`);
  }
});

/** Lets a process write trees for some milliseconds, and kills it. */
async function runAndKill(folder: string, ms: number): Promise<void> {
  const child = spawn(process.execPath, ['--import=tsx', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), ended]);
  assert.equal(child.exitCode, null, 'the process writes trees');
  await sleep(ms);
  child.kill('SIGKILL');
  await ended;
}
