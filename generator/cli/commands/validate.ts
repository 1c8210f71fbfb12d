import { type Command, Option } from 'commander';
import type { Finding } from '../../model/finding.ts';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';
import { calledWriter, type Io } from '../io.ts';
import { say } from '../say.ts';

interface ValidateOptions {
  readonly output: 'text' | 'json' | 'github';
  readonly strict?: true;
}

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
    .addOption(
      new Option('-o, --output <format>', 'how findings are written')
        .choices(['text', 'json', 'github'])
        .default('text'),
    )
    .option('--strict', 'fail on warnings too')
    .addHelpText(
      'after',
      afterHelp(
        [
          ['glyphoxa-kustomize validate', 'the resource of this folder'],
          ['glyphoxa-kustomize validate production', 'an environment'],
          ['glyphoxa-kustomize validate . overlays --strict', 'the resource and all its environments'],
          ['glyphoxa-kustomize validate tenants.yaml', 'a fleet with all its tenants'],
          ['glyphoxa-kustomize validate overlays --output github', 'beside the lines of a pull request'],
        ],
        'there are errors, or with --strict warnings',
      ),
    )
    .action(
      action(context, (paths: string[], options: ValidateOptions) => runValidate(paths, options, context.io)),
    );
}

async function runValidate(
  paths: readonly string[],
  { output, strict }: ValidateOptions,
  io: Io,
): Promise<number> {
  const { basename, dirname } = await import('node:path');
  const { fleetFile } = await import('../../config/fleet.ts');
  const { environmentOrPath, expandPaths, readLayers } = await import('../../config/files.ts');
  const { validate } = await import('../../objects/build.ts');
  const { Failure, hasErrors, sortFindings, uniqueFindings } = await import('../../model/finding.ts');
  const { printable } = await import('../../model/characters.ts');
  const { findingsAsGithub, findingsAsJson, printFindings, summary } = await import('../print-findings.ts');
  const texts = new Map<string, string>();
  const found: Finding[] = [];
  const checked = new Set<string>();
  const expanded = expandPaths(paths, io.cwd);
  for (const folder of expanded.passed)
    say(io, `${printable(folder)}: no resource and no environment, passed over`);
  for (const path of expanded.paths) {
    try {
      if (basename(path) === fleetFile) {
        found.push(...(await fleetFindings(dirname(path), texts, io)));
        checked.add(printable(path));
        continue;
      }
      const { base, environment } = await readLayers(environmentOrPath(path, '.', io.cwd), io);
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
  const findings = uniqueFindings(sortFindings(found));
  if (output === 'json') io.stdout.write(findingsAsJson(findings));
  else if (output === 'github') io.stdout.write(findingsAsGithub(findings));
  else printFindings(findings, io, texts, calledWriter(io.stdout, io));
  const what = checked.size === 1 ? [...checked].join('') : `${checked.size} configurations`;
  const isFine = findings.length === 0;
  say(io, `${what}: ${isFine ? 'no findings' : summary(findings)}`, isFine ? 'success' : undefined);
  return hasErrors(findings) || (strict === true && findings.length > 0)
    ? exitCodes.wrongInput
    : exitCodes.done;
}

/** What is wrong with a fleet: with its file, and with each of its tenants. */
async function fleetFindings(
  folder: string,
  texts: Map<string, string>,
  io: Io,
): Promise<readonly Finding[]> {
  const { openTree } = await import('../../tree/disk.ts');
  const { loadInputs } = await import('../../tree/load.ts');
  const { planFleet } = await import('../../tree/tenants/plan-fleet.ts');
  const tree = openTree(folder, io.cwd);
  return (await planFleet(tree, await loadInputs(tree, texts), [], texts)).findings;
}
