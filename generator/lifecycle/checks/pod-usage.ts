/** What a pod counts for in a ResourceQuota. Source: Kubernetes' quota evaluator for pods, and its pod requests. */
import { dig, isObject, type Json, type JsonObject, maps } from '../../model/json.ts';
import { quantityMillis } from '../../model/quantity.ts';

/** Amounts by the names that quotas give them, such as `requests.cpu`, in thousandths. */
export type Usage = ReadonlyMap<string, bigint>;

/** Resources that quotas count by their limits too, and by their requests under the bare name. */
const limited = ['cpu', 'memory', 'ephemeral-storage'];

/** What one pod counts for. */
export function podUsage(template: JsonObject): Usage {
  const { spec } = template;
  const requests = total(spec, requestsOf);
  const limits = total(spec, limitsOf);
  const usage = new Map<string, bigint>([
    ['pods', 1000n],
    ['count/pods', 1000n],
  ]);
  for (const [name, amount] of requests) {
    usage.set(`requests.${name}`, amount);
    if (limited.includes(name) || name.startsWith('hugepages-')) usage.set(name, amount);
  }
  for (const [name, amount] of limits) if (limited.includes(name)) usage.set(`limits.${name}`, amount);
  return usage;
}

/** Several usages as one, each so many times. */
export function sumUsage(parts: readonly (readonly [Usage, times: number])[]): Map<string, bigint> {
  const sum = new Map<string, bigint>();
  for (const [usage, times] of parts) {
    for (const [name, amount] of usage) sum.set(name, (sum.get(name) ?? 0n) + amount * BigInt(times));
  }
  return sum;
}

type Amounts = Map<string, bigint>;

/**
 * What the containers of a pod take together. Those that run before the others count as far as they take more;
 * of those among them that keep running (sidecars) what all take is added up. Overhead comes on top, and what the
 * pod asks for as a whole counts instead.
 */
function total(spec: Json | undefined, amountsOf: (resources: Json | undefined) => Amounts): Amounts {
  const running = maps(dig(spec, ['containers'])).map(({ resources }) => amountsOf(resources));
  let sum = running.reduce(add, new Map());
  let sidecars: Amounts = new Map();
  let before: Amounts = new Map();
  for (const { resources, restartPolicy } of maps(dig(spec, ['initContainers']))) {
    const own = amountsOf(resources);
    const together = add(sidecars, own);
    if (restartPolicy === 'Always') {
      sum = add(sum, own);
      sidecars = together;
    }
    before = larger(before, together);
  }
  const needed = add(larger(sum, before), amounts(dig(spec, ['overhead'])));
  return new Map([...needed, ...amountsOf(dig(spec, ['resources']))]);
}

/** Requests that are left out are as large as the limits; the API server fills them in. */
function requestsOf(resources: Json | undefined): Amounts {
  return new Map([...limitsOf(resources), ...amounts(dig(resources, ['requests']))]);
}

function limitsOf(resources: Json | undefined): Amounts {
  return amounts(dig(resources, ['limits']));
}

function amounts(value: Json | undefined): Amounts {
  if (!isObject(value)) return new Map();
  return new Map(
    Object.entries(value).map(([name, amount]) => [name, quantityMillis(amount as string | number) ?? 0n]),
  );
}

function add(a: Amounts, b: Amounts): Amounts {
  const sum = new Map(a);
  for (const [name, amount] of b) sum.set(name, (sum.get(name) ?? 0n) + amount);
  return sum;
}

function larger(a: Amounts, b: Amounts): Amounts {
  const most = new Map(a);
  for (const [name, amount] of b) if (amount > (most.get(name) ?? 0n)) most.set(name, amount);
  return most;
}
