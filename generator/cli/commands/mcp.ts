import type { Readable, Writable } from 'node:stream';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import type { Command } from './shared/command.ts';

interface McpOptions {
  readonly readOnly?: boolean;
  readonly allowCluster?: boolean;
}

/** `mcp`: the configuration for language models. */
export function registerMcp(program: Command, context: Context): void {
  program
    .command('mcp')
    .summary('serve the configuration to a language model, by MCP on standard input')
    .description(
      'Speaks the Model Context Protocol over standard input and output, for a client such as an editor or an assistant: tools to read, explain, change, validate, preview and save the values of one repository, and nothing else. Secrets are never shown, whatever is asked. It ends with its client.',
    )
    .argument('[dir]', 'the folder of glyphoxa.yaml (default: this one, or the nearest above)')
    .option('--read-only', 'for reading alone: no file and no cluster is changed')
    .option(
      '--allow-cluster',
      'tools for the cluster of the kubeconfig, too: diff and status; and apply, restart and stop, each of which the client asks its user about first, with what would change',
    )
    .examples(
      [
        ['glyphoxa-kustomize mcp', 'the command that a client of MCP is told to start'],
        ['glyphoxa-kustomize mcp --read-only deploy', 'for questions about the folder deploy'],
      ],
      'there is no such folder',
    )
    .action(
      action(context, (dir: string | undefined, options: McpOptions) => runMcp(dir, options, context.io)),
    );
}

async function runMcp(
  dir: string | undefined,
  { readOnly = false, allowCluster = false }: McpOptions,
  io: Io,
): Promise<number> {
  const { openTree } = await import('../../tree/disk.ts');
  const { formatReleaseDiff, summarize } = await import('../print/format-release-diff.ts');
  const { serve } = await import('../../mcp/serve.ts');
  // Names in answers begin at the repository: where that is on this machine is nobody's business.
  const tree = openTree('.', openTree(dir, io.cwd).root);
  const onFault = (error: unknown) => {
    const debug = io.env.GLYPHOXA_DEBUG !== undefined && io.env.GLYPHOXA_DEBUG !== '';
    const text = error instanceof Error ? (debug ? error.stack : error.message) : String(error);
    io.stderr.write(`${text}\n`);
  };
  const show = (diff: Parameters<typeof summarize>[0]) => ({
    text: formatReleaseDiff(diff, false),
    summary: summarize(diff),
  });
  const serving = serve(
    { tree, readOnly, allowCluster, world: { env: io.env, show }, onFault },
    io.stdin as Readable,
    (io.stdout.stream ?? io.stdout) as Writable,
  );
  if (io.isTTY)
    io.stderr.write(
      'this speaks the Model Context Protocol, and is started by a client of it: see docs/mcp; Ctrl-C ends it\n',
    );
  const stop = io.onInterrupt(() => void serving.close());
  await serving.ended;
  stop();
  return exitCodes.done;
}
