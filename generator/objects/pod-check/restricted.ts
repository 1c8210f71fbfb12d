/**
 * The `restricted` level of Pod Security, with the rules of `baseline` that it includes, as the admission
 * controller of Kubernetes 1.28 and later applies them; of rules that changed, the strictest.
 */

import type { Place } from './place.ts';

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_syncookies',
];

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/** Checks a pod against the restricted level. */
export function checkRestrictedPod(metadata: Place, spec: Place): void {
  const context = spec.at('securityContext');
  const containers = [...spec.at('containers').items, ...spec.at('initContainers').items];
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (spec.at(key).isTrue) refuse(spec.at(key), 'remove it');
  }
  for (const volume of spec.at('volumes').items) {
    const sources = volume.fields.filter((field) => field.name !== 'name');
    if (sources.some((source) => VOLUMES.includes(source.name))) continue;
    for (const source of sources) refuse(source, `use one of ${VOLUMES.join(', ')}`);
  }
  for (const sysctl of context.at('sysctls').items) {
    if (!SYSCTLS.includes(sysctl.at('name').text)) refuse(sysctl, `the level allows ${SYSCTLS.join(', ')}`);
  }
  for (const annotation of metadata.at('annotations').fields) {
    if (!annotation.name.startsWith(APPARMOR)) continue;
    const fine =
      ['', 'runtime/default'].includes(annotation.text) || annotation.text.startsWith('localhost/');
    if (!fine) refuse(annotation, 'use runtime/default or localhost/<profile>');
  }
  checkShared(context);
  checkUsers(context, containers);
  for (const container of containers) checkContainer(container);
}

/** What holds for the security context of the pod and of a container alike. */
function checkShared(context: Place): void {
  const selinux = context.at('seLinuxOptions');
  if (!SELINUX_TYPES.includes(selinux.at('type').text)) {
    refuse(selinux.at('type'), `use one of ${SELINUX_TYPES.slice(1).join(', ')}`);
  }
  for (const key of ['user', 'role']) if (selinux.at(key).text !== '') refuse(selinux.at(key), 'remove it');
  const appArmor = context.at('appArmorProfile');
  if (appArmor.given && !['RuntimeDefault', 'Localhost'].includes(appArmor.at('type').text)) {
    refuse(appArmor.at('type'), 'use RuntimeDefault or Localhost');
  }
  if (context.at('runAsUser').number === 0) refuse(context.at('runAsUser'), 'use another user than 0');
  if (context.at('runAsNonRoot').isFalse) refuse(context.at('runAsNonRoot'), 'set it to true');
  const seccomp = context.at('seccompProfile');
  if (seccomp.given && !['RuntimeDefault', 'Localhost'].includes(seccomp.at('type').text)) {
    refuse(seccomp.at('type'), 'use RuntimeDefault or Localhost');
  }
}

/** What the pod may say once for all containers, or each of them for itself. */
function checkUsers(pod: Place, containers: readonly Place[]): void {
  for (const container of containers) {
    const context = container.at('securityContext');
    checkShared(context);
    if (!context.at('runAsNonRoot').given && !pod.at('runAsNonRoot').isTrue) {
      refuse(context.at('runAsNonRoot'), 'set it to true here or in the securityContext of the pod');
    }
    if (!context.at('seccompProfile').given && !pod.at('seccompProfile').given) {
      refuse(
        context.at('seccompProfile'),
        'set type: RuntimeDefault here or in the securityContext of the pod',
      );
    }
  }
}

function checkContainer(container: Place): void {
  const context = container.at('securityContext');
  if (context.at('privileged').isTrue) refuse(context.at('privileged'), 'remove it');
  if (!context.at('allowPrivilegeEscalation').isFalse) {
    refuse(context.at('allowPrivilegeEscalation'), 'set it to false');
  }
  if (context.at('procMount').text === 'Unmasked') refuse(context.at('procMount'), 'use Default');
  const capabilities = context.at('capabilities');
  if (!capabilities.at('drop').items.some((each) => each.text === 'ALL')) {
    refuse(capabilities.at('drop'), 'drop ALL');
  }
  for (const added of capabilities.at('add').items) {
    if (added.text !== 'NET_BIND_SERVICE') refuse(added, 'the level allows NET_BIND_SERVICE only');
  }
  for (const port of container.at('ports').items) {
    if ((port.at('hostPort').number ?? 0) !== 0) refuse(port.at('hostPort'), 'remove it');
  }
  const lifecycle = container.at('lifecycle');
  const handlers = [lifecycle.at('postStart'), lifecycle.at('preStop')].concat(
    ['livenessProbe', 'readinessProbe', 'startupProbe'].map((key) => container.at(key)),
  );
  for (const handler of handlers) {
    for (const kind of ['httpGet', 'tcpSocket']) {
      const host = handler.at(kind).at('host');
      if (host.text !== '')
        refuse(host, 'remove it: from Kubernetes 1.34 on the level allows only the pod itself');
    }
  }
}

function refuse(place: Place, hint: string): void {
  place.refuse('the restricted Pod Security level refuses this', hint);
}
