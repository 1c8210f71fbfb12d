import type { Finding } from '../../model/finding.ts';
import { action, type Context } from '../context.ts';
import { say } from '../print/say.ts';
import type { Command } from './shared/command.ts';
import { type FindingsOptions, findingsOutput, writeFindings } from './shared/findings-command.ts';

/** `validate`: everything that is wrong with resources and environments. */
export function registerValidate(program: Command, context: Context): void {
  program
    .command('validate')
    .summary('check resources and overlays, and say where and what is wrong')
    .description(
      'Checks resources and environments and prints all findings at once, each with its position and what to do. Reads no environment variable and no secret file.',
    )
    .argument(
      '[environment...]',
      'environments, files or folders of resources or overlays, a folder of overlays, or tenants.yaml; - for standard input',
      ['.'],
    )
    .output(...findingsOutput)
    .option('--strict', 'fail on warnings too')
    .examples(
      [
        ['glyphoxa-kustomize validate', 'the resource of this folder'],
        ['glyphoxa-kustomize validate production', 'an environment'],
        ['glyphoxa-kustomize validate . overlays --strict', 'the resource and all its environments'],
        ['glyphoxa-kustomize validate tenants.yaml', 'a fleet with all its tenants'],
        ['glyphoxa-kustomize validate overlays --output github', 'beside the lines of a pull request'],
      ],
      'there are errors, or with --strict warnings',
    )
    .action(
      action(context, (paths: string[], options: FindingsOptions) => runValidate(paths, options, context)),
    );
}

async function runValidate(
  paths: readonly string[],
  options: FindingsOptions,
  context: Context,
): Promise<number> {
  const { basename, dirname } = await import('node:path');
  const { fleetFile } = await import('../../config/fleet.ts');
  const { environmentOrPath, expandPaths, readLayers } = await import('../../config/files.ts');
  const { validate } = await import('../../objects/build.ts');
  const { Failure, sortFindings, uniqueFindings } = await import('../../model/finding.ts');
  const { printable } = await import('../../model/characters.ts');
  const { io, texts } = context;
  const found: Finding[] = [];
  const checked = new Set<string>();
  const expanded = expandPaths(paths, io.cwd);
  for (const folder of expanded.passed)
    say(io, `${printable(folder)}: no resource and no environment, passed over`);
  for (const path of expanded.paths) {
    try {
      if (basename(path) === fleetFile) {
        found.push(...(await fleetFindings(dirname(path), context)));
        checked.add(printable(path));
        continue;
      }
      const { base, environment } = await readLayers(environmentOrPath(path, undefined, io.cwd), io);
      for (const { file, text } of environment === undefined ? [base] : [base, environment])
        texts.set(file, text);
      checked.add((environment ?? base).file);
      found.push(...(await validate(base, environment)).findings);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      found.push(...error.findings);
      checked.add(printable(path));
    }
  }
  const what = checked.size === 1 ? [...checked].join('') : `${checked.size} configurations`;
  return writeFindings(uniqueFindings(sortFindings(found)), options, context, what, 'no findings');
}

/** What is wrong with a fleet: with its file, and with each of its tenants. */
async function fleetFindings(folder: string, { io, texts }: Context): Promise<readonly Finding[]> {
  const { openTree } = await import('../../tree/disk.ts');
  const { loadInputs } = await import('../../tree/load.ts');
  const { planFleet } = await import('../../tree/tenants/plan-fleet.ts');
  const tree = openTree(folder, io.cwd);
  return (await planFleet(tree, await loadInputs(tree, texts), [], texts)).findings;
}
