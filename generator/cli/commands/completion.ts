import { Argument } from 'commander';
import { action, type Context, exitCodes } from '../context.ts';
import type { Command } from './shared/command.ts';

/** The shells that it is offered for; their scripts are in `../completion/`. */
const shells = ['bash', 'zsh', 'fish'] as const;

/** `completion`: the script by which a shell completes command lines. */
export function registerCompletion(program: Command, context: Context): void {
  program
    .command('completion')
    .summary('print the script by which a shell completes command lines')
    .description(
      'Prints a script for bash, zsh or fish. With it the Tab key completes commands, options, environments, the paths of values and the values that they may have.',
    )
    .addArgument(new Argument('<shell>', 'which of them').choices(shells))
    .examples([
      ['source <(glyphoxa-kustomize completion bash)', 'in this bash'],
      ['glyphoxa-kustomize completion zsh > "$' + '{fpath[1]}/_glyphoxa-kustomize"', 'in every zsh'],
      ['glyphoxa-kustomize completion fish | source', 'in this fish'],
    ])
    .action(
      action(context, async (shell: (typeof shells)[number]) => {
        const { completionScript } = await import('../completion/scripts.ts');
        context.io.stdout.write(completionScript(shell));
        return exitCodes.done;
      }),
    );
}
