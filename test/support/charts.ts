/**
 * Stand-ins for the upstream charts, and servers on loopback that hand them out: a chart repository over HTTP
 * and an OCI registry over TLS. A stand-in refuses every value that the real chart's documentation does not
 * have, by a schema made of chart-values.ts.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { JsonObject } from '../../generator/model/json.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { selfSigned } from './certificate.ts';
import { type ChartName, chartValues, valuesSchema } from './chart-values.ts';
import { operatorDefinitions } from './database-definitions.ts';

/** A chart as it is handed out. */
export interface Chart {
  readonly name: ChartName;
  readonly version: string;
  readonly archive: Buffer;
}

/** A CustomResourceDefinition that takes anything. */
export const crd = (group: string, plural: string, kind: string, version = 'v1'): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural, kind, singular: kind.toLowerCase() },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

/** A Deployment that an API server takes. */
const deployment = (name: string) => `apiVersion: apps/v1
kind: Deployment
${meta(name)}spec:
  selector: {matchLabels: {app: it}}
  template:
    metadata: {labels: {app: it}}
    spec: {containers: [{name: it, image: registry.example.com/it:1}]}
`;

const meta = (name: string) => `metadata:\n  name: ${name}\n  namespace: {{ .Release.Namespace }}\n`;

/** What the stand-ins render: the objects that tests look at, named and placed as the real charts do. */
const templates: Record<ChartName, Record<string, string>> = {
  'cloudnative-pg': {
    'templates/crds.yaml': `{{ if .Values.crds.create }}\n${operatorDefinitions.map((each) => writeYaml(each)).join('---\n')}{{ end }}\n`,
    'templates/operator.yaml': deployment('{{ .Release.Name }}-cloudnative-pg'),
    'templates/access.yaml': `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: operator\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: operator}\nsubjects:\n- kind: ServiceAccount\n  name: operator\n  namespace: {{ .Release.Namespace }}\n`,
  },
  cluster: {
    'templates/cluster.yaml': `apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\n${meta('{{ .Values.fullnameOverride }}')}spec: {{ toJson .Values.cluster }}\n`,
  },
  postgresql: {
    'templates/statefulset.yaml': `apiVersion: apps/v1\nkind: StatefulSet\n${meta('{{ .Values.fullnameOverride }}')}spec:\n  values: {{ toJson .Values }}\n`,
    'templates/secret.yaml': `{{ if not .Values.auth.existingSecret }}\napiVersion: v1\nkind: Secret\n${meta('drawn')}stringData: {password: {{ randAlphaNum 10 }}}\n{{ end }}\n`,
  },
  'sealed-secrets': {
    'crds/sealedsecrets.yaml': writeYaml(crd('bitnami.com', 'sealedsecrets', 'SealedSecret', 'v1alpha1')),
    'templates/controller.yaml': deployment('{{ .Values.fullnameOverride | default "sealed-secrets" }}'),
  },
};

const testPod = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: connection-test\n  annotations: {helm.sh/hook: test}\n`;

/** A stand-in for a chart, at a version, with files instead of or beside its own. */
export function standIn(name: ChartName, version: string, more: Record<string, string> = {}): Chart {
  const files: Record<string, string> = {
    'Chart.yaml': writeYaml({ apiVersion: 'v2', name, version }),
    'values.yaml': writeYaml(chartValues[name].defaults),
    'values.schema.json': JSON.stringify(valuesSchema(name)),
    'templates/tests/test.yaml': testPod,
    ...templates[name],
    ...more,
  };
  const entries = Object.entries(files).map(
    ([path, text]) => [`${name}/${path}`, Buffer.from(text)] as const,
  );
  return { name, version, archive: gzipSync(tar(entries)) };
}

/** Where charts are handed out. */
export interface ChartServer {
  /** The address that a resource names as a chart's repository. */
  readonly url: string;
  /** PEM of the certificate to trust, where the server has one. */
  readonly certificate?: string;
  close(): Promise<void>;
}

/** Serves charts as a classic repository: an index and archives. */
export async function serveRepository(charts: readonly Chart[]): Promise<ChartServer> {
  const file = ({ name, version }: Chart) => `${name}-${version}.tgz`;
  const server = createServer(({ url }, response) => {
    if (url === '/charts/index.yaml') return response.end(index(charts, file));
    const chart = charts.find((each) => url === `/charts/${file(each)}`);
    return chart === undefined ? response.writeHead(404).end() : response.end(chart.archive);
  });
  return listen(server, (port) => `http://127.0.0.1:${port}/charts`);
}

