/**
 * `npm run release:check -- TAG [--stamp]`: whether this commit may be released as TAG. With `--stamp` the commit is
 * written into package.json, so that what is built names it: the workflow that `init` writes leads there.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Manifest, releaseOf } from '../../generator/tree/release.ts';
import { root } from '../bundles.ts';
import { notesOf } from './notes.ts';

/** What a release is checked by. */
export interface Candidate {
  readonly manifest: Manifest & { readonly publishConfig?: { readonly registry?: string } };
  readonly changelog: string;
  readonly tag: string;
  /** `OWNER/NAME` of the repository that the workflow runs in; undefined where it runs elsewhere. */
  readonly workflowRepository: string | undefined;
}

/** All that keeps a release from being made; empty where nothing does. */
export function problemsOf({ manifest, changelog, tag, workflowRepository }: Candidate): string[] {
  const { repository, version } = releaseOf(manifest);
  const problems: string[] = [];
  if (repository === undefined)
    problems.push(
      'package.json: repository.url is not set to a repository on GitHub: nobody has said where releases come from',
    );
  else if (workflowRepository !== undefined && workflowRepository.toLowerCase() !== repository.toLowerCase())
    problems.push(`package.json: repository.url is ${repository}, and this runs in ${workflowRepository}`);
  const noRegistry = registryProblem(manifest);
  if (noRegistry !== undefined) problems.push(noRegistry);
  if (tag !== `v${version}`) problems.push(`the tag ${tag} is not v${version}, the version in package.json`);
  if (notesOf(changelog, version) === undefined)
    problems.push(
      `CHANGELOG.md has no section "## ${version}": call "## Unreleased" so, and say what changed`,
    );
  return problems;
}

/** What is wrong with the registry that a manifest names; undefined where nothing is. */
export function registryProblem({ publishConfig }: Candidate['manifest']): string | undefined {
  if (/^https:\/\/./.test(publishConfig?.registry ?? '')) return undefined;
  return 'package.json: publishConfig.registry is not set: nobody has said where the package is published';
}

/** The package.json of the clone, as it is now. */
export function manifestOf(): Candidate['manifest'] {
  return JSON.parse(readFileSync(manifestFile, 'utf8'));
}

const manifestFile = path.join(root, 'package.json');

function main([tag = '', ...options]: string[]): number {
  const manifest = manifestOf();
  const problems = problemsOf({
    manifest,
    changelog: readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8'),
    tag,
    workflowRepository: process.env.GITHUB_REPOSITORY,
  });
  for (const problem of problems) console.error(`error: ${problem}`);
  if (problems.length > 0) return 1;
  if (options.includes('--stamp')) {
    const gitHead = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root }).toString().trim();
    writeFileSync(manifestFile, `${JSON.stringify({ ...manifest, gitHead }, null, 2)}\n`);
    console.log(`package.json names the commit ${gitHead}`);
  }
  console.log(`${tag} may be released`);
  return 0;
}

if (process.argv[1] === import.meta.filename) process.exitCode = main(process.argv.slice(2));
