/**
 * A reporter of node:test that writes a line of JSON for every test that has a result of its own, and a
 * last one at the end, so that scripts/test.mjs can count tests and see where a run broke off:
 *
 *     {"status":"passed|failed|skipped","name":"suite > test","ms":1.5,"why":"reason or error"}
 *     {"status":"note","why":"what node:test has to say about the file"}
 *     {"status":"end"}
 *
 * A suite or a test with subtests counts only where it fails or is skipped by itself.
 */
import { inspect } from 'node:util';

/** What node:test says at the end of every file, which the lines above tell already. */
const totals = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

// biome-ignore lint/style/noDefaultExport: node:test takes the default export for the reporter
export default async function* report(events) {
  const names = [];
  /** For each depth, whether a test at it has ended since its parent began. */
  const seen = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      names.length = data.nesting;
      names.push(data.name);
    } else if (type === 'test:diagnostic' && !totals.test(data.message)) {
      yield line({ status: 'note', why: data.message });
    } else if (type === 'test:pass' || type === 'test:fail') {
      const isParent = Boolean(seen[data.nesting + 1]) || data.details.type === 'suite';
      seen[data.nesting + 1] = false;
      seen[data.nesting] = true;
      const result = resultOf(type, data, isParent);
      if (result === undefined) continue;
      const name = [...names.slice(0, data.nesting), data.name].join(' > ');
      yield line({ ...result, name, ms: data.details.duration_ms });
    }
  }
  yield line({ status: 'end' });
}

function resultOf(type, { skip, todo, details }, isParent) {
  if (todo !== undefined) return isParent ? undefined : { status: 'skipped', why: reason('todo', todo) };
  if (skip !== undefined) return { status: 'skipped', why: reason('skip', skip) };
  if (type === 'test:pass') return isParent ? undefined : { status: 'passed' };
  if (details.error?.failureType === 'subtestsFailed') return undefined;
  return { status: 'failed', why: explain(details.error) };
}

function reason(mark, text) {
  return typeof text === 'string' && text ? text : `marked as ${mark}`;
}

/** An error as a reader wants it: without the frames of Node itself. */
function explain(error) {
  const cause = error?.cause ?? error;
  // An assertion's message shows its values already.
  const isAssertion = cause?.code === 'ERR_ASSERTION' && typeof cause.stack === 'string';
  return (isAssertion ? cause.stack : inspect(cause, { breakLength: 100, depth: 4 }))
    .split('\n')
    .filter((part) => !/^ +at .*(node:|\/node_modules\/)/.test(part))
    .join('\n');
}

function line(value) {
  return `${JSON.stringify(value)}\n`;
}
