/** Asks a cluster about sealed-secrets, and which keys its Secrets have. */
import { failure } from '../model/finding.ts';
import { type KubectlContext, kubectl } from './kubectl.ts';

/** Where the controller runs. */
export interface Controller {
  readonly name: string;
  readonly namespace: string;
}

/**
 * The certificate of a running controller, as kubeseal gets it: from the controller's Service, through the API
 * server.
 *
 * @throws Failure where there is no kubectl, or the controller does not answer
 */
export async function fetchCertificate(controller: Controller, context: KubectlContext): Promise<string> {
  const { name, namespace } = controller;
  const port = await kubectl(
    ['get', 'service', name, `--namespace=${namespace}`, '--output=jsonpath={.spec.ports[0].name}'],
    context,
  );
  if (!port.ok) throw unreachable(controller, port.stderr);
  const service = `http:${name}:${port.stdout.trim()}`;
  const path = `/api/v1/namespaces/${namespace}/services/${service}/proxy/v1/cert.pem`;
  const answer = await kubectl(['get', `--raw=${path}`], context);
  if (!answer.ok) throw unreachable(controller, answer.stderr);
  return answer.stdout;
}

function unreachable({ name, namespace }: Controller, said: string) {
  const [line = ''] = said.split('\n');
  const isMissing = /NotFound|not found/.test(said);
  const isForbidden = /Forbidden|forbidden/.test(said);
  const hint = isMissing
    ? 'install it (overlays/infrastructure/operators), or name it with spec.sealedSecrets.namespace or --controller-name'
    : isForbidden
      ? 'ask for the certificate and give it with --cert'
      : 'check the kubeconfig and its context, or give the certificate with --cert';
  return failure('certificate-unreachable', `${name} in ${namespace} gave no certificate: ${line}`, hint);
}

/**
 * The keys of a Secret; undefined where there is none. kubectl prints the keys alone: no value reaches this
 * process.
 *
 * @throws Failure where the cluster does not answer
 */
export async function secretKeysInCluster(
  namespace: string,
  secret: string,
  context: KubectlContext,
): Promise<string[] | undefined> {
  const template = '{{range $key, $value := .data}}{{$key}}{{"\\n"}}{{end}}';
  const { ok, stdout, stderr } = await kubectl(
    ['get', 'secret', secret, `--namespace=${namespace}`, `--output=go-template=${template}`],
    context,
  );
  if (ok) return stdout.split('\n').filter(Boolean);
  if (/NotFound/.test(stderr)) return undefined;
  const [line = ''] = stderr.split('\n');
  throw failure(
    'cluster-unreachable',
    `the cluster does not say which keys ${secret} has: ${line}`,
    'check the kubeconfig, its context, and the right to get Secrets',
  );
}
