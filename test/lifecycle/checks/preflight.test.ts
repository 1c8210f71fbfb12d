/** The checks of the pre-flight, each where it strikes and where it just does not. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ApiError } from '../../../generator/lifecycle/api/errors.ts';
import type { DryRun } from '../../../generator/lifecycle/changes/dry-run.ts';
import { checkApiServerPort } from '../../../generator/lifecycle/checks/api-server-port.ts';
import { type Check, openPreflight } from '../../../generator/lifecycle/checks/context.ts';
import { checkDatabase } from '../../../generator/lifecycle/checks/database-ready.ts';
import {
  checkPermissions,
  isToldByPermissions,
} from '../../../generator/lifecycle/checks/deployer-rights.ts';
import { checkKinds } from '../../../generator/lifecycle/checks/kinds.ts';
import { checkNamespace } from '../../../generator/lifecycle/checks/namespace.ts';
import { tellUntried } from '../../../generator/lifecycle/checks/pod-admission.ts';
import { checkReferencedObjects } from '../../../generator/lifecycle/checks/referenced-objects.ts';
import { checkServerVersion } from '../../../generator/lifecycle/checks/supported-version.ts';
import { databaseCluster, databaseOf } from '../../../generator/lifecycle/state/database.ts';
import { type Live, readLive } from '../../../generator/lifecycle/state/live.ts';
import { formatFinding } from '../../../generator/model/finding.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { tells } from '../../support/findings.ts';
import { type StubCluster, stubSession } from '../../support/stub-session.ts';

const base = '/api/v1/namespaces/voice';
const namespace = { metadata: { name: 'voice' } };
const there = { '/api/v1/namespaces/voice': namespace };
const secret = (data: JsonObject) => ({ metadata: { name: 'x' }, data });
const ownSecret = {
  [`${base}/secrets/glyphoxa-secrets`]: secret({ 'admin-key': 'YQ==', 'database-dsn': 'YQ==' }),
};

/** What a check says of a deployment on a cluster: its findings, and its words. */
async function told(t: TestContext, check: Check, spec: JsonObject, cluster: StubCluster, reads = true) {
  const { session, said } = await stubSession(t, spec, cluster);
  const live: Live | undefined = reads ? await readLive(session) : undefined;
  const preflight = await openPreflight(session, live, { prune: true, wait: true });
  const findings = await check(preflight);
  return { findings, codes: findings.map(({ severity, code }) => `${severity} ${code}`), said };
}

describe('the version of the server', () => {
  const cases: readonly (readonly [JsonObject, string[]])[] = [
    [{ major: '1', minor: '24' }, ['error server-too-old']],
    [{ major: '1', minor: '25' }, ['warning server-untested']],
    [{ major: '1', minor: '32+' }, ['warning server-untested']],
    [{ major: '1', minor: '33' }, []],
    [{ major: '1', minor: '36+' }, []],
    [{ major: '1', minor: '37' }, ['warning server-untested']],
    [{ major: '1', minor: '36', emulationMajor: '1', emulationMinor: '24' }, ['error server-too-old']],
    [{ major: '1', minor: '37', emulationMajor: '1', emulationMinor: '33' }, []],
    [{}, ['warning server-version-unknown']],
  ];
  for (const [version, codes] of cases) {
    it(`${JSON.stringify(version)}: ${codes.join() || 'nothing'}`, async (t) => {
      const cluster = { objects: { ...there, '/version': version } };
      assert.deepEqual((await told(t, checkServerVersion, {}, cluster)).codes, codes);
    });
  }
});

it('a server that keeps its version to itself is no failure', async (t) => {
  const { session } = await stubSession(t, {}, {});
  const get = async (path: string) => {
    throw new ApiError('GET', path, { status: 403, text: '{}', retryAfter: undefined });
  };
  const preflight = await openPreflight(session, undefined, { prune: true, wait: true });
  const client = { ...session.client, get } as typeof session.client;
  const findings = await checkServerVersion({ ...preflight, session: { ...session, client } });
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['server-version-unknown'],
  );
});

