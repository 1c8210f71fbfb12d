/** What `infrastructure` decides, without a cluster. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Session } from '../../../generator/lifecycle/session/session.ts';
import { renderedObjects } from '../../../generator/lifecycle/state/helm-record.ts';
import {
  databaseFindings,
  takeOverFindings,
} from '../../../generator/lifecycle/verbs/infrastructure/guards.ts';
import { helmFailure, isPassing } from '../../../generator/lifecycle/verbs/infrastructure/helm.ts';
import type { InstalledRelease } from '../../../generator/lifecycle/verbs/infrastructure/installed.ts';
import {
  decide,
  longestHelmMs,
  releaseFindings,
  type SeenPart,
} from '../../../generator/lifecycle/verbs/infrastructure/plan.ts';
import {
  clusterLook,
  databaseLook,
  statefulSetLook,
  until,
} from '../../../generator/lifecycle/verbs/infrastructure/wait.ts';
import { Failure, failure } from '../../../generator/model/finding.ts';
import { isObject, type JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { compareVersions, postgresMajor } from '../../../generator/model/versions.ts';
import { parseYaml } from '../../../generator/model/yaml.ts';
import type { InfrastructureName } from '../../../generator/objects/parts.ts';
import {
  type ChartPart,
  hasChart,
  infrastructureOf,
  type PartOf,
} from '../../../generator/tree/infrastructure.ts';
import { planTree } from '../../../generator/tree/plan.ts';
import { configOf } from '../../tree/law.ts';

const identity = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };

const resourceOf = (spec: JsonObject): JsonObject => ({
  ...identity,
  metadata: { name: 'glyphoxa', namespace: 'voices' },
  spec,
});

function partOf(name: InfrastructureName, spec: JsonObject = { postgresql: { enabled: true } }): PartOf {
  const part = infrastructureOf(configOf(resourceOf(spec))).find((each) => each.name === name);
  assert.ok(part);
  return part;
}

function chartPart(name: InfrastructureName, spec?: JsonObject): ChartPart {
  const part = partOf(name, spec);
  assert.ok(hasChart(part));
  return part;
}

function released(part: ChartPart, more: Partial<InstalledRelease> = {}): InstalledRelease {
  const { name, version, releaseName, namespace, valuesInline } = part.chart;
  return {
    name: releaseName,
    namespace,
    revision: 1,
    status: 'deployed',
    chart: name,
    version,
    values: valuesInline,
    run: undefined,
    begunAt: 0,
    deployedVersion: version,
    manifest: '',
    record: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'record' } },
    ...more,
  };
}

const main: KubernetesObject = { apiVersion: 'v1', kind: 'Cluster', metadata: { name: 'it' } };

function seen(release: InstalledRelease | undefined, more: Partial<SeenPart> = {}): SeenPart {
  return {
    release,
    isParked: false,
    workloads: release === undefined ? [] : [main],
    isWhole: true,
    foreign: undefined,
    ...more,
  };
}

const codesOf = (findings: readonly { readonly code: string; readonly severity: string }[]) =>
  findings.map(({ code, severity }) => `${severity} ${code}`);

describe('the parts of the infrastructure', () => {
  for (const provider of ['cloudnative-pg', 'bitnami']) {
    it(`are those that the tree hands to kustomize: ${provider}`, () => {
      const config = configOf(
        resourceOf({ postgresql: { enabled: true, provider }, sealedSecrets: { enabled: true } }),
      );
      const charts = planTree(config, []).flatMap(({ folder, files }) =>
        [...files]
          .filter(([file]) => folder === 'infrastructure' && file.endsWith('kustomization.yaml'))
          .flatMap(([, text]) => parseYaml(text))
          .flatMap((value) => (isObject(value) && Array.isArray(value.helmCharts) ? value.helmCharts : [])),
      );
      const nameOf = (chart: unknown) => String((chart as JsonObject).name);
      const byName = (all: readonly unknown[]) =>
        all.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b), 'en'));
      const parts = infrastructureOf(config);
      const on = parts.filter(hasChart).filter((part) => part.off === undefined);
      assert.equal(on.length, 2);
      assert.deepEqual(byName(on.map(({ chart }) => chart)), byName(charts));
      const off = parts.filter((part) => part.off !== undefined).map(({ name }) => name);
      assert.deepEqual(off, provider === 'bitnami' ? ['postgresql-operator'] : []);
    });
  }

  it('come in the order in which they need each other', () => {
    const names = infrastructureOf(configOf(resourceOf({}))).map(({ name }) => name);
    assert.deepEqual(names, ['postgresql-operator', 'sealed-secrets', 'postgresql']);
  });
});

describe('versions', () => {
  it('are in the order of semantic versioning', () => {
    const sorted = [
      '0.9.0',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      'v1.0.0',
      '1.0.1',
      '1.10.0',
    ];
    assert.deepEqual([...sorted].reverse().sort(compareVersions), sorted);
    assert.equal(compareVersions('v1.2.3', '1.2.3+build.5'), 0);
  });

  it('of PostgreSQL are read from the tag', () => {
    assert.equal(postgresMajor('ghcr.io/cloudnative-pg/postgresql:17-standard-trixie'), 17);
    assert.equal(postgresMajor('docker.io/bitnamilegacy/postgresql:17.3.0-debian-12-r3'), 17);
    assert.equal(postgresMajor('registry:5000/postgresql'), undefined);
    assert.equal(postgresMajor('postgresql:latest@sha256:16'), undefined);
  });
});

const operator = chartPart('postgresql-operator');
const database = chartPart('postgresql', { postgresql: { enabled: true, provider: 'bitnami' } });
const now = 2 * longestHelmMs;

/** What is there, and what becomes of it. */
const table: [what: string, part: ChartPart, seen: SeenPart, action: string, findings: string[]][] = [
  ['nothing', database, seen(undefined), 'install', []],
  [
    'what was uninstalled and kept in the history',
    database,
    seen(released(database, { status: 'uninstalled' }), { isWhole: false }),
    'install',
    [],
  ],
  ['the same', database, seen(released(database)), 'unchanged', []],
  [
    'the same, of which the database was deleted',
    database,
    seen(released(database), { isWhole: false }),
    'upgrade',
    [],
  ],
  ['an upgrade that failed', database, seen(released(database, { status: 'failed' })), 'upgrade', []],
  [
    'an older chart',
    database,
    seen(released(database, { version: '0.1.0', deployedVersion: '0.1.0' })),
    'upgrade',
    [],
  ],
  [
    'a newer chart of a database',
    database,
    seen(released(database, { version: '99.0.0', deployedVersion: '99.0.0' })),
    'keep',
    ['error chart-downgrade'],
  ],
  [
    'a newer chart whose upgrade failed',
    database,
    seen(released(database, { version: '99.0.0', status: 'failed' })),
    'upgrade',
    [],
  ],
  [
    'a newer operator',
    operator,
    seen(released(operator, { version: '9.0.0', deployedVersion: '9.0.0' })),
    'keep',
    ['warning operator-newer'],
  ],
  [
    'values of a database that the environment has not',
    database,
    seen(released(database, { values: { ...database.chart.valuesInline, poolers: [{ name: 'rw' }] } })),
    'upgrade',
    ['warning values-go'],
  ],
  [
    'more values of an operator, else the same',
    operator,
    seen(released(operator, { values: { crds: { create: true }, replicaCount: 2 } })),
    'unchanged',
    [],
  ],
  [
    'more values of an older operator',
    operator,
    seen(released(operator, { version: '0.1.0', deployedVersion: '0.1.0', values: { replicaCount: 2 } })),
    'upgrade',
    [],
  ],
  ['another chart', database, seen(released(database, { chart: 'glyphoxa' })), 'keep', ['error other-chart']],
  ['an adopted release', database, seen(undefined, { isParked: true }), 'keep', ['error release-parked']],
  [
    'an operator of somebody',
    operator,
    seen(undefined, { foreign: { ...main, metadata: { name: 'it', namespace: 'x' } } }),
    'keep',
    [],
  ],
  [
    'a run of ours that was cut off',
    database,
    seen(released(database, { status: 'pending-upgrade', run: 'a', begunAt: now })),
    'upgrade',
    [],
  ],
  [
    'a helm of somebody at work',
    database,
    seen(released(database, { status: 'pending-upgrade', begunAt: now - longestHelmMs + 1 })),
    'keep',
    ['error helm-busy'],
  ],
  [
    'a helm of somebody that was killed long ago',
    database,
    seen(released(database, { status: 'pending-upgrade', begunAt: now - longestHelmMs - 1 })),
    'upgrade',
    [],
  ],
  [
    'somebody who uninstalls',
    database,
    seen(released(database, { status: 'uninstalling' })),
    'keep',
    ['error helm-busy'],
  ],
];

