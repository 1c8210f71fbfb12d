/** Where a field stands in an object: for people, and as the API server writes it in conflicts. */
import type { FieldPath, ItemKey } from '../../model/diff.ts';

/** `spec.template.spec.containers[gateway].image`; of several keys all values: `ports[8081/TCP]`. */
export function formatFieldPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (typeof part !== 'string') text += `[${itemName(part)}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** The values of an item's key: `gateway`, `8081/TCP`. */
export function itemName({ keys }: ItemKey): string {
  return Object.values(keys).map(String).join('/');
}

/**
 * The same as the API server writes it: `.spec.template.spec.containers[name="gateway"].image`. Source:
 * structured-merge-diff, fieldpath.Path.String.
 */
export function serverPath(path: FieldPath): string {
  const parts = path.map((part) => {
    if (typeof part === 'string') return `.${part}`;
    if (typeof part === 'number') return `[${part}]`;
    const keys = Object.entries(part.keys).sort(([a], [b]) => (a < b ? -1 : 1));
    return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
  });
  return parts.join('');
}

/** Whether one of two fields, as the API server writes them, is the other or a part of it. */
export function isWithin(field: string, other: string): boolean {
  const [short, long] = field.length < other.length ? [field, other] : [other, field];
  return long.startsWith(short) && (long.length === short.length || /[.[]/.test(long[short.length] ?? ''));
}
