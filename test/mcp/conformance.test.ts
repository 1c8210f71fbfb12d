/**
 * The official conformance suite, run against the server with this repository. The suite speaks HTTP alone, so the server stands
 * behind a listener of the tests. Much of it asks for tools, resources and prompts of the suite's own; a product has others. Every
 * check that does not pass is listed with why, and every other one has to.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { makeFolder } from '../support/folder.ts';
import { serveHttp } from '../support/mcp-http.ts';
import { runTool } from '../support/tools.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const suite = path.join(root, 'node_modules/@modelcontextprotocol/conformance');
const folder = makeFolder();
const program = path.join(folder, 'dist/suite.mjs');

/** Why checks of the suite cannot pass, by the words that it says so with. */
const reasons: { readonly [why: string]: RegExp } = {
  'it asks for a tool of its own':
    /[Tt]ool '?(?:test|json_schema)_\w+'? not found|diagnostic tool 'test_|no tool with x-mcp-header/,
  'it asks for a resource of its own': /Resource not found: test:\/\//,
  'there are no prompts': /Prompt test_\w+ not found|prompts\/list returned|Method not found/,
  'it follows from a tool of its own':
    /Prerequisite failed|Expected InputRequiredResult with|instead of re-requesting/,
  'the tools of a server never change': /Mutated the tool list/,
};

/** Checks of what the server has no use for: prompts, log messages, files that are watched, and streams of HTTP that go on. */
const absent = ['prompts', 'logging', 'subscribe', 'completion', 'non-tool', 'server-sse'];

interface Check {
  readonly scenario: string;
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** The suite in one file. It asks for a newer Node for the sake of one function, which another command of it uses. */
before(async () => {
  mkdirSync(path.dirname(program));
  cpSync(path.join(suite, 'requirements'), path.join(folder, 'requirements'), { recursive: true });
  await build({
    entryPoints: [path.join(suite, 'dist/index.js')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outfile: program,
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'glob',
        setup(bundle) {
          bundle.onResolve({ filter: /^fs$/ }, ({ importer }) =>
            importer.startsWith(suite) ? { path: 'fs', namespace: 'glob' } : undefined,
          );
          bundle.onLoad({ filter: /./, namespace: 'glob' }, () => ({
            contents: "export * from 'node:fs'; export const globSync = () => [];",
          }));
        },
      },
    ],
  });
});

/** Every check of a run. */
function checksIn(results: string): Check[] {
  return readdirSync(results).flatMap((name) => {
    const scenario = name.replace(/^server-|-\d{4}-\d\d-\d\dT.*$/g, '');
    const listed = JSON.parse(readFileSync(path.join(results, name, 'checks.json'), 'utf8')) as Check[];
    return listed.map((check) => ({ ...check, scenario }));
  });
}

const runs: [name: string, words: string[], scenarios: string[]][] = [
  [
    'what 2026-07-28 requires',
    ['--requirements', '2026-07-28'],
    [
      'dns-rebinding-protection',
      'http-header-validation',
      'input-required-result-validate-input',
      'resources-list',
      'sep-2164-resource-not-found',
      'tools-list',
    ],
  ],
  [
    'all of 2025-11-25',
    ['--suite', 'all', '--spec-version', '2025-11-25'],
    ['dns-rebinding-protection', 'server-initialize', 'ping', 'resources-list', 'tools-list'],
  ],
];

for (const [index, [name, words, passed]] of runs.entries()) {
  test(`${name} passes, but for what is the suite's own`, async (t) => {
    const url = await serveHttp(t, root);
    const results = path.join(folder, `run-${index}`);
    await runTool(process.execPath, [program, 'server', '--url', url, ...words, '-o', results], {
      cwd: folder,
    });
    // tasks are an extension that the server does not declare, so that nothing of them is scored
    const checks = checksIn(results).filter(({ scenario }) => !scenario.startsWith('tasks-'));
    const count = (status: string) => checks.filter((check) => check.status === status).length;
    t.diagnostic(`${checks.length} checks: ${count('SUCCESS')} pass, ${count('FAILURE')} fail`);
    assert.ok(count('SUCCESS') > 30);
    const wrong = checks
      .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
      .filter(
        ({ id, errorMessage = '' }) =>
          !Object.values(reasons).some((words_) => words_.test(errorMessage)) &&
          !absent.some((thing) => id.includes(thing)),
      )
      .map(({ id, errorMessage }) => `${id}: ${errorMessage}`);
    assert.deepEqual(wrong, []);
    for (const scenario of passed) {
      const own = checks.filter((check) => check.scenario === scenario);
      assert.ok(own.length > 0, scenario);
      assert.deepEqual(
        own.filter(({ status }) => status === 'FAILURE'),
        [],
        scenario,
      );
    }
  });
}
