import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type ChartServer, serveRegistry, serveRepository, standIn } from '../support/charts.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { findTool, requireTool, type ToolName, toolEnv } from '../support/tools.ts';

let repository: ChartServer;
let registry: ChartServer;

before(async () => {
  const charts = [standIn('cloudnative-pg', '0.29.0')];
  repository = await serveRepository(charts);
  registry = await serveRegistry(charts, false);
});

after(() => Promise.all([repository.close(), registry.close()]));

/** A tree whose operator comes from a repository, at a version. */
async function databaseOf(t: TestContext, url: string, version = '0.29.0'): Promise<string> {
  const cwd = folderOf(t, {
    'glyphoxa.yaml': `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata: {name: glyphoxa}
spec:
  postgresql:
    enabled: true
    charts: {operator: {repository: "${url}", version: ${version}}}
`,
  });
  const { exitCode, stderr } = await runCli(['generate'], { cwd });
  assert.equal(exitCode, 0, stderr);
  return cwd;
}

/** Checks the operators' folder with a kustomize and a helm on the PATH; undefined where one is missing. */
async function check(t: TestContext, cwd: string, kubectl: ToolName, helm: ToolName | undefined) {
  const bin = path.join(cwd, 'bin');
  mkdirSync(bin);
  const programs: [string, ToolName][] = [
    [kubectl.startsWith('kubectl') ? 'kubectl' : 'kustomize', kubectl],
    ...(helm === undefined ? [] : ([['helm', helm]] as [string, ToolName][])),
  ];
  for (const [name, tool] of programs) {
    if (!requireTool(t, tool)) return undefined;
    symlinkSync(findTool(tool) ?? '', path.join(bin, name));
  }
  const env = { ...toolEnv(), PATH: bin };
  return runCli(['check', 'infrastructure/operators'], { cwd, env });
}

test('an overlay of the infrastructure that builds is consistent', async (t) => {
  const found = await check(t, await databaseOf(t, repository.url), 'kubectl-1.36', 'helm-3');
  if (found === undefined) return;
  assert.equal(found.exitCode, 0, found.stdout);
  assert.match(found.stderr, /consistent/);
});

const table: [
  what: string,
  url: () => string,
  version: string,
  kubectl: ToolName,
  helm: ToolName | undefined,
  expected: RegExp,
][] = [
  [
    'a repository that cannot be reached',
    () => 'http://127.0.0.1:9/charts',
    '0.29.0',
    'kubectl-1.36',
    'helm-3',
    /error chart-unreachable: http:\/\/127\.0\.0\.1:9\/charts\/index\.yaml .*refused/,
  ],
  [
    'a registry that cannot be reached',
    () => 'oci://127.0.0.1:9/charts',
    '0.29.0',
    'kubectl-1.36',
    'helm-3',
    /error chart-unreachable: .*refused/,
  ],
  [
    'an address that is no repository',
    () => `${repository.url}/nothing`,
    '0.29.0',
    'kubectl-1.36',
    'helm-3',
    /error chart-unreachable: .*nothing/,
  ],
  [
    'a version that does not exist',
    () => repository.url,
    '9.9.9',
    'kubectl-1.36',
    'helm-3',
    /error chart-version: http.* cloudnative-pg .*\b9\.9\.9/,
  ],
  [
    'a version that does not exist, with helm 4',
    () => repository.url,
    '9.9.9',
    'kubectl-1.36',
    'helm-4',
    /error chart-version: .*9\.9\.9/,
  ],
  [
    'a version that no registry has',
    () => registry.url,
    '9.9.9',
    'kubectl-1.36',
    'helm-3',
    /error chart-version: .*cloudnative-pg .*\b9\.9\.9/,
  ],
  ['no helm at all', () => repository.url, '0.29.0', 'kubectl-1.36', undefined, /error no-helm: /],
  [
    'a kustomize too old for helm 4',
    () => repository.url,
    '0.29.0',
    'kubectl-1.35',
    'helm-4',
    /error chart-pair: .*helm 4/,
  ],
  [
    'a kustomize too old for registries',
    () => registry.url,
    '0.29.0',
    'kubectl-1.30',
    'helm-3',
    /error chart-pair: /,
  ],
];
for (const [what, url, version, kubectl, helm, expected] of table) {
  test(`${what} is told, and what to do`, async (t) => {
    const found = await check(t, await databaseOf(t, url(), version), kubectl, helm);
    if (found === undefined) return;
    assert.equal(found.exitCode, 1);
    assert.match(found.stdout, expected);
    assert.match(found.stdout, /hint: \S/);
  });
}
