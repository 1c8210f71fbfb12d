/** The optional parts of a deployment: what each brings, and what it needs. */
import type { Source } from '../config/load.ts';
import type { Finding } from '../model/finding.ts';
import { hasErrors } from '../model/finding.ts';
import { dig, isObject, type Json, type JsonObject, type Path, setKey } from '../model/json.ts';
import { type Validated, validate } from '../objects/build.ts';
import { infrastructure, partSections } from '../objects/parts.ts';
import { generated } from '../tree/overlay-diff.ts';
import { newFindings } from './check.ts';
import { nodesOn } from './edits.ts';

/** An optional part. */
export interface Part {
  /** The name of its section: `mcpGateway`. */
  readonly name: string;
  /** The switch. */
  readonly path: Path;
  readonly title: string;
  readonly description: string;
  readonly on: boolean;
  /** The objects that it brings, or what it has in the infrastructure. */
  readonly brings: readonly string[];
  /** What is wrong while it is on and nothing else is set: each at the value that it needs. */
  readonly needs: readonly Finding[];
}

/** The switch of a part. */
export function partSwitch(name: string): Path {
  return ['spec', name, 'enabled'];
}

/** All parts of a configuration, each tried as it is not. */
export async function partsOf(now: Validated): Promise<Part[]> {
  const parts: Part[] = [];
  const [layer, base] = now.sources.length === 2 ? now.sources : [undefined, now.sources[0]];
  const present = namesIn(now);
  for (const name of partSections) {
    const node = nodesOn(['spec', name])?.at(-1) ?? {};
    const on = dig(now.config as unknown as Json, partSwitch(name)) === true;
    const other = await switched(base as Source, layer, name, !on);
    const [some, none] = on ? [present, namesIn(other)] : [namesIn(other), present];
    const needs = on ? [] : newFindings(now.findings, other.findings);
    parts.push({
      name,
      path: partSwitch(name),
      title: node.title ?? name,
      description: node.description ?? '',
      on,
      brings: broughtBy(name, some, none),
      needs: needs.filter(({ severity }) => severity === 'error'),
    });
  }
  return parts;
}

/** The configuration with a part on or off. */
function switched(base: Source, layer: Source | undefined, name: string, on: boolean): Promise<Validated> {
  const changed = { ...(layer ?? base), value: withSwitch((layer ?? base).value, name, on) };
  return layer === undefined ? validate(changed) : validate(base, changed);
}

function withSwitch(value: Json | undefined, name: string, on: boolean): Json {
  const child = (of: Json | undefined, key: string): JsonObject => {
    const found = isObject(of) && Object.hasOwn(of, key) ? of[key] : undefined;
    return isObject(found) ? { ...found } : {};
  };
  const root: JsonObject = isObject(value) ? { ...value } : {};
  const spec = child(root, 'spec');
  setKey(spec, name, { ...child(spec, name), enabled: on });
  return { ...root, spec };
}

function broughtBy(name: string, some: readonly string[] | undefined, none: readonly string[] | undefined) {
  const others = infrastructure
    .filter(({ section }) => section === name)
    .map((entry) => `infrastructure: ${entry.name}`);
  if (some === undefined || none === undefined) return others;
  const without = new Set(none);
  return [...some.filter((object) => !without.has(object)), ...others];
}

/** The objects of a configuration; undefined where it has errors, so that nothing is made of it. */
function namesIn({ config, findings }: Validated): string[] | undefined {
  if (config === undefined || hasErrors(findings)) return undefined;
  return generated(config).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}
