import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  contextOf,
  type Loaded,
  lay,
  loadConfig,
  loadStack,
  type Origin,
  type Source,
  stackOf,
} from '../../generator/config/load.ts';
import type { Json, JsonObject, Path } from '../../generator/model/json.ts';
import { formatPath } from '../../generator/model/json.ts';
import { readYaml } from '../../generator/model/yaml.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n';
const named = `${head}metadata:\n  name: voice\n`;

/** A resource and an environment, of what stands below their first lines. */
function load(resource: string, environment?: string): Loaded {
  return loadConfig(
    readYaml(named + resource, 'glyphoxa.yaml'),
    environment === undefined ? undefined : readYaml(head + environment, 'config.yaml'),
  );
}

/** Findings as `FILE:LINE:COL CODE PATH`. */
const shown = ({ findings }: Loaded) =>
  findings.map(
    ({ position: at, code, path }) => `${at?.file}:${at?.line}:${at?.col} ${code} ${formatPath(path)}`,
  );

/** A value of the complete configuration, where nothing is wrong with it. */
function valueAt(loaded: Loaded, path: string): Json | undefined {
  assert.deepEqual(
    loaded.findings.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  let at = loaded.config as unknown as { [key: string]: unknown } | undefined;
  for (const part of path.split('.')) at = at?.[part] as typeof at;
  return at as Json | undefined;
}

const say = (origin: Origin) => (origin.from === 'layer' ? origin.source.file : origin.from);

describe('layers', () => {
  const cases: [
    name: string,
    resource: string,
    environment: string,
    path: string,
    value: Json | undefined,
  ][] = [
    [
      'an environment wins',
      'spec: {gateway: {replicaCount: 5}}\n',
      'spec: {gateway: {replicaCount: 4}}\n',
      'spec.gateway.replicaCount',
      4,
    ],
    [
      'what it does not name stays',
      'spec: {gateway: {replicaCount: 5}}\n',
      'spec: {gateway: {ports: {admin: 8000}}}\n',
      'spec.gateway.replicaCount',
      5,
    ],
    [
      'null removes a value, and its preset stands',
      'spec: {gateway: {replicaCount: 5}}\n',
      'spec: {gateway: {replicaCount: null}}\n',
      'spec.gateway.replicaCount',
      3,
    ],
    [
      'null removes a group, and its defaults stand',
      'spec: {gateway: {ports: {admin: 1024}}}\n',
      'spec: {gateway: {ports: null}}\n',
      'spec.gateway.ports',
      { admin: 8081, grpc: 50051, observe: 9090 },
    ],
    [
      'null removes a key of a map',
      'spec: {gateway: {nodeSelector: {a: b, c: d}}}\n',
      'spec: {gateway: {nodeSelector: {a: null}}}\n',
      'spec.gateway.nodeSelector',
      { c: 'd' },
    ],
    [
      'null removes what is optional',
      'spec: {core: {image: {digest: null}}}\n'.replace('null', `"sha256:${'0'.repeat(64)}"`),
      'spec: {core: {image: {digest: null}}}\n',
      'spec.core.image.digest',
      undefined,
    ],
    [
      'null removes what is not there',
      '',
      'spec: {vault: {addr: null}, grpcTls: null}\n',
      'spec.vault.addr',
      undefined,
    ],
    [
      'null is a removal in free-form values too',
      'spec: {config: {providers: {audio: {options: {a: 1, b: 2}}}}}\n',
      'spec: {config: {providers: {audio: {options: {a: null}}}}}\n',
      'spec.config.providers.audio.options',
      { b: 2 },
    ],
    [
      'maps are merged',
      'spec: {gateway: {nodeSelector: {a: b}}}\n',
      'spec: {gateway: {nodeSelector: {c: d}}}\n',
      'spec.gateway.nodeSelector',
      { a: 'b', c: 'd' },
    ],
    [
      'lists are replaced',
      'spec: {core: {imagePullSecrets: [{name: a}, {name: b}]}}\n',
      'spec: {core: {imagePullSecrets: [{name: b}]}}\n',
      'spec.core.imagePullSecrets',
      [{ name: 'b' }],
    ],
    [
      'an empty list empties',
      'spec: {worker: {gpu: {tolerations: [{operator: Exists}]}}}\n',
      'spec: {worker: {gpu: {tolerations: []}}}\n',
      'spec.worker.gpu.tolerations',
      [],
    ],
    ['the namespace changes', '  namespace: a\n', 'metadata: {namespace: b}\n', 'metadata.namespace', 'b'],
    ['the same release name may stand there', '', 'metadata: {name: voice}\n', 'metadata.name', 'voice'],
    [
      'an environment may say nothing',
      'spec: {gateway: {replicaCount: 5}}\n',
      '',
      'spec.gateway.replicaCount',
      5,
    ],
    [
      'a secret is replaced whole',
      'spec: {secrets: {provider: kubernetes}, database: {dsn: {fromEnv: D}}, gateway: {adminKey: {secretKeyRef: {name: a, key: b}}}}\n',
      'spec: {gateway: {adminKey: {fromFile: key.txt}}}\n',
      'spec.gateway.adminKey',
      { fromFile: 'key.txt' },
    ],
    [
      'a secret is replaced whole where its source stays',
      'spec: {gateway: {adminKey: {secretKeyRef: {name: a, key: b}}}}\n',
      'spec: {gateway: {adminKey: {secretKeyRef: {name: c, key: d}}}}\n',
      'spec.gateway.adminKey.secretKeyRef',
      { name: 'c', key: 'd' },
    ],
    [
      'null removes a secret',
      'spec: {gateway: {adminKey: {secretKeyRef: {name: a, key: b}}}}\n',
      'spec: {gateway: {adminKey: null}}\n',
      'spec.gateway.adminKey',
      undefined,
    ],
    [
      'a topology of the environment decides the presets',
      '',
      'spec: {core: {topology: dedicated}}\n',
      'spec.gateway.replicaCount',
      1,
    ],
    [
      'its presets reach every value that has one',
      '',
      'spec: {core: {topology: dedicated}}\n',
      'spec.gateway.podAntiAffinity.enabled',
      false,
    ],
    [
      'an explicit value wins over a preset',
      'spec: {gateway: {replicaCount: 2}}\n',
      'spec: {core: {topology: dedicated}}\n',
      'spec.gateway.replicaCount',
      2,
    ],
    [
      'removing the topology removes its presets',
      'spec: {core: {topology: dedicated}}\n',
      'spec: {core: {topology: null}}\n',
      'spec.gateway.replicaCount',
      3,
    ],
    ['derived defaults follow the release', '', '', 'spec.secrets.name', 'voice-secrets'],
    [
      'a derived default may be replaced',
      '',
      'spec: {gateway: {serviceAccount: {name: own}}}\n',
      'spec.gateway.serviceAccount.name',
      'own',
    ],
    [
      'resources keep their defaults key by key',
      'spec: {gateway: {resources: {limits: {cpu: 2}}}}\n',
      'spec: {gateway: {resources: {limits: {memory: 1Gi}}}}\n',
      'spec.gateway.resources',
      { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: 2, memory: '1Gi' } },
    ],
    [
      'the configuration file has no defaults',
      'spec: {config: {server: {log_level: info}}}\n',
      'spec: {config: {transcript: {llm_correction: true}}}\n',
      'spec.config',
      { server: { log_level: 'info' }, transcript: { llm_correction: true } },
    ],
  ];
  for (const [name, resource, environment, path, value] of cases) {
    test(name, () => {
      const got = valueAt(load(resource, environment), path);
      if (value === undefined) assert.equal(got, undefined);
      else assert.deepEqual(got, value);
    });
  }

  test('are not changed by being merged', () => {
    const layers = [
      readYaml(`${named}spec: {gateway: {nodeSelector: {a: b}}}\n`, 'a'),
      readYaml(`${head}spec: {gateway: {nodeSelector: {c: d}, tolerations: [{operator: Exists}]}}\n`, 'b'),
    ] as const;
    const before = JSON.stringify(layers.map(({ value }) => value));
    const { config } = loadConfig(...layers);
    config?.spec.gateway.tolerations.push({ key: 'x' });
    if (config !== undefined) config.spec.gateway.nodeSelector.c = 'changed';
    assert.equal(JSON.stringify(layers.map(({ value }) => value)), before);
    assert.deepEqual(loadConfig(layers[0]).config?.spec.gateway.tolerations, []);
  });

  test('may be values of a program, which have no positions', () => {
    const value = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa', metadata: { name: 'V' } };
    const [finding, ...others] = loadConfig({ value, findings: [] }).findings;
    assert.deepEqual(others, []);
    assert.equal(finding?.code, 'invalid-value');
    assert.equal(finding?.position, undefined);
  });

  test('give one configuration whatever the order of their keys', () => {
    const one = load('spec: {core: {topology: dedicated}, gateway: {ports: {admin: 8000, grpc: 8001}}}\n');
    const two = load('spec: {gateway: {ports: {grpc: 8001, admin: 8000}}, core: {topology: dedicated}}\n');
    assert.equal(JSON.stringify(one.config), JSON.stringify(two.config));
  });
});

