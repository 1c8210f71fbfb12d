/** Puts ciphertexts into the text of an environment's `config.yaml` and leaves the rest of it as it is. */
import { type Document, isMap, isScalar, parseDocument, YAMLMap } from 'yaml';

const path = ['spec', 'secrets', 'sealed'];

/**
 * The text of a layer with these ciphertexts in `spec.secrets.sealed`. Where a key is there already only its value
 * changes; comments, order and everything else stay.
 *
 * @param text a layer that was read without errors
 */
export function withCiphertexts(text: string, ciphertexts: ReadonlyMap<string, string>): string {
  let changed = text;
  const added = new Map<string, string>();
  for (const [key, ciphertext] of ciphertexts) {
    const replaced = replaceValue(changed, key, ciphertext);
    if (replaced === undefined) added.set(key, ciphertext);
    else changed = replaced;
  }
  return added.size === 0 ? changed : addValues(changed, added);
}

/** Replaces the value of a key that is there, by its place in the text. */
function replaceValue(text: string, key: string, ciphertext: string): string | undefined {
  const node = parseDocument(text).getIn([...path, key], true);
  if (!isScalar(node) || node.range === undefined || node.range === null) return undefined;
  const [start, end] = node.range;
  if (typeof node.value !== 'string' || text.slice(start, end).includes('\n')) return undefined;
  return `${text.slice(0, start)}${ciphertext}${text.slice(end)}`;
}

/** Adds keys, and the maps above them where they are missing. */
function addValues(text: string, added: ReadonlyMap<string, string>): string {
  const document = parseDocument(text, { keepSourceTokens: true });
  const sealed = mapAt(document, path);
  for (const [key, ciphertext] of added) sealed.set(key, document.createNode(ciphertext));
  const indent = /^( +)\S/m.exec(text.replace(/^ *#.*$/gm, ''))?.[1]?.length ?? 2;
  const isFlush = /^( *)[\w-]+:\n\1- /m.test(text);
  return document.toString({ lineWidth: 0, indent, indentSeq: !isFlush, flowCollectionPadding: false });
}

/** The map at a path; one that is missing, null or empty becomes a new one in block style. */
function mapAt(document: Document, keys: readonly string[]): YAMLMap {
  const root = document.contents;
  if (!isMap(root)) throw new Error('the layer is no map');
  let at: YAMLMap = root as YAMLMap;
  for (const key of keys) {
    const next = at.get(key, true);
    if (isMap(next) && next.items.length > 0) at = next as YAMLMap;
    else {
      const fresh = new YAMLMap(document.schema);
      if (isScalar(next) || isMap(next)) {
        fresh.commentBefore = next.commentBefore ?? null;
        fresh.comment = next.comment ?? null;
      }
      at.set(key, fresh);
      at = fresh;
    }
  }
  return at;
}