describe('what becomes of a part where the cluster has', () => {
  for (const [what, part, state, action, findings] of table) {
    it(`${what}: ${[action, ...findings].join(', ')}`, () => {
      const decision = decide(part, state, now);
      assert.deepEqual([decision.action, ...codesOf(decision.findings)], [action, ...findings]);
    });
  }

  it('an operator with values of others, which stay beside ours', () => {
    const values = { crds: { create: false, more: 1 }, replicaCount: 2 };
    const state = seen(released(operator, { version: '0.1.0', deployedVersion: '0.1.0', values }));
    const decision = decide(operator, state, now);
    assert.deepEqual(decision.values, { crds: { create: true, more: 1 }, replicaCount: 2 });
  });

  it('values of others, of which only the names are told', () => {
    const { auth, ...rest } = database.chart.valuesInline as { auth: JsonObject };
    const values = { ...rest, auth: { ...auth, token: 'kSecret42' } };
    const [finding] = decide(database, seen(released(database, { values })), now).findings;
    assert.match(finding?.message ?? '', /auth\.token/);
    assert.ok(!JSON.stringify(finding).includes('kSecret42'));
  });
});

/** The Cluster that a configuration asks for. */
function askedCluster(spec: JsonObject): KubernetesObject {
  const { objects } = partOf('postgresql', { postgresql: { enabled: true, ...spec } });
  const asked = objects.find(({ kind }) => kind === 'Cluster');
  assert.ok(asked);
  return asked;
}

