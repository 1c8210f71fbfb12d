/** A resource that is being made of an operator's values: what it has, what each value was made of, and what is to be told. */

import { withDefaults } from '../config/layers.ts';
import { type Source, schema } from '../config/load.ts';
import { withoutForms } from '../config/mask.ts';
import type { SchemaNode } from '../config/schema/node.ts';
import { apiVersion, kind } from '../config/schema/resource.ts';
import type { Finding, Position } from '../model/finding.ts';
import { dig, equal, isObject, type Json, type JsonObject, type Path, setKey } from '../model/json.ts';
import type { Values } from './places.ts';

/** What a resource is made for. */
export interface Aim {
  /** The release: the prefix of every object. */
  readonly release: string;
  readonly namespace: string;
  /** The name of the environment. */
  readonly environment: string;
}

/** A secret that stands in the values, by the key of the Secret that it belongs to. */
export interface FoundSecret {
  readonly key: string;
  readonly value: string;
  readonly from: Path;
  /** Whether the chart puts it into its Secret under that key. */
  readonly isInSecret: boolean;
  /** Where in the resource it is named when it stays in another Secret. */
  readonly kept?: { readonly to: Path; readonly reference: { readonly name: string; readonly key: string } };
}

/** Values of the environment and not of the resource. */
const ofEnvironment = ['topology', 'tierScheduling'];

/** A resource in the making. */
export class Draft {
  readonly aim: Aim;
  readonly findings: Finding[] = [];
  readonly #values: Values;
  readonly #spec: JsonObject = {};
  /** What a value of the resource was made of. */
  readonly #origins = new Map<string, Path>();

  constructor(aim: Aim, values: Values) {
    this.aim = aim;
    this.#values = values;
  }

  /** Sets a value below `spec`. */
  set(to: Path, value: Json, from: Path): void {
    let at = this.#spec;
    for (const part of to.slice(0, -1)) {
      const key = String(part);
      if (!isObject(at[key])) setKey(at, key, {});
      at = at[key] as JsonObject;
    }
    setKey(at, String(to.at(-1)), value);
    this.#origins.set(JSON.stringify(['spec', ...to]), from);
  }

  /** What was set at a path below `spec`. */
  get(path: Path): Json | undefined {
    return dig(this.#spec, path);
  }

  /** What a value of the operator is called. */
  nameOf(from: Path): string {
    return this.#values.nameOf?.(from) ?? from.join('.');
  }

  /** Where a value of the operator was written; undefined where nothing around it was. */
  placeOf(from: Path): Position | undefined {
    return this.#values.places.at(from);
  }

  /** Tells something of an operator's value. */
  tell(
    code: string,
    from: Path,
    message: string,
    hint: string,
    severity: Finding['severity'] = 'warning',
  ): void {
    this.tellAt(this.placeOf(from), code, message, hint, severity);
  }

  /** Tells something of a place in the operator's files. */
  tellAt(
    position: Position | undefined,
    code: string,
    message: string,
    hint: string,
    severity: Finding['severity'] = 'warning',
  ): void {
    this.findings.push({
      code,
      severity,
      path: [],
      message: withoutForms(message),
      hint,
      ...(position === undefined ? {} : { position }),
      showSource: false,
    });
  }

  /** The resource and the environment's layer, as sources whose positions are those of the operator's files. */
  sources(): { readonly resource: Source; readonly layer: Source } {
    const { release, namespace, environment } = this.aim;
    const topology = this.get(['core', 'topology']) === 'dedicated' ? 'dedicated' : 'shared';
    const head = { apiVersion, kind };
    const defaults = withDefaults(schema, { ...head, metadata: { name: release } }, { topology, release });
    const node = schema.properties?.spec as SchemaNode;
    const spec = withoutDefaults(node, this.#spec, dig(defaults, ['spec'])) ?? {};
    const core = isObject(spec) && isObject(spec.core) ? spec.core : {};
    const own = Object.entries(core).filter(([key]) => ofEnvironment.includes(key));
    const layer: JsonObject = { ...head, metadata: { namespace } };
    if (own.length > 0) layer.spec = { core: Object.fromEntries(own) };
    const rest = Object.fromEntries(Object.entries(core).filter(([key]) => !ofEnvironment.includes(key)));
    const { core: _, ...others } = spec as JsonObject;
    const all = Object.keys(rest).length === 0 ? others : { core: rest, ...others };
    const resource: JsonObject = { ...head, metadata: { name: release } };
    if (Object.keys(all).length > 0) resource.spec = all;
    const locate = (path: Path) => this.#locate(path);
    return {
      resource: { value: resource, findings: [], locate },
      layer: { value: layer, findings: [], locate, environment },
    };
  }

  /** Where the values that a value of the resource was made of were written; of what is not there, those beside it. */
  #locate(path: Path): Position {
    for (let length = path.length; length > 0; length -= 1) {
      const start = path.slice(0, length);
      const from = this.#origins.get(JSON.stringify(start)) ?? this.#originBelow(start);
      const position = from && this.#values.places.at([...from, ...path.slice(length)]);
      if (position !== undefined) return position;
    }
    return this.#values.places.at([]) ?? { file: 'values', line: 1, col: 1 };
  }

  #originBelow(path: Path): Path | undefined {
    const start = `${JSON.stringify(path).slice(0, -1)},`;
    for (const [to, from] of this.#origins)
      if (to.startsWith(start) && this.#values.places.has(from)) return from;
    return undefined;
  }
}

/** A value without what is the default anyway; undefined where nothing is left. */
function withoutDefaults(node: SchemaNode, value: Json, stated: Json | undefined): Json | undefined {
  if (equal(value, stated)) return undefined;
  if (!isObject(value) || node.properties === undefined) return value;
  const left: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const child = node.properties[key] ?? {};
    const part = withoutDefaults(child, item, isObject(stated) ? stated[key] : undefined);
    if (part !== undefined) setKey(left, key, part);
  }
  return Object.keys(left).length === 0 ? undefined : left;
}