describe('the port of the API server', () => {
  const listening = (port: number) => ({
    objects: {
      ...there,
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes': {
        metadata: { name: 'kubernetes' },
        ports: [{ name: 'https', port, protocol: 'TCP' }],
      },
    },
  });
  const egress = (rule: JsonObject) => ({ networkPolicy: { gateway: { extraEgress: [rule] } } });
  const [anywhere, range] = [{}, { ports: [{ port: 16000, endPort: 17000 }] }];
  const cases: readonly (readonly [number, JsonObject, string[]])[] = [
    [443, {}, []],
    [6443, {}, []],
    [16443, {}, ['warning api-server-port']],
    [16443, { networkPolicy: { apiServerPorts: [16443] } }, []],
    [16443, { networkPolicy: { enabled: false } }, []],
    [16443, egress(anywhere), []],
    [16443, egress(range), []],
    [16443, egress({ ...range, to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }), []],
    [16443, egress({ ...range, to: [{ namespaceSelector: {} }] }), ['warning api-server-port']],
    [16443, egress({ ports: [{ port: 16443, protocol: 'UDP' }] }), ['warning api-server-port']],
  ];
  for (const [port, spec, codes] of cases) {
    it(`${port} with ${JSON.stringify(spec)}: ${codes.join() || 'nothing'}`, async (t) => {
      assert.deepEqual((await told(t, checkApiServerPort, spec, listening(port))).codes, codes);
    });
  }

  it('is not compared where it may not be read or is not there', async (t) => {
    assert.deepEqual((await told(t, checkApiServerPort, {}, { objects: there })).codes, []);
    const denies = ({ resource }: JsonObject) => resource === 'endpointslices';
    assert.deepEqual((await told(t, checkApiServerPort, {}, { ...listening(1), denies })).codes, []);
  });
});

describe('the namespace', () => {
  it('is there, or among the objects', async (t) => {
    assert.deepEqual((await told(t, checkNamespace, {}, { objects: there })).codes, []);
    assert.deepEqual((await told(t, checkNamespace, { core: { createNamespace: true } }, {})).codes, []);
    const { findings } = await told(t, checkNamespace, {}, {});
    const [said = ''] = findings.map((finding) => formatFinding(finding as never));
    tells(said, 'error namespace-missing', 'kubectl create namespace voice');
  });

  it('is not being deleted, even where it is among the objects', async (t) => {
    const going = { metadata: { name: 'voice', deletionTimestamp: '2026-01-01T00:00:00Z' } };
    const cluster = { objects: { '/api/v1/namespaces/voice': going } };
    assert.deepEqual((await told(t, checkNamespace, {}, cluster)).codes, ['error namespace-going']);
    const built = { core: { createNamespace: true } };
    assert.deepEqual((await told(t, checkNamespace, built, cluster)).codes, ['error namespace-going']);
  });

  it('is said to let in nobody knows what, where the apply brings its Pod Security level', async (t) => {
    const says: Check = async (preflight) => {
      tellUntried(preflight);
      return [];
    };
    const built = { core: { createNamespace: true } };
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const same = { '/api/v1/namespaces/voice': { metadata: { name: 'voice', labels } } };
    assert.deepEqual((await told(t, says, built, {})).said, [
      'the namespace voice is not there yet; what it lets in is checked once it is',
    ]);
    assert.deepEqual((await told(t, says, built, { objects: there })).said, [
      'the namespace voice gets the Pod Security level restricted; whether the pods pass is unchecked',
    ]);
    assert.deepEqual((await told(t, says, built, { objects: same })).said, []);
    assert.deepEqual((await told(t, says, {}, { objects: there })).said, []);
  });

  it('is looked at by itself where not everything may be read', async (t) => {
    assert.deepEqual((await told(t, checkNamespace, {}, {}, false)).codes, ['error namespace-missing']);
    const denies = ({ resource }: JsonObject) => resource === 'namespaces';
    assert.deepEqual((await told(t, checkNamespace, {}, { denies }, false)).codes, []);
  });
});

