import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** No file that people write for this tool comes near this. */
export const maxFileBytes = 1024 * 1024;

/**
 * Reads an ordinary file, and never waits or reads without end: what a pipe, a device or a huge file would do. What
 * is looked at is what is read, whatever happens to the name in the meantime.
 *
 * @param limit bytes that it may have; @default 1 MiB
 * @param check looks at the open file before it is read, and throws where it is the wrong one
 * @throws an error with a `code` of Node's: EISDIR for a folder, ENODEV for what is no file, EFBIG for one that is too large
 */
export function readFile(file: string, limit = maxFileBytes, check?: (opened: Stats) => void): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const opened = fstatSync(descriptor);
    if (!opened.isFile()) throw unreadable(opened.isDirectory() ? 'EISDIR' : 'ENODEV');
    check?.(opened);
    if (opened.size > limit) throw unreadable('EFBIG');
    // one byte more: the file may grow, and those of /proc say that they are empty
    let buffer = Buffer.alloc(opened.size + 1);
    let length = 0;
    for (let read = 1; read > 0; length += read) {
      if (length > limit) throw unreadable('EFBIG');
      if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(length)]);
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

function unreadable(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`the file cannot be read (${code})`), { code });
}

/** Why a file cannot be read, as the end of a sentence about it; for an error of Node's or of `readFile`. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
  const reasons: { [code: string]: string } = {
    ENOENT: 'does not exist',
    ENOTDIR: 'does not exist',
    EISDIR: 'is a folder',
    ENODEV: 'is no ordinary file',
    ENXIO: 'is no ordinary file',
    EFBIG: `is larger than ${maxFileBytes} bytes`,
    EACCES: 'may not be read',
    EPERM: 'may not be read',
    ELOOP: 'is a link that leads in a circle',
    ENAMETOOLONG: 'has a name that is too long',
    ERR_ENCODING_INVALID_ENCODED_DATA: 'is no UTF-8 text',
  };
  return reasons[code] ?? `cannot be read (${code})`;
}
