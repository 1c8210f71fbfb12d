/** Writes the pictures of the documentation, each by the program itself. A test asks whether they are as it draws them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { svg } from '../generator/graph/svg.ts';
import { trafficOf } from '../generator/graph/traffic.ts';
import { readYaml } from '../generator/model/yaml.ts';
import { validate } from '../generator/objects/build.ts';
import { pagePicture } from './page-picture.ts';
import { session } from './session.ts';
import { terminalPicture } from './terminal-picture.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every picture but the page's, by its path. */
export async function pictures(): Promise<Map<string, string>> {
  return new Map([
    ['docs/pictures/traffic.svg', await readmePicture()],
    ['docs/pictures/session.svg', await session()],
    ['docs/pictures/terminal.svg', await terminalPicture()],
  ]);
}

/** The deployment that the README's resource describes. */
async function readmePicture(): Promise<string> {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, resource = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
  const { config } = await validate(readYaml(resource, 'README.md'));
  if (config === undefined) throw new Error("the README's resource has errors");
  return svg(trafficOf(config));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // a browser draws it a little differently on each machine, so that it is compared with some room
  const page = ['docs/pictures/page.png', await pagePicture()] as const;
  for (const [file, content] of [...(await pictures()), page]) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  }
}
