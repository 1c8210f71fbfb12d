/**
 * The deployer's Role on a real API server: an account that has it and nothing else lives every target through, and
 * what the server was asked for meanwhile, by its own audit log, is what the Role allows. So it is enough, and
 * nothing in it is unused.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { newContext } from '../../../generator/cli/context.ts';
import { createProgram } from '../../../generator/cli/main.ts';
import type { Permission } from '../../../generator/lifecycle/api/access-review.ts';
import { rulesOf } from '../../../generator/lifecycle/rights/permissions.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { kubeconfigFor, requireCluster, waitFor, waitForRight } from '../../support/cluster.ts';
import { clientOf } from '../../support/control-plane/client.ts';
import { allComponents, type ControlPlane, startControlPlane } from '../../support/control-plane.ts';
import { deployerFile, deployerName, deployerRules, ruleText } from '../../support/deployer.ts';
import { fakeIo, type Ran } from '../../support/fake-io.ts';
import { findTool, toolEnv } from '../../support/find-tool.ts';
import { type Deployment, makeDeployment, secretValues } from '../../support/lifecycle.ts';
import { builtObjects, oldObjects, writeChart } from '../../support/old-chart.ts';
import { requireTool, runTool } from '../../support/tools.ts';
import { endSession, startSession } from '../../support/voice-session.ts';
import { customResources, databaseCluster } from '../changes/configurations/custom-resources.ts';

let plane: Promise<ControlPlane> | undefined;

after(async () => (await plane?.catch(() => undefined))?.stop());

/** A control plane of its own: only its API server notes who asks for what. */
function auditedPlane(): Promise<ControlPlane> {
  plane ??= (async () => {
    const started = await startControlPlane({ components: allComponents, isAudited: true });
    for (const definition of [...customResources, databaseCluster]) {
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      const { status } = await started.request('POST', path, definition);
      assert.equal(status, 201);
    }
    return started;
  })();
  return plane;
}

/** A deployment whose commands run as the deployer of its namespace. */
interface Life extends Deployment {
  /** Runs a target and expects its exit code. */
  live(code: number, ...argv: string[]): Promise<Ran>;
}

/** Gives a namespace its deployer, with the command line that the file itself names for another namespace. */
async function makeDeployer(of: Deployment): Promise<string> {
  const [, line = ''] = /^#\s+(sed .*kubectl apply -f -)$/m.exec(readFileSync(deployerFile, 'utf8')) ?? [];
  assert.match(line, /NAME/);
  const kubectl = findTool('kubectl-1.36');
  assert.ok(kubectl !== undefined, 'missing tool kubectl-1.36 (get it: node scripts/tools.mjs kubectl-1.36)');
  const script = line
    .replace('NAME', of.namespace)
    .replace('docs/deployer-rbac.yaml', deployerFile)
    .replace('kubectl', kubectl);
  const env = { ...toolEnv(), KUBECONFIG: of.cluster.kubeconfig };
  const apply = () => promisify(execFile)('/bin/sh', ['-euc', script], { env });
  // Of two at the same time, both may find the Role in `default` missing.
  await apply().catch(apply);
  const account = { serviceAccount: deployerName, namespace: of.namespace };
  await waitForRight(of.cluster, account, { verb: 'get', group: '', resource: 'configmaps' });
  return kubeconfigFor(of.cluster, account);
}

/** The commands that were run. */
const lived = new Set<string>();

/** The commands that work on an environment in a cluster; `infrastructure` is a cluster admin's. */
function targets(): string[] {
  const { commands } = createProgram(newContext(fakeIo().io));
  const onCluster = commands.filter(({ options }) => options.some(({ long }) => long === '--timeout'));
  return onCluster.map((command) => command.name()).filter((name) => name !== 'infrastructure');
}

async function makeLife(t: TestContext, spec: JsonObject, secret: boolean): Promise<Life> {
  const of = await makeDeployment(t, await auditedPlane(), { spec, secret });
  const kubeconfig = await makeDeployer(of);
  const live: Life['live'] = async (code, ...argv) => {
    lived.add(argv[0] ?? '');
    const ran = await of.run(...argv, `--kubeconfig=${kubeconfig}`);
    const said = `${argv.join(' ')}\n${ran.stdout}${ran.stderr}`;
    assert.equal(ran.exitCode, code, said);
    assert.doesNotMatch(said, /forbidden|permission-|may not /, said);
    return ran;
  };
  return { ...of, live };
}

const merge = 'application/merge-patch+json';

const fate = (name: string) => ({
  podPatch: { metadata: { annotations: { 'test.glyphoxa.io/fate': name } } },
});

