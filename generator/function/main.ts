import { readFileSync } from 'node:fs';
import { writeNow } from '../model/write-now.ts';

export { runClassic, runKrm } from './run.ts';

import { type Outcome, runClassic, runKrm, type Surroundings } from './run.ts';

const help = `Generates the Kubernetes objects of a Glyphoxa deployment from a resource of kind Glyphoxa.

Nobody calls this by hand: kustomize and kpt do.

  As a KRM function  reads a ResourceList (config.kubernetes.io/v1) from standard input, with the resource
                     as functionConfig, and writes the ResourceList with the objects to standard output.
                     kustomize build --enable-alpha-plugins --enable-exec DIR
                     kpt fn eval --exec FUNCTION --fn-config glyphoxa.yaml DIR

  As a classic       reads the resource from the file that is named as the first argument, and writes
  exec plugin        the objects to standard output.
                     KUSTOMIZE_PLUGIN_HOME=PLUGINS kubectl kustomize --enable-alpha-plugins DIR

Problems go to standard error, and the exit code is then 1. To work with the resource, use the command
glyphoxa-kustomize.
`;

/** Descriptors: what is read, where objects go, and where problems go. */
type Descriptors = readonly [input: number, output: number, problems: number];

/** Runs the function as a process. Returns the exit code. */
export async function main(
  args: readonly string[],
  around: Surroundings,
  [input, output, problems]: Descriptors = [0, 1, 2],
): Promise<number> {
  const [first] = args;
  if (first === '--help' || first === '-h') {
    write(output, help);
    return 0;
  }
  let outcome: Outcome;
  try {
    outcome =
      first === undefined
        ? await runKrm(readFileSync(input, 'utf8'), around)
        : await runClassic(first, around);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    outcome = { stdout: '', stderr: `glyphoxa-kustomize: internal error: ${message}\n`, exitCode: 1 };
  }
  write(problems, outcome.stderr);
  write(output, outcome.stdout);
  return outcome.exitCode;
}

/** Writes at once; a reader that went away is no error. */
function write(descriptor: number, text: string): void {
  try {
    writeNow(descriptor, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
