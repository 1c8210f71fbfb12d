import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatPath, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml, readYaml } from '../../generator/model/yaml.ts';
import { build, validate } from '../../generator/objects/build.ts';
import { generate } from '../../generator/objects/generate.ts';
import { configOf, find } from './samples.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: tavern}\nspec:\n';

async function findings(spec: string) {
  const { findings: all } = await validate(readYaml(`${head}${spec}`, 'glyphoxa.yaml'));
  return all.map(({ code, severity, path, message, position }) => {
    return `${position?.line}:${position?.col} ${severity} ${code} ${formatPath(path)}: ${message}`;
  });
}

const patched = (section: string, patch: string) => `  ${section}:\n    podPatch: ${patch}\n`;

describe('a pod patch', () => {
  it('reaches workers as well as Deployments', () => {
    const podPatch = {
      metadata: { annotations: { note: 'yes' } },
      spec: {
        priorityClassName: 'high',
        containers: [
          { name: 'PLACE', resources: { limits: { cpu: '1500m', memory: null } } },
          { name: 'sidecar', image: 'sidecar:1' },
        ],
      },
    };
    const forContainer = (name: string) => JSON.parse(JSON.stringify(podPatch).replace('PLACE', name));
    const objects = generate(
      configOf({
        gateway: { podPatch: forContainer('gateway') },
        mcpGateway: { podPatch: forContainer('mcp-gateway') },
        worker: { podPatch: forContainer('worker') },
      }),
      new Map(),
    );
    const { data } = find(objects, 'ConfigMap', 'tavern-worker-job-template') as unknown as {
      data: { [key: string]: string };
    };
    const [job] = parseYaml(data['job-template.yaml'] ?? '');
    for (const owner of [
      find(objects, 'Deployment', 'tavern-gateway'),
      find(objects, 'Deployment', 'tavern-mcp-gateway'),
      job,
    ]) {
      const { template } = (
        owner as unknown as { spec: { template: { metadata: { annotations: object }; spec: Pod } } }
      ).spec;
      assert.equal((template.metadata.annotations as { note: string }).note, 'yes');
      assert.equal(template.spec.priorityClassName, 'high');
      const [own] = template.spec.containers.filter(({ name }) => name !== 'sidecar');
      assert.deepEqual(own?.resources.limits, { cpu: '1500m' });
      assert.equal(template.spec.containers.length, 2);
    }
  });

  it('is checked as the API server would, at its own place', async () => {
    assert.deepEqual(
      await findings(patched('gateway', '{spec: {priorityClas: high, tolerations: [{operator: Equal}]}}')),
      [
        '6:23 error pod-patch-invalid spec.gateway.podPatch.spec.priorityClas: this field does not exist',
        '6:68 error pod-patch-invalid spec.gateway.podPatch.spec.tolerations[0].operator: there is no key to compare',
      ],
    );
  });

  it('cannot take away what the deployment stands on', async () => {
    for (const [section, patch, path] of [
      ['gateway', '{metadata: {labels: {app.kubernetes.io/instance: other}}}', 'metadata.labels'],
      ['worker', '{metadata: {labels: {app.kubernetes.io/component: null}}}', 'metadata.labels'],
      ['worker', '{spec: {containers: [{name: worker, image: other}]}}', 'spec.containers[0].image'],
      ['gateway', '{spec: {serviceAccountName: other}}', 'spec.serviceAccountName'],
      ['gateway', '{spec: {serviceAccountName: null}}', 'spec.serviceAccountName'],
      ['gateway', '{spec: {automountServiceAccountToken: false}}', 'spec.automountServiceAccountToken'],
      ['gateway', '{spec: {containers: [{name: gateway, args: [--verbose]}]}}', 'spec.containers[0].args'],
      ['worker', '{spec: {containers: [{name: worker, args: null}]}}', 'spec.containers[0].args'],
      ['mcpGateway', '{spec: {containers: [{name: mcp-gateway, args: []}]}}', 'spec.containers[0].args'],
      [
        'worker',
        '{spec: {containers: [{name: worker, ports: [{containerPort: 50051, protocol: TCP, $patch: delete}]}]}}',
        'spec.containers[0].ports',
      ],
    ] as const) {
      const all = await findings(patched(section, patch));
      assert.ok(
        all.some((line) => line.includes('error pod-patch-breaks') && line.includes(path)),
        `${patch}: ${all.join('\n')}`,
      );
    }
  });

  it('that replaces the program of the image is told', async () => {
    const code = 'pod-patch-command';
    for (const section of ['gateway', 'worker', 'mcpGateway']) {
      const name = section === 'mcpGateway' ? 'mcp-gateway' : section;
      const told = await findings(
        patched(section, `{spec: {containers: [{name: ${name}, command: [/sh]}]}}`),
      );
      assert.ok(
        told.some((line) =>
          line.includes(`warning ${code} spec.${section}.podPatch.spec.containers[0].command`),
        ),
        told.join('\n'),
      );
    }
    const others = [
      '{spec: {containers: [{name: worker, command: []}]}}',
      '{spec: {containers: [{name: worker}, {name: side, image: a, command: [/sh]}]}}',
    ];
    for (const patch of others) {
      const told = await findings(patched('worker', patch));
      assert.ok(!told.some((line) => line.includes(code)), told.join('\n'));
    }
  });

  it('that cannot be applied is refused in words', async () => {
    for (const [patch, message] of [
      ['{spec: {volumes: [{emptyDir: {}}]}}', /spec\.volumes\[0\]: .*\bname\b/],
      ['{spec: {containers: {name: gateway}}}', /spec\.containers: /],
      ['{spec: {nodeSelector: {$patch: remove}}}', /nodeSelector\["\$patch"\]: /],
      ['{$patch: delete}', /whole object/],
    ] as const) {
      const all = await findings(patched('gateway', patch));
      assert.ok(
        all.some(
          (line) => line.includes('error pod-patch-invalid spec.gateway.podPatch') && message.test(line),
        ),
        all.join('\n'),
      );
    }
  });

  it('may say what is so already', async () => {
    for (const [section, policy] of [
      ['gateway', 'Always'],
      ['mcpGateway', 'Always'],
      ['worker', 'Never'],
    ] as const) {
      assert.deepEqual(await findings(patched(section, `{spec: {restartPolicy: ${policy}}}`)), [], section);
    }
  });

  it("keeps the workload's own container in front", async () => {
    const all = await findings(patched('worker', '{spec: {containers: [{name: side, image: side}]}}'));
    assert.ok(
      all.some(
        (line) => line.includes('pod-patch-breaks') && line.includes('the first container must be worker'),
      ),
    );
  });

  it('warns where the restricted level would refuse the pod, naming what is missing', async () => {
    const all = await findings(
      patched('mcpGateway', '{spec: {containers: [{name: mcp-gateway}, {name: side, image: side}]}}'),
    );
    assert.ok(
      all.some((line) =>
        /warning pod-patch-unrestricted spec\.mcpGateway\.podPatch\.spec\.containers\[1\]: securityContext/.test(
          line,
        ),
      ),
      all.join('\n'),
    );
  });

  const severities = async (spec: string, code: string) => {
    const { findings: all } = await validate(readYaml(`${head}${spec}`, 'glyphoxa.yaml'));
    return all.flatMap((finding) => (finding.code === code ? [finding.severity] : []));
  };

  it('is refused beside our own namespace where the restricted level would refuse its pods', async () => {
    const own = '  core: {createNamespace: true}\n';
    for (const patch of [
      '{spec: {hostNetwork: true}}',
      '{spec: {containers: [{name: gateway}, {name: side, image: side, securityContext: {runAsUser: 0}}]}}',
    ]) {
      const beside = await severities(`${own}${patched('gateway', patch)}`, 'pod-patch-unrestricted');
      assert.ok(beside.length > 0 && beside.every((severity) => severity === 'error'), patch);
      const elsewhere = await severities(patched('gateway', patch), 'pod-patch-unrestricted');
      assert.ok(elsewhere.length > 0 && elsewhere.every((severity) => severity === 'warning'), patch);
    }
  });

  it("says what the host's network does to policies and to names", async () => {
    const warnings = async (pod: string, more = '') =>
      (await severities(`${more}${patched('worker', `{spec: ${pod}}`)}`, 'pod-patch-host-network')).length;
    const off = '  networkPolicy: {enabled: false}\n';
    assert.equal(await warnings('{hostNetwork: true}'), 2);
    assert.equal(await warnings('{hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet}'), 1);
    assert.equal(await warnings('{hostNetwork: true, dnsPolicy: Default}', off), 1);
    assert.equal(await warnings('{hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet}', off), 0);
    assert.equal(await warnings('{hostNetwork: false}'), 0);
    const told = await findings(patched('worker', '{spec: {hostNetwork: true}}'));
    const placed = told.filter((line) =>
      / pod-patch-host-network spec\.worker\.podPatch\.spec\.hostNetwork: /.test(line),
    );
    assert.equal(placed.length, 2);
  });

  it('warns of fields that older clusters do not know, and builds', async () => {
    const text = `${head}${patched('gateway', '{spec: {containers: [{name: gateway, securityContext: {appArmorProfile: {type: RuntimeDefault}}}]}}')}`;
    const { findings: all } = await build(readYaml(text, 'glyphoxa.yaml'), undefined, {
      env: {},
      folder: '.',
    });
    assert.deepEqual(
      all.map(({ code }) => code),
      ['pod-patch-newer'],
    );
  });

  it('shows no value of a variable', async () => {
    const patch = '{spec: {containers: [{name: gateway, env: [{name: "bad name", value: canary}]}]}}';
    assert.doesNotMatch((await findings(patched('gateway', patch))).join('\n'), /canary/);
  });
});

