import { formatPath, isObject, type Json, type JsonObject, type Path, setKey } from '../model/json.ts';
import { checks } from './checks.ts';
import type { Problem, Wrong } from './problem.ts';
import { childNode, isOptional, isSecretSource, type SchemaNode } from './schema/node.ts';
import { places } from './schema-places.ts';
import { suggest } from './suggest.ts';
import { wrongValue } from './value-check.ts';

/** What a check of a value against the schema gives. */
export interface Checked {
  /** A copy without the parts that are wrong, so that the rules can still look at the rest. */
  readonly clean: JsonObject;
  readonly problems: readonly Problem[];
}

/** How a document is checked. */
export interface CheckOptions {
  /** An environment's layer: nothing but its identity is required, and null removes a value. */
  readonly layer: boolean;
  /** The text of a scalar as it stands in the file, for hints. */
  readonly written: (path: Path) => string | undefined;
}

/** Checks a document against the schema and finds every problem. */
export function checkSchema(schema: SchemaNode, value: JsonObject, options: CheckOptions): Checked {
  const problems: Problem[] = [];
  const clean = new Checker(schema, options, problems).visit(schema, value, [], options.layer, false);
  return { clean: isObject(clean) ? clean : {}, problems };
}

class Checker {
  readonly #root: SchemaNode;
  readonly #options: CheckOptions;
  readonly #problems: Problem[];

  constructor(root: SchemaNode, options: CheckOptions, problems: Problem[]) {
    this.#root = root;
    this.#options = options;
    this.#problems = problems;
  }

  /**
   * @param partial nothing is required here, and null removes
   * @param hidden the value is a secret or may hold one
   * @returns the clean copy, or undefined where the value is wrong
   */
  visit(node: SchemaNode, value: Json, path: Path, partial: boolean, hidden: boolean): Json | undefined {
    const secret = hidden || node.secret === true;
    const before = this.#problems.length;
    const clean = this.#typed(node, value, path, partial, secret);
    if (clean === undefined || this.#problems.length > before) return clean;
    if (node.check !== undefined) {
      const wrong: readonly Wrong[] = checks[node.check](value as never);
      for (const found of wrong) {
        const at = [...path, ...(found.path ?? [])];
        const message = secret ? 'this is not of the right form' : found.message;
        const isHidden = secret || found.hidden === true;
        this.#add({ code: 'invalid-value', path: at, message, hint: found.hint, hidden: isHidden });
      }
    }
    return this.#problems.length > before ? undefined : clean;
  }

  #add(problem: Omit<Problem, 'severity'>): undefined {
    this.#problems.push({ severity: 'error', ...problem });
  }

  #typed(node: SchemaNode, value: Json, path: Path, partial: boolean, hidden: boolean): Json | undefined {
    if (value === null) {
      const hint = partial ? 'remove the line' : 'remove the line, or give a value';
      return this.#add({ code: 'empty-value', path, message: 'no value stands here', hint, hidden });
    }
    const wrong = wrongValue(node, value, hidden, () => this.#options.written(path));
    if (wrong !== undefined) return this.#add({ path, hidden, ...wrong });
    if (Array.isArray(value)) return this.#list(node, value, path, hidden);
    return isObject(value) ? this.#object(node, value, path, partial, hidden) : value;
  }

