/** The function as a process, with files and sockets in place of the process's own descriptors. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { main } from '../../generator/function/main.ts';
import { folderOf } from '../support/folder.ts';

const resource = `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata: { name: tavern }
`;
const list = (config: string) =>
  `kind: ResourceList\nitems: []\nfunctionConfig:\n${config.replace(/^/gm, '  ').trimEnd()}\n`;

interface Options {
  readonly input?: string;
  /** In place of files that are read afterwards. */
  readonly descriptors?: { readonly [name in 'input' | 'output' | 'problems']?: number };
}

/** Runs the function in a folder that holds the resource: its exit code, and what it wrote. */
async function run(
  t: TestContext,
  args: readonly string[],
  { input = '', descriptors = {} }: Options = {},
): Promise<[code: number, output: string, problems: string]> {
  const folder = folderOf(t, { input, output: '', problems: '', 'glyphoxa.yaml': resource });
  const at = (name: string) => path.join(folder, name);
  const code = await main(
    args.map((arg) => (arg === 'glyphoxa.yaml' ? at(arg) : arg)),
    { env: {}, cwd: folder },
    [
      descriptors.input ?? openSync(at('input'), 'r'),
      descriptors.output ?? openSync(at('output'), 'w'),
      descriptors.problems ?? openSync(at('problems'), 'w'),
    ],
  );
  return [code, readFileSync(at('output'), 'utf8'), readFileSync(at('problems'), 'utf8')];
}

/** The descriptor of a connection whose other end is closed. */
async function withoutReader(t: TestContext): Promise<number> {
  const address = path.join(folderOf(t, {}), 'socket');
  const server = createServer((other) => other.destroy()).listen(address);
  const socket = connect({ path: address, allowHalfOpen: true });
  t.after(() => {
    socket.destroy();
    server.close();
  });
  await once(socket.resume(), 'end');
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

test('a list is read where no file is named, and a resource from the file that is', async (t) => {
  const [code, output, problems] = await run(t, [], { input: list(resource) });
  assert.deepEqual([code, problems], [0, '']);
  const { items } = JSON.parse(output);
  assert.ok(items.length > 5);
  const documents = items.map((item: object) => `---\n${JSON.stringify(item)}\n`).join('');
  assert.deepEqual(await run(t, ['glyphoxa.yaml']), [0, documents, '']);
});

test('problems go to where problems go', async (t) => {
  const [code, output, problems] = await run(t, [], { input: 'kind: Pod\n' });
  assert.deepEqual([code, output], [1, '']);
  assert.match(problems, /^error no-resource-list: /);
});

test('help is no problem', async (t) => {
  for (const option of ['--help', '-h']) {
    const [code, output, problems] = await run(t, [option], { input: 'kind: Pod\n' });
    assert.deepEqual([code, problems], [0, '']);
    assert.match(output, /ResourceList/);
  }
});

test('an input that cannot be read is told in one line', async (t) => {
  const unreadable = openSync(path.join(folderOf(t, {}), 'a'), 'w');
  const [code, output, problems] = await run(t, [], { descriptors: { input: unreadable } });
  assert.deepEqual([code, output], [1, '']);
  assert.match(problems, /^glyphoxa-kustomize: internal error: EBADF.*\n$/);
});

test('a reader that went away is no error, and any other error of a write is one', async (t) => {
  const gone = await withoutReader(t);
  const all = { output: gone, problems: gone };
  assert.deepEqual(await run(t, ['glyphoxa.yaml'], { descriptors: all }), [0, '', '']);
  assert.deepEqual(await run(t, ['--help'], { descriptors: all }), [0, '', '']);
  assert.equal((await run(t, [], { descriptors: all }))[0], 1);
  const readOnly = openSync(path.join(folderOf(t, { a: '' }), 'a'), 'r');
  await assert.rejects(run(t, ['glyphoxa.yaml'], { descriptors: { output: readOnly } }), { code: 'EBADF' });
});
