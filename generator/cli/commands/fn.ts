import { action, type Context } from '../context.ts';
import type { Command } from './shared/command.ts';

/** `fn`: the KRM function, for whoever has the command and not its launchers. */
export function registerFn(program: Command, context: Context): void {
  program
    .command('fn')
    .summary('be the KRM function: a ResourceList in, a ResourceList out')
    .description(
      'Reads a ResourceList (config.kubernetes.io/v1) from standard input, with the resource as functionConfig, and writes it with the objects to standard output. kustomize and kpt call it.',
    )
    .examples([
      ["kpt fn eval --exec 'glyphoxa-kustomize fn' --fn-config glyphoxa.yaml .", 'run by kpt, as it does'],
    ])
    .action(
      action(context, async () => {
        const { main } = await import('../../function/main.ts');
        return await main([], { env: context.io.env, cwd: context.io.cwd });
      }),
    );
}
