/** The optional parts of a deployment: what each brings, and what it needs. */
import type { Source } from '../config/load.ts';
import type { Config } from '../config/schema/resource.ts';
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

/** All parts of a configuration, each tried on and off. */
export async function partsOf({ config, sources, findings }: Validated): Promise<Part[]> {
  const parts: Part[] = [];
  const [layer, base] = sources.length === 2 ? sources : [undefined, sources[0]];
  for (const name of partSections) {
    const node = nodesOn(['spec', name])?.at(-1) ?? {};
    const on = dig(config as unknown as Json, partSwitch(name)) === true;
    const [isOn, isOff] = [
      await switched(base as Source, layer, name, true),
      await switched(base as Source, layer, name, false),
    ];
    const needs = on ? [] : newFindings(findings, isOn.findings);
    parts.push({
      name,
      path: partSwitch(name),
      title: node.title ?? name,
      description: node.description ?? '',
      on,
      brings: broughtBy(name, isOn, isOff),
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

function broughtBy(name: string, on: Validated, off: Validated): string[] {
  const others = infrastructure
    .filter(({ section }) => section === name)
    .map((entry) => `infrastructure: ${entry.name}`);
  const [some, none] = [on, off].map((each) => (hasErrors(each.findings) ? undefined : each.config));
  if (some === undefined || none === undefined) return others;
  const without = new Set(namesIn(none));
  return [...namesIn(some).filter((object) => !without.has(object)), ...others];
}

function namesIn(config: Config): string[] {
  return generated(config).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}
