/** Asks a running sealed-secrets controller for its certificate. */
import { Failure, failure } from '../../model/finding.ts';
import { isObject } from '../../model/json.ts';
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { apiPath, knownType } from '../api/resources.ts';

/** Where the controller runs. */
export interface Controller {
  readonly name: string;
  readonly namespace: string;
}

/**
 * The certificate of a running controller, as kubeseal gets it: from the controller's Service, through the API
 * server.
 *
 * @throws Failure where the controller does not answer
 */
export async function fetchCertificate(controller: Controller, client: Client): Promise<string> {
  const { name, namespace } = controller;
  const type = knownType('v1', 'Service');
  try {
    const service = await client.send('GET', apiPath(type, namespace, name));
    const ports = isObject(service.spec) && Array.isArray(service.spec.ports) ? service.spec.ports : [];
    const port = isObject(ports[0]) ? String(ports[0].name ?? '') : '';
    const path = `${apiPath(type, namespace, `http:${name}:${port}`, 'proxy')}/v1/cert.pem`;
    return await client.sendText('GET', path, { accept: '*/*' });
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw unreachable(controller, error);
  }
}

function unreachable({ name, namespace }: Controller, error: unknown) {
  const status = error instanceof ApiError ? error.status : undefined;
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const hint =
    status === 404
      ? 'install it (infrastructure/operators), or name it with spec.sealedSecrets.namespace or --controller-name'
      : status === 403
        ? 'ask for the certificate and give it with --cert'
        : 'check the kubeconfig and its context, or give the certificate with --cert';
  return failure('certificate-unreachable', `${name} in ${namespace} gave no certificate: ${line}`, hint);
}
