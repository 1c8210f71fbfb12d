/** The worker template as the gateway decodes and uses it. */

import { type Finding, finding } from '../../model/finding.ts';
import { dig, maps } from '../../model/json.ts';
import { containerOf, containersOf, variableOf } from '../../model/workload.ts';
import { templateImages } from '../../objects/worker.ts';
import { find, nameOf, type Release } from './release.ts';

const sessionId = 'SESSION_ID';
const workerPort = 50051;

/** What most often cuts names that stand in text from the objects that they mean. */
export const prefixHint =
  'a namePrefix or nameSuffix does not reach names inside values and text; for another release write another resource';

/** What keeps the gateway from starting workers from its template. */
export function checkTemplate(release: Release): Finding[] {
  const { gateway, template } = release;
  const container = containerOf(gateway, 'gateway');
  const named = variableOf(container, 'GLYPHOXA_JOB_TEMPLATE_CM');
  const findings: Finding[] = [];
  if (template === undefined || template.configMap.metadata.name !== named) {
    const names =
      named === undefined ? 'names no ConfigMap' : `names the ConfigMap ${named}, which is not there,`;
    const message = `${nameOf(gateway)} ${names} for its worker template: no worker can start`;
    findings.push(finding('no-template', message, prefixHint));
  }
  if (template === undefined) return findings;
  const where = nameOf(template.configMap);
  const wrong = (message: string, hint: string) => finding('template', `${where}: ${message}`, hint);
  const { job, text } = template;
  if (text === undefined)
    return [...findings, wrong('has no key job-template.yaml', 'keep the key that generate wrote')];
  if (job === undefined || job.apiVersion !== 'batch/v1' || job.kind !== 'Job') {
    return [...findings, wrong('is no batch/v1 Job', 'change workers through spec.worker, not in the file')];
  }
  const name = dig(job, ['metadata', 'name']);
  if (typeof name !== 'string' || !isJobName(name)) {
    const hint = `name it <release>-worker-${sessionId}; eight letters or digits take the place of ${sessionId}`;
    findings.push(wrong('has no name that a session can have of its own', hint));
  }
  const [first] = maps(dig(job, ['spec', 'template', 'spec', 'containers']));
  const port = maps(first?.ports).find((item) => item.name === 'grpc')?.containerPort;
  if (port !== workerPort) {
    const hint = `the gateway dials port ${workerPort} of the first container and asks for that name`;
    findings.push(wrong(`the first container has no port grpc ${workerPort}`, hint));
  }
  const images = templateImages(text);
  if (first !== undefined && !(images.length > 0 && images.every((image) => image === first.image))) {
    const hint = 'write the image in single quotes, and no other apostrophe';
    findings.push(wrong('its single-quoted texts are not its image, so image updates destroy it', hint));
  }
  return [...findings, ...checkAddresses(release, job)];
}

function isJobName(name: string): boolean {
  const filled = name.replaceAll(sessionId, 'abcdefg1');
  return name.includes(sessionId) && filled.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(filled);
}

/** The Services that workers call: they must be there, with the port that is named. */
function checkAddresses(
  release: Release,
  job: NonNullable<NonNullable<Release['template']>['job']>,
): Finding[] {
  const addresses = new Map<string, string>();
  for (const container of containersOf(job)) {
    for (const name of ['GLYPHOXA_GATEWAY_ADDR', 'GLYPHOXA_AUDIO_BRIDGE_ADDR']) {
      const address = variableOf(container, name);
      if (address !== undefined) addresses.set(name, address);
    }
  }
  return [...addresses].flatMap(([name, address]) =>
    checkAddress(release, `${name} of the workers`, address),
  );
}

/** Whether an address inside the namespace leads to a Service; others are not judged. */
export function checkAddress(release: Release, whose: string, address: string): Finding[] {
  const [, host = '', port = ''] = /^(?:https?:\/\/)?([^:/]+)(?::(\d+))?/.exec(address) ?? [];
  if (host.includes('.')) return [];
  const service = find(release, 'Service', host);
  if (service === undefined)
    return [finding('no-service', `${whose} is ${address}, and no Service is called ${host}`, prefixHint)];
  const ports = maps(dig(service, ['spec', 'ports']));
  if (port === '' || ports.some((item) => item.port === Number(port))) return [];
  const change = 'change ports through glyphoxa.yaml or config.yaml, which reaches both';
  return [
    finding('no-service', `${whose} is ${address}, and ${nameOf(service)} has no port ${port}`, change),
  ];
}
