import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pagePicture } from '../../scripts/page-picture.ts';
import { pictures } from '../../scripts/pictures.ts';
import { requireTool } from '../support/find-tool.ts';
import { decodePng, difference, type Image } from '../support/png.ts';

test('the pictures of the documentation are as the program draws them', async () => {
  const drawn = await pictures();
  assert.ok(drawn.size > 0);
  for (const [file, text] of drawn)
    assert.equal(readFileSync(file, 'utf8'), text, `${file} is out of date: npm run pictures`);
});

test('so is that of the page, with room for how machines draw letters', async (t) => {
  if (requireTool(t, 'chromium') === undefined) return;
  const [shown, drawn] = [readFileSync('docs/pictures/page.png'), await pagePicture()].map((png) =>
    decodePng(Buffer.from(png)),
  ) as [Image, Image];
  const share = difference(shown, drawn);
  t.diagnostic(`${(share * 100).toFixed(2)} % differ`);
  assert.ok(share < 0.02, `${(share * 100).toFixed(1)} % of page.png are out of date: npm run pictures`);
});
