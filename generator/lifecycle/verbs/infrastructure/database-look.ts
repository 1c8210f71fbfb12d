/** How far a database is, by its objects. */
import { type Finding, finding } from '../../../model/finding.ts';
import { dig, isObject, type JsonObject, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { oneLine } from '../../../model/one-line.ts';
import type { Look } from './until.ts';

/** Phases that no waiting ends. Source: CloudNativePG's api/v1, the constants `Phase…`. */
const hopelessPhase =
  /unrecoverable|manual intervention|invalid image catalog|unknown plugin|not enough disk/i;

/** The words of CloudNativePG for a cluster in which nothing is left to do. */
const healthyPhase = 'Cluster in healthy state';

/**
 * How far a Cluster is: ready once the operator says so for what the object asks for now, and all instances are
 * ready. Source: CloudNativePG's `status`: conditions, phase, instances, readyInstances, image.
 */
export function clusterLook({ metadata, spec, status }: KubernetesObject): Look {
  const [wanted, now] = [asMap(spec), asMap(status)];
  const condition = maps(now.conditions).find(({ type }) => type === 'Ready');
  const instances = Number(wanted.instances ?? 1);
  const ready = Number(now.readyInstances ?? 0);
  const phase = typeof now.phase === 'string' ? now.phase : undefined;
  const reason = typeof now.phaseReason === 'string' && now.phaseReason !== '' ? ` (${now.phaseReason})` : '';
  const isStale =
    Number(condition?.observedGeneration ?? metadata.generation) < Number(metadata.generation) ||
    (typeof now.image === 'string' && typeof wanted.imageName === 'string' && now.image !== wanted.imageName);
  const isDone =
    condition?.status === 'True' &&
    !isStale &&
    ready === instances &&
    (phase === undefined || phase === healthyPhase);
  const said = isDone ? '' : `, ${oneLine(`${phase ?? 'the operator has not begun'}${reason}`)}`;
  const text = `${ready} of ${instances} instances ready${said}`;
  const findings =
    phase !== undefined && hopelessPhase.test(phase)
      ? [
          finding(
            'database-failed',
            `the database cannot start: ${oneLine(phase + reason)}`,
            'see the log of the operator',
          ),
        ]
      : [];
  return { text, isDone, findings };
}

/** How far a StatefulSet is, by the rules of `kubectl rollout status`. */
export function statefulSetLook({ metadata, spec, status }: KubernetesObject): Look {
  const [wanted, now] = [asMap(spec), asMap(status)];
  const replicas = Number(wanted.replicas ?? 1);
  const ready = Number(now.readyReplicas ?? 0);
  const isObserved = Number(now.observedGeneration ?? 0) >= Number(metadata.generation ?? 0);
  const isNewest =
    now.currentRevision === now.updateRevision || Number(now.updatedReplicas ?? 0) === replicas;
  return { text: `${ready} of ${replicas} pods ready`, isDone: isObserved && isNewest && ready === replicas };
}

/** Why the operator could not apply a Database: in all, and for each extension. */
export function refusalOf({ status }: KubernetesObject): string {
  const extensions = maps(dig(status, ['extensions']))
    .filter(({ applied }) => applied === false)
    .map(({ name, message }) => `${name}: ${message ?? 'not applied'}`);
  const said = [dig(status, ['message']), ...extensions].filter((text) => typeof text === 'string');
  return oneLine(said.join('; ')) || 'the operator does not say why';
}

/** A finding about a Database that is refused. */
export function refusedFinding(key: string, message: string): Finding {
  const isVector = /extension|vector/i.test(message);
  return finding(
    'database-refused',
    `the operator cannot make ${key}: ${message}`,
    isVector
      ? 'use an image that holds the vector extension: spec.postgresql.image'
      : 'see the log of the operator',
  );
}

function asMap(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
