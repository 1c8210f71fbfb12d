import type { Finding } from '../../model/finding.ts';
import { action, type Context } from '../context.ts';
import type { Command } from './shared/command.ts';
import { type FindingsOptions, findingsOutput, writeFindings } from './shared/findings-command.ts';

/** `check`: what is inconsistent in a kustomization that rests on ours. */
export function registerCheck(program: Command, context: Context): void {
  program
    .command('check')
    .summary('build a kustomization that rests on an overlay, and say what is inconsistent')
    .description(
      'Builds a folder with the kustomize or kubectl on the PATH and checks the objects: images of gateway and workers, checksums, replicas beside a scaler, policies, names and selectors that lead nowhere, the worker template.',
    )
    .argument(
      '<environment>',
      'an environment, or the folder of any kustomization; - for built objects on standard input',
    )
    .output(...findingsOutput)
    .option('--strict', 'fail on warnings too')
    .examples(
      [
        ['glyphoxa-kustomize check shared', 'an environment with what you added to it'],
        ['kustomize build . | glyphoxa-kustomize check -', 'what another program built'],
      ],
      'something is inconsistent, or the folder cannot be built',
    )
    .action(action(context, (word: string, options: FindingsOptions) => runCheck(word, options, context)));
}

async function runCheck(word: string, options: FindingsOptions, context: Context): Promise<number> {
  const { environmentOrPath } = await import('../../config/files.ts');
  const { printable } = await import('../../model/characters.ts');
  const { checkFolder, checkObjects, readObjects } = await import('../../tree/check/check.ts');
  const { Failure } = await import('../../model/finding.ts');
  const { readStream } = await import('./shared/read-text.ts');
  const { io } = context;
  let findings: readonly Finding[];
  try {
    findings =
      word === '-'
        ? checkObjects(readObjects(await readStream(io.stdin, Number.POSITIVE_INFINITY)))
        : await checkFolder(environmentOrPath(word, undefined, io.cwd), io.cwd, io.env);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    findings = error.findings;
  }
  const name = word === '-' ? 'standard input' : printable(word);
  return writeFindings(findings, options, context, name, 'consistent');
}
