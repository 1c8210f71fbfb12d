/**
 * Signs a program for macOS without a name (ad hoc), as linkers do.
 *
 * bun leaves the signature of its own runtime in what it makes for Intel: that ends before the program does, and its sums
 * do not fit, for which macOS ends a program. The format is that of Apple's `cs_blobs.h` and `mach-o/loader.h`.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const magic64 = 0xfeedfacf;
const segmentCommand = 0x19;
const signatureCommand = 0x1d;
const superBlob = 0xfade0cc0;
const codeDirectory = 0xfade0c02;

/** The version of a code directory that knows where the main program's text is. */
const directoryVersion = 0x20400;
const directoryLength = 88;

/** Ad hoc, and put there by what linked it, so that `codesign` replaces it unasked. */
const directoryFlags = 0x2 | 0x20000;
const sha256 = { length: 32, number: 2 };
const pageBits = 12;
const pageSize = 1 << pageBits;

interface Places {
  /** Where in the file the commands stand. */
  readonly signature: number;
  readonly text: number;
  readonly linkEdit: number;
}

/**
 * Replaces the signature of a thin 64-bit program by one that fits what is in it.
 *
 * @param identifier what it calls itself in its signature
 * @throws Error where the file is no such program, or has no signature that could be replaced
 */
export function signMachO(file: string, identifier: string): void {
  const bytes = readFileSync(file);
  const { signature, text, linkEdit } = placesIn(bytes);
  const end = bytes.readUInt32LE(signature + 8);
  const pages = Math.ceil(end / pageSize);
  const name = Buffer.from(`${identifier}\0`);
  const hashes = directoryLength + name.length;
  const directory = Buffer.alloc(hashes + pages * sha256.length);
  const whole = Buffer.alloc(20 + directory.length);

  // what is signed says where the signature is, so that comes first
  bytes.writeUInt32LE(whole.length, signature + 12);
  const start = Number(bytes.readBigUInt64LE(linkEdit + 40));
  const inLinkEdit = end + whole.length - start;
  bytes.writeBigUInt64LE(BigInt(Math.ceil(inLinkEdit / pageSize) * pageSize), linkEdit + 32);
  bytes.writeBigUInt64LE(BigInt(inLinkEdit), linkEdit + 48);

  const words = [codeDirectory, directory.length, directoryVersion, directoryFlags, hashes, directoryLength];
  for (const [index, word] of [...words, 0, pages, end].entries()) directory.writeUInt32BE(word, index * 4);
  directory.set([sha256.length, sha256.number, 0, pageBits], 36);
  directory.writeBigUInt64BE(bytes.readBigUInt64LE(text + 40), 64);
  directory.writeBigUInt64BE(bytes.readBigUInt64LE(text + 48), 72);
  directory.writeBigUInt64BE(1n, 80); // the main program, no library
  directory.set(name, directoryLength);
  for (let page = 0; page < pages; page += 1) {
    const part = bytes.subarray(page * pageSize, Math.min((page + 1) * pageSize, end));
    directory.set(createHash('sha256').update(part).digest(), hashes + page * sha256.length);
  }
  // one blob, of the kind 0, behind this head
  for (const [index, word] of [superBlob, whole.length, 1, 0, 20].entries())
    whole.writeUInt32BE(word, index * 4);
  whole.set(directory, 20);
  writeFileSync(file, Buffer.concat([bytes.subarray(0, end), whole]));
}

function placesIn(bytes: Buffer): Places {
  if (bytes.readUInt32LE(0) !== magic64) throw new Error('no thin 64-bit program for macOS');
  const found: { -readonly [Key in keyof Places]?: number } = {};
  let at = 32;
  for (let left = bytes.readUInt32LE(16); left > 0; left -= 1) {
    const command = bytes.readUInt32LE(at);
    const segment = command === segmentCommand ? bytes.toString('latin1', at + 8, at + 24) : '';
    if (command === signatureCommand) found.signature = at;
    if (/^__TEXT\0/.test(segment)) found.text = at;
    if (/^__LINKEDIT\0/.test(segment)) found.linkEdit = at;
    at += bytes.readUInt32LE(at + 4);
  }
  const { signature, text, linkEdit } = found;
  if (signature === undefined || text === undefined || linkEdit === undefined)
    throw new Error('the program has no signature to be replaced');
  return { signature, text, linkEdit };
}
