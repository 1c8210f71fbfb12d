/** Where releases of this package come from: what whoever publishes it says in package.json, once for everything. */
import manifest from '../../package.json' with { type: 'json' };

/** A package.json, as far as it says where releases come from. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** The repository that releases are made in. Unset until somebody publishes. */
  readonly repository?: { readonly url: string };
  /** The commit that a release was made of: the release workflow writes it, as npm names it. */
  readonly gitHead?: string;
}

/** A release, and where it comes from if anybody has said so. */
export interface Release {
  readonly name: string;
  readonly version: string;
  /** What `npm pack` calls its file. */
  readonly file: string;
  /** `OWNER/NAME` on GitHub. */
  readonly repository?: string;
  readonly commit?: string;
}

/** Reads a package.json. */
export function releaseOf({ name, version, repository, gitHead }: Manifest): Release {
  const [, place] = /github\.com[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(repository?.url ?? '') ?? [];
  return {
    name,
    version,
    file: `${name}-${version}.tgz`,
    ...(place === undefined ? {} : { repository: place }),
    ...(gitHead === undefined ? {} : { commit: gitHead }),
  };
}

/** The release that this program is. */
export const release: Release = releaseOf(manifest as Manifest);
