import { Option } from 'commander';
import type { Begun, InitOptions } from '../../tree/init.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import type { Command } from './shared/command.ts';

/** `init`: a new deployment repository. */
export function registerInit(program: Command, context: Context): void {
  program
    .command('init')
    .summary('begin a deployment repository')
    .description(
      'Writes a resource, its environments with their trees, and what a repository needs around them. Files that exist stay as they are. On a terminal it asks for what no option says.',
    )
    .argument('[dir]', 'the folder; made where it does not exist', '.')
    .option('--name <release>', 'the release: the prefix of every object (default: "glyphoxa")')
    .option('--image <image>', 'the image to pin: the first generation of Glyphoxa, with its tag or digest')
    .addOption(
      new Option('--topology <which>', 'a preset: one for many players, or one of their own').choices([
        'shared',
        'dedicated',
      ]),
    )
    .option('--environments <names>', 'their names, with commas between them (default: "production,staging")')
    .option('--single', 'for one machine: one pod of each workload, the database beside it')
    .option('--plugin', 'a kustomization.yaml at the root, which builds the resource through the plugin')
    .examples(
      [
        ['glyphoxa-kustomize init deployment', 'begin in a new folder'],
        ['glyphoxa-kustomize init box --single', 'one machine, K3s say'],
        [
          'glyphoxa-kustomize init --image registry.example.com/glyphoxa:1a2b3c4',
          'pin the image without being asked',
        ],
      ],
      'there is a resource already, or a name is wrong; nothing was written',
    )
    .action(action(context, (dir: string, options: InitFlags) => runInit(dir, options, context.io)));
}

interface InitFlags {
  readonly name?: string;
  readonly image?: string;
  readonly topology?: 'shared' | 'dedicated';
  readonly environments?: string;
  readonly single?: true;
  readonly plugin?: true;
}

async function runInit(dir: string, flags: InitFlags, io: Io): Promise<number> {
  const { inMadeTree } = await import('../../tree/disk.ts');
  const { initTree } = await import('../../tree/init.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const options = await asked(flags, io);
  const begun = await inMadeTree(dir, io.cwd, (tree) => initTree(tree, options));
  printFindings(begun.findings, io);
  await tell(begun, dir, io);
  return exitCodes.done;
}

/** What the options say, and on a terminal the answers to what they leave out. An empty answer takes the default. */
async function asked(flags: InitFlags, io: Io): Promise<InitOptions> {
  const { openQuestions } = await import('../questions.ts');
  const { single, plugin } = flags;
  const question = openQuestions(io);
  const answers = {
    name: flags.name ?? (await question('Name of the release, the prefix of every object [glyphoxa]: ')),
    topology:
      flags.topology ?? (single ? undefined : await question('Topology, shared or dedicated [shared]: ')),
    environments:
      flags.environments ?? (single ? undefined : await question('Environments [production,staging]: ')),
    image:
      flags.image ??
      (await question('Image of the first generation of Glyphoxa, with its tag or digest (empty: later): ')),
  };
  question.close();
  return {
    release: answers.name,
    image: answers.image,
    topology: await topologyOf(answers.topology),
    environments: answers.environments?.split(/[\s,]+/).filter((name) => name !== ''),
    single,
    plugin,
  };
}

async function topologyOf(answer: string | undefined): Promise<'shared' | 'dedicated' | undefined> {
  if (answer === undefined || answer === 'shared' || answer === 'dedicated') return answer;
  const { failure } = await import('../../model/finding.ts');
  throw failure('topology', `${JSON.stringify(answer)} is no topology`, 'answer shared or dedicated');
}

/** A summary, and what to do next. */
async function tell(begun: Begun, dir: string, io: Io): Promise<void> {
  const { release, topology, environments, changes, inputs } = begun;
  const { advise } = await import('../../model/command.ts');
  const { environmentFile, resourceFile } = await import('../../config/files.ts');
  const { environmentFolder } = await import('../../tree/layout.ts');
  const { folderWords, openTree } = await import('../../tree/disk.ts');
  const { say } = await import('../print/say.ts');
  const { trace } = await import('../../model/trace.ts');
  const { plainTable } = await import('../print/text-table.ts');
  const tree = openTree(dir, io.cwd);
  for (const { path, what } of changes) trace(() => `${what} ${tree.show(path)}`);
  const [first = ''] = environments;
  const place = folderWords(tree, '--dir');
  const count = environments.length === 1 ? 'one environment' : `${environments.length} environments`;
  say(io, `begun: ${release}, ${topology} topology, ${count}`, 'success');
  const files = [
    [tree.show(resourceFile), environments.length === 1 ? 'what is deployed' : 'what all of them share'],
    ...environments.map((name) => [
      tree.show(`${environmentFolder(name)}/${environmentFile}`),
      `what ${name} changes of it`,
    ]),
  ];
  const columns = !io.stderr.columns ? {} : { columns: io.stderr.columns - 2 };
  io.stderr.write(plainTable(files, columns).replace(/^/gm, '  ').replace(/ +$/gm, ''));
  const hasDatabase = inputs.environments.some(({ config }) => config.spec.postgresql.enabled);
  const apply = hasDatabase
    ? advise('init-apply/database')`glyphoxa-kustomize apply ${first} --infrastructure ${place}`
    : advise('init-apply')`glyphoxa-kustomize apply ${first} ${place}`;
  const steps = [
    `say in ${tree.show(resourceFile)} what it works with, then ${advise('init-next')`glyphoxa-kustomize generate ${folderWords(tree)}`}`,
    `write its secrets with ${advise('init-secrets')`glyphoxa-kustomize secrets init ${first} ${place}`}`,
    `deploy it${hasDatabase ? ' and its database' : ''} with ${apply}`,
  ];
  say(io, 'next:');
  for (const [index, step] of steps.entries()) say(io, `  ${index + 1}. ${step}`);
}
