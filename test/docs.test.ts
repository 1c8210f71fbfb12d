/** The documentation says what the program does: commands, examples, links. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Command, CommanderError } from 'commander';
import { newContext } from '../generator/cli/context.ts';
import { createProgram } from '../generator/cli/main.ts';
import { hasErrors } from '../generator/model/finding.ts';
import { readYaml } from '../generator/model/yaml.ts';
import { validate } from '../generator/objects/build.ts';
import { fakeIo, runCli } from './support/fake-io.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...(readdirSync(path.join(root, 'docs'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
].sort();
const textOf = (page: string) => readFileSync(path.join(root, page), 'utf8');
const readme = textOf('README.md');

/** The commands that do something, with the words that call them. */
function leaves(command: Command, words: readonly string[] = []): { words: string; command: Command }[] {
  const called = [...words, command.name()];
  if (command.commands.length === 0) return [{ words: called.join(' '), command }];
  return command.commands.flatMap((child) => leaves(child, called));
}

const program = () => createProgram(newContext(fakeIo().io));
const commands = leaves(program());

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const blocks: Block[] = pages.flatMap((page) =>
  [...textOf(page).matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```/gm)].map(([, , language = '', text = '']) => ({
    page,
    language,
    text,
  })),
);

test('the README lists every command of the help, and no other', () => {
  const listed = [...readme.matchAll(/^\| `(glyphoxa-kustomize [\w -]+)` \| (.*) \|$/gm)];
  const inReadme = listed.map(([, words, summary]) => `${words}: ${summary}`);
  const inHelp = commands.map(({ words, command }) => `${words}: ${command.summary()}`);
  assert.deepEqual(inReadme.sort(), inHelp.sort());
});

for (const { words, command } of commands) {
  test(`${words} --help has examples and exit codes`, async () => {
    const argv = [...words.split(' ').slice(1), '--help'];
    const { stdout, stderr, exitCode } = await runCli(argv);
    assert.deepEqual({ stderr, exitCode }, { stderr: '', exitCode: 0 });
    assert.match(stdout, /\nExamples:\n {2}# .*\n {2}\$ \S/);
    assert.match(stdout, /\nExit codes:\n {2}0 {2}\S.*\n {2}1 {2}\S/);
    assert.ok(command.summary() !== '' && command.description() !== '');
    for (const line of stdout.split('\n').filter((each) => each.startsWith('  $ '))) await parses(line);
  });
}

/** The command lines of this program in a line of a shell. */
function calls(line: string): string[][] {
  return line
    .replace(/^\s*\$ /, '')
    .split(/(?:;|\s+(?:\||&&|>|#))\s*/)
    .map((part) => part.trim().replace(/^npx /, ''))
    .filter((part) => /^glyphoxa-kustomize(?: |$)/.test(part))
    .map((part) => [...part.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''));
}

/** Parses a command line without doing what it says. */
async function parses(line: string): Promise<void> {
  for (const [, ...argv] of calls(line)) {
    const parser = program();
    for (const { command } of leaves(parser)) command.action(() => undefined);
    try {
      await parser.parseAsync(argv, { from: 'user' });
    } catch (error) {
      const isHelp = error instanceof CommanderError && error.exitCode === 0;
      assert.ok(isHelp, `${line.trim()}: ${String(error)}`);
    }
  }
}

test('every command line in the documentation exists', async () => {
  const lines = blocks
    .filter(({ language }) => language === 'console' || language === 'sh')
    .flatMap(({ language, text }) =>
      text
        .replace(/\s*\\\n\s*/g, ' ')
        .split('\n')
        .filter((line) => language === 'sh' || line.startsWith('$ ')),
    );
  const inline = pages
    .filter((page) => page !== 'CHANGELOG.md')
    .flatMap((page) => [...textOf(page).matchAll(/`((?:npx )?glyphoxa-kustomize [a-z][^`]*)`/g)])
    .map(([, line = '']) => line.replace(/\bPATH\b/, 'gateway'))
    .filter((line) => !commands.some(({ words }) => words === line));
  assert.ok(lines.filter((line) => calls(line).length > 0).length > 10);
  for (const line of [...lines, ...inline]) await parses(line);
});

