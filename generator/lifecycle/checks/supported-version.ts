/** Whether the API server is one that the objects are made for. */
import { finding } from '../../model/finding.ts';
import { compareVersions } from '../../model/versions.ts';
import { apiVersionWords, type Version, versionOf } from '../api/server-version.ts';
import type { Check } from './context.ts';

/**
 * The oldest that the objects can live on: from 1.25 NetworkPolicies have `endPort` for good, namespaces enforce
 * Pod Security levels for good, and server-side apply refuses unknown fields instead of dropping them in silence.
 */
const oldest: Version = { major: 1, minor: 25 };

/** What the tests run on. */
const tested: readonly [Version, Version] = [
  { major: 1, minor: 33 },
  { major: 1, minor: 36 },
];

/** Compares the server's version with what is needed and what was tried. */
export const checkServerVersion: Check = async ({ session: { client } }) => {
  const version = await versionOf(client);
  if (version === undefined) {
    const message = 'the API server does not say which version of Kubernetes it is';
    return [
      finding('server-version-unknown', message, 'see what stands between you and the API server', 'warning'),
    ];
  }
  const shown = apiVersionWords(version);
  if (isBefore(version, oldest)) {
    const message = `the API server is Kubernetes ${shown}, and the objects need ${apiVersionWords(oldest)}`;
    return [finding('server-too-old', message, 'upgrade the cluster')];
  }
  const [from, to] = tested;
  if (!isBefore(version, from) && !isBefore(to, version)) return [];
  const range = `${apiVersionWords(from)} to ${apiVersionWords(to)}`;
  const message = `the API server is Kubernetes ${shown}, and this was tested on ${range}`;
  const hint = isBefore(version, from)
    ? 'upgrade the cluster'
    : 'see whether a newer release of this program is there';
  return [finding('server-untested', message, hint, 'warning')];
};

function isBefore(a: Version, b: Version): boolean {
  return compareVersions(apiVersionWords(a), apiVersionWords(b)) < 0;
}