describe('what a layer may not do', () => {
  const cases: [name: string, resource: string, environment: string, ...expected: string[]][] = [
    ['name another release', '', 'metadata: {name: other}\n', 'config.yaml:3:18 other-release metadata.name'],
    [
      'remove metadata or what identifies it',
      '',
      'metadata: null\n',
      'config.yaml:3:11 empty-value metadata',
    ],
    [
      'remove the release name',
      '',
      'metadata: {name: null}\n',
      'config.yaml:3:18 other-release metadata.name',
    ],
    [
      'mix two sources of a secret',
      'spec: {gateway: {adminKey: {secretKeyRef: {name: a, key: b}}}}\n',
      'spec: {gateway: {adminKey: {secretKeyRef: null, fromEnv: A}}}\n',
      'config.yaml:3:28 secret-source spec.gateway.adminKey',
      'config.yaml:3:43 empty-value spec.gateway.adminKey.secretKeyRef',
    ],
    [
      'have a null in the resource',
      'spec: {gateway: {replicaCount: null}}\n',
      '',
      'glyphoxa.yaml:5:32 empty-value spec.gateway.replicaCount',
    ],
    [
      'have a null in a list',
      '',
      'spec: {core: {imagePullSecrets: [null]}}\n',
      'config.yaml:3:34 empty-value spec.core.imagePullSecrets[0]',
    ],
  ];
  for (const [name, resource, environment, ...expected] of cases) {
    test(name, () => assert.deepEqual(shown(load(resource, environment)), expected));
  }

  test('lack its apiVersion and kind', () => {
    const loaded = loadConfig(readYaml(named, 'g'), readYaml('spec: {}\n', 'c'));
    assert.deepEqual(shown(loaded), ['c:1:1 required apiVersion', 'c:1:1 required kind']);
  });
});

