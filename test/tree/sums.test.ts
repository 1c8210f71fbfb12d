/** Checksums of what was written, and how it is known again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentNamePattern, objectFile } from '../../generator/tree/layout.ts';
import { parseSums, type Sums, sumOf, withSums, writeSums } from '../../generator/tree/sums.ts';
import { formattedSum, writtenSum } from '../../generator/tree/written.ts';
import manifest from '../../package.json' with { type: 'json' };

const [one, two] = [sumOf('1'), sumOf('2')];
const sums: Sums = new Map([
  ['b.yaml', new Set([one])],
  ['a/c.yaml', new Set([two, one])],
]);

test('checksums come back as they were written, sorted by their files', () => {
  for (const text of [writeSums(sums), withSums('# head\nkind: A\n', sums)]) {
    const read = parseSums(text);
    assert.deepEqual(
      new Map([...read.sums].map(([path, all]) => [path, new Set([...all].sort())])),
      new Map([...sums].map(([path, all]) => [path, new Set([...all].sort())])),
    );
    assert.equal(read.newer, undefined);
  }
  const order = writeSums(sums)
    .split('\n')
    .filter((line) => /^[0-9a-f]{64}/.test(line))
    .map((line) => line.slice(66));
  assert.deepEqual(order, ['a/c.yaml', 'a/c.yaml', 'b.yaml']);
});

test('checksums in the head of a kustomization take the place of those that are there', () => {
  const text = '# head\n# more\nkind: A\n# below\n';
  const first = withSums(text, sums);
  assert.ok(first.startsWith('# head\n# more\n') && first.endsWith('kind: A\n# below\n'));
  assert.equal(withSums(first, sums), first);
  assert.equal(withSums(first, new Map()).length < first.length, true);
});

test('lines that are no checksums are passed over, and none names a file elsewhere', () => {
  const line = (path: string, sum = one) => `${sum}  ${path}\n`;
  for (const text of [
    '',
    '<<<<<<<\n',
    line('../a'),
    line('/a'),
    line('.git'),
    line('a//b'),
    line('a/.b'),
    line('a b'),
    line('a', one.slice(1)),
    `${one} a\n`,
    `#${one}  a\n`,
  ])
    assert.equal(parseSums(text).sums.size, 0, text);
  for (const text of [line('a'), line('a-b/c_d.e'), `${one}  a\r\n`, `# ${one}  a`])
    assert.equal(parseSums(text).sums.size, 1, text);
});

test('a newer version of the tool is told, whichever branch it stands on', () => {
  const [major = 0] = manifest.version.split('.').map(Number);
  const newer = `${major + 1}.0.0`;
  const of = (...versions: string[]) =>
    parseSums(versions.map((version) => `# glyphoxa-kustomize ${version}\n`).join('')).newer;
  assert.equal(of(manifest.version), undefined);
  assert.equal(of('0.0.1'), undefined);
  assert.equal(of(newer), newer);
  assert.equal(of('0.0.1', newer), newer);
  assert.equal(parseSums(`glyphoxa-kustomize ${newer}\n`).newer, undefined);
});

test('a written file is known again by its value, whatever a formatter made of it', () => {
  const text = "kind: A\nlist:\n  - 'a'\n";
  assert.equal(writtenSum(`# head\n# more\n${text}`), writtenSum(text));
  assert.notEqual(writtenSum(`${text}# below\n`), writtenSum(text));
  const written = formattedSum(text);
  for (const other of [
    'kind: A\r\nlist:\r\n- "a"\r\n',
    'kind:   A\nlist: [ a ]\n',
    '# x\nkind: A\nlist:\n    - a # y\n',
  ])
    assert.equal(formattedSum(other), written, other);
  for (const other of ['kind: B\nlist: [a]\n', 'kind: A\nlist: [b]\n'])
    assert.notEqual(formattedSum(other), written);
  for (const other of ['', 'a: [', 'a: 1\n---\nb: 2\n']) assert.equal(formattedSum(other), undefined, other);
  const flush = (apiVersion: string, kind = 'Kustomization') =>
    formattedSum(`${apiVersion}kind: ${kind}\nresources: [a]\n`) ===
    sumOf(`${apiVersion}kind: ${kind}\nresources:\n- a\n`);
  assert.deepEqual(
    [
      flush(''),
      flush('apiVersion: kustomize.config.k8s.io/v1beta1\n'),
      flush('', 'Component'),
      flush('apiVersion: kustomize.toolkit.fluxcd.io/v1\n'),
      flush('', 'List'),
    ],
    [true, true, true, false, false],
  );
});

test('an object has a file of its name and kind, and of its kind alone where a tree has but one', () => {
  const fileOf = (kind: string, name: string) =>
    objectFile({ apiVersion: 'v1', kind, metadata: { name } }, 'voice');
  assert.equal(fileOf('Deployment', 'voice-gateway'), 'gateway-deployment.yaml');
  assert.equal(fileOf('HorizontalPodAutoscaler', 'voice-gateway'), 'gateway-horizontal-pod-autoscaler.yaml');
  assert.equal(fileOf('Deployment', 'voices'), 'voices-deployment.yaml');
  for (const kind of ['Namespace', 'ServiceAccount', 'Secret', 'SealedSecret', 'ExternalSecret'])
    assert.equal(fileOf(kind, 'voice-a'), `${kind.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase()}.yaml`);
});

test('environments have names that need no quotes', () => {
  for (const name of ['a', '1', 'a.b', 'a_b-c', 'a'.repeat(63)])
    assert.ok(environmentNamePattern.test(name), name);
  for (const name of ['', 'A', '.a', 'a.', '-a', 'a/b', 'a b', '..', 'a'.repeat(64)])
    assert.ok(!environmentNamePattern.test(name), name);
});