const sealed = {
  secrets: { provider: 'sealed-secrets', sealed: { 'admin-key': 'AgA=', 'database-dsn': 'AgA=' } },
};
const external = {
  secrets: {
    provider: 'external-secrets',
    external: {
      storeRef: { name: 'vault' },
      keys: { 'admin-key': { key: 'a' }, 'database-dsn': { key: 'b' } },
    },
  },
};
const type = (group: string, kind: string) => ({
  group,
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
});
const externalKind = { 'external-secrets.io/v1': [type('external-secrets.io', 'ExternalSecret')] };

describe('kinds that the server may not know', () => {
  const hintOf = async (t: TestContext, spec: JsonObject, cluster: StubCluster) => {
    const { codes, findings } = await told(t, checkKinds, spec, cluster);
    assert.deepEqual(codes, ['error no-such-kind']);
    return findings[0]?.hint ?? '';
  };

  it('are told with what brings them', async (t) => {
    assert.match(
      await hintOf(t, sealed, { objects: there }),
      / spec\.sealedSecrets\.enabled .*"glyphoxa-kustomize infrastructure/,
    );
    assert.match(await hintOf(t, external, { objects: there }), /install the External Secrets Operator/);
    const monitored = await told(t, checkKinds, { monitoring: { enabled: true } }, { objects: there });
    assert.deepEqual(new Set(monitored.codes), new Set(['error no-such-kind']));
    assert.match(
      monitored.findings.map(({ message }) => message).join(),
      /ServiceMonitor .*monitoring\.coreos\.com\/v1/,
    );
    assert.match(
      monitored.findings.map(({ message }) => message).join(),
      /PodMonitor .*monitoring\.coreos\.com\/v1/,
    );
    for (const { hint } of monitored.findings) {
      assert.match(hint ?? '', /Prometheus .*\bspec\.monitoring\b/);
    }
    const old = { ...there, '/apis/external-secrets.io': { name: 'external-secrets.io' } };
    assert.match(await hintOf(t, external, { objects: old }), /^upgrade .*\bv1$/);
  });

  it('are no matter where it knows them, or none is used', async (t) => {
    assert.deepEqual(
      (await told(t, checkKinds, external, { objects: there, kinds: externalKind })).codes,
      [],
    );
    assert.deepEqual((await told(t, checkKinds, {}, { objects: there })).codes, []);
    assert.deepEqual((await told(t, checkKinds, external, { objects: there }, false)).codes, [
      'error no-such-kind',
    ]);
  });
});

