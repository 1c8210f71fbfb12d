/** Where an artifact is published: `oci://HOST[:PORT]/REPOSITORY[:TAG]`. */
import { type Failure, failure } from '../model/finding.ts';
import { quote } from '../model/quote.ts';

/** A tag in a repository of a registry. */
export interface Reference {
  /** As it was given, with its port. */
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
}

/** The tag of an address that names none, as Flux, Argo CD and docker have it. */
const usualTag = 'latest';

const form =
  /^oci:\/\/(?<host>\[[0-9a-f:]+\](?::\d+)?|[a-z0-9.-]+(?::\d+)?)\/(?<repository>[^:@]+)(?::(?<tag>[^:@/]+))?$/i;

/** Source of both: OCI distribution specification, "Pulling manifests". */
const repositoryForm = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagForm = /^\w[\w.-]{0,127}$/;

/**
 * Reads an address.
 *
 * @throws Failure where it is none
 */
export function readReference(given: string): Reference {
  const { host, repository, tag = usualTag } = form.exec(given)?.groups ?? {};
  if (host === undefined || repository === undefined) throw noReference(given);
  if (!repositoryForm.test(repository)) throw noReference(given, `${quote(repository)} is no repository`);
  if (!tagForm.test(tag)) throw noReference(given, `${quote(tag)} is no tag`);
  return { host: host.toLowerCase(), repository, tag };
}

function noReference(given: string, why?: string): Failure {
  // whoever writes credentials into an address did not mean to show them
  const shown = given.replace(/^([a-z]+:\/\/)?[^/]*@/i, '$1(hidden)@');
  const reason =
    why ?? (given.includes('@') ? 'a digest or a user has no place in it' : 'it has another form');
  const hint =
    'write oci://HOST/REPOSITORY:TAG, in lower case, such as oci://registry.example.com/deploy/glyphoxa:production';
  return failure('registry-address', `${quote(shown)} is no address to publish to: ${reason}`, hint);
}

/** The address again, in full. */
export function formatReference({ host, repository, tag }: Reference, digest?: string): string {
  return `oci://${host}/${repository}:${tag}${digest === undefined ? '' : `@${digest}`}`;
}

/** Whether a host is this machine, which is the only one that is talked to without TLS. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host);
}

/** Where a registry answers. Docker Hub is known by another name than that of its registry. */
export function originOf(host: string): string {
  if (isLoopback(host)) return `http://${host}`;
  return `https://${host === 'docker.io' ? 'registry-1.docker.io' : host}`;
}
