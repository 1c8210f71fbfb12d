import { release } from '../../tree/release.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Command } from './shared/command.ts';

/** `version`: which program this is. */
export function registerVersion(program: Command, context: Context): void {
  program
    .command('version')
    .summary('print the version, and what it runs on')
    .description('Prints the version, the commit that a release was made of, and what runs the program.')
    .output()
    .examples([['glyphoxa-kustomize version -o json', 'for programs']])
    .action(
      action(context, async ({ output }: { output: 'text' | 'json' }) => {
        const { isOneFile } = await import('../plugin/program-files.ts');
        const { apiVersion } = await import('../../config/schema/resource.ts');
        const { name, version, commit } = release;
        const runtime = isOneFile() ? 'one file' : `node ${process.versions.node}`;
        const platform = `${process.platform}/${process.arch}`;
        const facts = {
          name,
          version,
          ...(commit === undefined ? {} : { commit }),
          apiVersion,
          runtime,
          platform,
        };
        const line = [version, ...(commit === undefined ? [] : [commit]), `(${runtime}, ${platform})`].join(
          ' ',
        );
        context.io.stdout.write(
          output === 'json' ? `${JSON.stringify(facts, null, 2)}\n` : `${name} ${line}\n`,
        );
        return exitCodes.done;
      }),
    );
}
