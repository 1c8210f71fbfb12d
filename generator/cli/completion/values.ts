/** Words that are proposed for a place: environments, paths of values, and the values themselves. */
import path from 'node:path';
import { environmentsBeside, treeFolder } from '../../config/files.ts';
import { printable } from '../../model/characters.ts';

/** A word that may stand at a place. */
export interface Proposal {
  readonly value: string;
  readonly about?: string;
}

/** The environments of a folder; those whose names a shell could not write again are left out. */
export function environments(dir: string | undefined, cwd: string): Proposal[] {
  return environmentsBeside(dir, cwd)
    .filter((name) => name === printable(name) && !/[\s"'\\$`]/.test(name))
    .map((value) => ({ value, about: 'environment' }));
}

/** The ids of the tenants of a folder; none where they cannot be read. */
export async function tenants(dir: string | undefined, cwd: string): Promise<Proposal[]> {
  const { ids } = await readTenants(dir, cwd);
  return ids.map((value) => ({ value, about: 'tenant' }));
}

/** The waves of the fleet in a folder. */
export async function waves(dir: string | undefined, cwd: string): Promise<Proposal[]> {
  const { waves: named } = await readTenants(dir, cwd);
  return named.map((value) => ({ value, about: 'wave' }));
}

/** Who presses the tab key waits: of ten thousand tenants only the names are read, where they can be told apart. */
async function readTenants(
  dir: string | undefined,
  cwd: string,
): Promise<{ ids: string[]; waves: string[] }> {
  const { fleetFile } = await import('../../config/fleet.ts');
  const { sliceTenants, withoutSlices } = await import('../../config/fleet-slices.ts');
  const { isTenantId } = await import('../../config/tenant-id.ts');
  const { isObject } = await import('../../model/json.ts');
  const { readFile } = await import('../../model/read-file.ts');
  const { parseYaml } = await import('../../model/yaml.ts');
  try {
    const text = readFile(path.resolve(cwd, treeFolder(dir, cwd), fleetFile)).toString('utf8');
    const slices = sliceTenants(text);
    const [value] = parseYaml(slices === undefined ? text : withoutSlices(text, slices.values()));
    if (!isObject(value)) return { ids: [], waves: [] };
    const written = slices === undefined && isObject(value.tenants) ? Object.keys(value.tenants) : [];
    const named = Array.isArray(value.waves) ? value.waves.map(String) : [];
    return {
      ids: [...(slices?.keys() ?? written)].filter(isTenantId),
      waves: named.filter((name) => /^[a-z0-9-]+$/.test(name)),
    };
  } catch {
    return { ids: [], waves: [] };
  }
}

/** The paths of values that a word may go on to: one step further, groups with a dot behind them. */
export async function valuePaths(word: string): Promise<Proposal[]> {
  const { schema } = await import('../../config/load.ts');
  const { childNode } = await import('../../config/schema/node.ts');
  const { typeWords } = await import('../../config/describe.ts');
  const parts = word.split('.');
  const start = parts.pop() ?? '';
  const top = parts[0] ?? start;
  const isWhole = parts.length === 0 || ['spec', 'metadata'].includes(top);
  const way = isWhole ? parts : ['spec', ...parts];
  const node = way.reduce<typeof schema | undefined>((at, part) => at && childNode(at, part), schema);
  const below = Object.entries(node?.properties ?? {});
  const beside = parts.length === 0 ? Object.entries(schema.properties?.spec?.properties ?? {}) : [];
  const listed = [
    ...beside,
    ...below.filter(([name]) => way.length > 0 || ['spec', 'metadata'].includes(name)),
  ];
  return listed
    .filter(([name]) => name.startsWith(start))
    .map(([name, child]) => {
      const isGroup = child.properties !== undefined && child.secret !== true;
      const value = [...parts, name].join('.') + (isGroup ? '.' : '');
      return { value, about: [child.title, typeWords(child).replaceAll('`', '')].filter(Boolean).join(': ') };
    });
}

/** What may stand behind `--set`: a path with `=`, and behind that the values that it may have. */
export async function assignments(word: string): Promise<Proposal[]> {
  const [, path, start = ''] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
  if (path === undefined) {
    const paths = await valuePaths(word);
    return paths.map(({ value, about }) => ({
      value: value.endsWith('.') ? value : `${value}=`,
      ...(about === undefined ? {} : { about }),
    }));
  }
  const { findValue } = await import('../../config/explain.ts');
  const { Failure } = await import('../../model/finding.ts');
  try {
    const node = findValue(path).nodes.at(-1);
    const values = node?.enum ?? (node?.type === 'boolean' ? [true, false] : []);
    return values
      .map((value) => String(value))
      .filter((value) => value.startsWith(start))
      .map((value) => ({ value: `${path}=${value}` }));
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}
