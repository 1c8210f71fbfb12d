/** The HorizontalPodAutoscalers of a release. */
import { dig, isObject, type JsonObject, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';

/** A scaler. */
export interface AutoscalerStatus {
  readonly name: string;
  /** The Deployment that it scales. */
  readonly target: string;
  readonly isThere: boolean;
  readonly current?: number;
  /** What it wants to have. */
  readonly desired?: number;
  readonly min: number;
  readonly max: number;
  /** `cpu 45%/70%`; `?` where it has no measurement. */
  readonly metrics: readonly string[];
  /** What keeps it from scaling, in words. */
  readonly troubles: readonly string[];
}

/** The state of a scaler. Source: the API reference of autoscaling/v2. */
export function autoscalerStatus(
  wanted: KubernetesObject,
  live: KubernetesObject | undefined,
): AutoscalerStatus {
  const { metadata, spec, status } = live ?? wanted;
  const troubles = live === undefined ? [] : maps(dig(status, ['conditions'])).flatMap(trouble);
  // A scaler at rest keeps the numbers of its last decision.
  const [current, desired] = troubles.includes(atRest)
    ? []
    : ['currentReplicas', 'desiredReplicas'].map((name) => dig(status, [name]));
  return {
    name: metadata.name,
    target: String(dig(spec, ['scaleTargetRef', 'name']) ?? ''),
    isThere: live !== undefined,
    ...(typeof current === 'number' ? { current } : {}),
    ...(typeof desired === 'number' ? { desired } : {}),
    min: Number(dig(spec, ['minReplicas']) ?? 1),
    max: Number(dig(spec, ['maxReplicas']) ?? 0),
    metrics: live === undefined ? [] : metricsOf(live),
    troubles,
  };
}

function metricsOf({ spec, status }: KubernetesObject): string[] {
  const measured = maps(dig(status, ['currentMetrics']));
  return maps(dig(spec, ['metrics'])).map((metric) => {
    const { name, target } = partsOf(metric);
    const now = measured.map(partsOf).find((other) => other.name === name)?.current;
    return `${name} ${amount(now) ?? '?'}/${amount(target) ?? '?'}`;
  });
}

/** A metric has its name, its target and what is measured under a field that is called after its type. */
function partsOf(metric: JsonObject) {
  const type = String(metric.type ?? '');
  const part = metric[type.charAt(0).toLowerCase() + type.slice(1)];
  const name = dig(part, ['name']) ?? dig(part, ['metric', 'name']) ?? type;
  return { name: String(name), target: dig(part, ['target']), current: dig(part, ['current']) };
}

function amount(value: unknown): string | undefined {
  if (!isObject(value as never)) return undefined;
  const { averageUtilization, averageValue, value: total } = value as JsonObject;
  if (typeof averageUtilization === 'number') return `${averageUtilization}%`;
  const quantity = averageValue ?? total;
  return quantity === undefined ? undefined : String(quantity);
}

/** What a scaler says whose Deployment is scaled to 0. */
const atRest = 'it rests while its target has 0 replicas';

/** A condition that keeps it from scaling. At its minimum it is limited too, and that is as it should be. */
function trouble({ type, status, reason, message }: JsonObject): string[] {
  if (type === 'ScalingLimited') {
    return status === 'True' && reason === 'TooManyReplicas'
      ? ['it wants more replicas than its maximum']
      : [];
  }
  if (status !== 'False' || (type !== 'ScalingActive' && type !== 'AbleToScale')) return [];
  if (reason === 'ScalingDisabled') return [atRest];
  if (typeof reason === 'string' && /^FailedGet\w*Metric$/.test(reason))
    return ['it has no measurements: is a metrics server there?'];
  return [`it cannot scale: ${String(message ?? reason ?? '')}`];
}
