/** The page of `edit --web`: the real program, and a real browser to look at it with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { after, type TestContext } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { requireTool } from './find-tool.ts';
import { program } from './program.ts';

/** A program that serves the page. */
export interface ServedPage {
  readonly link: string;
  readonly process: ChildProcess;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Starts `edit --web` for a folder; it ends with the test. */
export async function servePage(t: TestContext, folder: string, ...words: string[]): Promise<ServedPage> {
  const args = [...program.words, 'edit', '--web', ...words];
  const child = spawn(program.command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<Awaited<ServedPage['ended']>>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  const link = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data) => {
      stdout += data;
      if (stdout.endsWith('\n')) resolve(stdout.trim());
    });
    void ended.then(() => reject(new Error(`no link: ${stderr}`)));
  });
  return { link, process: child, ended };
}

/** An answer of the program. */
export interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly text: string;
}

/** Asks the program, with headers that a browser would not let a page set. */
export function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: { [name: string]: string }; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const quiet = [
  'no-first-run',
  'disable-background-networking',
  'disable-component-update',
  'disable-sync',
  'disable-quic',
];

let browser: Promise<Browser> | undefined;

after(async () => (await browser)?.close());

/** The browser of this file's tests; undefined where the test is skipped for want of one. */
export async function requireChromium(t: TestContext): Promise<Browser | undefined> {
  const executablePath = requireTool(t, 'chromium');
  if (executablePath === undefined) return undefined;
  const args = ['no-sandbox', 'disable-gpu', ...quiet].map((name) => `--${name}`);
  browser ??= chromium.launch({ executablePath, args });
  return browser;
}

/** Opens a link in a tab, and waits for the page. What goes wrong in the page goes wrong in the test. */
export async function openTab(
  browser: Browser,
  link: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  // the machine may be busy
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(link);
  await page.getByRole('navigation').waitFor();
  return page;
}

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds in a tab that was opened with `bypassCSP`. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe });
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { target: string[] }[] }[];
  };
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}`,
  );
}