/** A running database against another image, size or name. */
const guard = (spec: JsonObject, running: KubernetesObject) =>
  codesOf(databaseFindings(running, askedCluster(spec)));

const cluster = (spec: JsonObject, status: JsonObject = {}): KubernetesObject => ({
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Cluster',
  metadata: { name: 'glyphoxa-postgresql', generation: 2 },
  spec: {
    instances: 2,
    storage: { size: '10Gi' },
    bootstrap: { initdb: { database: 'glyphoxa', owner: 'glyphoxa' } },
    ...spec,
  },
  status,
});

const statefulSet = (image: string, size = '10Gi'): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'glyphoxa-postgresql' },
  spec: {
    template: { spec: { containers: [{ name: 'postgresql', image }] } },
    volumeClaimTemplates: [{ spec: { resources: { requests: { storage: size } } } }],
  },
});

describe('a database that runs', () => {
  const image = (tag: string) => `ghcr.io/cloudnative-pg/postgresql:${tag}`;

  it('gets no older PostgreSQL, and a newer one with a warning', () => {
    assert.deepEqual(guard({ image: image('17.2') }, cluster({}, { image: image('17.5') })), []);
    assert.deepEqual(guard({ image: image('16') }, cluster({}, { image: image('17') })), [
      'error postgresql-downgrade',
    ]);
    assert.deepEqual(guard({ image: image('16') }, cluster({ imageName: image('17') })), [
      'error postgresql-downgrade',
    ]);
    assert.deepEqual(guard({ image: image('18') }, cluster({}, { image: image('17') })), [
      'warning postgresql-upgrade',
    ]);
    // while a conversion is under way the data is still that of the version before
    const converting = cluster(
      { imageName: image('18') },
      { image: image('18'), pgDataImageInfo: { majorVersion: 17 } },
    );
    assert.deepEqual(guard({ image: image('17') }, converting), []);
    assert.deepEqual(guard({ image: image('17') }, cluster({}, { image: image('latest') })), [
      'warning postgresql-unchecked',
    ]);
  });

  it('keeps the name of its database, which the DSN leads to', () => {
    const running = cluster({ imageName: image('17') });
    assert.deepEqual(guard({ database: 'memories' }, running), ['error database-name']);
    const restored = cluster({ imageName: image('17'), bootstrap: { recovery: { source: 'origin' } } });
    assert.deepEqual(guard({ database: 'memories' }, restored), []);
  });

  it('keeps its volumes and its backups when it is taken over from Helm', () => {
    const taken = (running: JsonObject, spec: JsonObject = {}) =>
      codesOf(takeOverFindings(cluster(running), askedCluster(spec)));
    const backup = { backup: { enabled: true, destinationPath: 's3://backups/glyphoxa' } };
    const plugins = [{ name: 'barman-cloud.cloudnative-pg.io', isWALArchiver: true }];
    assert.deepEqual(taken({}), []);
    assert.deepEqual(taken({ walStorage: { size: '1Gi' } }), ['error cluster-volumes']);
    assert.deepEqual(taken({ tablespaces: [{ name: 'a' }] }, backup), ['error cluster-volumes']);
    assert.deepEqual(taken({ backup: { barmanObjectStore: {} } }), ['error cluster-backup']);
    assert.deepEqual(taken({ backup: { barmanObjectStore: {} } }, backup), []);
    assert.deepEqual(taken({ plugins }), ['error cluster-backup']);
    assert.deepEqual(taken({ plugins }, backup), []);
    assert.deepEqual(taken({ plugins: [{ name: 'other' }] }), []);
  });

  it('never shrinks; equal sizes may be written differently', () => {
    const running = cluster({ imageName: image('17') });
    assert.deepEqual(guard({ storage: { size: '10240Mi' } }, running), []);
    assert.deepEqual(guard({ storage: { size: '11Gi' } }, running), []);
    assert.deepEqual(guard({ storage: { size: '10G' } }, running), ['error storage-shrink']);
  });

  it('of Bitnami changes neither its major version nor its size', () => {
    const of = (tag: string, size?: string) => statefulSet(`docker.io/x/postgresql:${tag}`, size);
    const running = of('17.3.0');
    const guarded = (asked: KubernetesObject) => codesOf(databaseFindings(running, asked));
    assert.deepEqual(guarded(of('17.6.0')), []);
    assert.deepEqual(guarded(of('16.6.0')), ['error postgresql-downgrade']);
    assert.deepEqual(guarded(of('18.0.0')), ['error postgresql-upgrade']);
    assert.deepEqual(guarded(of('latest')), ['warning postgresql-unchecked']);
    assert.deepEqual(guarded(of('17.3.0', '20Gi')), ['error storage-fixed']);
    assert.deepEqual(guarded(of('17.3.0', '1Gi')), ['error storage-shrink']);
    const renamed = { ...running, metadata: { name: 'glyphoxa-postgresql-primary' } };
    assert.deepEqual(codesOf(databaseFindings(renamed, running)), ['error database-renamed']);
  });
});

