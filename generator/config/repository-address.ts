/** Addresses of repositories that controllers read from: checked so that nothing in them is a secret or a template. */
import type { Wrong } from './problem.ts';

const address =
  /^(?:(?<scheme>https?|ssh):\/\/(?:(?<user>[^@/]*)@)?[\w.-]+(?::\d+)?\/|(?<login>[\w.-]+)@[\w.-]+:)[\w.~+/@%-]+$/;

/** The address of a git repository: http, ssh, or `git@host:path`. Whoever logs in over http is no part of it. */
export function checkGitAddress(value: string): Wrong[] {
  const found = address.exec(value);
  if (found === null) {
    const hint =
      'write it like https://git.example.com/team/deployment.git or git@git.example.com:team/deployment.git';
    return [{ message: 'this is no address of a git repository', hint, hidden: true }];
  }
  const { scheme, user } = found.groups ?? {};
  if (user === undefined || (scheme === 'ssh' && !user.includes(':'))) return [];
  const hint = 'give the credentials to the engine as a Secret';
  return [{ message: 'the address carries a user name or password', hint, hidden: true }];
}

/** A branch, a tag or a commit. Source: git-check-ref-format. */
export function checkGitRevision(value: string): Wrong[] {
  const isRevision = /^[\w.+#%/@-]+$/.test(value) && !/^[-/]|\.\.|\/\/|\/$|\.$|\.lock$|@$/.test(value);
  return isRevision ? [] : [{ message: 'this is no revision', hint: 'name a branch, a tag or a commit' }];
}

/** A folder in a repository, from its root. */
export function checkRepositoryFolder(value: string): Wrong[] {
  const parts = value.split('/');
  const isFolder = parts.every((part) => /^[\w.+@-]+$/.test(part) && part !== '.' && part !== '..');
  if (isFolder) return [];
  const hint = 'write it from the root of the repository, without / at its ends; leave it out for the root';
  return [{ message: 'this is no folder of a repository', hint }];
}

/** A repository of a registry, without a tag. */
export function checkOciRepository(value: string): Wrong[] {
  const form =
    /^oci:\/\/[a-z0-9.-]+(?::\d+)?\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
  if (form.test(value)) return [];
  const hint = 'write oci://HOST/REPOSITORY, in lower case and without a tag: each tenant has one';
  return [{ message: 'this is no repository of a registry', hint, hidden: true }];
}