test('all problems are found at once, in the order of files and positions', () => {
  const resource = `metadata:
  name: Voice
  labels: {a/b/c: d}
kind: Glyphoxa
apiVersion: v1
spec:
  gatway: {}
  gateway:
    replicaCount: -1
    replicaCount: 0
    ports: {admin: 90000, grpc: "x"}
    adminKey: {value: a, fromEnv: B}
    tolerations:
      - {operator: Exists, value: x}
      - {operater: Exists}
    resources: {requests: {cpu: 1z, memory: 2Gi}}
  worker: {resourceProfile: gpu, ports: {grpc: 1}}
  core: {image: {tag: 1.10, digest: sha256}, imagePullSecrets: [name]}
  config:
    npcs:
      - {name: A, engine: cascade, voice: deep}
      - {name: A, engine: s2s}
      - {personality: kind}
`;
  const environment = `${head}spec:
  networkPolicy: {enabled: yes}
  secrets: {provider: kubernetes}
  autoscaling: {enabled: true, minReplicas: 20}
`;
  const loaded = loadConfig(readYaml(resource, 'g'), readYaml(environment, 'c'));
  assert.deepEqual(shown(loaded), [
    'c:4:28 ambiguous-scalar spec.networkPolicy.enabled',
    'c:4:28 wrong-type spec.networkPolicy.enabled',
    'c:6:45 min-above-max-replicas spec.autoscaling.minReplicas',
    'g:2:9 invalid-value metadata.name',
    'g:3:12 invalid-key metadata.labels["a/b/c"]',
    'g:5:13 wrong-kind apiVersion',
    'g:6:1 dsn-missing spec.database.dsn',
    'g:7:3 unknown-field spec.gatway',
    'g:10:5 duplicate-key spec.gateway.replicaCount',
    'g:11:20 out-of-range spec.gateway.ports.admin',
    'g:11:33 wrong-type spec.gateway.ports.grpc',
    'g:12:15 secret-source spec.gateway.adminKey',
    'g:14:35 invalid-value spec.gateway.tolerations[0].value',
    'g:15:10 unknown-field spec.gateway.tolerations[1].operater',
    'g:16:33 invalid-value spec.gateway.resources.requests.cpu',
    'g:16:45 requests-above-limits spec.gateway.resources.requests.memory',
    'g:17:29 not-a-choice spec.worker.resourceProfile',
    'g:17:48 worker-grpc-port spec.worker.ports.grpc',
    'g:17:48 privileged-port spec.worker.ports.grpc',
    'g:18:23 wrong-type spec.core.image.tag',
    'g:18:37 invalid-value spec.core.image.digest',
    'g:18:65 wrong-type spec.core.imagePullSecrets[0]',
    'g:21:27 not-a-choice spec.config.npcs[0].engine',
    'g:21:43 wrong-type spec.config.npcs[0].voice',
    'g:22:16 duplicate-npc spec.config.npcs[1].name',
    'g:22:27 engine-provider spec.config.npcs[1].engine',
    'g:23:9 required spec.config.npcs[2].name',
  ]);
});