describe('a Cluster is ready', () => {
  const ready = { type: 'Ready', status: 'True' };
  const status = { conditions: [ready], instances: 2, readyInstances: 2, phase: 'Cluster in healthy state' };

  it('when all instances are, for what the object asks for now', () => {
    assert.equal(clusterLook(cluster({}, status)).isDone, true);
    assert.equal(clusterLook(cluster({}, { ...status, phase: undefined } as never)).isDone, true);
  });

  for (const [what, spec, change] of [
    ['no status yet', {}, undefined],
    ['too few instances', {}, { readyInstances: 1 }],
    ['more instances asked for than it knows of', { instances: 3 }, {}],
    ['a condition that says no', {}, { conditions: [{ ...ready, status: 'False' }] }],
    ['a condition about an older object', {}, { conditions: [{ ...ready, observedGeneration: 1 }] }],
    ['an upgrade under way', {}, { phase: 'Upgrading cluster' }],
    ['another image than is asked for', { imageName: 'p:18' }, { image: 'p:17' }],
  ] as const) {
    it(`but not with ${what}`, () => {
      const now: JsonObject = change === undefined ? {} : { ...status, ...(change as unknown as JsonObject) };
      assert.equal(clusterLook(cluster(spec, now)).isDone, false);
    });
  }

  it('or never, when the operator says so', () => {
    const phase = 'Cluster is unrecoverable and needs manual intervention';
    assert.deepEqual(
      clusterLook(cluster({}, { phase })).problems?.map(({ code, certainAfterMs }) => [code, certainAfterMs]),
      [['database-failed', 0]],
    );
  });

  it('and a StatefulSet is once its newest pods are', () => {
    const of = (now: JsonObject) =>
      statefulSetLook({
        ...main,
        kind: 'StatefulSet',
        metadata: { name: 'it', generation: 2 },
        spec: { replicas: 1 },
        status: now,
      }).isDone;
    const done = { observedGeneration: 2, readyReplicas: 1, currentRevision: 'a', updateRevision: 'a' };
    assert.equal(of(done), true);
    assert.equal(of({ ...done, observedGeneration: 1 }), false);
    assert.equal(of({ ...done, readyReplicas: 0 }), false);
    assert.equal(of({ ...done, updateRevision: 'b' }), false);
  });
});

