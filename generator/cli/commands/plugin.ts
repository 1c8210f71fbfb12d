import { advise } from '../../model/command.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import type { Outcome, Status, ToolStatus } from '../plugin/plugin-status.ts';
import { say } from '../print/say.ts';
import type { Command } from './shared/command.ts';

interface StatusOptions {
  readonly tool: readonly string[];
  readonly output: 'text' | 'json';
}

/** `plugin`: the classic plugin in the folder where kustomize looks for plugins. */
export function registerPlugin(program: Command, context: Context): void {
  const plugin = program
    .command('plugin')
    .summary('link the plugin for kustomize and kubectl, or see which of them run it')
    .description(
      'The plugin stands in the first of $KUSTOMIZE_PLUGIN_HOME, $XDG_CONFIG_HOME/kustomize/plugin and ~/.config/kustomize/plugin that kustomize finds.',
    )
    .addHelpText('after', '\nExample:\n  $ glyphoxa-kustomize plugin install');
  plugin
    .command('install')
    .summary('link the plugin into the plugin home')
    .description('Links the plugin into the plugin home. Nothing that is not ours is ever replaced.')
    .examples(
      [
        ['glyphoxa-kustomize plugin install', 'once for each user'],
        ['kustomize build --enable-alpha-plugins .', 'then kustomize finds it'],
      ],
      'something else is in the way',
    )
    .action(
      action(context, async () => {
        const { installPlugin } = await import('../plugin/plugin-home.ts');
        const { link, changed } = installPlugin(context.io.env);
        say(context.io, changed ? `linked ${link}` : `${link} is there already`, 'success');
        return exitCodes.done;
      }),
    );
  plugin
    .command('uninstall')
    .summary('undo "plugin install"')
    .description('Removes the link, and the folders that "plugin install" made where they are empty.')
    .examples([['glyphoxa-kustomize plugin uninstall', 'remove the link']], 'the link is not ours')
    .action(
      action(context, async () => {
        const { uninstallPlugin } = await import('../plugin/plugin-home.ts');
        const { link, changed } = uninstallPlugin(context.io.env);
        say(context.io, changed ? `removed ${link}` : `there is no link at ${link}`, 'success');
        return exitCodes.done;
      }),
    );
  plugin
    .command('status')
    .summary('say which programs here run the plugin')
    .description(
      'Builds a probe with every kustomize and kubectl on the PATH: the classic plugin and the exec function.',
    )
    .repeated('--tool <program>', 'another kustomize or kubectl; may be repeated')
    .output()
    .examples(
      [
        ['glyphoxa-kustomize plugin status', 'with what is on the PATH'],
        ['glyphoxa-kustomize plugin status --tool ./bin/kustomize', 'with another program too'],
      ],
      'no way works',
    )
    .action(action(context, (options: StatusOptions) => runStatus(options, context.io)));
}

async function runStatus({ tool, output }: StatusOptions, io: Io): Promise<number> {
  const { pluginStatus } = await import('../plugin/plugin-status.ts');
  const status = await pluginStatus(io, tool);
  if (output === 'json') io.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  else {
    const { plainTable } = await import('../print/text-table.ts');
    if (status.tools.length > 0) io.stdout.write(plainTable(rowsOf(status.tools), io.stdout));
    for (const note of notes(status)) say(io, note);
  }
  const works = status.tools.some((found) =>
    [found.plugin, found.function].some(({ state }) => state === 'works'),
  );
  return works ? exitCodes.done : exitCodes.wrongInput;
}

const columns: readonly (readonly [head: string, cell: (tool: ToolStatus) => string])[] = [
  ['PROGRAM', ({ path }) => path],
  [
    'VERSION',
    ({ version, kustomize }) => (kustomize === undefined ? version : `${version} (kustomize ${kustomize})`),
  ],
  ['PLUGIN', (tool) => word(tool.plugin)],
  ['FUNCTION', (tool) => word(tool.function)],
  ['WITHOUT EXEC', (tool) => word(tool.functionWithoutExec)],
];

function word({ state }: Outcome): string {
  return { works: 'works', fails: 'fails', silent: 'silent', impossible: '-' }[state];
}

function rowsOf(tools: readonly ToolStatus[]): string[][] {
  return [columns.map(([head]) => head), ...tools.map((tool) => columns.map(([, cell]) => cell(tool)))];
}

/** What the table's words mean here, and what to do. */
function notes({ tools, unusable, home, installed }: Status): string[] {
  const lines: string[] = [];
  if (tools.length === 0)
    lines.push('there is no kustomize and no kubectl on the PATH; name one with --tool');
  else {
    lines.push(
      'PLUGIN: the classic plugin, once it is installed, with --enable-alpha-plugins',
      'FUNCTION: the exec function, with --enable-alpha-plugins --enable-exec',
    );
  }
  if (tools.some(({ functionWithoutExec }) => functionWithoutExec.state === 'silent')) {
    lines.push(
      'WITHOUT EXEC: without --enable-exec the exec function is skipped in silence: no output, exit code 0',
    );
  }
  lines.push(
    installed
      ? `the plugin is installed in ${home}`
      : `the plugin is not installed${home === undefined ? '' : ` in ${home}`}; run ${advise('plugin-missing')`glyphoxa-kustomize plugin install`}`,
  );
  for (const tool of tools) {
    const tried = {
      PLUGIN: tool.plugin,
      FUNCTION: tool.function,
    };
    for (const [name, { state, reason }] of Object.entries(tried)) {
      if (state === 'fails') lines.push(`${tool.path}, ${name}: ${reason ?? ''}`);
    }
  }
  for (const path of unusable) lines.push(`${path} does not tell its version and was left out`);
  return lines;
}
