import { advise } from '../../model/command.ts';
import { action, type Context, exitCodes } from '../context.ts';
import { say } from '../print/say.ts';
import type { Command } from './shared/command.ts';
import { recordFile } from './shared/record-file.ts';

interface GenerateOptions {
  readonly check?: true;
  readonly force?: true;
}

/** `generate`: the plain Kustomize tree of a resource and its environments. */
export function registerGenerate(program: Command, context: Context): void {
  program
    .command('generate')
    .summary('write base, components and overlays: a Kustomize tree that needs no plugin')
    .description(
      "Writes base/, components/ and the overlays of all environments from glyphoxa.yaml and overlays/*/config.yaml. Only what differs is written. A file that you edited is never overwritten without --force, and entries of your own in an overlay's kustomization.yaml stay.",
    )
    .argument('[dir]', 'the folder of glyphoxa.yaml (default: this one, or the nearest above)')
    .option('--check', 'write nothing; list what is out of date and exit with 1')
    .option('--force', 'overwrite written files that were edited by hand')
    .examples(
      [
        ['glyphoxa-kustomize generate', 'bring the tree in step with glyphoxa.yaml'],
        ['glyphoxa-kustomize generate --check', 'in a pipeline: is the committed tree up to date?'],
      ],
      'the input has errors, a file was edited by hand, or with --check the tree is out of date',
    )
    .action(
      action(context, (dir: string | undefined, options: GenerateOptions) =>
        runGenerate(dir, options, context),
      ),
    );
}

/** Writes a tree, tells what changed, and gives the exit code. */
async function runGenerate(
  dir: string | undefined,
  { check, force }: GenerateOptions,
  { io, texts }: Context,
): Promise<number> {
  const { folderWords, openTree } = await import('../../tree/disk.ts');
  const { generateTree } = await import('../../tree/generate.ts');
  const { hasErrors } = await import('../../model/finding.ts');
  const { localFindings } = await import('../../secrets/local-findings.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const tree = openTree(dir, io.cwd);
  const { changes, findings, inputs } = await generateTree(tree, {
    check: check === true,
    force: force === true,
    texts,
    ...recordFile(tree, io),
  });
  const local = inputs.environments.flatMap(({ name, config }) => localFindings(tree, name, config));
  printFindings([...findings, ...local], io, texts);
  for (const { path, what } of changes) io.stdout.write(`${what} ${tree.show(path)}\n`);
  if (hasErrors(findings)) {
    say(io, 'environments and tenants with errors were left as they are');
    return exitCodes.wrongInput;
  }
  if (changes.length === 0) say(io, 'the tree is up to date', 'success');
  else if (check) {
    const run = advise('tree-stale/generate')`glyphoxa-kustomize generate ${folderWords(tree)}`;
    say(io, `the tree is out of date: run ${run} and commit what it writes`);
    return exitCodes.wrongInput;
  }
  return exitCodes.done;
}
