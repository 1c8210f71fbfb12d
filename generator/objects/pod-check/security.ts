/** Users, privileges and profiles of the pod and its containers. */

import { quote } from '../../model/quote.ts';
import { checkRelative } from './mounts.ts';
import type { Place } from './place.ts';

/** The highest user and group id. */
const LARGEST_ID = 2 ** 31 - 1;

const PROFILE_TYPES = ['RuntimeDefault', 'Localhost', 'Unconfined'];

/** Checks the pod's `securityContext` and which of the node's namespaces it shares. */
export function checkPodSecurity(spec: Place): void {
  const context = spec.at('securityContext');
  for (const key of ['runAsUser', 'runAsGroup', 'fsGroup']) context.at(key).between(0, LARGEST_ID);
  for (const group of context.at('supplementalGroups').items) group.between(0, LARGEST_ID);
  context.at('fsGroupChangePolicy').oneOf(['OnRootMismatch', 'Always'], 'refused');
  context.at('supplementalGroupsPolicy').oneOf(['Merge', 'Strict'], 'refused');
  context.at('seLinuxChangePolicy').oneOf(['Recursive'], 'refused');
  checkProfiles(context);
  checkSysctls(spec);
  if (spec.at('shareProcessNamespace').isTrue && spec.at('hostPID').isTrue) {
    spec.at('shareProcessNamespace').refuse('a pod cannot have this and hostPID');
  }
  checkHostUsers(spec);
}

/**
 * Checks a container's `securityContext`. A user 0 that is not to be root is refused too: the API server takes
 * it, and the node then never starts the container.
 */
export function checkContainerSecurity(context: Place, spec: Place): void {
  for (const key of ['runAsUser', 'runAsGroup']) context.at(key).between(0, LARGEST_ID);
  const procMount = context.at('procMount');
  procMount.oneOf(['Default', 'Unmasked'], 'refused');
  if (procMount.text === 'Unmasked' && !spec.at('hostUsers').isFalse) {
    procMount.refuse('Unmasked needs hostUsers: false in the pod');
  }
  checkProfiles(context);
  const escalation = context.at('allowPrivilegeEscalation');
  if (escalation.isFalse) {
    if (context.at('privileged').isTrue) escalation.refuse('a privileged container cannot have false here');
    if (
      context
        .at('capabilities')
        .at('add')
        .items.some((each) => each.text === 'CAP_SYS_ADMIN')
    ) {
      escalation.refuse('a container with CAP_SYS_ADMIN cannot have false here');
    }
  }
  checkUser(context, spec.at('securityContext'));
}

function checkUser(context: Place, pod: Place): void {
  const nonRoot = context.at('runAsNonRoot').given ? context.at('runAsNonRoot') : pod.at('runAsNonRoot');
  const user = context.at('runAsUser').given ? context.at('runAsUser') : pod.at('runAsUser');
  if (nonRoot.isTrue && user.number === 0) {
    context.at('runAsUser').refuse('user 0 is root, and runAsNonRoot forbids to start it');
  }
}

function checkProfiles(context: Place): void {
  const seccomp = context.at('seccompProfile');
  if (seccomp.given) {
    if (checkProfile(seccomp)) checkRelative(seccomp.at('localhostProfile'));
  }
  const appArmor = context.at('appArmorProfile');
  if (appArmor.given && checkProfile(appArmor)) {
    const profile = appArmor.at('localhostProfile');
    if (profile.text !== profile.text.trim()) profile.refuse('there are spaces around this name');
    else if (profile.text === '' && profile.given) profile.refuse('this value is required');
    if (profile.text.length > 4095) profile.refuse('the limit is 4095 characters');
  }
  if (context.at('windowsOptions').given) {
    context.at('windowsOptions').refuse('these pods run on Linux, which has no use for this');
  }
}

/** Checks a profile's type, and says whether it names a profile of the node. */
function checkProfile(profile: Place): boolean {
  const type = profile.at('type');
  if (type.required()) type.oneOf(PROFILE_TYPES);
  const local = profile.at('localhostProfile');
  if (type.text === 'Localhost') {
    if (!local.given) local.refuse('this value is required with type Localhost');
    return local.given;
  }
  if (local.given) local.refuse('this goes with type Localhost only');
  return false;
}

const SYSCTL = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;

function checkSysctls(spec: Place): void {
  const names = new Set<string>();
  for (const sysctl of spec.at('securityContext').at('sysctls').items) {
    const name = sysctl.at('name');
    if (!name.required()) continue;
    if (name.text.length > 253) name.refuse('the limit is 253 characters');
    else if (!SYSCTL.test(name.text)) name.refuse(`${quote(name.text)} is not a kernel parameter`);
    // Slashes may stand for dots, and then dots for slashes.
    const dotted =
      name.text.search(/[./]/) === name.text.indexOf('/') ? name.text.replaceAll('/', '.') : name.text;
    if (spec.at('hostNetwork').isTrue && dotted.startsWith('net.')) {
      name.refuse('a pod in the network of its node cannot set this');
    }
    const ipc = /^(?:kernel\.(?:shm|msg)|kernel\.sem$|fs\.mqueue\.)/.test(dotted);
    if (spec.at('hostIPC').isTrue && ipc) name.refuse('a pod with hostIPC cannot set this');
    if (names.has(name.text)) name.refuse(`${quote(name.text)} is set twice`);
    names.add(name.text);
  }
}

/** A pod with users of its own shares nothing else with the node. */
function checkHostUsers(spec: Place): void {
  if (!spec.at('hostUsers').isFalse) return;
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (spec.at(key).isTrue) spec.at(key).refuse('a pod with hostUsers: false cannot have this');
  }
  for (const container of [...spec.at('containers').items, ...spec.at('initContainers').items]) {
    if (container.at('volumeDevices').items.length > 0) {
      container.at('volumeDevices').refuse('a pod with hostUsers: false cannot have this');
    }
  }
}