test('every command that works on an environment in a cluster has the options of all and a page, which says what becomes of voice sessions', () => {
  const onCluster = commands.filter(
    ({ command, words }) =>
      command.options.some(({ long }) => long === '--timeout') && !words.includes(' tenant '),
  );
  for (const { command } of onCluster) {
    const options = command.options.map(({ long }) => long);
    const shared = ['--dry-run', '--timeout', '--output', '--kubeconfig', '--context', '--namespace'];
    assert.deepEqual(
      shared.filter((option) => !options.includes(option)),
      [],
      command.name(),
    );
  }
  const targets = onCluster.map(({ command }) => command.name());
  assert.deepEqual(
    targets.sort(),
    pages
      .filter((page) => /^docs.lifecycle.(?!README)/.test(page))
      .map((page) => path.basename(page, '.md'))
      .sort(),
  );
  for (const target of targets) {
    const page = path.join('docs', 'lifecycle', `${target}.md`);
    assert.match(textOf(page), /\*\*running voice sessions\*\*/i, page);
    assert.ok(textOf(path.join('docs', 'lifecycle', 'README.md')).includes(`(${target}.md)`), page);
  }
});

test('every link inside the documentation leads somewhere', () => {
  for (const page of pages) {
    for (const [, link = ''] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.join(path.dirname(page), file);
      assert.ok(existsSync(path.join(root, target)), `${page}: ${link}`);
      if (anchor !== undefined) assert.ok(anchors(textOf(target)).includes(anchor), `${page}: ${link}`);
    }
  }
});

