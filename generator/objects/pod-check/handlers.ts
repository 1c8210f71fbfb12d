/** Probes and lifecycle hooks. */

import { checkPort, checkPortName } from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import { findNamed, list, type Place } from './place.ts';

const PROBE_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const HOOK_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'sleep'];

/** Seconds that a pod has to end where it says nothing. */
const DEFAULT_GRACE_PERIOD = 30;

const SIGNALS =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX';

/**
 * Checks a probe. The named port of a probe must be one of the container's, which the API server does not
 * look at, but without which the probe fails for ever.
 */
export function checkProbe(
  probe: Place,
  kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe',
  ports: Place,
): void {
  if (!probe.given) return;
  checkHandler(probe, PROBE_HANDLERS, ports);
  for (const key of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'failureThreshold']) {
    probe.at(key).between(0, Number.POSITIVE_INFINITY);
  }
  const successes = probe.at('successThreshold');
  if (kind === 'readinessProbe') successes.between(0, Number.POSITIVE_INFINITY);
  else if (![undefined, 0, 1].includes(successes.number)) successes.refuse(`a ${kind} must have 1 here`);
  const grace = probe.at('terminationGracePeriodSeconds');
  if (kind === 'readinessProbe' && grace.given) grace.refuse('a readinessProbe must not have this');
  grace.between(1, Number.POSITIVE_INFINITY);
}

/** Checks a container's `lifecycle`. */
export function checkLifecycle(container: Place, spec: Place): void {
  const lifecycle = container.at('lifecycle');
  for (const key of ['postStart', 'preStop']) {
    const hook = lifecycle.at(key);
    if (!hook.given) continue;
    checkHandler(hook, HOOK_HANDLERS, container.at('ports'));
    const given = spec.at('terminationGracePeriodSeconds').number;
    const period = given ?? DEFAULT_GRACE_PERIOD;
    const seconds = hook.at('sleep').at('seconds');
    const value = seconds.number ?? 0;
    if (!hook.at('sleep').given) continue;
    if (value < 0 || value > period) {
      seconds.refuse(`must be between 1 and terminationGracePeriodSeconds, ${period}`);
    } else if (value === 0) {
      seconds.refuse('Kubernetes before 1.33 refuses to sleep for 0 seconds', { since: '1.33' });
    }
  }
  checkStopSignal(lifecycle.at('stopSignal'), spec);
}

function checkHandler(handler: Place, kinds: readonly string[], ports: Place): void {
  const given = kinds.filter((kind) => handler.at(kind).given);
  if (given.length === 0) handler.refuse(`one of ${list(kinds)} is required`);
  if (given.length > 1) handler.refuse(`only one of ${list(given)} may be given`);
  const exec = handler.at('exec');
  if (exec.given && exec.at('command').items.length === 0) {
    exec.at('command').refuse('this value is required');
  }
  const http = handler.at('httpGet');
  if (http.given) {
    checkPortRef(http.at('port'), ports);
    http.at('scheme').oneOf(['HTTP', 'HTTPS']);
    for (const header of http.at('httpHeaders').items) {
      const name = header.at('name');
      if (name.required() && !/^[-A-Za-z0-9]+$/.test(name.text)) {
        name.refuse(`${quote(name.text)} is not a header name; use letters, digits and "-"`);
      }
    }
  }
  const tcp = handler.at('tcpSocket');
  if (tcp.given) checkPortRef(tcp.at('port'), ports);
  const grpc = handler.at('grpc');
  if (grpc.given) {
    const port = grpc.at('port');
    if (port.given) port.verify(port.number === undefined ? undefined : checkPort(port.number));
    else port.refuse('this value is required');
  }
}

/** A port by number, or by the name it has in the container. */
function checkPortRef(port: Place, ports: Place): void {
  if (port.number !== undefined) port.verify(checkPort(port.number));
  else if (!port.given) port.refuse('this value is required');
  else {
    const wrong = checkPortName(port.text);
    if (wrong !== undefined) port.refuse(wrong, /^\d+$/.test(port.text) ? { hint: 'remove the quotes' } : {});
    else findNamed(port, ports.items, 'port of this container');
  }
}

/** A signal to stop with (Kubernetes 1.33), which needs to know the operating system. */
function checkStopSignal(signal: Place, spec: Place): void {
  if (!signal.given) return;
  if (!spec.at('os').given) signal.refuse('this needs spec.os.name: linux in the pod');
  const [, name = '', sign, offset] = /^SIG([A-Z0-9]+?)(?:([+-])([1-9]\d?))?$/.exec(signal.text) ?? [];
  const realTime =
    (name === 'RTMIN' && sign === '+' && Number(offset) <= 15) ||
    (name === 'RTMAX' && sign === '-' && Number(offset) <= 14);
  if (!(sign === undefined ? SIGNALS.split(' ').includes(name) : realTime)) {
    signal.refuse(`${quote(signal.text)} is not a signal; write it like SIGTERM`);
  }
}
