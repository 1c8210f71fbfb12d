/** The screen itself: its size, its colours, what may stand on it, and what a terminal that goes away leaves. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { badFiles } from '../cli/bad-files.ts';
import { some } from '../support/draws.ts';
import { runCli } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { folderOf } from '../support/folder.ts';
import { homeOf, openTerminal, type TestTerminal, untilGone } from '../support/terminal.ts';
import { makeRelease } from './release.ts';

/** Goes to the gateway's replicas and begins to type over them. */
async function typeReplicas(terminal: TestTerminal, text: string): Promise<void> {
  await terminal.until(/› Release/);
  terminal.type('/gateway.replicaCount');
  await terminal.until(/› {1,2}.?gateway\.replicaCount|›.*replicaCount/);
  terminal.keys('Enter', 'Enter');
  await terminal.until(/\n › \d/);
  terminal.keys('C-u');
  terminal.type(text);
}

/** What is kept for the next time. */
function keptFiles(folder: string): string[] {
  const kept = path.join(homeOf(folder), '.local/state/glyphoxa-kustomize/edits');
  try {
    return readdirSync(kept).map((name) => path.join(kept, name));
  } catch {
    return [];
  }
}

async function waitUntil(isSo: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(what);
}

describe('the screen', () => {
  it('has one list at 40×12, says so where it is too small, and keeps what is typed when it changes', async (t) => {
    const folder = await makeRelease(t);
    const terminal = await openTerminal(t, ['edit'], { cwd: folder, columns: 40, rows: 12 });
    if (terminal === undefined) return;
    const small = await terminal.until(/› Release/);
    assert.doesNotMatch(small, /│/);
    assert.ok(terminal.screen().every((line) => line.length <= 40));
    await typeReplicas(terminal, '17');
    await terminal.until(/ › 17/);
    terminal.resize(100, 30);
    await terminal.until((screen) => / › 17/.test(screen) && screen.split('\n').length === 30);
    terminal.resize(20, 5);
    await terminal.until(/too small/);
    terminal.type('9');
    terminal.resize(80, 24);
    await terminal.until(/ › 17/);
    terminal.keys('Enter');
    await terminal.until(/replicaCount is set/);
    terminal.keys('Escape');
    await terminal.until(/│ › {2}replicaCount +17 +set here/);
    terminal.resize(12, 3);
    await terminal.until(/too small/);
    terminal.type('q');
    assert.equal(await terminal.ended(), 1);
    assert.equal(keptFiles(folder).length, 1, 'what was changed is kept');
  });

  it('has no colour where none is wanted, and sixteen at most where it is', async (t) => {
    const folder = await makeRelease(t);
    writeFileSync(path.join(folder, 'overlays/staging/config.yaml'), 'kind: Glyphoxa\n');
    const codes = (text: string) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of colours
      [...text.matchAll(/\x1b\[([\d;]*)m/g)].flatMap(([, all = '']) => all.split(';'));
    const isColor = (code: string) => /^(?:[349]\d|10\d)$/.test(code) && code !== '39' && code !== '49';
    const colored = await openTerminal(t, ['edit', 'staging'], { cwd: folder });
    if (colored === undefined) return;
    await colored.until(/› Release/);
    const used = codes(colored.colored());
    assert.ok(used.some(isColor));
    assert.ok(!used.includes('38') && !used.includes('48'), 'no colours beyond the sixteen');
    const plain = await openTerminal(t, ['edit', 'staging'], { cwd: folder, env: { NO_COLOR: '1' } });
    const screen = await plain?.until(/› Release/);
    assert.match(screen ?? '', /\d+E/);
    assert.deepEqual(codes(plain?.colored() ?? '').filter(isColor), []);
    const ascii = await openTerminal(t, ['edit'], { cwd: folder, env: { LANG: 'C' } });
    const signs = (await ascii?.until(/> Release/)) ?? '';
    assert.match(signs, /^ {3}Core +\|/m);
  });

  it('stays in its columns with wide characters, and obeys none that are in values', async (t) => {
    const folder = await makeRelease(t);
    const file = path.join(folder, 'glyphoxa.yaml');
    const wide = '酒場の主人🧙🏽‍♂️ und 👩‍👩‍👧 é';
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}  config:\n    campaign: {name: "${wide}", system: "a\\nb\\u202ec\\td"}\n`,
    );
    const terminal = await openTerminal(t, ['edit'], { cwd: folder });
    if (terminal === undefined) return;
    await terminal.until(/› Release/);
    terminal.type('/campaign.name');
    await terminal.until(/› {2}config\.campaign\.name/);
    terminal.keys('Enter', 'Escape');
    await terminal.until((text) => text.includes('酒場') && !text.includes('search:'));
    terminal.keys('Down');
    const screen = await terminal.until(/› {2}campaign\.system +a\\nb\\u202ec\\td/);
    terminal.keys('Up');
    const places = screen
      .split('\n')
      .filter((line) => line.includes('│'))
      .map((line) => line.indexOf('│'));
    assert.equal(new Set(places).size, 1, `the line between the lists is straight: ${places}`);
    const [first = ''] = screen.split('\n').filter((line) => line.includes('酒場'));
    assert.match(first, /set here$/);
    terminal.keys('Enter');
    await terminal.until(/ › 酒場/);
    terminal.keys('End', 'BSpace');
    terminal.type('ü');
    terminal.keys('Enter');
    await terminal.until(/campaign\.name is set/);
    terminal.keys('s');
    await terminal.until(/saved: |saved, but/);
    assert.ok(readFileSync(file, 'utf8').includes(wide.replace('é', 'ü')));
  });

  it('asks questions where the terminal is dumb, and is none where there is no terminal', async (t) => {
    const folder = await makeRelease(t);
    const dumb = await openTerminal(t, ['edit'], { cwd: folder, env: { TERM: 'dumb' } });
    if (dumb === undefined) return;
    await dumb.until(/what all share>/);
    dumb.type('quit');
    dumb.keys('Enter');
    assert.equal(await dumb.ended(), 0);
    const { exitCode, stderr } = await runCli(['edit'], { cwd: folder });
    assert.equal(exitCode, 1);
    tells(stderr, 'error no-terminal', '--web', '--plain');
  });
});

describe('what is not saved', () => {
  it('is asked for at Ctrl-C, kept at a second one, and taken up again', async (t) => {
    const folder = await makeRelease(t);
    const terminal = await openTerminal(t, ['edit'], { cwd: folder });
    if (terminal === undefined) return;
    await typeReplicas(terminal, '7');
    terminal.keys('Enter');
    await terminal.until(/replicaCount is set/);
    terminal.keys('C-c');
    await terminal.until(/Some changes are not saved/);
    terminal.keys('Escape');
    await terminal.until((screen) => !screen.includes('Some changes'));
    terminal.keys('C-c');
    await terminal.until(/Some changes are not saved/);
    terminal.keys('C-c');
    assert.equal(await terminal.ended(), 1);
    const again = await openTerminal(t, ['edit'], { cwd: folder });
    await again?.until(/An earlier session ended[\s\S]*changed: glyphoxa\.yaml/);
    again?.keys('Enter');
    await again?.until(/its changes are here again/);
    again?.keys('s');
    await again?.until(/saved: \d+ files written/);
    again?.keys('q');
    assert.equal(await again?.ended(), 0);
    assert.match(readFileSync(path.join(folder, 'glyphoxa.yaml'), 'utf8'), /replicaCount: 7/);
    assert.deepEqual(keptFiles(folder), []);
  });

  for (const [how, end] of Object.entries({
    'the terminal is closed': (terminal: TestTerminal) => terminal.close(),
    'it is told to hang up': (terminal: TestTerminal) => terminal.signal('SIGHUP'),
    'it is killed': (terminal: TestTerminal) => terminal.signal('SIGKILL'),
  }))
    it(`is offered the next time where ${how}, what was being typed too`, async (t) => {
      const folder = await makeRelease(t);
      const terminal = await openTerminal(t, ['edit'], { cwd: folder });
      if (terminal === undefined) return;
      await typeReplicas(terminal, '8');
      terminal.keys('Enter');
      await terminal.until(/replicaCount is set/);
      terminal.keys('Enter');
      await terminal.until(/ › 8/);
      terminal.type('65');
      await terminal.until(/ › 865/);
      await waitUntil(
        () => keptFiles(folder).some((file) => readFileSync(file, 'utf8').includes('865')),
        'it is kept',
      );
      end(terminal);
      await untilGone(terminal.pid);
      const again = await openTerminal(t, ['edit'], { cwd: folder });
      await again?.until(/An earlier session ended[\s\S]*being typed/);
      again?.keys('Enter');
      await again?.until(/ › 865/);
      again?.keys('Escape');
      await again?.until(/replicaCount +8 +set here/);
    });

  it('is kept without secrets, which are told to be lost, and for its user alone', async (t) => {
    const folder = await makeRelease(t);
    const canary = 'canary-77c1f0aa19';
    const terminal = await openTerminal(t, ['edit', 'staging'], { cwd: folder });
    if (terminal === undefined) return;
    await terminal.until(/› Release/);
    terminal.keys('t');
    await terminal.until(/The whole file, as a text/);
    terminal.paste(`spec: {gateway: {adminKey: {value: ${canary}}}}\n# `);
    await terminal.until(/canary/);
    await waitUntil(() => keptFiles(folder).length > 0, 'something is kept');
    terminal.signal('SIGHUP');
    await untilGone(terminal.pid);
    const [file = ''] = keptFiles(folder);
    assert.ok(!readFileSync(file, 'utf8').includes(canary));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const again = await openTerminal(t, ['edit', 'staging'], { cwd: folder });
    await again?.until(/not kept, since a secret is in it: overlays\/staging\/config\.yaml/);
    again?.keys('G', 'Enter');
    await again?.until(/› Release/);
    assert.deepEqual(keptFiles(folder), []);
  });
});

describe('files that are wrong in every way', () => {
  for (const group of [0, 1])
    it(`open, and are left again, as they are (${group + 1} of 2)`, async (t: TestContext) => {
      for (const [index, [what, text]] of some(badFiles, 4).entries()) {
        if (index % 2 !== group) continue;
        const folder = folderOf(t, { 'glyphoxa.yaml': text });
        const terminal = await openTerminal(t, ['edit'], { cwd: folder });
        if (terminal === undefined) return;
        await terminal.until(/1 error|\d errors/);
        terminal.keys('Escape');
        await new Promise((resolve) => setTimeout(resolve, 200));
        terminal.keys('f');
        await terminal.until(/Findings/);
        terminal.keys('Enter', 'Escape');
        await new Promise((resolve) => setTimeout(resolve, 200));
        terminal.keys('C-c');
        assert.equal(await terminal.ended(), 0, what);
        assert.equal(readFileSync(path.join(folder, 'glyphoxa.yaml'), 'utf8'), text, what);
      }
    });
});
