/** The mark of an environment: the same wherever its repository is checked out. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { Target } from '../../../generator/lifecycle/session/target.ts';
import { originOf } from '../../../generator/lifecycle/state/origin.ts';
import { folderOf } from '../../support/folder.ts';

const config = (url: string) =>
  `[core]\n\tbare = false\n[remote "origin"]\n\tfetch = +refs\n\turl = ${url}\n`;

function origin(t: TestContext, files: { [name: string]: string }, folder = 'overlays/a') {
  const all = { 'overlays/a/config.yaml': '', 'overlays/b/config.yaml': '', ...files };
  return originOf({ folder: join(folderOf(t, all), folder) } as Target);
}

it('is the same for each way to a repository, and tells nothing of it', (t) => {
  const ways = [
    'https://example.org/a/b.git',
    'https://me:token@example.org/a/b',
    'ssh://git@example.org/a/b.git',
    'ssh://git@example.org:22/a/b',
    'git@example.org:a/b.git',
  ];
  const marks = new Set(ways.map((url) => origin(t, { '.git/config': config(url) })));
  assert.equal(marks.size, 1, [...marks].join());
  assert.match([...marks].join(), /^[0-9a-f]{32}$/);
  const worktree = {
    '.git': 'gitdir: main/.git/worktrees/x\n',
    'main/.git/worktrees/x/commondir': '../..\n',
    'main/.git/config': config('https://example.org/a/b'),
  };
  marks.add(origin(t, worktree));
  assert.equal(marks.size, 1);
});

it('is another for each environment, repository and, without one, folder', (t) => {
  const git = { '.git/config': config('https://example.org/a/b') };
  const marks = [
    origin(t, git),
    origin(t, git, 'overlays/b'),
    origin(t, { '.git/config': config('https://example.org/a/c') }),
    origin(t, { '.git/config': '[core]\n' }),
    origin(t, {}),
    origin(t, {}),
  ];
  assert.equal(new Set(marks).size, marks.length);
  assert.equal(originOf({ folder: undefined } as Target), undefined);
});
