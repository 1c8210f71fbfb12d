import { patchesIn } from '../config/layers.ts';
import type { Problem } from '../config/problem.ts';
import type { Config } from '../config/schema/resource.ts';
import type { Severity } from '../model/finding.ts';
import { dig, equal, formatPath, isObject, type Json, type JsonObject, type Path } from '../model/json.ts';
import type { ValueProblem } from '../model/kubernetes-values.ts';
import { PatchError } from '../model/strategic-merge.ts';
import { gatewayPod } from './gateway.ts';
import { mcpGatewayPod } from './mcp-gateway.ts';
import { type Component, imageOf, selectorLabels } from './names.ts';
import { patchPod } from './pod.ts';
import { checkPodTemplate, checkRestricted } from './pod-check.ts';
import { textsOf } from './texts.ts';
import { workerPod } from './worker.ts';

/** A workload whose pod template a user may patch. */
interface Patched {
  readonly component: Component;
  readonly section: 'gateway' | 'mcpGateway' | 'worker';
  readonly kind: 'Deployment' | 'Job';
  /** The template without the patch. */
  readonly bare: JsonObject;
  /** The template with the patch in it. */
  readonly template: JsonObject;
}

/**
 * Checks what pod patches make of the pod templates: as the API server would, and for what the deployment
 * itself stands on. Loaded only where there is a pod patch.
 */
export function checkPodPatches(config: Config): Problem[] {
  const texts = textsOf({
    ...config,
    spec: { ...config.spec, worker: { ...config.spec.worker, podPatch: {} } },
  });
  return [
    ...checkWorkload(config, 'gateway', 'gateway', 'Deployment', gatewayPod(config, texts)),
    // Where it is off, too: the tree has it as a component that an environment may switch on.
    ...checkWorkload(config, 'mcp-gateway', 'mcpGateway', 'Deployment', mcpGatewayPod(config, texts)),
    ...checkWorkload(config, 'worker', 'worker', 'Job', workerPod(config, imageOf(config))),
  ];
}

function checkWorkload(
  config: Config,
  component: Component,
  section: Patched['section'],
  kind: Patched['kind'],
  bare: JsonObject,
): Problem[] {
  const patch = config.spec[section].podPatch;
  if (Object.keys(patch).length === 0) return [];
  let template: JsonObject;
  try {
    template = patchPod(bare, patch);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    const { message, hint } = error;
    return [
      {
        code: 'pod-patch-invalid',
        severity: 'error',
        path: ['spec', section, 'podPatch'],
        message,
        hint,
      },
    ];
  }
  const workload = { component, section, kind, bare, template };
  // A namespace of our own refuses such pods; of another one its owner decides.
  const refusal = config.spec.core.createNamespace ? 'error' : 'warning';
  return [
    ...checkPodTemplate(template, kind).map((problem) =>
      problem.since === undefined
        ? found(config, workload, 'pod-patch-invalid', 'error', problem)
        : found(config, workload, 'pod-patch-newer', 'warning', problem),
    ),
    ...checkFoundations(config, workload).map((problem) =>
      found(config, workload, 'pod-patch-breaks', 'error', problem),
    ),
    ...checkRestricted(template).map((problem) =>
      found(config, workload, 'pod-patch-unrestricted', refusal, problem),
    ),
    ...checkCommand(workload).map((problem) =>
      found(config, workload, 'pod-patch-command', 'warning', problem),
    ),
    ...checkHostNetwork(config, template).map((problem) =>
      found(config, workload, 'pod-patch-host-network', 'warning', problem),
    ),
  ];
}

/** A problem of the template, told at the place in the patch that it comes from; what is deeper is named. */
function found(
  config: Config,
  { section, template }: Patched,
  code: string,
  severity: Severity,
  wrong: ValueProblem,
): Problem {
  const places = patchesIn(config.spec[section].podPatch).map((patch) =>
    pathInPatch(template, patch, wrong.path),
  );
  const inPatch = places.reduce((best, place) => (place.length >= best.length ? place : best));
  const deeper = formatPath(wrong.path.slice(inPatch.length));
  return {
    code,
    severity,
    path: ['spec', section, 'podPatch', ...inPatch],
    message: deeper === '' ? wrong.message : `${deeper}: ${wrong.message}`,
    hint: wrong.hint,
    ...(wrong.at === undefined || deeper !== '' ? {} : { at: wrong.at }),
  };
}