describe('a Database is', () => {
  const of = (status: JsonObject) =>
    databaseLook({
      ...main,
      metadata: { name: 'it', generation: 2 },
      status: { observedGeneration: 2, ...status },
    });

  it('done once the operator has applied what the object says now', () => {
    assert.equal(of({ applied: true }).isDone, true);
    assert.equal(of({ applied: true, observedGeneration: 1 }).isDone, false);
    assert.equal(of({}).isDone, false);
    assert.equal(of({ applied: false, observedGeneration: 1 }).problems, undefined);
  });

  it('refused with what the operator says, for itself and for each extension', () => {
    const extensions = [
      { name: 'vector', applied: false, message: 'not available' },
      { name: 'a', applied: true },
    ];
    const [problem] = of({ applied: false, message: 'failed', extensions }).problems ?? [];
    assert.equal(problem?.code, 'database-refused');
    assert.match(problem?.message ?? '', /failed; vector: not available$/);
    assert.match(problem?.hint ?? '', /spec\.postgresql\.image/);
    const [mute] = of({ applied: false }).problems ?? [];
    assert.equal(mute?.code, 'database-refused');
    assert.doesNotMatch(mute?.hint ?? '', /spec\.postgresql\.image/);
  });
});

describe('what helm says', () => {
  const secret: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { dsn: Buffer.from('postgres://u:kSecretPw42@db/x').toString('base64') },
  };
  for (const [said, code] of [
    ['Error: chart "cluster" matching 9.9.9 not found in https://x index.', 'chart-version'],
    ['Error: something else', 'helm'],
  ] as const) {
    it(`is told as ${code}: ${said.slice(0, 60)}`, () => {
      assert.equal(helmFailure(database.chart, said, [secret]).code, code);
    });
  }

  it('is told without the values of Secrets, and not at any length', () => {
    const said = `Error: bad value kSecretPw42 and ${(secret.data as JsonObject).dsn}\n${'x'.repeat(5000)}`;
    const { message } = helmFailure(database.chart, said, [secret]);
    assert.ok(!/kSecretPw42|cG9zdGdyZXM6/.test(message), message);
    assert.ok(message.length < 700);
  });

  it('is tried again only where that may help', () => {
    assert.equal(isPassing('failed calling webhook "mcluster.cnpg.io": no endpoints available'), true);
    assert.equal(
      isPassing('Kubernetes cluster unreachable: Get "https://x": dial tcp: connection refused'),
      true,
    );
    assert.equal(
      isPassing('Error: UPGRADE FAILED: cannot patch "x": Forbidden: updates to statefulset spec'),
      false,
    );
  });

  it('of what it rendered only the kind that is asked for is read', () => {
    const manifest =
      '---\n# Source: a\nkind: Deployment\nmetadata: {name: a}\n---\nkind: ConfigMap\ndata: {x: [unclosed\n---\nkind: "Deployment"\nmetadata: {name: b}\n';
    assert.deepEqual(
      renderedObjects(manifest, 'Deployment').map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
  });
});

