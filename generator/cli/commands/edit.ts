import { type Command, InvalidArgumentError, Option } from 'commander';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';

interface EditOptions {
  readonly web?: true;
  readonly port: number;
  readonly dir: string;
}

/** `edit`: the configuration, with guidance. */
export function registerEdit(program: Command, context: Context): void {
  program
    .command('edit')
    .summary('edit the configuration on a page, with findings as you type')
    .description(
      'Serves a page on this machine alone and prints the link that opens it, once: a form of all values with what each is and who set it, findings, parts to switch, and what saving changes in files and objects. Nothing is written before it is saved there, but secret values, which go where the environment keeps them. It ends when the page is closed.',
    )
    .argument('[env]', 'the environment that the page begins with (default: the resource)')
    .option('--web', 'on a page; the default, and as yet the only way')
    .addOption(
      new Option('--port <number>', 'the port of the page')
        .argParser(portNumber)
        .default(0, 'one that is free'),
    )
    .option('--dir <folder>', 'the folder of glyphoxa.yaml', '.')
    .addHelpText(
      'after',
      afterHelp(
        [
          ['glyphoxa-kustomize edit --web', 'then open the link that it prints'],
          [
            'glyphoxa-kustomize edit staging --web --port 8100',
            'for a tunnel: ssh -L 8100:127.0.0.1:8100 HOST',
          ],
        ],
        'there is no resource, or a file of it is no text',
      ),
    )
    .action(
      action(context, (env: string | undefined, options: EditOptions) => runEdit(env, options, context.io)),
    );
}

async function runEdit(env: string | undefined, { dir, port }: EditOptions, io: Io): Promise<number> {
  const { openTree } = await import('../../tree/disk.ts');
  const { openSession } = await import('../../editor/session.ts');
  const { openPage } = await import('../../web/page.ts');
  const { serve } = await import('../../web/server.ts');
  const tree = openTree(dir, io.cwd);
  const session = await openSession(tree);
  const secrets = { sources: { env: io.env, folder: tree.root } };
  const served = await serve(openPage(session, tree.show(''), secrets), {
    port,
    ...(env === undefined ? {} : { env }),
  });
  let stop = () => {};
  const interrupted = new Promise<void>((resolve) => {
    stop = io.onInterrupt(() => resolve());
  });
  io.stdout.write(`${served.link}\n`);
  io.stderr.write('open the link; the page ends with its tab, or here with Ctrl-C\n');
  await Promise.race([served.closed, interrupted]);
  stop();
  served.close();
  return exitCodes.done;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65536) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