function index(charts: readonly Chart[], file: (chart: Chart) => string): string {
  const entries: JsonObject = {};
  for (const chart of charts) {
    const { name, version } = chart;
    const entry = { apiVersion: 'v2', name, version, digest: sha256(chart.archive), urls: [file(chart)] };
    entries[name] = [...((entries[name] ?? []) as JsonObject[]), entry];
  }
  return writeYaml({ apiVersion: 'v1', entries });
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/**
 * Serves charts as an OCI registry that can be read from. On loopback helm 3 takes a registry without TLS only,
 * helm 4 one with it; the certificate is trusted by the variable `SSL_CERT_FILE`.
 */
export async function serveRegistry(charts: readonly Chart[], tls: boolean): Promise<ChartServer> {
  const contents = new Map<string, { type: string; body: Buffer }>();
  const blob = (body: Buffer, type: string) => {
    contents.set(`sha256:${sha256(body)}`, { type: 'application/octet-stream', body });
    return { mediaType: type, digest: `sha256:${sha256(body)}`, size: body.length };
  };
  for (const { name, version, archive } of charts) {
    const config = Buffer.from(JSON.stringify({ apiVersion: 'v2', name, version }));
    const manifest = {
      schemaVersion: 2,
      mediaType: manifestType,
      config: blob(config, 'application/vnd.cncf.helm.config.v1+json'),
      layers: [blob(archive, 'application/vnd.cncf.helm.chart.content.v1.tar+gzip')],
    };
    const body = Buffer.from(JSON.stringify(manifest));
    for (const reference of [`${name}:${version}`, `sha256:${sha256(body)}`])
      contents.set(reference, { type: manifestType, body });
  }
  const answer: RequestListener = ({ url = '', method }, response) => {
    if (url === '/v2/') return response.end('{}');
    const [, tags] = /^\/v2\/charts\/([\w-]+)\/tags\/list/.exec(url) ?? [];
    if (tags !== undefined) {
      const versions = charts.filter(({ name }) => name === tags).map(({ version }) => version);
      return response.end(JSON.stringify({ name: `charts/${tags}`, tags: versions }));
    }
    const [, name, reference = ''] = /^\/v2\/charts\/([\w-]+)\/(?:manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const found = contents.get(reference) ?? contents.get(`${name}:${reference}`);
    if (found === undefined) {
      return response.writeHead(404).end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN' }] }));
    }
    const { type, body } = found;
    response.writeHead(200, {
      'content-type': type,
      'content-length': body.length,
      'docker-content-digest': `sha256:${sha256(body)}`,
    });
    return method === 'HEAD' ? response.end() : response.end(body);
  };
  const address = (port: number) => `oci://127.0.0.1:${port}/charts`;
  if (!tls) return listen(createServer(answer), address);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificate = selfSigned({ privateKey, addresses: ['127.0.0.1'] });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { ...(await listen(createTlsServer({ key, cert: certificate }, answer), address)), certificate };
}

async function listen(server: Server, url: (port: number) => string): Promise<ChartServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    url: url((server.address() as AddressInfo).port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A tar archive (ustar) of ordinary files. */
function tar(files: readonly (readonly [path: string, content: Buffer])[]): Buffer {
  const blocks = files.flatMap(([path, content]) => {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\0'.repeat(2), 108);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
