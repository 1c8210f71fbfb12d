import { type Command, Option } from 'commander';
import type { Finding } from '../../model/finding.ts';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';
import { calledWriter, type Io } from '../io.ts';
import { say } from '../say.ts';

interface CheckOptions {
  readonly output: 'text' | 'json' | 'github';
  readonly strict?: true;
}

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
          ['glyphoxa-kustomize check shared', 'an environment with what you added to it'],
          ['kustomize build . | glyphoxa-kustomize check -', 'what another program built'],
        ],
        'something is inconsistent, or the folder cannot be built',
      ),
    )
    .action(action(context, (word: string, options: CheckOptions) => runCheck(word, options, context.io)));
}

async function runCheck(word: string, { output, strict }: CheckOptions, io: Io): Promise<number> {
  const { environmentOrPath } = await import('../../config/files.ts');
  const { checkFolder, checkObjects, readObjects } = await import('../../tree/check/check.ts');
  const { Failure, hasErrors } = await import('../../model/finding.ts');
  const { findingsAsGithub, findingsAsJson, printFindings, summary } = await import('../print-findings.ts');
  let findings: readonly Finding[];
  try {
    findings =
      word === '-'
        ? checkObjects(readObjects(await readAll(io.stdin)))
        : await checkFolder(environmentOrPath(word, '.', io.cwd), io.cwd, io.env);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    findings = error.findings;
  }
  if (output === 'json') io.stdout.write(findingsAsJson(findings));
  else if (output === 'github') io.stdout.write(findingsAsGithub(findings));
  else printFindings(findings, io, undefined, calledWriter(io.stdout, io));
  const { printable } = await import('../../model/characters.ts');
  const name = word === '-' ? 'standard input' : printable(word);
  const isFine = findings.length === 0;
  say(io, `${name}: ${isFine ? 'consistent' : summary(findings)}`, isFine ? 'success' : undefined);
  const isWrong = hasErrors(findings) || (strict === true && findings.length > 0);
  return isWrong ? exitCodes.wrongInput : exitCodes.done;
}

async function readAll(stream: Io['stdin']): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