describe('origin', () => {
  const loaded = load(
    'spec: {gateway: {replicaCount: 2, tolerations: [{key: a}, {key: b}], adminKey: {secretKeyRef: {name: a, key: b}}, ports: {admin: 8000}}, core: {image: {tag: "a"}}}\n',
    'spec: {gateway: {tolerations: [{key: c}], adminKey: {secretKeyRef: {name: c, key: d}}, replicaCount: null}, core: {image: null, topology: dedicated}}\n',
  );
  const cases: [path: Path, origin: string][] = [
    [['metadata', 'name'], 'glyphoxa.yaml'],
    [['metadata', 'namespace'], 'default'],
    [['spec', 'gateway', 'ports', 'admin'], 'glyphoxa.yaml'],
    [['spec', 'gateway', 'ports', 'grpc'], 'default'],
    [['spec', 'gateway', 'replicaCount'], 'preset'],
    [['spec', 'gateway', 'podAntiAffinity', 'enabled'], 'preset'],
    [['spec', 'gateway', 'serviceAccount', 'name'], 'derived'],
    [['spec', 'core', 'topology'], 'config.yaml'],
    [['spec', 'core', 'image', 'tag'], 'default'],
    [['spec', 'core', 'image', 'digest'], 'unset'],
    [['spec', 'database', 'dsn'], 'unset'],
    [['spec', 'gateway', 'tolerations', 0, 'key'], 'config.yaml'],
    [['spec', 'gateway', 'tolerations', 1, 'key'], 'unset'],
    [['spec', 'gateway', 'adminKey', 'secretKeyRef', 'name'], 'config.yaml'],
    [['spec', 'gateway', 'adminKey', 'value'], 'unset'],
    [['spec', 'nothing'], 'unset'],
  ];
  for (const [path, expected] of cases) {
    test(formatPath(path), () => assert.equal(say(loaded.origin(path)), expected));
  }

  test('a source that another replaced is not where a secret comes from', () => {
    const replaced = load(
      'spec: {gateway: {adminKey: {value: a}}}\n',
      'spec: {gateway: {adminKey: {secretKeyRef: {name: c, key: d}}}}\n',
    );
    assert.equal(say(replaced.origin(['spec', 'gateway', 'adminKey', 'value'])), 'unset');
    assert.deepEqual(shown(replaced), []);
  });
});

