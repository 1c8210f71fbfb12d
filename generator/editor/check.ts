/** All that is wrong with a resource and its environments, found again after each change as far as it changed. */
import type { Source } from '../config/load.ts';
import type { Finding } from '../model/finding.ts';
import { equal, type Json } from '../model/json.ts';
import { readYaml, type YamlSource } from '../model/yaml.ts';
import { type Validated, validate } from '../objects/build.ts';
import { treeFindings } from '../tree/load.ts';
import type { EditedFile } from './files.ts';
import { withPlainEnds } from './yaml/line-ends.ts';
import { parseText } from './yaml/source.ts';

/** A resource alone and with each of its environments, by their names; the resource by none. */
export interface Checked {
  readonly of: ReadonlyMap<string | undefined, Validated>;
  readonly findings: readonly Finding[];
}

/** A check that remembers what it found of texts that have not changed since. */
export type Checker = (files: readonly EditedFile[], named: readonly Finding[]) => Promise<Checked>;

/** Makes a checker. */
export function makeChecker(): Checker {
  const read = new Map<string | undefined, YamlSource & Source>();
  const known = new Map<
    string | undefined,
    { base: YamlSource; layer: YamlSource | undefined; validated: Validated }
  >();
  const sourceOf = (file: EditedFile): YamlSource & Source => {
    const before = read.get(file.environment);
    if (before?.text === file.text && before.file === file.shown) return before;
    const source = readEdited(file);
    read.set(file.environment, source);
    return source;
  };
  return async (files, named) => {
    const [resource, ...layers] = files as [EditedFile, ...EditedFile[]];
    const base = sourceOf(resource);
    const of = new Map<string | undefined, Validated>();
    const checked: {
      name: string;
      layer: YamlSource;
      config: Validated['config'];
      findings: readonly Finding[];
    }[] = [];
    const check = async (name: string | undefined, layer?: YamlSource & Source) => {
      const before = known.get(name);
      const isSame = before?.base === base && before.layer === layer;
      const validated = isSame ? before.validated : await validate(base, layer);
      known.set(name, { base, layer, validated });
      of.set(name, validated);
      return validated;
    };
    const alone = await check(undefined);
    for (const file of layers) {
      const name = file.environment as string;
      const layer = sourceOf(file);
      const { config, findings } = await check(name, layer);
      checked.push({ name, layer, config, findings });
    }
    return { of, findings: treeFindings(alone.findings, checked, named) };
  };
}

/** A file as it is read; one with anchors or tags says what it means by them, beside the finding that forbids them. */
function readEdited({ text, shown, environment }: EditedFile): YamlSource & Source {
  const source = readYaml(text, shown);
  const isParted = source.findings.some(({ code }) => code === 'anchor' || code === 'tag');
  const value = source.value ?? (isParted ? parseText(withPlainEnds(text))?.value : undefined);
  const name = environment === undefined ? {} : { environment };
  return { ...source, value, ...name };
}

/** The findings that were not there before, wherever they stand now. */
export function newFindings(before: readonly Finding[], now: readonly Finding[]): Finding[] {
  const left = [...before];
  return now.filter((finding) => {
    const index = left.findIndex((other) => isSame(finding, other));
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}

function isSame(a: Finding, b: Finding): boolean {
  const key = ({ code, severity, path, message, environments = [] }: Finding): Json =>
    [code, severity, [...path], message, [...environments]] as Json;
  return a.code === b.code && equal(key(a), key(b));
}