describe('Secrets that pods need', () => {
  it('that something makes are only announced on the first apply, and missed on the next', async (t) => {
    const first = await told(t, checkReferencedObjects, external, { objects: there, kinds: externalKind });
    assert.deepEqual(first.codes, []);
    assert.match(
      first.said.join(),
      /\bglyphoxa-secrets .*\bexternalsecret\.external-secrets\.io\/glyphoxa-secrets/,
    );
    const path = '/apis/external-secrets.io/v1/namespaces/voice/externalsecrets/glyphoxa-secrets';
    const applied = { ...there, [path]: { metadata: { name: 'glyphoxa-secrets' } } };
    const next = { objects: applied, kinds: externalKind };
    assert.deepEqual((await told(t, checkReferencedObjects, external, next)).codes, [
      'warning secret-not-made',
    ]);
    const made = { objects: { ...applied, ...ownSecret }, kinds: externalKind };
    assert.deepEqual((await told(t, checkReferencedObjects, external, made)).codes, []);
  });

  it('that are sealed without a key that pods need lack it', async (t) => {
    const needing = (key: string) => ({ ...sealed, gateway: readingKey('glyphoxa-secrets', key) });
    const cluster = {
      objects: there,
      kinds: { 'bitnami.com/v1alpha1': [type('bitnami.com', 'SealedSecret')] },
    };
    assert.deepEqual((await told(t, checkReferencedObjects, needing('admin-key'), cluster)).codes, []);
    const { codes, findings } = await told(t, checkReferencedObjects, needing('extra'), cluster);
    assert.deepEqual(codes, ['error secret-key-missing']);
    assert.match(findings[0]?.message ?? '', / glyphoxa-secrets .*\bvoice .*\bextra; deployment/);
    assert.match(findings[0]?.hint ?? '', /\bseal\b/);
  });

  it('that others make are there with every key', async (t) => {
    const spec = { gateway: readingKey('own', 'a') };
    const cluster = (data?: JsonObject) => ({
      objects: {
        ...there,
        ...ownSecret,
        ...(data === undefined ? {} : { [`${base}/secrets/own`]: secret(data) }),
      },
    });
    const codes = async (data?: JsonObject) =>
      (await told(t, checkReferencedObjects, spec, cluster(data))).codes;
    assert.deepEqual(await codes(), ['error secret-missing']);
    assert.deepEqual(await codes({ b: 'YQ==' }), ['error secret-key-missing']);
    assert.deepEqual(await codes({ a: '' }), ['warning secret-key-empty']);
    assert.deepEqual(await codes({ a: 'YQ==' }), []);
  });

  it('of a resource are made without the files that only environments have', async (t) => {
    const { findings } = await told(t, checkReferencedObjects, {}, { objects: {} });
    const { hint = '' } = findings.find(({ code }) => code === 'secret-missing') ?? {};
    assert.match(
      hint,
      /kubectl -n voice create secret generic glyphoxa-secrets --from-file=admin-key --from-file=database-dsn"/,
    );
    assert.doesNotMatch(hint, /overlays|secrets init/);
  });

  it('that may not be read are left to the check of permissions', async (t) => {
    const denies = ({ resource }: JsonObject) => resource === 'secrets';
    assert.deepEqual((await told(t, checkReferencedObjects, {}, { objects: there, denies })).codes, []);
    const permissions = await told(t, checkPermissions, {}, { objects: there, denies });
    assert.deepEqual(permissions.codes, ['warning permission-limited']);
  });
});

/** A container that reads a key of a Secret. */
function readingKey(name: string, key: string): JsonObject {
  const env = [{ name: 'EXTRA', valueFrom: { secretKeyRef: { name, key } } }];
  return { podPatch: { spec: { containers: [{ name: 'gateway', env }] } } };
}

describe('the database', () => {
  const spec = { postgresql: { enabled: true, instances: 3 } };
  const kinds = { 'postgresql.cnpg.io/v1': [databaseCluster] };
  const path = '/apis/postgresql.cnpg.io/v1/namespaces/voice/clusters/glyphoxa-postgresql';
  const cluster = (status?: JsonObject) => ({
    objects: {
      ...there,
      [path]: { kind: 'Cluster', metadata: { name: 'x' }, spec: { instances: 3 }, status } as JsonObject,
    },
    kinds,
  });
  const ready = (status: string, message = '') => ({ conditions: [{ type: 'Ready', status, message }] });

  it('of CloudNativePG is there and ready', async (t) => {
    const codes = async (with_: StubCluster) => (await told(t, checkDatabase, spec, with_)).codes;
    assert.deepEqual(await codes({ objects: there }), ['error database-missing']);
    assert.deepEqual(await codes({ objects: there, kinds }), ['error database-missing']);
    assert.deepEqual(await codes(cluster()), ['error database-not-ready']);
    assert.deepEqual(await codes(cluster(ready('False'))), ['error database-not-ready']);
    assert.deepEqual(await codes(cluster({ ...ready('False'), readyInstances: 1 })), [
      'warning database-degraded',
    ]);
    assert.deepEqual(await codes(cluster({ ...ready('True'), readyInstances: 3 })), []);
    assert.deepEqual(await codes(cluster(ready('True'))), []);
  });

  it('says why it is not ready', async (t) => {
    const { findings } = await told(
      t,
      checkDatabase,
      spec,
      cluster(ready('False', 'setting up the primary')),
    );
    assert.match(
      findings[0]?.message ?? '',
      / cluster\.postgresql\.cnpg\.io\/glyphoxa-postgresql .*: setting up\b/,
    );
  });

  it('elsewhere is said to be unchecked', async (t) => {
    const { codes, said } = await told(t, checkDatabase, {}, { objects: there });
    assert.deepEqual([codes, said], [[], ['the database is not in the cluster, so it is unchecked']]);
  });

  it('is found by what the gateway reads, where there is no configuration', async (t) => {
    const found = async (own: JsonObject) => {
      const { session } = await stubSession(t, own, {});
      const { provider, object } = databaseOf({ ...session.target, config: undefined });
      return `${provider} ${object?.name}`;
    };
    assert.equal(await found({}), 'external undefined');
    assert.equal(await found(spec), 'cloudnative-pg glyphoxa-postgresql');
    const bitnami = { enabled: true, provider: 'bitnami', existingSecret: 'db' };
    assert.equal(await found({ postgresql: bitnami }), 'bitnami glyphoxa-postgresql');
    const elsewhere = { database: { dsn: { secretKeyRef: { name: 'db-app', key: 'dsn' } } } };
    assert.equal(await found(elsewhere), 'external undefined');
  });
});