describe('nothing usable', () => {
  const cases: [name: string, text: string, ...expected: string[]][] = [
    ['no YAML', 'a: [', 'f:1:5 syntax '],
    ['no map', '- a\n', 'f:1:1 wrong-kind '],
    ['no text', '', 'f:1:1 empty-document '],
    ['no name', head, 'f:1:1 required metadata'],
    ['another kind', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n', 'f:2:7 wrong-kind kind'],
    ['a list of kinds', 'kind: [Glyphoxa]\n', 'f:1:7 wrong-kind kind'],
    ['another version', named.replace('v1alpha1', 'v1beta1'), 'f:1:13 wrong-kind apiVersion'],
  ];
  for (const [name, text, ...expected] of cases) {
    test(name, () => {
      assert.deepEqual(shown(loadConfig(readYaml(text, 'f'))), expected);
      const overIt = loadConfig(readYaml(text, 'f'), readYaml(head, 'c'));
      assert.deepEqual(shown(overIt), expected);
    });
  }
});

test('a line that may carry a secret is not shown', () => {
  const loaded = load(
    'spec: {gateway: {adminKey: {value: 3}, replicaCount: x}, config: {providers: {llm: {name: l, options: {a: "\\u0001"}}}}}\n',
  );
  const visible = loaded.findings.map(({ path, showSource }) => [formatPath(path), showSource]);
  assert.deepEqual(visible, [
    ['spec.gateway.adminKey.value', false],
    ['spec.gateway.replicaCount', true],
    ['spec.config.providers.llm.name', true],
    ['spec.config.providers.llm.options.a', false],
  ]);
});

describe('what is wrong', () => {
  const of = (text: string, more: Partial<Source>): Source => ({ ...readYaml(text, 'c'), ...more });
  const mistake = `${head}spec: {gatewy: {}}\n`;
  /** Whom each finding is about. */
  const about = (loaded: Loaded) =>
    loaded.findings.map(({ code, environments, tenants }) => ({ code, environments, tenants }));

  test('in the layer of an environment or of a tenant is said of it', () => {
    const base = readYaml(named, 'g');
    const [environments, tenants] = [['prod'], ['inn']];
    for (const [text, code] of [
      [mistake, 'unknown-field'],
      ['a: [', 'syntax'],
      [`${head}spec: {autoscaling: {enabled: true, minReplicas: 40}}\n`, 'min-above-max-replicas'],
    ] as const) {
      const ofEnvironment = loadConfig(base, of(text, { environment: 'prod' }));
      assert.deepEqual(about(ofEnvironment), [{ code, environments, tenants: undefined }]);
      const ofTenant = loadConfig(base, of(text, { environment: 'prod', tenant: 'inn' }));
      assert.deepEqual(about(ofTenant), [{ code, environments: undefined, tenants }]);
    }
  });

  test('in the resource is not said of the environment over it', () => {
    const { findings } = loadConfig(
      readYaml(`${named}spec: {gatewy: {}}\n`, 'g'),
      of(head, { environment: 'prod' }),
    );
    assert.deepEqual(
      findings.map(({ position, environments }) => [position?.file, environments]),
      [['g', undefined]],
    );
  });

  test('has the place that its value has in a file with more in it', () => {
    const place = (path: Path) => ['tenants', 'inn', ...path];
    const { findings } = loadConfig(readYaml(named, 'g'), of(mistake, { tenant: 'inn', place }));
    assert.deepEqual(
      findings.map(({ path }) => formatPath(path)),
      ['tenants.inn.spec.gatewy'],
    );
  });

  test('is said of the rest too where there is no name, and nothing is made of it', () => {
    const loaded = loadConfig(readYaml(`${head}spec: {config: {npcs: [{name: A}, {name: A}]}}\n`, 'f'));
    assert.equal(loaded.config, undefined);
    assert.deepEqual(
      loaded.findings.map(({ code }) => code),
      ['required', 'npc-without-model', 'duplicate-npc'],
    );
  });

  test('in an item of a list leaves nothing to say of the list, but inside of an item', () => {
    assert.deepEqual(shown(load('spec: {config: {npcs: [{name: A}, {name: A}, x]}}\n')), [
      'glyphoxa.yaml:5:46 wrong-type spec.config.npcs[2]',
    ]);
    assert.deepEqual(shown(load('spec: {config: {npcs: [{name: A}, {name: A, engine: x}]}}\n')), [
      'glyphoxa.yaml:5:24 npc-without-model spec.config.npcs[0]',
      'glyphoxa.yaml:5:42 duplicate-npc spec.config.npcs[1].name',
      'glyphoxa.yaml:5:53 not-a-choice spec.config.npcs[1].engine',
    ]);
  });

  test('in one of the layers leaves no configuration where that could not be read', () => {
    const [good, bad] = [readYaml(named, 'g'), readYaml('a: [', 'b')];
    for (const loaded of [loadConfig(bad), loadConfig(bad, readYaml(head, 'c')), loadConfig(good, bad)]) {
      assert.equal(loaded.config, undefined);
      assert.deepEqual(
        loaded.findings.map(({ code }) => code),
        ['syntax'],
      );
    }
  });

  test('is shown in its line, where that is known to be a resource', () => {
    const visible = (text: string) =>
      loadConfig(readYaml(text, 'f')).findings.map(({ showSource }) => showSource);
    assert.deepEqual(visible('- a\n'), [false]);
    assert.deepEqual(visible('kind: Pod\n'), [true]);
  });
});

describe('a layer with another name', () => {
  const [base, other] = [readYaml(named, 'g'), readYaml(`${head}metadata: {name: other}\n`, 'c')];
  const names = ({ findings, config }: Loaded) => [findings.map(({ code }) => code), config?.metadata.name];

  test('does not change that of the release', () => {
    assert.deepEqual(names(loadStack(lay(stackOf(base), other))), [['other-release'], 'voice']);
  });

  test('changes it where it may', () => {
    assert.deepEqual(names(loadStack(lay(stackOf(base), other, { renames: true }))), [[], 'other']);
    const secrets = loadStack(lay(stackOf(base), other, { renames: true })).config?.spec.secrets;
    assert.equal(secrets?.name, 'other-secrets');
  });

  test('has it where the resource has none', () => {
    const nameless = stackOf(readYaml(`${head}metadata: {}\n`, 'g'));
    assert.deepEqual(names(loadStack(lay(nameless, other))), [['other-release', 'required'], 'other']);
  });
});

test('what defaults depend on is read from what may be wrong', () => {
  const dedicated = 'spec: {core: {topology: dedicated}}\n';
  assert.deepEqual(contextOf({ spec: { core: { topology: 'dedicated' } }, metadata: { name: 'a' } }), {
    topology: 'dedicated',
    release: 'a',
  });
  for (const merged of [
    {},
    { spec: 1, metadata: 2 },
    { spec: { core: 1 }, metadata: { name: 1 } },
  ] as JsonObject[])
    assert.deepEqual(contextOf(merged), { topology: 'shared', release: '' });
  assert.equal(valueAt(load(dedicated), 'spec.gateway.replicaCount'), 1);
});
