/** Completion in the real shells: what they offer when the Tab key is pressed. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { program, programWords } from '../support/program.ts';
import { requireTool, runTool } from '../support/tools.ts';
import { identity, smallest } from './resources.ts';

const environment = `${identity}metadata:\n  namespace: tavern-a\n`;

/** A folder with environments, and the program on a PATH of its own. */
function home(t: TestContext): { cwd: string; env: Record<string, string> } {
  const cwd = folderOf(t, {
    'glyphoxa.yaml': smallest,
    'overlays/production/config.yaml': environment,
    'overlays/staging/config.yaml': environment,
    'elsewhere/overlays/acme/config.yaml': environment,
    'elsewhere/glyphoxa.yaml': smallest,
    'tenants.yaml':
      'template: production\nwaves: [canary, rest]\ntenants:\n  big_corp: { wave: canary }\n  tavern:\n    spec: { core: {} }\n',
    'elsewhere/tenants.yaml': '{ template: acme, waves: [first], tenants: { other: null } }\n',
  });
  mkdirSync(path.join(cwd, 'bin'));
  const file = path.join(cwd, 'bin/glyphoxa-kustomize');
  writeFileSync(file, `#!/bin/sh\nexec ${programWords} "$@"\n`);
  chmodSync(file, 0o755);
  return { cwd, env: { PATH: `${path.join(cwd, 'bin')}:${process.env.PATH ?? ''}`, HOME: cwd } };
}

type Offer = (line: string) => Promise<string[]>;

