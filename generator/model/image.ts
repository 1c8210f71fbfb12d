/** Container image references, by the grammar of `github.com/distribution/reference`, which every kubelet uses. */

import type { Fault } from './finding.ts';
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
export function checkImageRepository(text: string): Fault | undefined {
  if (text === '') return { message: 'no repository is named', hint: repositoryHint };
  if (text.length > REPOSITORY_LIMIT) {
    const message = `${quote(text)} is ${text.length} characters long`;
    return { message, hint: `use at most ${REPOSITORY_LIMIT}` };
  }
  if (text !== text.trim()) return { message: `${quote(text)} has spaces around it`, hint: 'remove them' };
  if (text.includes('://'))
    return { message: 'this is a URL', hint: 'leave out what stands before the registry' };
  if (/@sha\d{3}:/.test(text))
    return { message: `${quote(text)} has a digest in it`, hint: 'move it to the value that digests have' };
  if (text.includes('@')) {
    const hint = 'leave out what stands before it; registries take their logins from Secrets';
    return { message: 'an "@" stands only before a digest', hint };
  }
  if (!repository.test(text)) return notARepository(text);
  if (text.includes('/') || !/^[0-9a-f]{64}$/.test(text)) return undefined;
  return { message: `${quote(text)} is read as an image id`, hint: repositoryHint };
}

/** Says what is wrong with an image tag, such as `1.2.3`. */
export function checkImageTag(text: string): Fault | undefined {
  if (tag.test(text)) return undefined;
  const hint = 'use at most 128 letters, digits, ".", "_" and "-", the first a letter, digit or "_"';
  return { message: text === '' ? 'no tag is given' : `${quote(text)} is not an image tag`, hint };
}

/** Says what is wrong with an image digest, such as `sha256:` and 64 hexadecimal digits. */
export function checkImageDigest(text: string): Fault | undefined {
  if (digest.test(text)) return undefined;
  const hint = 'write sha256: and 64 digits from 0-9 and a-f';
  return { message: text === '' ? 'no digest is given' : `${quote(text)} is not an image digest`, hint };
}

/**
 * Says what is wrong with a whole image reference: a repository, then `:tag`, `@digest`, both or neither.
 * The API server takes almost any text here; the kubelet refuses it later (`InvalidImageName`).
 */
export function checkImage(text: string): Fault | undefined {
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

const repositoryHint = 'write it like ghcr.io/team/app';

function notARepository(text: string): Fault {
  const colon = text.lastIndexOf(':');
  if (colon > text.lastIndexOf('/') && repository.test(text.slice(0, colon)))
    return { message: `${quote(text)} has a tag in it`, hint: 'move it to the value that tags have' };
  if (repository.test(text.toLowerCase()))
    return { message: `${quote(text)} has letters in upper case`, hint: 'write it in lower case' };
  return { message: `${quote(text)} is not an image repository`, hint: repositoryHint };
}
