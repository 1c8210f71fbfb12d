import type { Child, Explanation } from '../../config/explain.ts';
import type { Validated } from '../../objects/build.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import { say } from '../print/say.ts';
import { wrapped } from '../print/text-table.ts';
import type { Command } from './shared/command.ts';

interface ExplainOptions {
  readonly file?: string;
  readonly env?: string;
  readonly tenant?: string;
  readonly output: 'text' | 'json';
}

/** `explain`: what a value means, what it is, and who set it. */
export function registerExplain(program: Command, context: Context): void {
  program
    .command('explain')
    .summary('say what a value means, what it is, and who set it')
    .description(
      'Prints the documentation of a value and, given a file, an environment or a tenant, its present value and the layer, preset or default that it comes from. Without a path it lists the sections. Values of secrets are never shown.',
    )
    .argument('[value]', 'a value: spec.gateway.replicaCount, gateway.replicaCount or gateway/replica-count')
    .option('-f, --file <path>', 'file or folder of a resource or an overlay to look the value up in')
    .option('-e, --env <environment>', 'look the value up in overlays/<name>')
    .option('-t, --tenant <tenant>', 'look the value up for a tenant of tenants.yaml')
    .output()
    .examples(
      [
        ['glyphoxa-kustomize explain', 'the sections'],
        ['glyphoxa-kustomize explain gateway.replicaCount', 'one value'],
        [
          'glyphoxa-kustomize explain gateway.replicaCount --env dedicated',
          'with its value in an environment',
        ],
        ['glyphoxa-kustomize explain gateway.replicaCount --tenant acme', 'with its value for a tenant'],
      ],
      'there is no such value, or the file cannot be read',
    )
    .action(
      action(context, (path: string | undefined, options: ExplainOptions) =>
        runExplain(path, options, context.io),
      ),
    );
}

async function runExplain(pathText: string | undefined, options: ExplainOptions, io: Io): Promise<number> {
  const { explain, sections } = await import('../../config/explain.ts');
  const isJson = options.output === 'json';
  if (pathText === undefined) {
    const listed = sections();
    io.stdout.write(isJson ? `${JSON.stringify(listed, null, 2)}\n` : sectionText(listed));
    return exitCodes.done;
  }
  const { findGivenValue } = await import('./shared/find-value.ts');
  await findGivenValue(pathText, undefined, io);
  const found = await lookUp(options, io);
  if (found === undefined) {
    io.stdout.write(write(explain(pathText), isJson, io.stdout.columns));
    return exitCodes.done;
  }
  const { file, validated } = found;
  io.stdout.write(write(explain(pathText, validated, validated.sources), isJson, io.stdout.columns));
  const { summary } = await import('../print/print-findings.ts');
  if (validated.findings.some(({ severity }) => severity === 'error'))
    say(io, `${file} has findings (${summary(validated.findings)}): see validate`);
  return exitCodes.done;
}

/** The configuration to look the value up in, and the file that a person would look at; undefined where none is named. */
async function lookUp(
  options: ExplainOptions,
  io: Io,
): Promise<{ file: string; validated: Validated } | undefined> {
  if (options.tenant !== undefined) {
    const { openTree } = await import('../../tree/disk.ts');
    const { findTenant, openFleet } = await import('../../tree/tenants/build.ts');
    const open = await openFleet(openTree(options.file, io.cwd), new Map());
    const { validated } = await findTenant(open, options.tenant);
    return { file: open.fleet.source.file, validated };
  }
  const path = await layersPath(options, io);
  if (path === undefined) return undefined;
  const { readLayers } = await import('../../config/files.ts');
  const { validate } = await import('../../objects/build.ts');
  const { base, environment } = await readLayers(path, io);
  return { file: (environment ?? base).file, validated: await validate(base, environment) };
}

/** The path of the file to look the value up in. */
async function layersPath({ file, env }: ExplainOptions, io: Io): Promise<string | undefined> {
  if (env === undefined) return file;
  const { overlayFolder } = await import('../../config/files.ts');
  return overlayFolder(env, file, io.cwd);
}

function write(explanation: Explanation, isJson: boolean, columns: number | undefined): string {
  return isJson
    ? `${JSON.stringify(explanation, null, 2)}\n`
    : explanationText(explanation, columns || undefined);
}

function sectionText(listed: readonly Child[]): string {
  const width = Math.max(...listed.map(({ name }) => name.length));
  return listed.map(({ name, title }) => `${name.padEnd(width)}  ${title ?? ''}\n`).join('');
}

/** Prose has lines of at most 98 columns everywhere, all else only where the terminal is narrower than it. */
function explanationText(explanation: Explanation, columns = Number.POSITIVE_INFINITY): string {
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
    ...hanging('  ', about, Math.min(columns, 98)),
    '',
    ...rows.flatMap(([name, text]) =>
      text === undefined ? [] : hanging(`  ${name.padEnd(9)} `, text, columns),
    ),
    ...(children === undefined ? [] : ['', ...childLines(children, columns)]),
  ].join('\n');
  return `${text.replaceAll('`', '')}\n`;
}

/** A text behind a word, its further lines below its beginning. */
function hanging(word: string, text: string, width: number): string[] {
  const room = Math.max(20, width - word.length);
  return wrapped(text, room).map((line, index) => `${index === 0 ? word : ' '.repeat(word.length)}${line}`);
}

function childLines(children: readonly Child[], columns: number): string[] {
  const names = Math.max(...children.map(({ name }) => name.length));
  return children.flatMap(({ name, title, type, value }) => {
    const shown = value === undefined ? '' : ` = ${inWords(value)}`;
    return hanging(`  ${name.padEnd(names)}  `, `${title ?? ''} (${type})${shown}`, columns);
  });
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