  #list(node: SchemaNode, value: Json[], path: Path, hidden: boolean): Json[] {
    const { items, minItems = 0 } = node;
    if (value.length < minItems) {
      const hint = 'add an item, or remove the line';
      this.#add({ code: 'empty-value', path, message: 'the list is empty', hint, hidden });
    }
    if (items === undefined) {
      this.#freeform(value, path, hidden);
      return value;
    }
    return value.flatMap((item, index) => {
      const clean = this.visit(items, item, [...path, index], false, hidden);
      return clean === undefined ? [] : [clean];
    });
  }

  #object(
    node: SchemaNode,
    value: JsonObject,
    path: Path,
    partial: boolean,
    hidden: boolean,
  ): JsonObject | undefined {
    if (node.properties === undefined && node.additionalProperties === undefined) {
      this.#freeform(value, path, hidden);
      return value;
    }
    const clean: JsonObject = {};
    const isSecret = isSecretSource(node);
    const within = partial && !isSecret;
    const { additionalProperties: others } = node;
    // Beside free-form secrets a value of the wrong form may be one that was meant to stand among them.
    const isHidden =
      hidden || (typeof others === 'object' && others.secret === true && others.type === undefined);
    for (const [key, item] of Object.entries(value)) {
      const child = childNode(node, key);
      const at = [...path, key];
      if (child === undefined) {
        this.#unknown(node, key, path);
        continue;
      }
      if (node.keys !== undefined && !Object.hasOwn(node.properties ?? {}, key)) {
        const found = checks[node.keys](key as never)[0];
        if (found !== undefined) {
          this.#add({
            code: 'invalid-key',
            path: at,
            message: found.message,
            at: 'key',
            hidden,
            hint: found.hint,
          });
          continue;
        }
      }
      const isRemovable = path.length > 0 || key === 'spec';
      if (isBlank(child, item) || (within && isRemovable && item === null)) {
        if (within) setKey(clean, key, null);
        continue;
      }
      const part = this.visit(child, item, at, within, isHidden);
      if (part !== undefined) setKey(clean, key, part);
    }
    if (isSecret) return this.#secretSources(value, clean, path);
    for (const key of node.required ?? []) {
      const identity = path.length === 0 && (key === 'apiVersion' || key === 'kind');
      const isGiven = Object.hasOwn(value, key) && !isBlank(node.properties?.[key], value[key]);
      if (isGiven || (partial && !identity) || isOptional(node, key)) continue;
      const at = [...path, key];
      this.#add({
        code: 'required',
        path: at,
        message: 'this value is required',
        hint: `add ${formatPath(at)}`,
        hidden,
      });
    }
    return clean;
  }

  #secretSources(value: JsonObject, clean: JsonObject, path: Path): JsonObject | undefined {
    const sources = 'value, fromEnv, fromFile, secretKeyRef';
    const count = Object.keys(value).length;
    if (count === 1) return Object.keys(clean).length === 1 ? clean : undefined;
    const message = count === 0 ? 'no source is given' : 'more than one source is given';
    return this.#add({
      code: 'secret-source',
      path,
      message,
      hint: `give exactly one of ${sources}`,
      hidden: true,
    });
  }

  /** Free-form values are handed on as they stand, but for characters and digits that do not survive the way. */
  #freeform(value: Json, path: Path, hidden: boolean): void {
    const wrong = wrongValue({}, value, hidden);
    if (wrong !== undefined) this.#add({ path, hidden, ...wrong });
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.#freeform(item, [...path, index], hidden);
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) this.#freeform(item, [...path, key], hidden);
    }
  }

  #unknown(node: SchemaNode, key: string, path: Path): undefined {
    const known = Object.keys(node.properties ?? {});
    const close = suggest(key, known);
    const elsewhere = close === undefined ? places(this.#root, key) : [];
    let hint = known.length === 0 ? 'remove it' : `known here: ${known.join(', ')}`;
    if (close !== undefined) hint = `did you mean "${close}"?`;
    else if (elsewhere.length > 0 && elsewhere.length <= 3) hint = `did you mean ${elsewhere.join(' or ')}?`;
    // In the place of a source, what looks like a key may be the secret itself.
    if (node.secret === true) {
      const message = 'a field stands here that no secret has';
      return this.#add({ code: 'unknown-field', path, message, hint, hidden: true });
    }
    return this.#add({
      code: 'unknown-field',
      path: [...path, key],
      message: 'this field does not exist',
      hint,
      at: 'key',
    });
  }
}

/** Whether a value says the same as nothing. */
function isBlank(node: SchemaNode | undefined, value: Json | undefined): boolean {
  return node?.blankIsUnset === true && (value === null || (value === '' && node.type === 'string'));
}
