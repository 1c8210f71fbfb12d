/** What git says of the files that are published. */
import { withoutCredentials } from '../config/mask.ts';
import { type Finding, failure, finding } from '../model/finding.ts';
import { said } from '../model/one-line.ts';
import { findProgram, runProgram } from '../programs/program.ts';
import type { Tree } from '../tree/disk.ts';

/** Where files come from. */
export interface Origin {
  /** The address of the repository that was cloned, without credentials; undefined of one that was not cloned. */
  readonly source: string | undefined;
  /** The commit, as Flux writes revisions of git. */
  readonly revision: string;
  /** When it was committed, in UTC. */
  readonly created: string;
}

/** A git that runs in a tree. */
type Git = (...args: string[]) => Promise<{ readonly ok: boolean; readonly text: string }>;

/** What git knows of a tree. */
export interface Commit {
  readonly origin: Origin;
  /** What is wrong with files that are not as they were committed. */
  wrongIn(files: Iterable<string>): Finding[];
}

/**
 * The commit that a tree is of.
 *
 * @param places the files and folders that are asked for
 * @throws Failure where there is none
 */
export async function commitOf(
  tree: Tree,
  places: readonly string[],
  env: { readonly [name: string]: string | undefined },
): Promise<Commit> {
  const git = gitIn(tree, env);
  const commit = await git('log', '-1', '--format=%H %ct');
  const [, revision, seconds] = /^([0-9a-f]{40,64}) (\d+)$/.exec(commit.text.trim()) ?? [];
  if (revision === undefined || seconds === undefined) {
    const hint =
      'commit the tree in a git repository: what is published names the commit that it was made of';
    throw failure('no-commit', `${tree.show('')} is of no commit${said(commit.text)}`, hint);
  }
  const known = await git('ls-files', '-z', '--', ...places);
  const status = await git('status', '--porcelain', '-z', '--no-renames', '--', ...places);
  const prefix = (await git('rev-parse', '--show-prefix')).text.trim();
  const tracked = new Set(known.text.split('\0'));
  const changed = new Set(status.text.split('\0').map((line) => line.slice(3 + prefix.length)));
  const remote = await git('config', '--get', 'remote.origin.url');
  const source = remote.ok ? withoutUser(remote.text.trim()) : '';
  return {
    origin: {
      source: source === '' ? undefined : source,
      revision: `${revision.length === 40 ? 'sha1' : 'sha256'}:${revision}`,
      created: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z'),
    },
    wrongIn(files) {
      const wrong = [...files].sort().flatMap((file) => {
        if (!tracked.has(file)) return [`${tree.show(file)} is not in git`];
        return changed.has(file) ? [`${tree.show(file)} is not as it was committed`] : [];
      });
      return wrong.length === 0 ? [] : [notCommitted(wrong)];
    },
  };
}

function notCommitted(details: readonly string[]): Finding {
  const number = details.length === 1 ? '1 file is' : `${details.length} files are`;
  const hint = 'commit them: what is published names the commit that it is of';
  return { ...finding('not-committed', `${number} not as in the commit`, hint), details };
}

/** The address without who cloned from it. */
function withoutUser(address: string): string {
  return withoutCredentials(address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1'));
}

function gitIn(tree: Tree, env: { readonly [name: string]: string | undefined }): Git {
  const program = findProgram('git', env);
  if (program === undefined)
    throw failure('no-git', 'git is not on the PATH', 'install git: what is published names its commit');
  const args = ['-C', tree.root, '--no-optional-locks', '--literal-pathspecs'];
  const options = { env: { ...env, LC_ALL: 'C' }, timeout: 60_000 };
  return async (...more) => {
    const { ok, stdout, stderr, end } = await runProgram(program, [...args, ...more], options);
    return { ok, text: ok ? stdout : stderr || `git ${end}` };
  };
}
