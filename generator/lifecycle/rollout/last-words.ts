/** What a container said before it ended, without the values of the Secrets that it was given. */
import { advise } from '../../model/command.ts';
import type { Json } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { oneLine } from '../../model/one-line.ts';
import { ApiError, ConnectionError } from '../api/errors.ts';
import { managedFieldsOf } from '../api/managers.ts';
import { apiPath, knownType } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import { type Masking, masking, valuesOf } from './mask.ts';
import type { Problem } from './problem.ts';
import { literalSecrets, referencedSecrets } from './referenced-secrets.ts';

/** How many lines of a log are shown. */
const lines = 10;

const podType = knownType('v1', 'Pod');
const secretType = knownType('v1', 'Secret');

/**
 * What the container of a problem said about it, and the last lines of its log. Values of Secrets are masked; where
 * not all of them can be known, there is the command that shows the log, and nothing else. Nothing for a problem
 * about which no container said anything.
 *
 * @param podSpec the spec of the pods, which names their Secrets
 */
export async function lastWords(
  session: Session,
  podSpec: Json | undefined,
  { pod, container, said, ranAt }: Problem,
): Promise<readonly string[]> {
  if (pod === undefined || container === undefined || (said ?? ranAt) === undefined) return [];
  const previous = ranAt === undefined ? [] : ['--previous'];
  const command = advise(
    'log-hidden',
  )`kubectl -n ${session.target.namespace} logs ${pod} -c ${container} ${previous}`;
  const mask = await maskFor(session, podSpec, ranAt);
  if (mask === undefined) return [`its log is not shown, since it may hold secrets: ${command}`];
  const log = ranAt === undefined ? undefined : await readLog(session, pod, container);
  const shown = [said, log].flatMap((text) => mask(text ?? '').split('\n'));
  return shown
    .map(oneLine)
    .filter((line) => line !== '')
    .slice(-lines);
}

/**
 * What hides the values of a pod's Secrets; undefined where one cannot be read, or was changed or deleted since the
 * container began, which then may have had other values.
 */
async function maskFor(
  { client, target }: Session,
  podSpec: Json | undefined,
  since: string | undefined,
): Promise<Masking | undefined> {
  try {
    const names = referencedSecrets(podSpec);
    const read = await Promise.all(
      names.map((name) => client.get(apiPath(secretType, target.namespace, name))),
    );
    const secrets = read.filter((secret) => secret !== undefined);
    const isOther = (at: number) =>
      secrets.length < read.length || secrets.some((secret) => changedAt(secret) > at);
    if (since !== undefined && isOther(Date.parse(since))) return undefined;
    return masking([...secrets.flatMap(valuesOf), ...literalSecrets(podSpec)]);
  } catch (error) {
    if (isNoAnswer(error)) return undefined;
    throw error;
  }
}

/** When an object was last written by anybody, in milliseconds; the API tells it to the second. */
function changedAt(object: KubernetesObject): number {
  const times = [object.metadata.creationTimestamp, ...managedFieldsOf(object).map(({ time }) => time)];
  return Math.max(...times.map((time) => Date.parse(String(time))).filter((time) => !Number.isNaN(time)));
}

/** The end of the log of the run that ended last; undefined where there is none any more. */
async function readLog({ client, target }: Session, pod: string, container: string) {
  const path = apiPath(podType, target.namespace, pod, 'log');
  // The node may have thrown away what was before, or not have begun anew.
  for (const previous of ['true', undefined]) {
    try {
      const query = { container, previous, tailLines: String(lines) };
      return await client.sendText('GET', path, { query, accept: '*/*' });
    } catch (error) {
      if (!isNoAnswer(error)) throw error;
      if (!(error instanceof ApiError) || error.status !== 400) break;
    }
  }
  return undefined;
}

/** Whether a request failed, rather than the command being at its end. */
function isNoAnswer(error: unknown): boolean {
  return error instanceof ApiError || error instanceof ConnectionError;
}
