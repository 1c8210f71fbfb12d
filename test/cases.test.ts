/**
 * Whole resources and what comes of them: test/cases/success/CASE/{glyphoxa,expected}.yaml, and
 * test/cases/error/CASE/{glyphoxa.yaml,errors.txt}. With GLYPHOXA_UPDATE=1 the expected files are written
 * anew; the run that writes one still fails, so that nobody updates them without looking.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { formatFinding, hasErrors } from '../generator/model/finding.ts';
import { readYaml, writeYamlStream } from '../generator/model/yaml.ts';
import { build, validate } from '../generator/objects/build.ts';

const cases = fileURLToPath(new URL('./cases/', import.meta.url));

function holds(file: string, text: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (before !== text && process.env.GLYPHOXA_UPDATE === '1') writeFileSync(file, text);
  assert.equal(text, before);
}

for (const kind of ['success', 'error'] as const) {
  describe(`cases of ${kind}`, () => {
    for (const name of readdirSync(path.join(cases, kind))) {
      it(name, async () => {
        const folder = path.join(cases, kind, name);
        const source = readYaml(readFileSync(path.join(folder, 'glyphoxa.yaml'), 'utf8'), 'glyphoxa.yaml');
        if (kind === 'success') {
          const { objects } = await build(source, undefined, { env: {}, folder });
          return holds(path.join(folder, 'expected.yaml'), writeYamlStream(objects));
        }
        const { findings } = await validate(source);
        assert.ok(hasErrors(findings));
        assert.ok(findings.every(({ position }) => position !== undefined));
        const text = findings.map((finding) => `${formatFinding(finding)}\n`).join('');
        assert.doesNotMatch(text, /canary/);
        return holds(path.join(folder, 'errors.txt'), text);
      });
    }
  });
}
