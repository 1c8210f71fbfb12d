import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pictures } from '../../scripts/pictures.ts';

test('the pictures of the documentation are as the program draws them', async () => {
  const drawn = await pictures();
  assert.ok(drawn.size > 0);
  for (const [file, text] of drawn)
    assert.equal(readFileSync(file, 'utf8'), text, `${file} is out of date: npm run pictures`);
});
