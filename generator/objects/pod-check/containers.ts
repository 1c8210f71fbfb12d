/** Containers and init containers, but for what is big enough for a file of its own. */

import { checkDnsLabel, checkImage, checkPort, checkPortName } from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import { checkEnv, checkEnvFrom } from './env.ts';
import { checkLifecycle, checkProbe } from './handlers.ts';
import { checkDevices, checkMounts } from './mounts.ts';
import { type Place, unique } from './place.ts';
import { checkContainerResources } from './resources.ts';
import { checkContainerSecurity } from './security.ts';

/** Checks all containers of a pod. */
export function checkContainers(spec: Place): void {
  const containers = spec.at('containers');
  const initContainers = spec.at('initContainers');
  if (containers.items.length === 0) containers.refuse('a pod needs at least one container');
  const names = containers.items.map((container) => container.at('name').text);
  for (const name of initContainers.items.map((container) => container.at('name'))) {
    if (name.text !== '' && names.includes(name.text)) {
      name.refuse(`${quote(name.text)} is already the name of a container of this pod`);
    }
  }
  for (const container of containers.items) {
    checkContainer(container, spec);
    checkRunning(container, spec);
    if (container.at('restartPolicy').given) {
      container.at('restartPolicy').refuse('only init containers may have a restart policy of their own', {
        since: '1.35',
      });
    }
    checkRestart(container);
  }
  for (const container of initContainers.items) checkInitContainer(container, spec);
  checkHostPorts(containers.items);
  for (const container of initContainers.items) checkHostPorts([container]);
  const ephemeral = spec.at('ephemeralContainers');
  if (ephemeral.items.length > 0) ephemeral.refuse('a pod template cannot have ephemeral containers');
}

function checkInitContainer(container: Place, spec: Place): void {
  checkContainer(container, spec);
  const policy = container.at('restartPolicy');
  const sidecar = policy.text === 'Always';
  if (policy.given && !sidecar) {
    if (['Never', 'OnFailure'].includes(policy.text)) {
      policy.refuse('Kubernetes before 1.35 knows only Always here', { since: '1.35' });
    }
  }
  checkRestart(container);
  if (sidecar) checkRunning(container, spec);
  else {
    for (const key of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
      if (container.at(key).given) {
        container.at(key).refuse('an init container may have this only with restartPolicy: Always');
      }
    }
  }
}

/** What holds for every container. */
function checkContainer(container: Place, spec: Place): void {
  container.at('name').needs(checkDnsLabel);
  container.at('image').needs(checkImage);
  container.at('imagePullPolicy').oneOf(['Always', 'IfNotPresent', 'Never']);
  container.at('terminationMessagePolicy').oneOf(['File', 'FallbackToLogsOnError']);
  checkPorts(container.at('ports').items);
  checkEnv(container.at('env'), spec);
  checkEnvFrom(container.at('envFrom'));
  checkMounts(container, spec.at('volumes'));
  checkDevices(container, spec.at('volumes'));
  checkContainerResources(container, spec);
  checkContainerSecurity(container.at('securityContext'), spec);
}

/** What holds for containers that stay: those of the pod itself, and sidecars. */
function checkRunning(container: Place, spec: Place): void {
  checkLifecycle(container, spec);
  for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    checkProbe(container.at(key), key, container.at('ports'));
  }
}

function checkPorts(ports: readonly Place[]): void {
  for (const port of ports) {
    port.at('name').whenGiven(checkPortName);
    const number = port.at('containerPort');
    if (number.given) number.verify(number.number === undefined ? undefined : checkPort(number.number));
    else number.refuse('this value is required');
    const host = port.at('hostPort');
    if (host.number !== undefined && host.number !== 0) host.verify(checkPort(host.number));
    port.at('protocol').oneOf(['TCP', 'UDP', 'SCTP']);
  }
  unique(
    ports.map((port) => port.at('name')),
    'name of a port of this container',
  );
}

/** Two containers that run together cannot have the same port of the node. */
function checkHostPorts(containers: readonly Place[]): void {
  const seen = new Set<string>();
  for (const port of containers.flatMap((container) => container.at('ports').items)) {
    const host = port.at('hostPort');
    if (host.number === undefined || host.number === 0) continue;
    const taken = `${port.at('protocol').text || 'TCP'}/${port.at('hostIP').text}/${host.number}`;
    if (seen.has(taken)) host.refuse(`port ${host.number} of the node is taken by another container port`);
    seen.add(taken);
  }
}

/** Rules for restarting a container by its exit code (Kubernetes 1.34). */
function checkRestart(container: Place): void {
  const policy = container.at('restartPolicy');
  policy.oneOf(['Always', 'Never', 'OnFailure'], 'refused');
  const rules = container.at('restartPolicyRules');
  if (rules.items.length > 20) rules.refuse(`${rules.items.length} rules are too many; the limit is 20`);
  if (rules.items.length > 0 && !policy.given) policy.refuse('this value is required with restart rules');
  for (const rule of rules.items) {
    const action = rule.at('action');
    if (action.required()) action.oneOf(['Restart', 'RestartAllContainers']);
    const codes = rule.at('exitCodes');
    if (!codes.given) codes.refuse('this value is required');
    else if (codes.at('operator').required()) codes.at('operator').oneOf(['In', 'NotIn']);
    if (codes.at('values').items.length > 255) codes.at('values').refuse('there are more than 255 values');
  }
}