describe('waiting', () => {
  const sessionOf = (controller: AbortController) => {
    const lines: string[] = [];
    const report = { progress: (key: string, text: string) => lines.push(`${key}: ${text}`) };
    return { lines, session: { report, signal: controller.signal } as unknown as Session };
  };

  it('tells what it waited for when the time is up', async () => {
    const controller = new AbortController();
    const { session } = sessionOf(controller);
    const problem = { code: 'rollout-image', message: 'no image', hint: 'push it', pod: 'p' } as const;
    const waiting = until(session, 'cluster/x', async () => {
      setImmediate(() => controller.abort(failure('timeout', 'not done in 1 s', 'wait')));
      return { text: 'Setting up primary', isDone: false, problems: [problem] };
    });
    await assert.rejects(waiting, (error: unknown) => {
      assert.ok(error instanceof Failure);
      assert.deepEqual(
        error.findings.map(({ code }) => code),
        ['timeout', 'not-ready', 'rollout-image'],
      );
      assert.match(error.findings[1]?.message ?? '', /cluster\/x .*: Setting up primary$/);
      return true;
    });
  });

  it('ends at once for what is certain', async () => {
    const { session, lines } = sessionOf(new AbortController());
    const problem = {
      code: 'rollout-image',
      message: 'no image',
      hint: 'push it',
      pod: 'p',
      certainAfterMs: 0,
    } as const;
    const waiting = until(session, 'cluster/x', async () => ({
      text: 'begun',
      isDone: false,
      problems: [problem],
    }));
    await assert.rejects(
      waiting,
      (error: unknown) => error instanceof Failure && /pod p: no image/.test(error.message),
    );
    assert.deepEqual(lines, ['cluster/x: begun; p: no image']);
  });
});

it('each value that a release of the chart loses is named, with what takes its place, and never what it holds', () => {
  const others = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`other${index}`, 1]));
  const release = released(database, {
    values: {
      backups: { endpointURL: 'x', enabled: true },
      cluster: { monitoring: { enabled: true }, walStorage: {}, instances: 3, ...others },
    },
  });
  const stays = { backups: { enabled: false }, cluster: { instances: 1 } };
  const told = (values: JsonObject) => releaseFindings(release, 'postgresql', values, now);
  const [{ details = [], severity } = { severity: 'error' }] = told(stays);
  assert.equal(severity, 'warning');
  assert.equal(details.length, 10);
  assert.deepEqual(details.slice(0, 3), [
    'backups.endpointURL: spec.postgresql.backup takes its place',
    'cluster.monitoring: spec.postgresql.monitoring takes its place',
    'cluster.walStorage: no option takes its place',
  ]);
  assert.deepEqual(told(release.values), []);
});