/** Everything that an environment can have of Kubernetes' own kinds, through every target. */
async function liveFully(t: TestContext): Promise<void> {
  const everything = {
    autoscaling: { enabled: true, minReplicas: 2 },
    ingress: {
      enabled: true,
      host: 'glyphoxa.example.com',
      tlsSecret: 'tls',
      controllerNamespace: 'ingress',
    },
    monitoring: { enabled: true },
    secrets: { provider: 'kubernetes' },
    gateway: { adminKey: { fromEnv: 'KEY' } },
    database: { dsn: { fromEnv: 'DSN' } },
  };
  const of = await makeLife(t, everything, false);
  const lines = Object.entries(secretValues).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(join(of.folder, 'overlays', 'test', 'secrets.env'), lines.join(''));
  await of.configure(everything);
  await of.live(1, 'diff', 'test');
  await of.live(0, 'apply', 'test');
  await of.live(0, 'diff', 'test');
  await of.live(0, 'status', 'test');
  const job = await startSession(of, 'a1');
  await Promise.all([of.live(0, 'stop', 'test', '--drain'), endSession(of, job)]);
  await of.live(0, 'start', 'test');
  // what a killed run has left
  const spec = { holderIdentity: 'ann@laptop', renewTime: '2026-01-01T00:00:00.000000Z' };
  const leases = '/apis/coordination.k8s.io/v1/leases';
  await of.request('POST', leases, { metadata: { name: 'glyphoxa-lifecycle' }, spec });
  await of.live(0, 'restart', 'test');
  // a rollout whose cause of failure is told, and back
  await of.configure({ ...everything, gateway: { ...everything.gateway, ...fate('crash-loop') } });
  const { stderr } = await of.live(1, 'apply', 'test');
  assert.match(stderr, / to database\b/);
  // what is not listed any more goes
  await of.configure({ mcpGateway: { enabled: false } });
  await of.request('POST', '/secrets', { metadata: { name: 'glyphoxa-secrets' } }).catch(() => undefined);
  await of.request('PATCH', '/secrets/glyphoxa-secrets', { stringData: secretValues }, merge);
  const pruned = await of.live(0, 'apply', 'test', '--dry-run');
  assert.match(pruned.stdout, /^deployment\.apps\/glyphoxa-mcp-gateway pruned$/m);
  await of.configure({ ...everything, mcpGateway: { enabled: false } });
  await of.live(0, 'apply', 'test');
  await startSession(of, 'b2');
  await of.live(0, 'stop', 'test');
  await of.live(0, 'start', 'test');
  await of.live(0, 'destroy', 'test', '--yes');
  await of.live(0, 'destroy', 'test', '--yes');
}

/** Sealed secrets, and the database by CloudNativePG. */
async function liveSealed(t: TestContext): Promise<void> {
  const text = Buffer.from('sealed').toString('base64');
  const secrets = { provider: 'sealed-secrets', sealed: { 'admin-key': text } };
  const of = await makeLife(t, { secrets, postgresql: { enabled: true } }, true);
  await of.request('POST', '/secrets', {
    metadata: { name: 'glyphoxa-postgresql-app' },
    stringData: { uri: secretValues['database-dsn'] },
  });
  await of.request('POST', '/apis/postgresql.cnpg.io/v1/clusters', {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: 'glyphoxa-postgresql' },
    spec: { instances: 1 },
    status: { readyInstances: 1, conditions: [{ type: 'Ready', status: 'True' }] },
  });
  await liveShortly(of);
}

/** Secrets from a store, and the database by Bitnami's chart. */
async function liveFromStore(t: TestContext): Promise<void> {
  const external = { storeRef: { name: 'vault' }, keys: { 'admin-key': { key: 'glyphoxa' } } };
  const spec = {
    secrets: { provider: 'external-secrets', external },
    postgresql: { enabled: true, provider: 'bitnami' },
  };
  const of = await makeLife(t, spec, true);
  await of.request('POST', '/secrets', {
    metadata: { name: 'glyphoxa-postgresql' },
    stringData: { password: 'x', 'postgres-password': 'x' },
  });
  const labels = { app: 'postgresql' };
  const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  await of.request('POST', '/apis/apps/v1/statefulsets', {
    metadata: { name: 'glyphoxa-postgresql' },
    spec: {
      serviceName: 'glyphoxa-postgresql',
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{ name: 'postgresql', image: 'postgresql', securityContext: restricted }],
        },
      },
    },
  });
  await waitFor('the database', async () => {
    const { status } = await of.request('GET', '/apis/apps/v1/statefulsets/glyphoxa-postgresql');
    return (status as JsonObject).readyReplicas === 1 ? true : undefined;
  });
  await liveShortly(of);
}

async function liveShortly(of: Life): Promise<void> {
  await of.live(0, 'apply', 'test');
  await of.live(0, 'status', 'test');
  await of.live(0, 'destroy', 'test', '--yes');
}

