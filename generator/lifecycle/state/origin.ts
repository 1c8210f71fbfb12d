/**
 * Where a release comes from, so that the same environment is known again under another name or in another namespace: two
 * gateways with one bot token would run. It is the environment's folder in its git repository, wherever that is checked
 * out; without one, the folder on this machine.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { advise } from '../../model/command.ts';
import { type Finding, finding } from '../../model/finding.ts';
import { namespaceOf } from '../../model/object.ts';
import { openRights } from '../api/access-review.ts';
import { unlessForbidden } from '../api/errors.ts';
import { knownType } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import { environmentName, type Target } from '../session/target.ts';
import { type Inventory, inventoryName, originLabel } from './inventory.ts';
import { isLeaving } from './live.ts';

const configMap = knownType('v1', 'ConfigMap');

/** A release that was applied from the same environment. */
export interface OtherRelease {
  readonly release: string;
  readonly namespace: string;
}

/** The mark of an environment, which tells nothing of it to others; undefined of what is no folder. */
export function originOf({ folder }: Target): string | undefined {
  if (folder === undefined) return undefined;
  const at = realpathSync(folder);
  const repository = repositoryOf(at);
  const place = repository ? `${repository.url}/${path.relative(repository.root, at)}` : at;
  return createHash('sha256').update(place).digest('hex').slice(0, 32);
}

/** Reads git's own files: whoever applies needs no git. Source: gitrepository-layout(5). */
function repositoryOf(folder: string): { root: string; url: string } | undefined {
  for (let root = folder; ; root = path.dirname(root)) {
    const git = path.join(root, '.git');
    if (existsSync(git)) {
      const [, url] = /^\[remote "origin"\][^[]*?^\s*url\s*=\s*(\S+)/ms.exec(configOf(git)) ?? [];
      return url === undefined ? undefined : { root, url: withoutWayIn(url) };
    }
    if (root === path.dirname(root)) return undefined;
  }
}

function configOf(git: string): string {
  let folder = git;
  if (statSync(git).isFile()) {
    const [, pointed = ''] = /^gitdir: (.*)$/m.exec(readFileSync(git, 'utf8')) ?? [];
    folder = path.resolve(path.dirname(git), pointed);
    const common = path.join(folder, 'commondir');
    if (existsSync(common)) folder = path.resolve(folder, readFileSync(common, 'utf8').trim());
  }
  const file = path.join(folder, 'config');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** The same for `https://me:token@host/a/b.git`, `ssh://git@host/a/b` and `git@host:a/b`. */
function withoutWayIn(url: string): string {
  return url
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^([^/:]+):(?:\d+\/)?\/?/, '$1/')
    .replace(/(?:\.git)?\/?$/, '');
}

/** The other releases of the same environment that the account may see and that were not meant to run beside it. */
export async function otherReleases(
  { client, target }: Session,
  { beside }: Pick<Inventory, 'beside'>,
): Promise<OtherRelease[]> {
  const origin = originOf(target);
  if (origin === undefined) return [];
  const everywhere = { verb: 'list', group: '', resource: 'configmaps' };
  const isAllowed = await openRights(client).may(everywhere);
  const query = { labelSelector: `${originLabel}=${origin}` };
  const found = await unlessForbidden(
    client.list(configMap, isAllowed ? undefined : target.namespace, query),
  );
  return (found ?? [])
    .filter((object) => !isLeaving(object))
    .map((object) => ({
      release: object.metadata.name.slice(0, -inventoryName('').length),
      namespace: String(namespaceOf(object)),
    }))
    .filter(
      (other) =>
        !beside.includes(besideName(other)) &&
        (other.release !== target.release || other.namespace !== target.namespace),
    );
}

/** As an inventory remembers that a release is meant to run beside. */
export function besideName({ namespace, release }: OtherRelease): string {
  return `${namespace}/${release}`;
}

/** Of the other releases of an environment, with the way out of it. */
export function otherFindings(target: Target, others: readonly OtherRelease[]): Finding[] {
  return others.map((other) =>
    finding(
      'runs-elsewhere',
      `${environmentName(target)} was applied before as ${other.release} in the namespace ${other.namespace}, and both would run`,
      `remove that one with ${removalOf(target, other)}, or keep both with ${advise('runs-elsewhere/beside')`glyphoxa-kustomize apply ${target.name} --beside`}`,
    ),
  );
}

/** The command that removes another release of an environment, in quotes. */
export function removalOf({ name, release }: Target, other: OtherRelease): string {
  const renamed = other.release === release ? [] : ['--release', other.release];
  return advise('runs-elsewhere')`glyphoxa-kustomize destroy ${name} -n ${other.namespace} ${renamed}`;
}