/** What a patch must not change, since the rest of the deployment, or the gateway, stands on it. */
function checkFoundations(config: Config, workload: Patched): ValueProblem[] {
  const { component, bare, template } = workload;
  const problem = (path: Path, message: string, hint: string): ValueProblem => ({ path, message, hint });
  const problems: ValueProblem[] = [];
  const labels = dig(template, ['metadata', 'labels']);
  for (const [label, value] of Object.entries(selectorLabels(config, component))) {
    if (!isObject(labels) || labels[label] !== value) {
      const hint = `leave it ${value}; add labels of your own beside it`;
      problems.push(
        problem(['metadata', 'labels', label], 'services and policies select pods by this label', hint),
      );
    }
  }
  const containers = dig(template, ['spec', 'containers']);
  const first = Array.isArray(containers) ? containers[0] : undefined;
  if (!isObject(first) || first.name !== component) {
    const hint = `begin the patch's containers with - name: ${component}`;
    problems.push(problem(['spec', 'containers'], `the first container must be ${component}`, hint));
    return problems;
  }
  const own = dig(bare, ['spec', 'containers', 0]);
  if (!equal(first.image, dig(own, ['image']))) {
    const path = ['spec', 'containers', 0, 'image'];
    problems.push(problem(path, `the image of ${component} must stay`, 'set spec.core.image'));
  }
  if (component === 'worker' && !includesAll(first.ports, dig(own, ['ports']))) {
    const path = ['spec', 'containers', 0, 'ports'];
    problems.push(
      problem(path, 'the ports of worker must stay', 'keep the ports grpc and observe as they are'),
    );
  }
  const lost = stringsOf(dig(own, ['args'])).filter(
    (arg) => !stringsOf(first.args).some((other) => other.includes(arg)),
  );
  if (lost.length > 0) {
    const path = ['spec', 'containers', 0, 'args'];
    const hint = 'list them all and yours behind them: a list of arguments is replaced as a whole';
    problems.push(problem(path, `${component} needs its arguments ${lost.join(' ')}`, hint));
  }
  return [...problems, ...checkAccount(bare, template)];
}

/** The gateway has its rights by its ServiceAccount, whose token is in its pod. */
function checkAccount(bare: JsonObject, template: JsonObject): ValueProblem[] {
  const [own, now] = [dig(bare, ['spec']), dig(template, ['spec'])];
  if (!isObject(own) || !isObject(now) || own.serviceAccountName === undefined) return [];
  if (now.serviceAccountName !== own.serviceAccountName) {
    const message = `the rights of the gateway are those of the ServiceAccount ${own.serviceAccountName}`;
    const hint = 'set spec.gateway.serviceAccount.name, which moves the rights too';
    return [{ path: ['spec', 'serviceAccountName'], message, hint }];
  }
  const hasToken =
    now.automountServiceAccountToken !== false ||
    JSON.stringify(now.volumes ?? []).includes('"serviceAccountToken"');
  if (own.automountServiceAccountToken === false || hasToken) return [];
  const message = 'without its token the gateway cannot start workers';
  const hint = 'remove it, or mount a projected serviceAccountToken';
  return [{ path: ['spec', 'automountServiceAccountToken'], message, hint }];
}

/** A command takes the place of the image's own program, whose arguments it is then given. */
function checkCommand({ component, template }: Patched): ValueProblem[] {
  const containers = dig(template, ['spec', 'containers']);
  const own = Array.isArray(containers) ? containers.filter(isObject) : [];
  const index = own.findIndex(({ name }) => name === component);
  if (stringsOf(own[index]?.command).length === 0) return [];
  const path = ['spec', 'containers', index, 'command'];
  const message = `this takes the place of the program of the image, and ${component} runs only if it starts it`;
  return [
    { path, message, hint: 'fine for a wrapper that starts the program with its arguments; else remove it' },
  ];
}

function stringsOf(list: Json | undefined): string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}

/** What a pod loses with an address of its own: policies that select it, and the cluster's names. */
function checkHostNetwork(config: Config, template: JsonObject): ValueProblem[] {
  if (dig(template, ['spec', 'hostNetwork']) !== true) return [];
  const path = ['spec', 'hostNetwork'];
  const policies = {
    path,
    message: "network policies select no pod in the host's network: they neither hold it back nor let it in",
    hint: "remove it, or name the nodes' addresses with ipBlock in spec.networkPolicy, in ingressFrom and the other workloads' extraIngress",
  };
  const dns = {
    path,
    message: "a pod in the host's network does not find Services by their names",
    hint: 'set dnsPolicy: ClusterFirstWithHostNet beside it',
  };
  const policy = dig(template, ['spec', 'dnsPolicy']) ?? 'ClusterFirst';
  return [
    ...(config.spec.networkPolicy.enabled ? [policies] : []),
    ...(policy === 'ClusterFirst' || policy === 'Default' ? [dns] : []),
  ];
}

function includesAll(list: Json | undefined, items: Json | undefined): boolean {
  return (
    Array.isArray(list) &&
    Array.isArray(items) &&
    items.every((item) => list.some((other) => equal(item, other)))
  );
}

/** The keys by which the items of a pod's lists are known. */
const itemKeys = ['name', 'mountPath', 'devicePath', 'containerPort', 'ip', 'topologyKey', 'key'];

/** Where in the patch a place of the patched template was written; its nearest parent where it was not. */
function pathInPatch(template: Json, patch: Json, path: Path): Path {
  const found: (string | number)[] = [];
  let [inTemplate, inPatch]: [Json | undefined, Json | undefined] = [template, patch];
  for (const part of path) {
    if (typeof part === 'number' && Array.isArray(inTemplate) && Array.isArray(inPatch)) {
      const item: Json | undefined = inTemplate[part];
      const key = isObject(item) ? itemKeys.find((name) => item[name] !== undefined) : undefined;
      const index = inPatch.findIndex((other) =>
        isObject(item) && isObject(other) && key !== undefined
          ? equal(other[key], item[key])
          : equal(other, item),
      );
      if (index === -1) break;
      found.push(index);
      [inTemplate, inPatch] = [item, inPatch[index]];
    } else if (typeof part === 'string' && isObject(inPatch) && Object.hasOwn(inPatch, part)) {
      found.push(part);
      inTemplate = isObject(inTemplate) ? inTemplate[part] : undefined;
      inPatch = inPatch[part];
    } else break;
  }
  return found;
}
