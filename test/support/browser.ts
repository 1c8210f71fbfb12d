/** What a real browser makes of a page: Chromium, without a screen. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { requireTool, runTool } from './find-tool.ts';
import { decodePng, type Image } from './png.ts';

/** A browser. */
export interface Browser {
  /** What a page looks like, and the file that says so. */
  picture(
    file: string,
    size: { width: number; height: number; isDark?: boolean },
  ): Promise<{ image: Image; png: Buffer }>;
  /** The document that a page is once its scripts have run. */
  documentOf(file: string): Promise<string>;
}

/** The browser with the font that pictures are measured in; undefined where the test is skipped for want of them. */
export function requireBrowser(t: TestContext): Browser | undefined {
  const chromium = requireTool(t, 'chromium');
  if (chromium === undefined || requireTool(t, 'fonts-liberation') === undefined) return undefined;
  const run = async (args: string[], file: string) => {
    const home = mkdtempSync(path.join(tmpdir(), 'chromium-'));
    try {
      const { stdout, stderr, exitCode } = await runTool(chromium, [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        '--force-device-scale-factor=1',
        `--user-data-dir=${home}`,
        ...args,
        pathToFileURL(file).href,
      ]);
      if (exitCode !== 0) throw new Error(`chromium ended with ${exitCode}: ${stderr}`);
      return stdout;
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  };
  return {
    async picture(file, { width, height, isDark = false }) {
      const folder = mkdtempSync(path.join(tmpdir(), 'picture-'));
      const image = path.join(folder, 'picture.png');
      try {
        // 0 is dark. Source: PreferredColorScheme of Chromium's web_preferences.mojom
        const scheme = `--blink-settings=preferredColorScheme=${isDark ? 0 : 1}`;
        await run([scheme, `--window-size=${width},${height}`, `--screenshot=${image}`], file);
        const png = readFileSync(image);
        return { image: decodePng(png), png };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    documentOf: (file) => run(['--virtual-time-budget=20000', '--dump-dom'], file),
  };
}
