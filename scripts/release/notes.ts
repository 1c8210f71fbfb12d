/** `npm run --silent release:notes`: what the changelog says of the version in package.json. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { root } from '../bundles.ts';

/** The section of a version, without its heading; undefined where there is none, or nothing in it. */
export function notesOf(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => {
    const [heading = ''] = text.split('\n');
    return heading.replace(/^\[|\].*$|\s.*$/g, '') === version;
  });
  const notes = section?.split('\n').slice(1).join('\n').trim();
  return notes === '' ? undefined : notes;
}

if (process.argv[1] === import.meta.filename) {
  const notes = notesOf(readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8'), manifest.version);
  if (notes === undefined) console.error(`error: CHANGELOG.md has no section "## ${manifest.version}"`);
  else console.log(notes);
  process.exitCode = notes === undefined ? 1 : 0;
}
