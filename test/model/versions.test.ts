import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions, postgresMajor } from '../../generator/model/versions.ts';

test('versions are ordered as Semantic Versioning 2.0.0 orders them', () => {
  const ordered = [
    '0.9.9',
    '1.0.0-0',
    '1.0.0-2',
    '1.0.0-10',
    '1.0.0--a',
    '1.0.0-a-b',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.1.0',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.0.10',
    '1.2.0',
    '1.10.0',
    '2.0.0',
    '10.0.0',
  ];
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} ${b}`);
    }
  }
});

test('a leading v, what follows a plus and absent numbers do not count', () => {
  for (const [a, b] of [
    ['v1.2.3', '1.2.3'],
    ['1.2.3+a-b', '1.2.3+c'],
    ['1.2.3-rc.1+x', '1.2.3-rc.1'],
    ['1.2', '1.2.0'],
    ['1', 'v1.0.0'],
  ] as const) {
    assert.equal(compareVersions(a, b), 0, `${a} ${b}`);
  }
});

test("PostgreSQL's version is the number that the tag begins with", () => {
  const cases: [image: string, major: number | undefined][] = [
    ['postgres:16', 16],
    ['registry:5000/team/postgresql:17.2-bookworm', 17],
    ['postgres:16.1@sha256:1', 16],
    ['postgres:latest', undefined],
    ['postgres:v16', undefined],
    ['registry:5000/postgres', undefined],
  ];
  for (const [image, major] of cases) assert.equal(postgresMajor(image), major, image);
});