/** What Helm installed changes hands. */
async function liveAdopting(t: TestContext, helm: string): Promise<void> {
  const of = await makeLife(t, {}, false);
  const chart = writeChart(of, oldObjects(await builtObjects(of), 'Helm'));
  const { cluster, folder, namespace } = of;
  const env = { ...of.env, KUBECONFIG: cluster.kubeconfig };
  const install = await runTool(helm, ['install', 'glyphoxa', chart, '-n', namespace], { env, cwd: folder });
  assert.equal(install.exitCode, 0, install.stderr);
  await of.live(1, 'apply', 'test');
  const { stderr } = await of.live(0, 'apply', 'test', '--adopt');
  assert.match(stderr, /owner=helm --overwrite/);
  await of.live(0, 'destroy', 'test', '--yes');
}

/** A line of an audit log. */
interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: { readonly [name: string]: string };
}

/** What the deployers have asked for. */
function requestsOf({ auditLog = '' }: ControlPlane): AuditEvent[] {
  const lines = readFileSync(auditLog, 'utf8').trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as AuditEvent);
  return events.filter(({ user }) => user.username.endsWith(`:${deployerName}`));
}

/** What requests about oneself need, which everybody may make. */
const everybodys = ['authorization.k8s.io', 'authentication.k8s.io'];

/** The permissions that a request used: an apply that made its object used `create` too. */
function permissionsOf({ verb, objectRef, responseStatus }: AuditEvent): Permission[] {
  const { resource, subresource, apiGroup: group = '' } = objectRef ?? {};
  if (resource === undefined || everybodys.includes(group)) return [];
  const kind = { group, resource: subresource === undefined ? resource : `${resource}/${subresource}` };
  const isMade = verb === 'patch' && responseStatus?.code === 201;
  return [{ verb, ...kind }, ...(isMade ? [{ verb: 'create', ...kind }] : [])];
}

/** The rights that the gateway's Role gives, so that its maker must hold them. */
async function gatewayRights(t: TestContext): Promise<{ role: KubernetesObject; rights: Permission[] }> {
  const of = await makeDeployment(t, await auditedPlane());
  const { stdout } = await of.run('build', 'overlays/test', '-o', 'json');
  const role = (JSON.parse(stdout) as { items: KubernetesObject[] }).items.find(
    ({ kind }) => kind === 'Role',
  );
  assert.ok(role !== undefined);
  return { role, rights: rulesOf(role) };
}

describe("the deployer's Role", () => {
  it('is enough for every target, and nothing in it is unused', async (t) => {
    const helm = requireTool(t, 'helm-4');
    if (helm === undefined || !requireCluster(t)) return;
    const cluster = await auditedPlane();
    await Promise.all([liveFully(t), liveSealed(t), liveFromStore(t), liveAdopting(t, helm)]);
    assert.deepEqual([...lived].sort(), targets().sort());
    const requests = requestsOf(cluster);
    assert.ok(requests.length > 500, `${requests.length} requests`);
    const refused = requests
      .filter(({ annotations }) => annotations?.['authorization.k8s.io/decision'] !== 'allow')
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
    assert.deepEqual(refused, []);
    const { rights } = await gatewayRights(t);
    const used = new Set([...requests.flatMap(permissionsOf), ...rights].map(ruleText));
    assert.deepEqual(deployerRules().map(ruleText).sort(), [...used].sort());
  });

  it('gives the gateway a Role only while it holds each right in it', async (t) => {
    if (!requireCluster(t)) return;
    const cluster = await auditedPlane();
    const { role, rights } = await gatewayRights(t);
    const namespace = String(role.metadata.namespace);
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    const lacking = async (right: Permission | undefined, place: number): Promise<number> => {
      const rules = deployerRules().filter((rule) => !right || ruleText(rule) !== ruleText(right));
      const name = `without-${place}`;
      const send = async (url: string, body: object) =>
        assert.equal((await cluster.request('POST', url, body)).status, 201);
      await send(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
      await send(`${path}/roles`, {
        metadata: { name },
        rules: rules.map(({ verb, group, resource }) => ({
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
        })),
      });
      await send(`${path}/rolebindings`, {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      });
      const file = await kubeconfigFor(cluster, { serviceAccount: name, namespace });
      const { users } = JSON.parse(readFileSync(file, 'utf8')) as { users: { user: { token: string } }[] };
      const client = clientOf({ ...cluster, token: users[0]?.user.token ?? '' });
      t.after(() => client.close());
      await waitFor('the binding', async () =>
        (await client.request('GET', `${path}/roles`)).status === 200 ? true : undefined,
      );
      return (await client.request('POST', `${path}/roles?dryRun=All`, role)).status;
    };
    assert.equal(await lacking(undefined, 0), 201);
    const answers = await Promise.all(rights.map((right, place) => lacking(right, place + 1)));
    assert.deepEqual(
      answers,
      rights.map(() => 403),
    );
  });
});
