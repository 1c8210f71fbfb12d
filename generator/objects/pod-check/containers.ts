/** Containers and init containers: what they are called, what they run, and what they take of the pod. */

import { checkDnsLabel, checkImage, checkPort, checkPortName } from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import { checkEnv, checkEnvFrom } from './env.ts';
import { checkMounts } from './mounts.ts';
import { findNamed, type Place, unique } from './place.ts';
import { checkContainerResources } from './resources.ts';

/** Checks all containers of a pod. */
export function checkContainers(spec: Place): void {
  const containers = spec.at('containers');
  const initContainers = spec.at('initContainers');
  if (containers.items.length === 0) containers.refuse('a pod needs at least one container', 'add one');
  const names = containers.items.map((container) => container.at('name').text);
  for (const name of initContainers.items.map((container) => container.at('name'))) {
    if (name.text !== '' && names.includes(name.text)) {
      name.refuse(
        `${quote(name.text)} is already the name of a container of this pod`,
        'choose another name',
      );
    }
  }
  for (const container of [...containers.items, ...initContainers.items]) checkContainer(container, spec);
  const ephemeral = spec.at('ephemeralContainers');
  if (ephemeral.items.length > 0)
    ephemeral.refuse('a pod template cannot have ephemeral containers', 'remove them');
}

function checkContainer(container: Place, spec: Place): void {
  container.at('name').needs(checkDnsLabel);
  container.at('image').needs(checkImage);
  container.at('imagePullPolicy').oneOf(['Always', 'IfNotPresent', 'Never']);
  checkPorts(container.at('ports').items);
  checkEnv(container.at('env'));
  checkEnvFrom(container.at('envFrom'));
  checkMounts(container, spec.at('volumes'));
  checkContainerResources(container, spec);
  checkPortNames(container);
  checkUser(container.at('securityContext'), spec.at('securityContext'));
}

/** Ports that probes and hooks call by a name: the API server takes any, and one that is not there is never reached. */
function checkPortNames(container: Place): void {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].map((key) => container.at(key));
  const hooks = ['postStart', 'preStop'].map((key) => container.at('lifecycle').at(key));
  for (const handler of [...probes, ...hooks]) {
    for (const action of [handler.at('httpGet'), handler.at('tcpSocket')]) {
      const port = action.at('port');
      if (port.text !== '') findNamed(port, container.at('ports').items, 'port of this container');
    }
  }
}

function checkPorts(ports: readonly Place[]): void {
  for (const port of ports) {
    port.at('name').whenGiven(checkPortName);
    const number = port.at('containerPort');
    if (number.given) number.verify(number.number === undefined ? undefined : checkPort(number.number));
    else number.refuse('this value is required', 'add containerPort');
  }
  unique(
    ports.map((port) => port.at('name')),
    'name of a port of this container',
  );
}

/** The API server takes a user 0 that is not to be root, and the node then never starts the container. */
function checkUser(context: Place, pod: Place): void {
  const nonRoot = context.at('runAsNonRoot').given ? context.at('runAsNonRoot') : pod.at('runAsNonRoot');
  const user = context.at('runAsUser').given ? context.at('runAsUser') : pod.at('runAsUser');
  if (nonRoot.isTrue && user.number === 0) {
    context
      .at('runAsUser')
      .refuse('user 0 is root, and runAsNonRoot forbids to start it', 'use another user than 0');
  }
}
