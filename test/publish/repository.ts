/** Deployment repositories under git, for the tests of `publish`. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type Ran, runCli, type World } from '../support/fake-io.ts';
import { makeFolder } from '../support/folder.ts';
import { toolEnv } from '../support/tools.ts';
import { generateIn, layer, minimal } from '../tree/folder.ts';

/** What git is to think of itself, whatever the machine. */
const identity = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05+02:00',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05+02:00',
};

/** Runs git in a folder. */
export function git(folder: string, ...words: string[]): string {
  return execFileSync('git', words, { cwd: folder, env: toolEnv(identity), stdio: 'pipe' }).toString();
}

/** Commits all that git does not ignore. */
export function commit(folder: string): void {
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'a change');
}

/** A written and committed tree with the environment `prod`, cloned from an address with a user in it. */
export async function repository(files: { readonly [file: string]: string } = {}): Promise<string> {
  const ignored = { '.gitignore': 'secrets.env\noverlays/*/secrets/\n' };
  const layers = { 'overlays/prod/config.yaml': layer('prod') };
  const folder = makeFolder({ 'glyphoxa.yaml': minimal, ...ignored, ...layers, ...files });
  await generateIn(folder);
  git(folder, 'init', '--quiet');
  git(folder, 'remote', 'add', 'origin', 'https://user:canary-clone@git.example.com/team/deploy.git');
  commit(folder);
  return folder;
}

/** Runs `publish prod ADDRESS` in a folder. */
export function publish(
  cwd: string,
  address: string,
  words: readonly string[] = [],
  env: World['env'] = {},
): Promise<Ran> {
  const PATH = process.env.PATH;
  const home = path.join(cwd, '.git');
  return runCli(['publish', 'prod', address, ...words], {
    cwd,
    env: { PATH, HOME: home, GIT_CONFIG_GLOBAL: '/dev/null', ...env },
  });
}
