/** How the parts of a control plane are started, and the files that they read. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTool } from '../find-tool.ts';

/** The ports of a control plane. */
export interface Ports {
  etcd: number;
  peer: number;
  apiserver: number;
  /** Where kwok plays kubelet for the API server. */
  kubelet: number;
}

/** The stages that tests steer pods with. */
const stages = fileURLToPath(new URL('../stages.yaml', import.meta.url));

/** Writes the key, token and log files that the parts read. */
export function writeFiles(folder: string, token: string): void {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' });
  writeFileSync(join(folder, 'sa.key'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'tokens.csv'), `${token},admin,1,system:masters\n`, { mode: 0o600 });
  mkdirSync(join(folder, 'certificates'));
  writeFileSync(join(folder, 'audit-policy.json'), auditPolicy);
  writeFileSync(join(folder, 'pod.log'), podLog);
  writeFileSync(join(folder, 'logs.yaml'), logs(join(folder, 'pod.log')));
}

/** The certificate that the API server writes for itself. */
export const certificateFile = (folder: string) => join(folder, 'certificates', 'apiserver.crt');

/** Where an API server that is audited notes each request of a ServiceAccount, one line of JSON each. */
export const auditFile = (folder: string) => join(folder, 'audit.jsonl');

/** Who asked what, and the answer's code; not what was sent. */
const auditPolicy = JSON.stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', userGroups: ['system:serviceaccounts'] }, { level: 'None' }],
});

/** The kubeconfig of the cluster's admin. */
export const kubeconfigFile = (folder: string) => join(folder, 'kubeconfig');

export function etcdArgs(folder: string, { etcd, peer }: Ports): string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${etcd}`,
    `--advertise-client-urls=http://127.0.0.1:${etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
  ];
}

export function apiserverArgs(
  folder: string,
  ports: Ports,
  { emulatedVersion, isAudited }: { emulatedVersion?: string | undefined; isAudited: boolean },
): string[] {
  const audit = [
    `--audit-policy-file=${join(folder, 'audit-policy.json')}`,
    `--audit-log-path=${auditFile(folder)}`,
  ];
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    `--secure-port=${ports.apiserver}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${join(folder, 'certificates')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'sa.key')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--kubelet-preferred-address-types=InternalIP',
    // Debian's etcd tells no progress of watches, without which kwok's watches break off again and again.
    '--feature-gates=WatchList=false',
    ...(isAudited ? audit : []),
    ...(emulatedVersion === undefined ? [] : [`--emulated-version=${emulatedVersion}`]),
  ];
}

export function controllerManagerArgs(folder: string): string[] {
  return [
    `--kubeconfig=${kubeconfigFile(folder)}`,
    `--service-account-private-key-file=${join(folder, 'sa.key')}`,
    `--root-ca-file=${certificateFile(folder)}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--secure-port=0',
    // A busy machine, or an API server that a test takes away, is no reason to evict pods.
    '--node-monitor-grace-period=10m',
  ];
}

export function schedulerArgs(folder: string): string[] {
  return [`--kubeconfig=${kubeconfigFile(folder)}`, '--leader-elect=false', '--secure-port=0'];
}

export function kwokArgs(folder: string, { kubelet }: Ports): string[] {
  return [
    `--kubeconfig=${kubeconfigFile(folder)}`,
    `--config=${findTool('kwok-stages')},${stages},${join(folder, 'logs.yaml')}`,
    '--manage-all-nodes=false',
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    '--node-lease-duration-seconds=40',
    '--node-ip=127.0.0.1',
    `--node-port=${kubelet}`,
    `--server-address=127.0.0.1:${kubelet}`,
    // The API server asks kubelets by TLS, and trusts any certificate.
    `--tls-cert-file=${certificateFile(folder)}`,
    `--tls-private-key-file=${join(folder, 'certificates', 'apiserver.key')}`,
  ];
}

/** What every container has logged, in the form in which containerd keeps it. */
const podLog = `2026-01-01T12:00:00.000000000Z stdout F time=2026-01-01T12:00:00.000Z level=INFO msg="loading configuration" path=/etc/glyphoxa/config.yaml
2026-01-01T12:00:00.100000000Z stdout F time=2026-01-01T12:00:00.100Z level=ERROR msg="connect to database" err="connection refused"
`;

function logs(file: string): string {
  return `apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterLogs
metadata: {name: all}
spec:
  logs:
  - {logsFile: ${JSON.stringify(file)}, previousLogsFile: ${JSON.stringify(file)}, follow: false}
`;
}
