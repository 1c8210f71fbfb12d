import { Option } from 'commander';
import { printable } from '../../model/characters.ts';
import type { Finding } from '../../model/finding.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import { say } from '../print/say.ts';
import type { Command } from './shared/command.ts';

interface Folder {
  readonly dir?: string;
}

interface CreateOptions extends Folder {
  readonly topology?: 'shared' | 'dedicated';
  readonly set: readonly string[];
}

interface OutputOptions extends Folder {
  readonly output: 'text' | 'json';
}

/** `overlay`: the environments of a resource. */
export function registerOverlay(program: Command, context: Context): void {
  const overlay = program
    .command('overlay')
    .summary('make, list and compare environments')
    .description('An environment is a folder in overlays/ whose config.yaml changes values of glyphoxa.yaml.')
    .addHelpText(
      'after',
      '\nExample:\n  $ glyphoxa-kustomize overlay create staging --set gateway.replicaCount=1',
    );
  overlay
    .command('create')
    .summary('make an environment and write its tree')
    .description(
      'Writes overlays/<name>/config.yaml and the tree that follows from it. The namespace is <release>-<name> unless it is set.',
    )
    .argument('<name>', 'the name of the environment, and of its folder')
    .addOption(new Option('--topology <which>', 'a preset').choices(['shared', 'dedicated']))
    .repeated('--set <path=value>', 'a value that differs; may be repeated')
    .folder()
    .examples(
      [
        [
          'glyphoxa-kustomize overlay create staging --set gateway.replicaCount=1',
          'the resource with fewer gateways',
        ],
        ['glyphoxa-kustomize overlay create acme --topology dedicated', 'one tenant of its own'],
      ],
      'the environment exists or would be invalid; nothing was written',
    )
    .action(action(context, (name: string, options: CreateOptions) => runCreate(name, options, context)));
  overlay
    .command('list')
    .summary('list the environments')
    .description('Lists the environments with their namespace, topology, image and optional parts.')
    .folder()
    .output()
    .examples([['glyphoxa-kustomize overlay list', 'the environments of this folder']])
    .action(action(context, (options: OutputOptions) => runList(options, context.io)));
  overlay
    .command('diff')
    .summary('say what differs between two environments')
    .description(
      'Compares the objects of two environments field by field: values, not lines. Namespaces, checksums and the values of secrets are left out. The name - stands for the resource without an environment.',
    )
    .argument('<environment>', 'an environment')
    .argument('<other>', 'another')
    .folder()
    .output()
    .examples([
      ['glyphoxa-kustomize overlay diff shared dedicated', 'what is different in dedicated'],
      [
        'glyphoxa-kustomize overlay diff - shared -o json',
        'what shared changes of the resource, for programs',
      ],
    ])
    .action(
      action(context, (a: string, b: string, options: OutputOptions) => runDiff(a, b, options, context.io)),
    );
}

async function runCreate(
  name: string,
  { dir, topology, set }: CreateOptions,
  { io, texts }: Context,
): Promise<number> {
  const { openTree } = await import('../../tree/disk.ts');
  const { environmentFile } = await import('../../config/files.ts');
  const { environmentFolder } = await import('../../tree/layout.ts');
  const { schemaFor } = await import('../../tree/schema-file.ts');
  const { createOverlay } = await import('../../tree/overlay.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const tree = openTree(dir, io.cwd);
  const schema = schemaFor(tree, 'environment', `${environmentFolder(name)}/${environmentFile}`);
  const { changes, findings } = await createOverlay(tree, {
    name,
    set,
    texts,
    ...(topology === undefined ? {} : { topology }),
    ...(schema === undefined ? {} : { schema }),
  });
  printFindings(findings, io, texts);
  for (const { path, what } of changes) io.stdout.write(`${what} ${tree.show(path)}\n`);
  return exitCodes.done;
}

async function runList({ dir, output }: OutputOptions, io: Io): Promise<number> {
  const { openTree } = await import('../../tree/disk.ts');
  const { listOverlays } = await import('../../tree/overlay.ts');
  const { hasErrors } = await import('../../model/finding.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const findings: Finding[] = [];
  const overlays = await listOverlays(openTree(dir, io.cwd), findings);
  const code = hasErrors(findings) ? exitCodes.wrongInput : exitCodes.done;
  if (code !== exitCodes.done) printFindings(findings, io);
  if (output === 'json') {
    io.stdout.write(`${JSON.stringify(overlays, null, 2)}\n`);
    return code;
  }
  if (overlays.length === 0) say(io, 'there is no environment: make one with "overlay create"');
  else {
    const rows = overlays.map(({ name, namespace, topology, image, components }) => {
      return [name, namespace, topology, image, components.join(', ') || '-'];
    });
    const { plainTable } = await import('../print/text-table.ts');
    const head = ['NAME', 'NAMESPACE', 'TOPOLOGY', 'IMAGE', 'COMPONENTS'];
    io.stdout.write(plainTable([head, ...rows], io.stdout));
  }
  return code;
}

async function runDiff(a: string, b: string, { dir, output }: OutputOptions, io: Io): Promise<number> {
  const { openTree } = await import('../../tree/disk.ts');
  const { diffOverlays } = await import('../../tree/overlay-diff.ts');
  const diffs = await diffOverlays(openTree(dir, io.cwd), a, b);
  if (output === 'json') io.stdout.write(`${JSON.stringify(diffs, null, 2)}\n`);
  else {
    const { formatDiffs } = await import('../print/format-diffs.ts');
    io.stdout.write(formatDiffs(diffs, io.color));
    if (diffs.length === 0) say(io, `${printable(`${a} and ${b}`)} differ in nothing but their namespace`);
  }
  return exitCodes.done;
}
