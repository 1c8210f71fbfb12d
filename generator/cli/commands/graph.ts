import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import type { Command } from './shared/command.ts';

interface GraphOptions {
  readonly output: 'svg' | 'mermaid';
  readonly dir?: string;
}

/** `graph`: a picture of who may talk to whom. */
export function registerGraph(program: Command, context: Context): void {
  program
    .command('graph')
    .summary('draw who may talk to whom in a deployment, and on which port')
    .description(
      'Draws the workloads, the database, and whom they talk to: worked out from the NetworkPolicies that belong to the configuration. The SVG is light or dark as the screen of its reader, and light in print. No secret is read.',
    )
    .argument('[environment]', 'an environment, or the file or folder of a resource or an overlay', '.')
    .output(['svg', 'mermaid'], 'what is written')
    .folder()
    .examples([
      ['glyphoxa-kustomize graph production > production.svg', 'a picture of an environment'],
      ['glyphoxa-kustomize graph -o mermaid', 'a chart for a page on GitHub or GitLab'],
    ])
    .action(action(context, (env: string, options: GraphOptions) => runGraph(env, options, context.io)));
}

async function runGraph(word: string, { output, dir }: GraphOptions, io: Io): Promise<number> {
  const { readLayers, environmentOrPath } = await import('../../config/files.ts');
  const { validate } = await import('../../objects/build.ts');
  const { hasErrors } = await import('../../model/finding.ts');
  const { base, environment } = await readLayers(environmentOrPath(word, dir, io.cwd), io);
  const { config, findings } = await validate(base, environment);
  if (config === undefined || hasErrors(findings)) {
    const { printFindings } = await import('../print/print-findings.ts');
    const sources = environment === undefined ? [base] : [base, environment];
    printFindings(findings, io, new Map(sources.map(({ file, text }) => [file, text])));
    return exitCodes.wrongInput;
  }
  const { trafficOf } = await import('../../graph/traffic.ts');
  const traffic = trafficOf(config);
  const { svg } = await import('../../graph/svg.ts');
  const { mermaid } = await import('../../graph/mermaid.ts');
  io.stdout.write(output === 'svg' ? svg(traffic) : mermaid(traffic));
  return exitCodes.done;
}
