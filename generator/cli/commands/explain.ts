import { type Command, Option } from 'commander';
import type { Child, Explanation } from '../../config/explain.ts';
import { action, afterHelp, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';

interface ExplainOptions {
  readonly file?: string;
  readonly env?: string;
  readonly output: 'text' | 'json';
}

/** `explain`: what a value means, what it is, and who set it. */
export function registerExplain(program: Command, context: Context): void {
  program
    .command('explain')
    .summary('say what a value means, what it is, and who set it')
    .description(
      'Prints the documentation of a value and, given a file or an environment, its present value and the layer, preset or default that it comes from. Without a path it lists the sections. Values of secrets are never shown.',
    )
    .argument('[path]', 'a value: spec.gateway.replicaCount, gateway.replicaCount or gateway/replica-count')
    .option('-f, --file <path>', 'file or folder of a resource or an overlay to look the value up in')
    .option('-e, --env <name>', 'look the value up in overlays/<name>')
    .addOption(
      new Option('-o, --output <format>', 'how it is written').choices(['text', 'json']).default('text'),
    )
    .addHelpText(
      'after',
      afterHelp(
        [
          ['glyphoxa-kustomize explain', 'the sections'],
          ['glyphoxa-kustomize explain gateway.replicaCount', 'one value'],
          [
            'glyphoxa-kustomize explain gateway.replicaCount --env dedicated',
            'with its value in an environment',
          ],
        ],
        'there is no such value, or the file cannot be read',
      ),
    )
    .action(
      action(context, (path: string | undefined, options: ExplainOptions) =>
        runExplain(path, options, context.io),
      ),
    );
}

async function runExplain(words: string | undefined, options: ExplainOptions, io: Io): Promise<number> {
  const { explain, sections } = await import('../../config/explain.ts');
  const isJson = options.output === 'json';
  if (words === undefined) {
    const listed = sections();
    io.stdout.write(isJson ? `${JSON.stringify(listed, null, 2)}\n` : sectionText(listed));
    return exitCodes.done;
  }
  const path = await layersPath(options, io);
  if (path === undefined) {
    io.stdout.write(write(explain(words), isJson));
    return exitCodes.done;
  }
  const { readLayers } = await import('../../config/files.ts');
  const { validate } = await import('../../objects/build.ts');
  const { base, environment } = await readLayers(path, io);
  const loaded = await validate(base, environment);
  io.stdout.write(write(explain(words, loaded, loaded.sources), isJson));
  const { summary } = await import('../print-findings.ts');
  if (loaded.findings.some(({ severity }) => severity === 'error'))
    io.stderr.write(
      `${(environment ?? base).file} has findings (${summary(loaded.findings)}): see validate\n`,
    );
  return exitCodes.done;
}

/** The path of the file to look the value up in. */
async function layersPath({ file, env }: ExplainOptions, io: Io): Promise<string | undefined> {
  if (env === undefined) return file;
  const { overlayFolder } = await import('../../config/files.ts');
  return overlayFolder(env, file, io.cwd);
}

function write(explanation: Explanation, isJson: boolean): string {
  return isJson ? `${JSON.stringify(explanation, null, 2)}\n` : explanationText(explanation);
}

function sectionText(listed: readonly Child[]): string {
  const width = Math.max(...listed.map(({ name }) => name.length));
  return listed.map(({ name, title }) => `${name.padEnd(width)}  ${title ?? ''}\n`).join('');
}

function explanationText(explanation: Explanation): string {
  const { path, title, description, note, type, bounds, section, examples, children } = explanation;
  const about = [title === undefined ? undefined : `${title}.`, description, note].filter(Boolean).join(' ');
  const rows: [string, string | undefined][] = [
    ['section', section],
    ['type', bounds === undefined ? type : `${type}, ${bounds}`],
    ['default', explanation.default],
    ['examples', examples?.map(inWords).join(', ')],
    ['value', explanation.value === undefined ? undefined : inWords(explanation.value)],
    ['set by', explanation.setBy],
  ];
  const text = [
    path,
    '',
    ...wrap(about, 96).map((line) => `  ${line}`),
    '',
    ...rows.flatMap(([name, words]) => (words === undefined ? [] : [`  ${name.padEnd(9)} ${words}`])),
    ...(children === undefined ? [] : ['', ...childLines(children)]),
  ].join('\n');
  return `${text.replaceAll('`', '')}\n`;
}

function childLines(children: readonly Child[]): string[] {
  const names = Math.max(...children.map(({ name }) => name.length));
  return children.map(({ name, title, type, value }) => {
    const shown = value === undefined ? '' : ` = ${inWords(value)}`;
    return `  ${name.padEnd(names)}  ${title ?? ''} (${type})${shown}`;
  });
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
