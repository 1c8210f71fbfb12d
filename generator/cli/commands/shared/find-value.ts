import type { Found } from '../../../config/explain.ts';
import type { Io } from '../../io.ts';

/**
 * Finds the value that a word of a command line names.
 *
 * @param dir the folder of the repository, as the user names it
 * @throws Failure where there is none; of an environment's name that it goes behind `--env`
 */
export async function findGivenValue(word: string, dir: string | undefined, io: Io): Promise<Found> {
  const { findValue } = await import('../../../config/explain.ts');
  const { environmentsBeside } = await import('../../../config/files.ts');
  const { failure, hasCode } = await import('../../../model/finding.ts');
  try {
    return findValue(word);
  } catch (error) {
    if (!hasCode(error, 'unknown-path') || !environmentsBeside(dir, io.cwd).includes(word)) throw error;
    throw failure('unknown-path', `${word} is an environment, and no value`, `name it with --env ${word}`);
  }
}
