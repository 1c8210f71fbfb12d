import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { selfSigned } from '../support/certificate.ts';
import { serveRepository, standIn } from '../support/charts.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { programWords } from '../support/program.ts';
import { startProblems } from '../support/program-start.ts';
import { findTool, requireTool, runTool } from '../support/tools.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The fenced blocks of a page, but those that need a cluster. */
function blocksOf(page: string): { language: string; text: string }[] {
  const text = readFileSync(path.join(root, 'docs', page), 'utf8');
  return [...text.matchAll(/(<!-- cluster -->\n)?```(\w+)\n([\s\S]*?)```/g)]
    .filter(([, cluster]) => cluster === undefined)
    .map(([, , language = '', body = '']) => ({ language, text: body }));
}

/** A folder of programs as a reader has them; helm finds the charts of the documentation on loopback. */
async function programs(t: TestContext): Promise<string> {
  const charts = ['cloudnative-pg:0.29.0', 'cluster:0.8.1', 'sealed-secrets:2.19.1'].map((chart) => {
    const [name, version] = chart.split(':') as ['cluster', string];
    return standIn(name, version);
  });
  const server = await serveRepository(charts);
  t.after(() => server.close());
  const bin = folderOf(t, {});
  const script = (name: string, text: string) => {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(bin, name), 0o755);
  };
  script('glyphoxa-kustomize', `exec ${programWords} "$@"`);
  const here = `case "$word" in https://*/charts|https://*/sealed-secrets) word='${server.url}';; esac`;
  const renamed = `for word do shift; ${here}; set -- "$@" "$word"; done`;
  script('helm', `${renamed}\nexec '${findTool('helm-3')}' "$@"`);
  symlinkSync(findTool('kustomize') ?? '', path.join(bin, 'kustomize'));
  symlinkSync(process.execPath, path.join(bin, 'node'));
  return bin;
}

/** Values that the reader of getting-started fills in where its fourth step asks for it. */
const written: { readonly [key: string]: string } = {
  'database-dsn': 'postgres://u:p%40ss@db.example.com/glyphoxa',
  'openai-api-key': 'sk-1',
  'deepgram-api-key': 'deep: gram',
  'elevenlabs-api-key': '"eleven"',
};

test('docs/getting-started.md: followed as written in an empty folder, it ends in a program that starts', async (t) => {
  const kustomize = requireTool(t, 'kustomize');
  if (kustomize === undefined) return;
  const home = folderOf(t, {});
  const bin = folderOf(t, {});
  // what "npm install --global" puts there
  const launcher = `#!/bin/sh\nexec ${programWords} "$@"\n`;
  writeFileSync(path.join(bin, 'glyphoxa-kustomize'), launcher, { mode: 0o755 });
  writeFileSync(path.join(bin, 'npm'), '#!/bin/sh\n', { mode: 0o755 });
  const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: home };
  const before = statSync(path.join(root, 'glyphoxa.yaml')).mtimeMs;
  let cwd = home;
  let commands = 0;
  for (const { language, text } of blocksOf('getting-started.md')) {
    if (language === 'yaml') {
      const [, file = ''] = /^# ([\w/.-]+\.yaml)\n/.exec(text) ?? [];
      assert.ok(file !== '' && filesIn(cwd).has(file), `init has not begun ${file}`);
      writeFileSync(path.join(cwd, file), text);
    } else if (language === 'sh') {
      const { exitCode, stdout, stderr } = await runTool('/bin/sh', ['-euc', text], { cwd, env });
      assert.equal(exitCode, 0, `${text}\n${stdout}\n${stderr}`);
      assert.doesNotMatch(`${stdout}${stderr}`, /(?:^|: )(?:error|warning) [a-z-]+: /m, text);
      commands += 1;
      cwd = path.resolve(cwd, /^cd (\w+)$/m.exec(text)?.[1] ?? '.');
      const file = path.join(cwd, 'overlays/production/secrets.env');
      if (!text.startsWith('glyphoxa-kustomize secrets init production\n') || text.includes('status'))
        continue;
      const filled = Object.entries(written).reduce(
        (lines, [key, value]) => lines.replace(`\n${key}=\n`, `\n${key}=${value}\n`),
        readFileSync(file, 'utf8'),
      );
      writeFileSync(file, filled);
    }
  }
  assert.ok(commands >= 6);
  assert.equal(statSync(path.join(root, 'glyphoxa.yaml')).mtimeMs, before, 'the clone is left alone');
  const built = await runTool(kustomize, ['build', path.join(cwd, 'overlays/production')]);
  const objects = parseYaml(built.stdout) as KubernetesObject[];
  const { data = {} } = objects.find(({ kind }) => kind === 'Secret') as unknown as {
    data?: { [key: string]: string };
  };
  const values = new Map(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
  assert.equal(values.get('database-dsn'), written['database-dsn']);
  assert.match(values.get('admin-key') ?? '', /^[\w-]{43}$/);
  const template = objects.find(({ metadata }) => metadata.name === 'glyphoxa-worker-job-template');
  const job = JSON.stringify(template);
  const variables = ['OPENAI_API_KEY'].filter((name) => job.includes(name) && values.has('openai-api-key'));
  assert.deepEqual(startProblems(values.get('config.yaml') ?? '', variables), []);
  assert.deepEqual(startProblems('providers: {llm: {name: openai}, stt: {name: deepgram}}', []).length, 3);
});

for (const page of ['secrets.md', 'database.md']) {
  test(`docs/${page}: files and commands work as written, in their order`, async (t) => {
    if (!requireTool(t, 'kustomize') || !requireTool(t, 'helm-3')) return;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const cwd = folderOf(t, { 'sealing.pem': selfSigned({ privateKey }) });
    const env = { PATH: `${await programs(t)}:/usr/bin:/bin` };
    let commands = 0;
    for (const { language, text } of blocksOf(page)) {
      if (language === 'yaml') {
        const [, file = ''] = /^# ([\w./-]+\.yaml)\n/.exec(text) ?? [];
        assert.notEqual(file, '', `a YAML block names its file: ${text.slice(0, 60)}`);
        assert.equal(parseYaml(text).length, 1);
        mkdirSync(path.dirname(path.join(cwd, file)), { recursive: true });
        writeFileSync(path.join(cwd, file), text);
        continue;
      }
      // Values that the page tells the reader to fill in.
      const local = path.join(cwd, 'overlays/production/secrets.env');
      if (filesIn(cwd).has('overlays/production/secrets.env')) {
        const filled = readFileSync(local, 'utf8').replace(
          /^database-dsn=$/m,
          'database-dsn=postgres://db/x',
        );
        writeFileSync(local, filled);
      }
      const { exitCode, stdout, stderr } = await runTool('/bin/sh', ['-euc', text], { cwd, env });
      // Before everything is filled in, the status says so by its exit code.
      const isStatus = /glyphoxa-kustomize secrets status production\n$/.test(text);
      assert.ok(exitCode === 0 || (isStatus && exitCode === 1), `${text}\n${stdout}\n${stderr}`);
      commands += 1;
    }
    assert.ok(commands > 3);
  });
}

test('the password that the page draws is for its owner alone, and fits both keys', async (t) => {
  const cwd = folderOf(t, {});
  const draw = blocksOf('database.md').find(({ text }) => text.includes('/dev/urandom'));
  const { exitCode } = await runTool('/bin/sh', ['-euc', draw?.text ?? 'exit 9'], { cwd });
  assert.equal(exitCode, 0);
  assert.match(
    filesIn(cwd).get('postgresql/secrets.env') ?? '',
    /^postgres-password=([\w-]{32})\npassword=\1\n$/,
  );
});
