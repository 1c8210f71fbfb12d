/** What a client may read as context: schema and reference by section, the files, the tree, the findings. */

import type { At } from '../editor/files.ts';
import { listFolder, readText, type Tree } from '../tree/disk.ts';
import { generateTree } from '../tree/generate.ts';
import { baseFolder, componentsFolder, environmentFolder, tenantsFolder } from '../tree/layout.ts';
import { parseSums, sumsFileOf } from '../tree/sums.ts';
import { page } from './answers.ts';
import type { Desk, Open } from './desk.ts';
import { describedSections, schemaOfSection, sectionReference } from './reference.ts';
import { findingPage } from './shapes.ts';
import { linesOf } from './text-tools.ts';

/** Something that can be read. */
export interface Resource {
  /** `glyphoxa://findings`, or a template with one variable: `glyphoxa://schema/{section}`. */
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  /** The values of the variable that there are now. */
  names?(desk: Desk): Promise<readonly string[]>;
  /** Its text; undefined where there is none of that name. */
  read(desk: Desk, name: string): Promise<string | undefined>;
}

const json = 'application/json';

const sectionNames = async () => describedSections();

/** All resources. */
export const resources: readonly Resource[] = [
  {
    uri: 'glyphoxa://schema/{section}',
    name: 'schema',
    title: 'Schema of a section',
    description: 'The JSON Schema of a section of the resource.',
    mimeType: 'application/schema+json',
    names: sectionNames,
    read: async (_, name) => {
      const schema = schemaOfSection(name);
      return schema === undefined ? undefined : JSON.stringify(schema, null, 1);
    },
  },
  {
    uri: 'glyphoxa://reference/{section}',
    name: 'reference',
    title: 'Reference of a section',
    description: 'Every value of a section: what it is, its type and its default.',
    mimeType: 'text/markdown',
    names: sectionNames,
    read: async (_, name) => sectionReference(name),
  },
  {
    uri: 'glyphoxa://file/{place}',
    name: 'file',
    title: 'File of the configuration',
    description:
      'glyphoxa.yaml (`resource`), or the config.yaml of an environment, edits among it and secrets hidden.',
    mimeType: 'application/yaml',
    names: (desk) => desk.use(async ({ session }) => ['resource', ...session.environments()]),
    read: (desk, name) =>
      desk.use(async (open) => {
        const at = placeOf(open, name);
        if (at === undefined) return undefined;
        const { items, next } = page(linesOf(open.session, at.place));
        const rest = next === undefined ? [] : [`# … cut here: read_file continues from line ${next + 1}`];
        return [...items, ...rest].join('\n');
      }),
  },
  {
    uri: 'glyphoxa://findings',
    name: 'findings',
    title: 'Findings',
    description: 'What is wrong with the resource and its environments, edits that are not saved among them.',
    mimeType: json,
    read: (desk) =>
      desk.use(async ({ session }) => {
        const { items, total } = findingPage(session.findings());
        return JSON.stringify({ total, findings: items }, null, 1);
      }),
  },
  {
    uri: 'glyphoxa://tree',
    name: 'tree',
    title: 'Files of the Kustomize tree',
    description: 'The files that generate wrote, and those that it would write anew by what is saved.',
    mimeType: json,
    read: (desk) =>
      desk.use(async ({ session }) => {
        const { items, total } = page(treeFiles(desk.tree, session.environments()));
        const { changes } = await generateTree(desk.tree, { check: true });
        const stale = page(changes.map(({ path, what }) => ({ file: path, what })));
        const answer = { total, files: items, changes: stale.total, out_of_date: stale.items };
        return JSON.stringify(answer, null, 1);
      }),
  },
];

function placeOf({ session }: Open, name: string): { readonly place: At } | undefined {
  if (name === 'resource') return { place: undefined };
  return session.environments().includes(name) ? { place: name } : undefined;
}

/** The files of a tree, by the checksums beside them. */
function treeFiles(tree: Tree, environments: readonly string[]): string[] {
  const tenants = (listFolder(tree, tenantsFolder) ?? []).map((name) => `${tenantsFolder}/${name}`);
  const folders = [baseFolder, componentsFolder, ...environments.map(environmentFolder), ...tenants];
  return folders.flatMap((folder) => {
    const sums = readText(tree, `${folder}/${sumsFileOf(folder)}`);
    return sums === undefined ? [] : [...parseSums(sums).sums.keys()].map((file) => `${folder}/${file}`);
  });
}
