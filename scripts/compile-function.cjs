/**
 * Writes V8's compiled code of the function's bundle (`node compile-function.cjs FOLDER`), after a run that
 * makes V8 compile what a build needs. It is of use to this version of Node only, and its name says which.
 */
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { cacheFile, load } = require(path.join(process.argv[2], 'function.cjs'));

const resource = {
  apiVersion: 'deploy.glyphoxa.io/v1alpha1',
  kind: 'Glyphoxa',
  metadata: { name: 'glyphoxa' },
  spec: {
    core: { tierScheduling: true, createNamespace: true },
    worker: { tolerations: [{ key: 'a', operator: 'Exists' }] },
    autoscaling: { enabled: true },
    config: { providers: { llm: { name: 'openai', model: 'gpt', base_url: 'https://llm.example.com' } } },
  },
};

async function compile(folder) {
  const { script, exports } = load(folder);
  const work = mkdtempSync(path.join(tmpdir(), 'glyphoxa-kustomize-'));
  try {
    const around = { env: {}, cwd: work };
    const file = path.join(work, 'glyphoxa.yaml');
    writeFileSync(file, toYaml(resource, 0));
    assertBuilt(await exports.runClassic(file, around));
    const list = {
      apiVersion: 'config.kubernetes.io/v1',
      kind: 'ResourceList',
      items: [],
      functionConfig: resource,
    };
    assertBuilt(await exports.runKrm(toYaml(list, 0), around));
    const text = readFileSync(path.join(folder, 'function-main.cjs'));
    writeFileSync(cacheFile(folder), Buffer.concat([text, script.createCachedData()]));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A resource that a rule refuses makes no objects, and the code that does stays uncompiled. */
function assertBuilt({ exitCode, stderr }) {
  if (exitCode !== 0) throw new Error(`the resource of the warm-up is wrong: ${stderr}`);
}

/** Block style, as kustomize hands it over: other code of the YAML reader than for JSON. */
function toYaml(value, depth) {
  const indent = '  '.repeat(depth);
  if (Array.isArray(value))
    return value.map((item) => `${indent}- ${JSON.stringify(item)}\n`).join('') || `${indent}[]\n`;
  return Object.entries(value)
    .map(([key, item]) =>
      typeof item === 'object'
        ? `${indent}${key}:\n${toYaml(item, depth + 1)}`
        : `${indent}${key}: ${item}\n`,
    )
    .join('');
}

compile(process.argv[2]);
