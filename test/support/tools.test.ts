import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  connectivity,
  findTool,
  hasKubernetesSchema,
  type KubernetesMinor,
  kubernetesMinors,
  newestKustomize,
  requireKustomizers,
  requireTool,
  runTool,
  validateKubernetes,
} from './tools.ts';

const metadata = { name: 'web', namespace: 'demo' };

function deployment(container: object = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'web:1', ...container }] },
      },
    },
  };
}

describe('a tool', () => {
  it('is skipped with its name where it is missing, and fails the test in CI', (t) => {
    // A path that no tool can be at, so that only this test's process misses it.
    const skipped: (string | undefined)[] = [];
    const context = { skip: (reason?: string) => skipped.push(reason) } as unknown as TestContext;
    const before = { ...process.env };
    t.after(() => {
      process.env = before;
    });
    process.env = { ...before, GLYPHOXA_TOOLS_DIR: '/nonexistent', PATH: '', CI: 'false' };
    assert.equal(requireTool(context, 'kwok-stages'), undefined);
    assert.deepEqual(skipped, ['missing tool kwok-stages (get it: node scripts/tools.mjs kwok-stages)']);
    process.env.CI = 'true';
    assert.throws(() => requireTool(context, 'kwok-stages'), /missing tool kwok-stages/);
  });

  it('is where scripts/tools.mjs says', async () => {
    const { stdout } = await runTool(process.execPath, ['scripts/tools.mjs', '--list']);
    const listed = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/));
    assert.ok(listed.length > 20, stdout);
    for (const [name, , state, path] of listed) {
      if (state === 'ready') assert.equal(findTool(name as 'kubectl-1.36'), path);
    }
  });

  it('that fails gives its exit code and what it printed', async () => {
    const script = 'process.stdout.write("out\\n"); console.error("err"); process.exit(3)';
    const run = await runTool(process.execPath, ['-e', script]);
    assert.deepEqual(run, { stdout: 'out\n', stderr: 'err\n', exitCode: 3 });
  });

  it('that hangs is ended', async () => {
    const run = await runTool(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeout: 500 });
    assert.equal(run.exitCode, -1);
    assert.match(run.stderr, /timed out/i);
  });
});

describe('kustomizers', () => {
  it('build the same kustomization alike', async (t) => {
    const all = requireKustomizers(t);
    if (!all) return;
    const dir = await mkdtemp(join(tmpdir(), 'kustomizers-'));
    t.after(() => rm(dir, { recursive: true }));
    await writeFile(join(dir, 'kustomization.yaml'), 'namespace: demo\nresources: [object.yaml]\n');
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { on: 'y' } };
    await writeFile(join(dir, 'object.yaml'), JSON.stringify(object));
    const outputs = new Map<string, string[]>();
    for (const kustomizer of all) {
      const { stdout, stderr, exitCode } = await kustomizer.build(dir);
      assert.equal(exitCode, 0, `${kustomizer.name}: ${stderr}`);
      outputs.set(stdout, [...(outputs.get(stdout) ?? []), kustomizer.name]);
    }
    assert.equal(all.length, 12);
    assert.equal(outputs.size, 1, JSON.stringify([...outputs]));
    assert.equal(newestKustomize()?.version, '5.8.1');
  });

  it('refuse what they cannot do', async (t) => {
    const kubectl = requireKustomizers(t)?.find(({ canExec }) => !canExec);
    if (!kubectl) return;
    await assert.rejects(kubectl.build('.', { exec: true }), /has no --enable-exec/);
  });
});

describe('validateKubernetes', () => {
  for (const minor of kubernetesMinors) {
    it(`accepts a Deployment and refuses unknown fields and wrong types of ${minor}`, (t) => {
      if (!requireTool(t, 'kubernetes-schemas')) return;
      assert.deepEqual(validateKubernetes([deployment()], minor), []);
      const at = 'Deployment/web /spec/template/spec/containers/0';
      assert.deepEqual(validateKubernetes([deployment({ imagee: 'x' })], minor), [
        `${at}: unknown field "imagee"`,
      ]);
      assert.deepEqual(validateKubernetes([deployment({ args: 'x' })], minor), [
        `${at}/args: must be array,null`,
      ]);
    });
  }

  it('knows fields from the version on that has them', (t) => {
    if (!requireTool(t, 'kubernetes-schemas')) return;
    const refused = (minor: KubernetesMinor) =>
      validateKubernetes([deployment({ restartPolicyRules: [] })], minor).length;
    assert.deepEqual([refused('1.33'), refused('1.34')], [1, 0]);
  });

  it('has nothing to say about custom resources', (t) => {
    if (!requireTool(t, 'kubernetes-schemas')) return;
    const custom = [
      { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata, speck: {} },
      { apiVersion: 'networking.example.org/v1', kind: 'NetworkPolicy', metadata, speck: {} },
    ];
    assert.deepEqual(validateKubernetes(custom, '1.36'), []);
    assert.ok(custom.every((object) => !hasKubernetesSchema(object, '1.36')));
    assert.ok(hasKubernetesSchema(deployment(), '1.36'));
  });
});

describe('connectivity', () => {
  it('tells who may reach whom', async (t) => {
    if (!requireTool(t, 'nca')) return;
    const pod = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'demo', labels: { app: name } },
      spec: { containers: [{ name, image: name }] },
    });
    const { allows } = await connectivity([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } },
      deployment(),
      pod('client'),
      pod('stranger'),
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata,
        spec: {
          podSelector: { matchLabels: { app: 'web' } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: [
            {
              from: [{ podSelector: { matchLabels: { app: 'client' } } }],
              ports: [{ port: 8000, endPort: 8010 }],
            },
          ],
          egress: [
            { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }], ports: [{ port: 443 }] },
          ],
        },
      } as { apiVersion: string; kind: string },
    ]);
    const peer = (name: string) => ({ namespace: 'demo', name });
    assert.equal(allows(peer('client'), peer('web'), 8005), true);
    assert.equal(allows(peer('client'), peer('web'), 8005, 'UDP'), false);
    assert.equal(allows(peer('client'), peer('web'), 8011), false);
    assert.equal(allows(peer('stranger'), peer('web'), 8005), false);
    assert.equal(allows(peer('web'), peer('client'), 8005), false);
    assert.equal(allows(peer('web'), { ip: '1.2.3.4' }, 443), true);
    assert.equal(allows(peer('web'), { ip: '10.2.3.4' }, 443), false);
    assert.equal(allows({ ip: '1.2.3.4' }, peer('web'), 8005), false);
    assert.equal(allows({ ip: '1.2.3.4' }, peer('client'), 80), true);
  });

  it('fails on objects that the analyzer cannot read', async (t) => {
    if (!requireTool(t, 'nca')) return;
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: { podSelectr: 1 },
    };
    await assert.rejects(connectivity([policy]), /nca failed/);
  });
});
