/** Reads how a deployment is. Changes nothing; what may not be read is reported as not readable. */
import { led } from '../../../model/command.ts';
import { faultText } from '../../../model/finding.ts';
import { given } from '../../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../../model/object.ts';
import { ApiError } from '../../api/errors.ts';
import { apiPath, knownType, readObject } from '../../api/resources.ts';
import { readWorkload } from '../../rollout/read-workload.ts';
import type { Session } from '../../session/session.ts';
import type { Target } from '../../session/target.ts';
import { databaseOf } from '../../state/database.ts';
import { readInventory } from '../../state/inventory.ts';
import { isNamespaceLeaving } from '../../state/live.ts';
import { type OtherRelease, otherReleases, removalOf } from '../../state/origin.ts';
import { listSessions, runningOf, sessionLabel } from '../../state/voice-sessions.ts';
import { autoscalerStatus } from './autoscalers.ts';
import { readDatabase } from './database-status.ts';
import { type DriftAnswer, readDrift } from './drift.ts';
import { judge } from './health.ts';
import { readMissingSecrets } from './secret-status.ts';
import { sessionStatus } from './session-status.ts';
import type { Part, Status, Unknown } from './status.ts';
import { readWarnings } from './warnings.ts';
import { deploymentStatus, podsOf, workerStatus } from './workloads.ts';

/** How a status is read. */
export interface StatusChoices {
  /** Whether drift makes it unhealthy. */
  readonly strict: boolean;
  /** What is known of the drift already, so that it is not asked for again. */
  readonly drift?: DriftAnswer | undefined;
  /** This machine's time, in milliseconds. */
  readonly now: number;
}

const podType = knownType('v1', 'Pod');
const scalerType = knownType('autoscaling/v2', 'HorizontalPodAutoscaler');

/** Reads everything side by side, and judges it. `drift` is the answer that was used, to be handed in again. */
export async function readStatus(
  session: Session,
  { strict, drift: known, now }: StatusChoices,
): Promise<{ readonly status: Status; readonly drift: DriftAnswer }> {
  const { client, target, access } = session;
  const { release, namespace } = target;
  const unknown: Unknown[] = [];
  const attempt = <T>(part: Part, read: () => Promise<T>) => unlessForbidden(unknown, part, read);

  const [
    isGoing,
    stored,
    deployed,
    sessions,
    template,
    autoscalers,
    database,
    missingSecrets,
    warnings,
    drift,
  ] = await Promise.all([
    isNamespaceLeaving(client, namespace),
    attempt('inventory', () => readInventory(client, release, namespace)),
    attempt('workloads', () => readDeployed(session)),
    attempt('sessions', () => readSessions(session)),
    attempt('workers', () => readTemplate(session)),
    attempt('autoscalers', () => readAutoscalers(session)),
    attempt('database', () => readDatabase(client, namespace, databaseOf(target))),
    attempt('secrets', () => readMissingSecrets(client, target)),
    attempt('warnings', () => readWarnings(session, now + client.clockSkewMs())),
    known ?? answerDrift(session),
  ]);
  if ('why' in drift) unknown.push({ part: 'drift', why: drift.why });
  const others =
    (await attempt('inventory', async () => stored && otherReleases(session, stored.inventory))) ?? [];
  const workers = target.parts.template === undefined ? [] : [workerStatus(template, sessions?.running ?? 0)];
  const stopped = stored?.inventory.stopped;
  const removable = (other: OtherRelease) => ({ ...other, removal: removalOf(target, other) });
  const facts = {
    environment: target.name,
    release,
    namespace,
    context: access.context,
    server: access.server,
    ...given({ topology: target.config?.spec.core.topology }),
    unknown,
    ...given({
      isGoing: isGoing || undefined,
      others: others.length === 0 ? undefined : others.map(removable),
      treeDrift: treeDrift(target),
      stopped: stopped && { at: stopped.at, draining: stopped.draining },
      workloads: deployed && [
        ...deployed.map(({ wanted, workload }) => deploymentStatus(wanted, workload)),
        ...(unknown.some(({ part }) => part === 'workers') ? [] : workers),
      ],
      pods: deployed?.flatMap(({ workload }) => (workload === undefined ? [] : podsOf(workload))),
      sessions: sessions?.listed,
      database,
      autoscalers,
      missingSecrets,
      warnings,
      drift: 'drift' in drift ? drift.drift : undefined,
    }),
  };
  const at = new Date(now + client.clockSkewMs()).toISOString().replace(/\.\d+/, '');
  return { status: led({ at, ...judge(facts, strict), ...facts }, session.lead), drift };
}

/** What of a cluster that does not answer can be told. */
export function unknownStatus(session: Session, why: string, now: number): Status {
  const { target, access } = session;
  return {
    at: new Date(now).toISOString().replace(/\.\d+/, ''),
    health: 'unknown',
    problems: [],
    environment: target.name,
    release: target.release,
    namespace: target.namespace,
    context: access.context,
    server: access.server,
    unknown: [{ part: 'cluster', why }],
    ...given({ treeDrift: treeDrift(target) }),
  };
}

function treeDrift({ stale }: Target): Status['treeDrift'] {
  const texts = stale.map(faultText);
  return texts.length === 0 ? undefined : texts;
}

async function unlessForbidden<T>(
  unknown: Unknown[],
  part: Part,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    unknown.push({ part, why: `not readable: ${error.message}` });
    return undefined;
  }
}

async function answerDrift(session: Session): Promise<DriftAnswer> {
  if (session.target.unbuilt !== undefined) return { why: 'the environment cannot be built' };
  try {
    return await readDrift(session);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    return { why: error.message };
  }
}

async function readDeployed({ client, target }: Session) {
  const wanted = ofKind(target.objects, 'Deployment');
  return Promise.all(
    wanted.map(async (object) => ({
      wanted: object,
      workload: await readWorkload(client, namespaceOf(object) ?? target.namespace, object.metadata.name),
    })),
  );
}

async function readSessions(session: Session) {
  const { client, target } = session;
  const [sessions, pods] = await Promise.all([
    listSessions(session),
    client.list(podType, target.namespace, { labelSelector: sessionLabel }),
  ]);
  return {
    listed: sessions.map((each) => sessionStatus(each, pods)),
    running: runningOf(sessions).length,
  };
}

async function readTemplate({ client, target }: Session): Promise<KubernetesObject | undefined> {
  const configMap = target.parts.template?.configMap;
  return configMap && readObject(client, configMap);
}

async function readAutoscalers({ client, target }: Session) {
  return Promise.all(
    ofKind(target.objects, 'HorizontalPodAutoscaler').map(async (wanted) =>
      autoscalerStatus(
        wanted,
        await client.get(apiPath(scalerType, namespaceOf(wanted), wanted.metadata.name)),
      ),
    ),
  );
}

function ofKind(objects: readonly KubernetesObject[], kind: string): KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}
