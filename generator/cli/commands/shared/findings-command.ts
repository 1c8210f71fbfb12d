/** What the commands that look for findings share: how these are written, and what the exit code says of them. */
import type { Finding } from '../../../model/finding.ts';
import { type Context, exitCodes } from '../../context.ts';
import { calledWriter } from '../../io.ts';
import { say } from '../../print/say.ts';

/** How findings are written, and what counts. */
export interface FindingsOptions {
  readonly output: 'text' | 'json' | 'github';
  readonly strict?: true;
}

/** The formats of findings, as `-o` has them. */
export const findingsOutput = [['text', 'json', 'github'], 'how findings are written'] as const;

/**
 * Writes what was found; gives the exit code.
 *
 * @param name what was looked at
 * @param fine what it is where nothing was found
 */
export async function writeFindings(
  findings: readonly Finding[],
  { output, strict }: FindingsOptions,
  { io, texts }: Context,
  name: string,
  fine: string,
): Promise<number> {
  const { hasErrors } = await import('../../../model/finding.ts');
  const { findingsAsGithub, findingsAsJson, printFindings, summary } = await import(
    '../../print/print-findings.ts'
  );
  if (output === 'json') io.stdout.write(findingsAsJson(findings));
  else if (output === 'github') io.stdout.write(findingsAsGithub(findings));
  else printFindings(findings, io, texts, calledWriter(io.stdout, io));
  const isFine = findings.length === 0;
  say(io, `${name}: ${isFine ? fine : summary(findings)}`, isFine ? 'success' : undefined);
  const isWrong = hasErrors(findings) || (strict === true && !isFine);
  return isWrong ? exitCodes.wrongInput : exitCodes.done;
}