describe('permissions', () => {
  it('are told by kind, with verbs, names and what they are for', async (t) => {
    const denies = ({ resource, verb }: JsonObject) => resource === 'leases' && verb !== 'create';
    const { findings } = await told(t, checkPermissions, {}, { objects: { ...there, ...ownSecret }, denies });
    assert.deepEqual(findings.map(formatFinding), [
      'error permission-missing: whoever runs this may not get, update, delete leases.coordination.k8s.io (glyphoxa-lifecycle) in voice, which is needed to keep others from working on the release meanwhile; ask for the right; docs/operations has all that a deployer needs',
    ]);
  });

  it('to delete are dispensable with --no-prune', async (t) => {
    const denies = ({ resource, verb }: JsonObject) => resource === 'deployments' && verb === 'delete';
    const { findings } = await told(t, checkPermissions, {}, { objects: there, denies });
    assert.match(findings[0]?.hint ?? '', /--no-prune$/);
  });

  it('to bind the Role are those that it gives, or bind', async (t) => {
    const withoutJobs = ({ resource, verb, name }: JsonObject) =>
      (resource === 'jobs' && verb === 'list' && name === undefined) || verb === 'bind';
    const objects = { ...there, ...ownSecret };
    const { codes, findings } = await told(t, checkPermissions, {}, { objects, denies: withoutJobs });
    assert.deepEqual(codes, ['error role-not-grantable']);
    assert.match(findings[0]?.message ?? '', /: list jobs\.batch in voice$/);
    const withBind = ({ resource, verb }: JsonObject) => resource === 'jobs' && verb === 'list';
    assert.deepEqual((await told(t, checkPermissions, {}, { objects, denies: withBind })).codes, []);
    const onlyBind = ({ verb }: JsonObject) => verb === 'bind';
    assert.deepEqual((await told(t, checkPermissions, {}, { objects, denies: onlyBind })).codes, []);
  });

  it('that are told are not told again as refusals of the dry run', () => {
    const planned = { type: type('apps', 'Deployment'), wanted: { metadata: { name: 'a' } } };
    const run = (status: number) => ({ planned, refused: { status } }) as unknown as DryRun;
    const denied = (verb: string, name: string) => [{ verb, group: 'apps', resource: 'deployments', name }];
    assert.equal(isToldByPermissions(run(403), denied('patch', 'a')), true);
    assert.equal(isToldByPermissions(run(403), denied('create', 'a')), true);
    assert.equal(isToldByPermissions(run(403), denied('patch', 'b')), false);
    assert.equal(isToldByPermissions(run(403), denied('delete', 'a')), false);
    assert.equal(isToldByPermissions(run(422), denied('patch', 'a')), false);
  });
});
