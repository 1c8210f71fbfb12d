/** Container image references, by the grammar of `github.com/distribution/reference`, which every kubelet uses. */

import { quote } from './quote.ts';

const HOST =
  '(?:[A-Za-z0-9](?:[\\-A-Za-z0-9]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[\\-A-Za-z0-9]*[A-Za-z0-9])?)*|\\[[0-9a-fA-F:]+\\])';
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REPOSITORY = `(?:${HOST}(?::[0-9]+)?/)?${COMPONENT}(?:/${COMPONENT})*`;
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.\\-]{0,127}';
const DIGEST = '(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})';

/** The longest repository, registry included. */
const REPOSITORY_LIMIT = 255;

/** A repository without tag and digest, registry and its port included: `registry:5000/team/app`. */
export const imageRepositoryPattern = `^(?=.{1,${REPOSITORY_LIMIT}}$)${REPOSITORY}$`;
/** A tag, without the colon before it. */
export const imageTagPattern = `^${TAG}$`;
/** A digest with its algorithm, without the `@` before it. */
export const imageDigestPattern = `^${DIGEST}$`;

const repository = new RegExp(`^${REPOSITORY}$`);
const tag = new RegExp(imageTagPattern);
const digest = new RegExp(imageDigestPattern);

/** Says what is wrong with a repository, such as `ghcr.io/team/app`; a tag or a digest in it is refused. */
export function checkImageRepository(text: string): string | undefined {
  if (text === '') return 'must not be empty';
  if (text.length > REPOSITORY_LIMIT) {
    return `${quote(text)} is ${text.length} characters long; the limit is ${REPOSITORY_LIMIT}`;
  }
  if (text !== text.trim()) return `${quote(text)} has spaces around it`;
  if (text.includes('://')) return 'this is a URL; leave out what stands before the registry';
  if (/@sha\d{3}:/.test(text)) return `${quote(text)} has a digest in it, which has a value of its own`;
  if (text.includes('@'))
    return 'an "@" stands only before a digest; registries take their logins from Secrets';
  if (!repository.test(text)) {
    const colon = text.lastIndexOf(':');
    if (colon > text.lastIndexOf('/') && repository.test(text.slice(0, colon))) {
      return `${quote(text)} has a tag in it, which has a value of its own`;
    }
    return notARepository(text);
  }
  if (!text.includes('/') && /^[0-9a-f]{64}$/.test(text)) return `${quote(text)} is read as an image id`;
  return undefined;
}

/** Says what is wrong with an image tag, such as `1.2.3`. */
export function checkImageTag(text: string): string | undefined {
  if (text === '') return 'must not be empty';
  if (tag.test(text)) return undefined;
  return `${quote(text)} is not an image tag; use at most 128 letters, digits, ".", "_" and "-", the first a letter, digit or "_"`;
}

/** Says what is wrong with an image digest, such as `sha256:` and 64 hexadecimal digits. */
export function checkImageDigest(text: string): string | undefined {
  if (text === '') return 'must not be empty';
  if (digest.test(text)) return undefined;
  return `${quote(text)} is not an image digest; write sha256: and 64 digits from 0-9 and a-f`;
}

/**
 * Says what is wrong with a whole image reference: a repository, then `:tag`, `@digest`, both or neither.
 * The API server takes almost any text here; the kubelet refuses it later (`InvalidImageName`).
 */
export function checkImage(text: string): string | undefined {
  const { repository: name, tag: label, digest: hash } = splitImage(text);
  return (
    checkImageRepository(name) ??
    (label === undefined ? undefined : checkImageTag(label)) ??
    (hash === undefined ? undefined : checkImageDigest(hash))
  );
}

/** The parts of an image reference; it need not be valid. */
export function splitImage(text: string): { repository: string; tag?: string; digest?: string } {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  return {
    repository: tagged ? named.slice(0, colon) : named,
    ...(tagged ? { tag: named.slice(colon + 1) } : {}),
    ...(at < 0 ? {} : { digest: text.slice(at + 1) }),
  };
}

function notARepository(text: string): string {
  if (repository.test(text.toLowerCase())) return `${quote(text)} must be in lower case`;
  return `${quote(text)} is not an image repository; write it like ghcr.io/team/app`;
}
