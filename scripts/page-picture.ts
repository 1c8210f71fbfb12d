/** The page of `edit --web` as a picture: the program itself, looked at with a browser. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './bundles.ts';
import { printed } from './session.ts';
import { ensureTool } from './tools.mjs';

/** Edits an environment on the page, and gives the picture as PNG. */
export async function pagePicture(): Promise<Uint8Array> {
  const home = mkdtempSync(path.join(tmpdir(), 'session-'));
  await printed(home, 'glyphoxa-kustomize init . --image registry.example.com/glyphoxa:1a2b3c4');
  const words = [path.join(root, 'generator/bin/glyphoxa-kustomize.js'), 'edit', 'staging', '--web'];
  const child = spawn(process.execPath, words, { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] });
  const executablePath = await ensureTool('chromium');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const link = await new Promise<string>((resolve) => {
      child.stdout.on('data', (data) => resolve(String(data).trim()));
    });
    const page = await browser.newPage({ viewport: { width: 1200, height: 720 } });
    await page.goto(link);
    await page.getByRole('link', { name: 'Gateway', exact: true }).click();
    const replicas = page.getByLabel('Replicas', { exact: true });
    await replicas.fill('5');
    await replicas.press('Enter');
    await page.getByRole('tab', { name: 'Changes (1)' }).click();
    await page.getByText('replicaCount: 5').waitFor();
    return await page.screenshot({ animations: 'disabled' });
  } finally {
    await browser.close();
    child.kill();
    rmSync(home, { recursive: true, force: true });
  }
}
