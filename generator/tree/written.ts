/** How files are written, and how what was written is known again after formatters and other tools. */
import { isObject, type Json, type JsonObject, sortKeys } from '../model/json.ts';
import { parseYaml } from '../model/yaml.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { sumOf } from './sums.ts';

/** A kustomization in the style of `kustomize edit`, which then changes only the lines that it is about. */
export function writeKustomization(value: JsonObject, header: string): string {
  return writeYaml(kustomizationStyle(value), { header, flushLists: true });
}

/** The fields of a kustomization as they stand, and what is in them in the order in which kustomize writes it. */
function kustomizationStyle(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([field, entries]) => [field, sortKeys(entries)]));
}

/** The checksum of a file that is written: of its value, since comments above it may change. */
export function writtenSum(text: string): string {
  return sumOf(withoutHeader(text));
}

/**
 * The checksum of a file on disk in the form of {@link writtenSum}, whatever a formatter has made of quotes,
 * indentation and line ends; undefined where it is no YAML document.
 */
export function formattedSum(text: string): string | undefined {
  try {
    const [value, second] = parseYaml(text);
    if (value === undefined || second !== undefined) return undefined;
    return sumOf(writeYaml(value, { flushLists: isKustomization(value) }));
  } catch {
    return undefined;
  }
}

/** A kustomization of kustomize; Flux has objects of that kind too. */
function isKustomization(value: Json): boolean {
  if (!isObject(value) || !['Kustomization', 'Component'].includes(String(value.kind))) return false;
  return String(value.apiVersion ?? 'kustomize.config.k8s.io/').startsWith('kustomize.config.k8s.io/');
}

function withoutHeader(text: string): string {
  return text.replace(/^(?:#.*\n)+/, '');
}