/** The anchors that GitHub gives to headings. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

test('the list of the README has each page of docs/ once', () => {
  const [, list = ''] = textOf('README.md').split('## Documentation');
  const listed = [...list.matchAll(/^- \[[^\]]*\]\((docs\/[^)]*)\)/gm)].map(([, page]) => page);
  // of the records the first stands for all
  const own = pages
    .map((page) => page.replaceAll(path.sep, '/'))
    .filter((page) => /^docs\/(?!adr\/(?!0001)|lifecycle\/(?!README))/.test(page));
  assert.deepEqual(listed.toSorted(), own.toSorted());
});

// but for the home of Argo CD in its containers
test('no page names a place on somebody’s machine', () => {
  for (const page of pages) {
    assert.doesNotMatch(textOf(page), /(?<![\w.~-])\/(?:home(?!\/argocd\/)|Users|root|work|tmp|mnt)\//, page);
  }
});

test('the records of decisions have numbers without holes, and each its four parts', () => {
  const records = pages.filter((page) => page.startsWith(path.join('docs', 'adr')));
  const numbers = records.map((page) => Number(path.basename(page).slice(0, 4))).sort((a, b) => a - b);
  assert.deepEqual(
    numbers,
    records.map((_, index) => index + 1),
  );
  for (const page of records) {
    assert.match(textOf(page), new RegExp(`^# ${Number(path.basename(page).slice(0, 4))}\\. `), page);
    assert.match(path.basename(page), /^\d{4}-[a-z0-9-]+\.md$/);
    for (const part of ['\nStatus: ', '\n## Context\n', '\n## Decision\n', '\n## Consequences\n'])
      assert.ok(textOf(page).includes(part), `${page} lacks ${part.trim()}`);
  }
});

test('every resource in the documentation is valid', async () => {
  const resources = blocks.filter(
    ({ language, text }) => language === 'yaml' && /^kind: Glyphoxa$/m.test(text),
  );
  assert.ok(resources.length > 3);
  const base = readYaml(
    'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata:\n  name: glyphoxa\n',
    'base',
  );
  for (const { page, text } of resources) {
    const source = readYaml(text, page);
    const isLayer = text.startsWith('# overlays/');
    const { findings } = await (isLayer ? validate(base, source) : validate(source));
    assert.ok(!hasErrors(findings), JSON.stringify(findings, null, 1));
  }
});

test('every image in the documentation is one that validate takes without a finding', async () => {
  const reference = /\b((?:[a-z0-9-]+\.)+[a-z]+\/[a-z0-9./-]*glyphoxa):([\w.-]+)/g;
  const written = blocks.flatMap(({ page, text }) => {
    const tags = [...text.matchAll(/\bimage: *\{ *tag: *([\w.-]+)/g)].map(([, tag = '']) => ({ tag }));
    const images = [...text.matchAll(reference)].map(([, repository = '', tag = '']) => ({
      repository,
      tag,
    }));
    return [...tags, ...images].map((image) => ({ page, image }));
  });
  assert.ok(written.length > 5, 'there are images');
  for (const { page, image } of written) {
    const value = JSON.stringify({
      apiVersion: 'deploy.glyphoxa.io/v1alpha1',
      kind: 'Glyphoxa',
      metadata: { name: 'glyphoxa' },
      spec: { core: { image } },
    });
    const { findings } = await validate(readYaml(value, page));
    assert.deepEqual(findings, [], `${page}: ${JSON.stringify(image)}`);
  }
});

const firstOf = (language: string) =>
  blocks.find((block) => block.page === 'README.md' && block.language === language)?.text ?? '';
const [tenLines, listing, mistake] = [firstOf('yaml'), firstOf('console'), firstOf('text')];

test('the first screen of the README shows what comes out of its resource', async () => {
  const [call = '', ...names] = listing.trimEnd().split('\n');
  assert.deepEqual(calls(call), [['glyphoxa-kustomize', 'build', '-o', 'name']]);
  const { stdout, stderr } = await runCli(['build', '-', '-o', 'name'], { stdin: tenLines });
  assert.deepEqual({ stdout, stderr }, { stdout: `${names.join('\n')}\n`, stderr: '' });
  assert.equal(tenLines.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length, 10);
});

test('the README shows a mistake as it is told', async () => {
  const stdin = tenLines.replace(/^# .*\n/, '').replace('replicaCount: 2', 'replicaCount: -1');
  const { stdout, exitCode } = await runCli(['validate', '-'], { stdin });
  assert.equal(stdout.replace('<stdin>', 'glyphoxa.yaml'), mistake);
  assert.equal(exitCode, 1);
});

test('the README has one command that renders and one that tests', () => {
  const after = (marker: string) =>
    new RegExp(`^<!-- ${marker} -->\\n\`\`\`sh\\n(.*)\\n\`\`\`$`, 'm').exec(readme)?.[1];
  assert.equal(after('render'), 'npm ci && npm run --silent render');
  assert.equal(after('test'), 'npm ci && npm test');
});

test('the one line of getting started is what the README says for one box, which a test follows', () => {
  const [, box = ''] = /## I have one box\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  assert.ok(box.includes('init box'));
  const line = box.trimEnd().split('\n').join(' && ');
  const shown = blocks.filter(({ page }) => page === 'docs/getting-started.md').map(({ text }) => text);
  assert.ok(shown.some((text) => text.replace(/ \\\n +/g, ' ').trimEnd() === line));
});

test('getting started shows what explain prints', async () => {
  const block = blocks.find(
    ({ page, text }) => page.endsWith('getting-started.md') && text.includes('$ glyphoxa-kustomize explain'),
  );
  const [call = '', ...lines] = (block?.text ?? '').trimEnd().split('\n');
  const [argv = []] = calls(call);
  const { stdout } = await runCli(argv.slice(1), { cwd: root });
  assert.equal(stdout, `${lines.join('\n')}\n`);
});

test('every code that a target may tell has its row in docs/troubleshooting.md', () => {
  const folder = path.join(root, 'generator');
  const sources = (readdirSync(folder, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(path.join(folder, file), 'utf8')] as const)
    .filter(
      ([file, text]) =>
        /^(?:lifecycle|tree\/(?:tenants|engine)|cli\/commands\/shared\/cluster|config\/fleet)/.test(file) ||
        (file.startsWith('cli/commands/') && text.includes('shared/cluster-command.ts')),
    )
    .map(([, text]) => text);
  const told =
    /\b(?:failure|found|wrong|finding|problem|warn|add)\(\s*'([a-z]+(?:-[a-z]+)*)'|\bcode: (?:[^,;\n]*\? )?'([a-z-]+)'/g;
  const codes = sources.flatMap((text) => [...text.matchAll(told)].map(([, call, key]) => call ?? key ?? ''));
  const made = ['secret', 'config-map'].flatMap((kind) => [`${kind}-missing`, `${kind}-key-missing`]);
  assert.ok(codes.length > 100);
  const rows = textOf('docs/troubleshooting.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|')[1]);
  const known = new Set(
    rows.flatMap((row = '') => [...row.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code)),
  );
  assert.deepEqual(
    // an interrupted command only says so, and has its exit code; the others are told of every file
    [...new Set([...codes, ...made])].filter(
      (code) => !['interrupted', 'required', 'wrong-kind'].includes(code) && !known.has(code),
    ),
    [],
  );
});
