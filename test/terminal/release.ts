/** A release as `init` begins it, with its tree. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';

/** Makes one with the environments production and staging; gone when the test ends. */
export async function makeRelease(t: TestContext): Promise<string> {
  const folder = folderOf(t, {});
  const { exitCode, stderr } = await runCli(
    ['init', '.', '--image', 'registry.example.com/glyphoxa:1a2b3c4'],
    { cwd: folder },
  );
  assert.equal(exitCode, 0, stderr);
  return folder;
}
