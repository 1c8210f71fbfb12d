/** Archives that depend on nothing but what is put into them: no clock, no user, no order of a disk. */

/** A file, a link or a folder of an archive. Folders above it are made by whoever unpacks, unless they are named. */
export interface TarEntry {
  /** Its path, without `/` at the beginning. */
  readonly name: string;
  readonly content?: Uint8Array;
  /** Where a link leads. */
  readonly link?: string;
  /** @default 0644, and 0755 for folders */
  readonly mode?: number;
}

const block = 512;

/** An archive (ustar) of these entries, in the order of their names. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const parts = sorted.flatMap((entry) => {
    const { content = new Uint8Array() } = entry;
    return [header(entry), content, Buffer.alloc((block - (content.length % block)) % block)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

/** Source of the format: POSIX.1-1988 with prefix, as pax(1) describes it. */
function header({ name, content, link, mode }: TarEntry): Buffer {
  const isFolder = content === undefined && link === undefined;
  const header = Buffer.alloc(block);
  const [prefix, rest] = splitName(isFolder ? `${name}/` : name);
  const number = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  header.write(rest, 0, 'utf8');
  number(mode ?? (isFolder ? 0o755 : 0o644), 100, 8);
  number(0, 108, 8);
  number(0, 116, 8);
  number(content?.length ?? 0, 124, 12);
  number(0, 136, 12);
  header.write('        ', 148, 'latin1');
  header.write(isFolder ? '5' : link === undefined ? '0' : '2', 156, 'latin1');
  if (Buffer.byteLength(link ?? '') > 100)
    throw new Error(`the link ${name} leads to a name that is too long`);
  header.write(link ?? '', 157, 'utf8');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345, 'utf8');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Whether a file of that name can be in an archive. */
export function fitsArchive(name: string): boolean {
  try {
    return splitName(name).length > 0;
  } catch {
    return false;
  }
}

/** A name of more than 100 bytes stands in two fields, of at most 155 and 100 bytes, parted at a `/`. */
function splitName(name: string): [prefix: string, rest: string] {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  const parts = name.split('/');
  for (let at = 1; at < parts.length; at++) {
    const [prefix, rest] = [parts.slice(0, at).join('/'), parts.slice(at).join('/')];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(rest) <= 100 && rest !== '')
      return [prefix, rest];
  }
  throw new Error(`the name ${name} is too long for an archive`);
}