/** In bash the script's function is called as readline calls it. */
async function bash(t: TestContext): Promise<Offer | undefined> {
  const { cwd, env } = home(t);
  const script = `
source <(glyphoxa-kustomize completion bash)
COMP_LINE=$1 COMP_POINT=\${#1}
# readline breaks words at these too
IFS=' ' read -ra COMP_WORDS <<<"$(sed 's/[=:]/ & /g' <<<"$1")"
[[ $1 == *[[:space:]] ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_glyphoxa_kustomize
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return async (line) => {
    const { stdout, stderr } = await runTool('/bin/bash', ['-c', script, 'bash', line], { cwd, env });
    assert.equal(stderr, '');
    return stdout.split('\n').filter((each) => each !== '');
  };
}

/** In zsh a terminal is typed into, and the completion system tells what it was given. */
async function zsh(t: TestContext): Promise<Offer | undefined> {
  const zshFile = requireTool(t, 'zsh');
  if (zshFile === undefined) return undefined;
  const { cwd, env } = home(t);
  const script = `
zmodload zsh/zpty
zpty shell 'PS1= ${zshFile} -f -i'
type() { zpty -w shell "$1" }
wait_for() { local text line; repeat 400 { zpty -r -t shell line && text+=$line; [[ $text == *$1* ]] && break; sleep 0.05 }; print -r -- "$text" }
type 'stty -echo; PROMPT=; autoload -U compinit; compinit -u -D; source <(glyphoxa-kustomize completion zsh); print rea""dy'
wait_for ready >/dev/null
# what would be offered, one a line, instead of a menu
type 'compadd() { local -a given hits; [[ "$*" == *-[OADx]* ]] && { builtin compadd "$@"; return }; builtin compadd -O hits "$@"; print -rl -- \\<\${^hits}\\>; builtin compadd "$@" }'
type 'done-completing() { print fin""ished; zle kill-whole-line }; zle -N done-completing; bindkey "^X" done-completing'
type 'print rea""dy2'
wait_for ready2 >/dev/null
zpty -w -n shell "$1"$'\\t'
zpty -w -n shell $'\\x18'
wait_for finished`;
  return async (line) => {
    const { stdout } = await runTool(zshFile, ['-f', '-c', script, 'zsh', line], { cwd, env });
    // what a terminal obeys and does not show
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
    const shown = stdout.replace(/\u001b\[[\d;?]*[A-Za-z]|[\u0000-\u0009\u000b-\u001f]/g, '');
    return [...new Set([...shown.matchAll(/<([^<>\n]+)>/g)].map(([, value = '']) => value))];
  };
}

/** Fish says itself what it would offer. */
async function fish(t: TestContext): Promise<Offer | undefined> {
  const fishFile = requireTool(t, 'fish');
  if (fishFile === undefined) return undefined;
  const { cwd, env } = home(t);
  const script = 'glyphoxa-kustomize completion fish | source; complete -C "$argv[1]"';
  return async (line) => {
    const { stdout, stderr } = await runTool(fishFile, ['--no-config', '-c', script, line], { cwd, env });
    assert.equal(stderr, '');
    return stdout
      .split('\n')
      .filter((each) => each !== '')
      .map((each) => each.replace(/\t.*/, ''));
  };
}

/** What is typed, and what must be among the offers; `only` where there is nothing else. */
const rows: [line: string, offers: string[], only?: boolean][] = [
  ['ex', ['explain'], true],
  ['secrets ', ['init', 'status']],
  ['explain gateway.rep', ['gateway.replicaCount'], true],
  ['explain --e', ['--env'], true],
  ['explain --env st', ['staging'], true],
  ['build -o ', ['yaml', 'json', 'name', 'files'], true],
  ['apply prod', ['production']],
  ['status --dir elsewhere ', ['acme']],
  ['overlay create x --set core.topology=', ['shared', 'dedicated'], true],
  ['overlay create x --set networkPolicy.enabled=t', ['true'], true],
  ['completion z', ['zsh'], true],
  ['apply --tenant ', ['big_corp', 'tavern'], true],
  ['tenant set ta', ['tavern'], true],
  ['status --dir elsewhere --tenant ', ['other'], true],
  ['apply --wave ', ['canary', 'rest'], true],
  ['tenant status --dir elsewhere --wave ', ['first'], true],
  ['generate e', ['elsewhere']],
];

for (const [name, open] of Object.entries({ bash, zsh, fish }))
  describe(`in ${name}, Tab offers`, () => {
    for (const [line, offers, only = false] of rows)
      it(`behind "${line}": ${offers.join(', ')}`, async (t) => {
        const offer = await open(t);
        if (offer === undefined) return;
        const found = await offer(`glyphoxa-kustomize ${line}`);
        // shells show a value with or without what stands before its = or / in the word
        const bare = found.map((value) => value.replace(/\/$/, '').replace(/^.*=/, ''));
        for (const wanted of offers)
          assert.ok(bare.includes(wanted), `${wanted} is not among ${bare.join(' ')}`);
        if (only) assert.deepEqual([...new Set(bare)].sort(), [...offers].sort());
      });
  });

describe('the words that shells ask for', () => {
  const asked = async (...words: string[]) => (await runCli(['__complete', ...words])).stdout;

  it('have the form of cobra, with descriptions', async () => {
    assert.equal(
      await asked('secrets', 'st'),
      'status\tlist each secret: where it comes from, and whether it is there\n:4\n',
    );
    assert.equal(await asked('explain', 'meta'), 'metadata.\tMetadata: group\n:6\n');
    assert.equal(await asked('build', 'de'), 'dedicated\tenvironment\n:0\n');
  });

  it('are none where nothing can stand, and nothing fails', async () => {
    for (const words of [
      ['nonsense', ''],
      ['explain', 'a.b.c.'],
      ['explain', 'x', ''],
      ['apply', '--timeout', ''],
      [],
    ])
      assert.match(await asked(...words), /^(?:|[\s\S]*\n):\d\n$/, words.join(' '));
    assert.equal(await asked('overlay', 'create', 'x', '--set', 'no.such='), ':4\n');
  });

  it('leave out an option that is there already, but for one that may be repeated', async () => {
    assert.doesNotMatch(await asked('build', '-o', 'json', '--'), /--output/);
    assert.match(await asked('overlay', 'create', 'x', '--set', 'a=b', '--'), /--set/);
  });

  it('are those of every command that there is', async () => {
    const { stdout } = await runCli(['--help']);
    const commands = [...stdout.matchAll(/^ {2}(\w+)(?: .*)? {2,}\S/gm)].map(([, command]) => command);
    const offered = (await asked('')).split('\n').map((line) => line.replace(/\t.*/, ''));
    assert.ok(commands.length > 20);
    for (const command of commands) assert.ok(offered.includes(command ?? ''), command);
  });

  it('are offered to kubectl, which asks a file of that name', async (t) => {
    const { cwd } = home(t);
    for (const [file, argv, said] of [
      ['kubectl_complete-glyphoxa', ['ex'], /^explain\t/],
      ['kubectl-glyphoxa', ['--help'], /^Usage: kubectl glyphoxa \[options\]/],
      [
        'kubectl-glyphoxa',
        ['help', 'build'],
        /^Usage: kubectl glyphoxa build[\s\S]*\$ kubectl glyphoxa build/,
      ],
    ] as const) {
      const link = path.join(cwd, file);
      if (!existsSync(link)) {
        symlinkSync(program.words[0] ?? program.command, link);
      }
      const before = program.words.length === 0 ? [] : [link];
      const { stdout } = await runTool(
        program.words.length === 0 ? link : program.command,
        [...before, ...argv],
        { cwd },
      );
      assert.match(stdout, said);
    }
  });

  it('are named in findings and words as kubectl is called, and objects are what they are', async (t) => {
    const { cwd } = home(t);
    const link = path.join(cwd, 'kubectl-glyphoxa');
    symlinkSync(program.words[0] ?? program.command, link);
    const called = (argv: string[], at = cwd) => {
      const before = program.words.length === 0 ? [] : [link];
      return runTool(program.words.length === 0 ? link : program.command, [...before, ...argv], { cwd: at });
    };
    const begun = await called(['init', 'new', '--image', 'r.example.com/g:1']);
    assert.equal(begun.exitCode, 0, begun.stderr);
    assert.match(begun.stderr, /"kubectl glyphoxa generate new"[\s\S]*"kubectl glyphoxa apply production /);
    const none = await called(['get', 'gateway'], folderOf(t, {}));
    assert.match(none.stderr, /"kubectl glyphoxa init"/);
    for (const { stderr } of [begun, none]) assert.doesNotMatch(stderr, /"glyphoxa-kustomize /);
    const at = path.join(cwd, 'new');
    assert.equal((await called(['build'], at)).stdout, (await runCli(['build'], { cwd: at })).stdout);
  });
});
