import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';

/** A file to be written, in a folder that is there. */
export interface NewFile {
  /** Its path on disk. */
  readonly file: string;
  readonly text: string;
  /** Its permissions. @default readable for everyone */
  readonly mode?: number;
}

/**
 * Writes files so that each is either old or new at every moment, also when the process is killed; none is new before
 * all are written.
 *
 * @param flush whether they must survive a power failure too, which takes milliseconds a file: without that one may be
 *   empty after it. @default false
 * @throws Error of Node where one cannot be written; EEXIST where a process that has the number of this one left a half
 */
export function writeFiles(files: readonly NewFile[], flush = false): void {
  const pending = files.map((each) => ({ ...each, temporary: temporaryOf(each.file) }));
  try {
    for (const each of pending) writeNew(each.temporary, each, flush);
    for (const { file, temporary } of pending) renameSync(temporary, file);
  } catch (error) {
    for (const { temporary } of pending) removeFile(temporary);
    throw error;
  }
}

function writeNew(temporary: string, { text, mode = 0o644 }: NewFile, flush: boolean): void {
  const descriptor = openSync(temporary, 'wx', mode);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    if (flush) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes a file, if that can be done. */
export function removeFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was not there, or nothing can be done about it.
  }
}

function temporaryOf(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.glyphoxa-tmp`);
}

/** Whether a file, by its name, is a half-written one of a process that was killed. */
export function isLeftover(name: string): boolean {
  const pid = /^\..+\.(\d+)\.glyphoxa-tmp$/.exec(name)?.[1];
  return pid !== undefined && !isRunning(Number(pid));
}

/** Whether a process of this machine runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
