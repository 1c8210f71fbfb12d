/** The page in a real browser, as a person works with it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { badFiles } from '../cli/bad-files.ts';
import { some } from '../support/draws.ts';
import { runCli } from '../support/fake-io.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { axeFindings, openTab, requireChromium, servePage } from '../support/web-page.ts';

/** A release as `init` begins it, with its comments. */
async function makeRelease(t: TestContext): Promise<string> {
  const folder = folderOf(t, {});
  const { exitCode, stderr } = await runCli(['init', '.'], { cwd: folder });
  assert.equal(exitCode, 0, stderr);
  return folder;
}

const read = (folder: string, file: string) => readFileSync(path.join(folder, file), 'utf8');

describe('the page', () => {
  it('sets a value, shows what that makes, takes it back, and saves the file and the tree', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const folder = await makeRelease(t);
    const before = filesIn(folder);
    const { link } = await servePage(t, folder);
    const page = await openTab(browser, link);
    await page.getByRole('link', { name: 'Gateway', exact: true }).click();
    const replicas = page.getByLabel('Replicas', { exact: true });
    assert.equal(await replicas.inputValue(), '');
    assert.match((await replicas.getAttribute('placeholder')) ?? '', /^\d+$/);
    await replicas.fill('7');
    await replicas.press('Enter');
    await page.getByRole('tab', { name: 'Changes (1)' }).click();
    const panel = page.getByRole('tabpanel');
    await panel.getByText('+    replicaCount: 7').waitFor();
    await panel.getByText('Deployment glyphoxa-gateway').first().waitFor();
    assert.deepEqual(filesIn(folder), before, 'nothing is written before it is saved');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('tab', { name: 'Changes', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Redo' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(/^Saved: \d+ files written/).waitFor();
    const text = read(folder, 'glyphoxa.yaml');
    const lines = before.get('glyphoxa.yaml')?.split('\n') ?? [];
    assert.match(text, /replicaCount: 7/);
    assert.deepEqual(
      lines.filter((line) => !text.split('\n').includes(line)),
      [],
      'no other line changed',
    );
    assert.equal((await runCli(['generate', '--check'], { cwd: folder })).exitCode, 0);
  });

  it('tells errors at the value, and does not save them', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const folder = await makeRelease(t);
    const before = filesIn(folder);
    const { link } = await servePage(t, folder);
    const page = await openTab(browser, link);
    await page.getByRole('link', { name: 'Gateway', exact: true }).click();
    const replicas = page.getByLabel('Replicas', { exact: true });
    await replicas.fill('many');
    await replicas.press('Enter');
    await page.locator('.field.wrong', { has: replicas }).getByText('error').waitFor();
    assert.equal(await replicas.getAttribute('aria-invalid'), 'true');
    assert.equal(await replicas.inputValue(), 'many');
    await page.getByRole('link', { name: /Gateway\s*\d+ errors/ }).waitFor();
    await page.keyboard.press('Control+s');
    await page.getByText('Nothing was saved').waitFor();
    assert.deepEqual(filesIn(folder), before);
    await page.getByRole('button', { name: 'Reset Replicas' }).click();
    await page.getByRole('tab', { name: 'Findings (0)' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Saved' }).waitFor();
  });

  it('switches to an environment, and shows what differs there', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const folder = await makeRelease(t);
    const made = await runCli(['overlay', 'create', 'alone', '--set', 'gateway.replicaCount=1'], {
      cwd: folder,
    });
    assert.equal(made.exitCode, 0, made.stderr);
    const { link } = await servePage(t, folder, 'alone');
    const page = await openTab(browser, link);
    assert.equal(await page.getByLabel('Editing').inputValue(), 'alone');
    await page.getByLabel('only what differs here').check();
    await page.getByRole('link', { name: 'Gateway', exact: true }).click();
    await page.getByLabel('Replicas', { exact: true }).waitFor();
    assert.deepEqual(await page.locator('.field label').allTextContents(), ['Replicas']);
    assert.match(await page.locator('.shared').innerText(), /what all share: 3$/);
    // what follows from a value that is set here differs too
    await page.getByRole('link', { name: 'Core', exact: true }).click();
    await page.getByLabel('only what differs here').uncheck();
    await page.getByLabel('Topology', { exact: true }).selectOption('dedicated');
    await page.getByRole('link', { name: 'Gateway', exact: true }).click();
    await page.getByLabel('only what differs here').check();
    await page.getByText('podAntiAffinity').first().waitFor();
    assert.deepEqual(await page.locator('.shared').allInnerTexts(), [
      'what all share: 3',
      'what all share: true',
    ]);
    await page.getByLabel('Editing').selectOption('what all share');
    await page.getByText('only what is set').waitFor();
    await page.locator('.shared').first().waitFor({ state: 'detached' });
  });

  it('writes a secret value where the provider wants it, and shows it nowhere', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const folder = await makeRelease(t);
    const served = await servePage(t, folder, 'staging');
    const page = await openTab(browser, served.link);
    await page.getByRole('link', { name: 'Gateway', exact: true }).click();
    const canary = 'canary-5f1d0c9a7b';
    await page.getByRole('button', { name: 'Admin key' }).click();
    const input = page.getByLabel('Admin key', { exact: true });
    assert.equal(await input.getAttribute('type'), 'password');
    await input.fill(canary);
    const answer = page.waitForResponse((response) => response.url().endsWith('/act'));
    await input.press('Enter');
    const sent = await (await answer).text();
    await page.getByText(/admin-key is written/).waitFor();
    const found = [...filesIn(folder)].filter(([, text]) => text.includes(canary)).map(([name]) => name);
    assert.deepEqual(found, ['overlays/staging/secrets.env']);
    assert.ok(sent.includes('admin-key') && !sent.includes(canary));
    await page.getByRole('button', { name: 'Admin key' }).click();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(`-----BEGIN\n${canary}\n`)})`);
    await input.press('Control+v');
    await page.getByText('2 lines pasted').waitFor();
    const written = page.waitForResponse((response) => response.url().endsWith('/act'));
    await page.getByRole('button', { name: 'Write it' }).click();
    await written;
    await page.getByText('2 lines pasted').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Admin key' }).waitFor();
    assert.equal(read(folder, 'overlays/staging/secrets/admin-key'), `-----BEGIN\n${canary}`);
    assert.ok(!(await page.content()).includes(canary));
    served.process.kill('SIGINT');
    const { stdout, stderr } = await served.ended;
    assert.ok(!`${stdout}${stderr}`.includes(canary));
  });

  it('does not overwrite what another tab changed', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const { link } = await servePage(t, await makeRelease(t));
    const one = await openTab(browser, link);
    const two = await one.context().newPage();
    await two.goto(one.url());
    for (const tab of [one, two]) await tab.getByRole('link', { name: 'Gateway', exact: true }).click();
    const [first, second] = [one, two].map((tab) => tab.getByLabel('Replicas', { exact: true }));
    assert.ok(first !== undefined && second !== undefined);
    await second.fill('5');
    await first.fill('4');
    await first.press('Enter');
    await one.getByRole('tab', { name: 'Changes (1)' }).waitFor();
    await two.getByRole('tab', { name: 'Changes (1)' }).waitFor();
    assert.equal(await second.inputValue(), '4', 'the other tab shows it by itself');
  });

  it('shows both where the file was changed on disk at the same place', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const folder = await makeRelease(t);
    const file = path.join(folder, 'glyphoxa.yaml');
    const { link } = await servePage(t, folder);
    const page = await openTab(browser, link);
    await page.getByRole('link', { name: 'Gateway', exact: true }).click();
    const replicas = page.getByLabel('Replicas', { exact: true });
    await replicas.fill('4');
    await replicas.press('Enter');
    await page.getByRole('tab', { name: 'Changes (1)' }).waitFor();
    writeFileSync(file, `${read(folder, 'glyphoxa.yaml')}spec: {gateway: {replicaCount: 9}}\n`);
    await page.keyboard.press('Control+s');
    const alert = page.getByRole('alert');
    await alert.getByText('was changed on disk meanwhile. Which one counts?').waitFor();
    await alert.getByText(/9/).first().waitFor();
    await alert.getByRole('button', { name: 'What is here' }).click();
    await page.keyboard.press('Control+s');
    await page.getByText(/^Saved:/).waitFor();
    assert.match(read(folder, 'glyphoxa.yaml'), /replicaCount: 4/);
  });

  it('opens a file that cannot be read as text, and mends it', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const folder = await makeRelease(t);
    const good = read(folder, 'glyphoxa.yaml');
    writeFileSync(path.join(folder, 'glyphoxa.yaml'), `${good}spec: {gateway: [\n`);
    const { link } = await servePage(t, folder);
    const page = await openTab(browser, link);
    await page
      .getByRole('textbox', { name: 'glyphoxa.yaml' })
      .fill(`${good}spec: {gateway: {replicaCount: 2}}\n`);
    await page.getByRole('button', { name: 'Read it again' }).click();
    await page.getByRole('link', { name: 'Gateway', exact: true }).click();
    assert.equal(await page.getByLabel('Replicas', { exact: true }).inputValue(), '2');
    await page.keyboard.press('Control+s');
    await page.getByText(/^Saved:/).waitFor();
  });

  it('opens whatever a file holds, with its findings, and leaves it as it is', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const ends: Promise<void>[] = [];
    for (const [what, text] of some(badFiles, 5)) {
      const folder = folderOf(t, { 'glyphoxa.yaml': text });
      const served = await servePage(t, folder);
      const page = await openTab(browser, served.link);
      await page.getByRole('tab', { name: /^Findings \([1-9]/ }).click();
      await page.getByRole('tabpanel').getByText('error').first().waitFor();
      await page.context().close();
      // it waits a while for a tab that is only loaded again
      const end = served.ended.then(({ code }) => {
        assert.equal(code, 0, what);
        assert.equal(read(folder, 'glyphoxa.yaml'), text, what);
      });
      ends.push(end);
    }
    await Promise.all(ends);
  });

  it('works by keyboard alone', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const { link } = await servePage(t, await makeRelease(t));
    const page = await openTab(browser, link);
    await page.keyboard.press('/');
    await page.keyboard.type('gateway.replicaCount');
    await page.locator('.field').first().waitFor();
    const focused = () => page.evaluate('document.activeElement.id');
    for (let step = 0; step < 40 && (await focused()) !== 'value-gateway.replicaCount'; step += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.type('6');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Changes (1)' }).waitFor();
    await page.keyboard.press('Control+s');
    await page.getByText(/^Saved:/).waitFor();
  });

  for (const [what, options] of Object.entries({
    light: {},
    dark: { colorScheme: 'dark' },
    'on a phone': { viewport: { width: 390, height: 844 } },
  } as const))
    it(`can be used by everybody: ${what}`, async (t) => {
      const browser = await requireChromium(t);
      if (browser === undefined) return;
      const { link } = await servePage(t, await makeRelease(t));
      const page = await openTab(browser, link, { bypassCSP: true, ...options });
      const found: string[] = [];
      for (const section of what === 'light' ? ['Release', 'Secrets', 'PostgreSQL'] : ['Secrets']) {
        await page.getByRole('navigation').getByRole('link', { name: section }).first().click();
        found.push(...(await axeFindings(page)));
      }
      await page.getByRole('link', { name: 'Gateway', exact: true }).click();
      await page.getByLabel('Replicas', { exact: true }).fill('-1');
      await page.getByLabel('Replicas', { exact: true }).press('Enter');
      for (const tab of await page.getByRole('tab').all()) {
        await tab.click();
        found.push(...(await axeFindings(page)));
      }
      assert.deepEqual([...new Set(found)], []);
      const { wide, seen } = (await page.evaluate(
        '({ wide: document.documentElement.scrollWidth, seen: innerWidth })',
      )) as { wide: number; seen: number };
      assert.ok(wide <= seen, `the page is ${wide} wide, and ${seen} are seen`);
    });

  it('ends the program when its last tab is closed', async (t) => {
    const browser = await requireChromium(t);
    if (browser === undefined) return;
    const served = await servePage(t, await makeRelease(t));
    const page = await openTab(browser, served.link);
    await page.reload();
    await page.getByRole('navigation').waitFor();
    await page.close();
    assert.equal((await served.ended).code, 0);
  });
});
