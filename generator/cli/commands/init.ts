import type { Command } from 'commander';
import { advise } from '../../model/command.ts';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';

/** `init`: a new deployment repository. */
export function registerInit(program: Command, context: Context): void {
  program
    .command('init')
    .summary('begin a deployment repository')
    .description(
      'Writes a resource, two environments with their trees, .gitignore, .gitattributes, editor settings, schemas, a CI workflow and a README. Files that exist stay as they are.',
    )
    .argument('[dir]', 'the folder; made where it does not exist', '.')
    .option('--image <image>', 'the image to pin: the first generation of Glyphoxa, with its tag or digest')
    .option('--name <release>', 'the release: the prefix of every object', 'glyphoxa')
    .addHelpText(
      'after',
      afterHelp(
        [
          ['glyphoxa-kustomize init deployment', 'begin in a new folder'],
          [
            'glyphoxa-kustomize init --image registry.example.com/glyphoxa:1a2b3c4',
            'pin the image without being asked',
          ],
          [
            'glyphoxa-kustomize apply production --dir=deployment',
            'deploy an environment, or be told what it lacks',
          ],
        ],
        'there is a resource already, or the name is wrong',
      ),
    )
    .action(action(context, (dir: string, options: InitFlags) => runInit(dir, options, context.io)));
}

interface InitFlags {
  readonly name: string;
  readonly image?: string;
}

/** Nothing interrupts this question but the process itself. */
const never = new AbortController().signal;

const question = 'Image of the first generation of Glyphoxa, with its tag or digest (empty: later): ';

async function runInit(dir: string, { name: release, image }: InitFlags, io: Io): Promise<number> {
  const { ask } = await import('../cluster-command.ts');
  const { folderWords, makeTree } = await import('../../tree/disk.ts');
  const { initTree } = await import('../../tree/init.ts');
  const { printFindings } = await import('../print-findings.ts');
  const tree = makeTree(dir, io.cwd);
  const { changes, findings } = await initTree(tree, {
    release,
    image: image ?? ((await ask(io, question, never)) || undefined),
  });
  for (const { path } of changes) io.stdout.write(`create ${tree.show(path)}\n`);
  printFindings(findings, io);
  io.stderr.write(
    `next: change ${tree.show('glyphoxa.yaml')} and run ${advise('init-next')`glyphoxa-kustomize generate ${folderWords(tree)}`}\n`,
  );
  return exitCodes.done;
}