interface Pod {
  readonly priorityClassName: string;
  readonly containers: { name: string; resources: { limits: object } }[];
}

describe('pod patches of several layers', () => {
  const layered = async (base: object, layer: object) => {
    const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };
    const of = (podPatch: object, metadata: object) =>
      readYaml(JSON.stringify({ ...head, metadata, spec: { gateway: { podPatch } } }), 'x.yaml');
    const built = await build(of(base, { name: 'tavern' }), of(layer, {}), { env: {}, folder: '.' });
    const gateway = find(built.objects, 'Deployment', 'tavern-gateway');
    return (gateway as unknown as { spec: { template: { spec: JsonObject } } }).spec.template.spec;
  };

  it('are applied one after the other: null and directives mean the same in every layer', async () => {
    const removed = await layered({}, { spec: { affinity: null, securityContext: { runAsUser: null } } });
    assert.equal(removed.affinity, undefined);
    assert.ok(!('runAsUser' in (removed.securityContext as JsonObject)));
    assert.equal((removed.securityContext as JsonObject).runAsNonRoot, true);
    const sidecar = { name: 'sidecar', image: 'sidecar:1', env: [{ name: 'A', value: '1' }] };
    const changed = await layered(
      { spec: { priorityClassName: 'high', containers: [{ name: 'gateway' }, sidecar] } },
      {
        spec: {
          priorityClassName: null,
          containers: [{ name: 'gateway' }, { name: 'sidecar', env: [{ name: 'B', value: '2' }] }],
        },
      },
    );
    assert.equal(changed.priorityClassName, undefined);
    const [, second = {}] = changed.containers as JsonObject[];
    assert.equal(second.image, 'sidecar:1');
    assert.deepEqual(
      (second.env as JsonObject[]).map(({ name }) => name),
      ['B', 'A'],
    );
    const without = await layered(
      { spec: { containers: [{ name: 'gateway' }, sidecar] } },
      { spec: { containers: [{ name: 'sidecar', $patch: 'delete' }] } },
    );
    assert.equal((without.containers as JsonObject[]).length, 1);
  });

  it('tell mistakes at the place of the layer that made them', async () => {
    const text = (podPatch: string, more = '') =>
      `apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n${more}spec: {gateway: {podPatch: ${podPatch}}}\n`;
    const base = readYaml(text('{spec: {schedulerName: a}}', 'metadata: {name: tavern}\n'), 'base.yaml');
    const layer = readYaml(text('{spec: {priorityClasName: b}}'), 'layer.yaml');
    const { findings: found } = await validate(base, layer);
    assert.deepEqual(
      found.map(({ code, position }) => [code, position?.file]),
      [['pod-patch-invalid', 'layer.yaml']],
    );
  });
});

it('all quantities of a pod patch are canonical', () => {
  const divisor = { resource: 'limits.cpu', divisor: '1000m' };
  const podPatch = {
    spec: {
      overhead: { cpu: '0.1' },
      containers: [{ name: 'gateway', env: [{ name: 'CPUS', valueFrom: { resourceFieldRef: divisor } }] }],
      volumes: [
        { name: 'a', emptyDir: { sizeLimit: '1024Mi' } },
        { name: 'b', downwardAPI: { items: [{ path: 'x', resourceFieldRef: divisor }] } },
        {
          name: 'c',
          ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '2048Mi' } } } } },
        },
      ],
    },
  };
  const objects = generate(configOf({ gateway: { podPatch } }), new Map());
  const text = JSON.stringify(find(objects, 'Deployment', 'tavern-gateway'));
  for (const [written, stored] of [
    ['1024Mi', '1Gi'],
    ['2048Mi', '2Gi'],
    ['1000m', '"divisor":"1"'],
    ['"0.1"', '100m'],
  ] as const) {
    assert.ok(!text.includes(written), written);
    assert.ok(text.includes(stored), stored);
  }
});
