/** Reads single files out of archives. Plain Node without a dependency. */
import { inflateRawSync } from 'node:zlib';

/** The content of one file of a tar archive (ustar, with names below 100 bytes). */
export function tarMember(archive, name) {
  const text = (start, length) => archive.toString('latin1', start, start + length).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= archive.length; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    if (text(at, 100) === name) return archive.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`the tarball has no ${name}`);
}

/** The content of one file of a zip archive. */
export function zipMember(archive, name) {
  for (const entry of zipEntries(archive)) if (entry.name === name) return entry.read();
  throw new Error(`the zip archive has no ${name}`);
}

/** The files of a zip archive (below 4 GiB), by its central directory. */
export function* zipEntries(archive) {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0) throw new Error('not a zip archive');
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    const method = archive.readUInt16LE(at + 10);
    const packed = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const rest = archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + rest;
    yield { name, read: () => unpack(archive, local, method, packed) };
  }
}

function unpack(archive, local, method, packed) {
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const content = archive.subarray(start, start + packed);
  if (method === 0) return content;
  if (method === 8) return inflateRawSync(content);
  throw new Error(`zip compression method ${method} is not supported`);
}
