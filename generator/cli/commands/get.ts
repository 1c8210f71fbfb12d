import type { Section, Value } from '../../editor/values.ts';
import type { Json, Path } from '../../model/json.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import type { Command } from './shared/command.ts';

interface GetOptions {
  readonly env?: string;
  readonly dir?: string;
  readonly output: 'text' | 'json' | 'yaml';
  readonly origin?: true;
}

/** `get`: the present values. */
export function registerGet(program: Command, context: Context): void {
  program
    .command('get')
    .summary('print a value, or all values of a part, with who set them')
    .description(
      'Prints what a value of the resource, or of an environment, is: with its defaults, and without secrets. Of a group it prints every value in it, of nothing all.',
    )
    .argument('[path]', 'a value or a group: gateway.replicaCount, gateway, config.npcs[0]')
    .option('-e, --env <name>', 'in this environment')
    .output(['text', 'json', 'yaml'])
    .option('--origin', 'with who set each value: default, preset, resource or environment, and where')
    .folder()
    .examples(
      [
        ['glyphoxa-kustomize get gateway.replicaCount --env staging', 'one value'],
        ['glyphoxa-kustomize get gateway --origin', 'a group, and who set each value of it'],
        ['glyphoxa-kustomize get config -o yaml', 'a group as YAML'],
      ],
      'there is no such value or environment, or a file cannot be read',
    )
    .action(
      action(context, (path: string | undefined, options: GetOptions) => runGet(path, options, context.io)),
    );
}

async function runGet(pathText: string | undefined, options: GetOptions, io: Io): Promise<number> {
  const { findGivenValue } = await import('./shared/find-value.ts');
  const { openTree } = await import('../../tree/disk.ts');
  const { openSession } = await import('../../editor/session.ts');
  const { hasErrors } = await import('../../model/finding.ts');
  const { env, dir } = options;
  const path = pathText === undefined ? [] : (await findGivenValue(pathText, dir, io)).path;
  const session = await openSession(openTree(dir, io.cwd), io.env);
  const values = within(session.sections(env), path);
  const one = session.value(path, env);
  const listed = values.length > 0 || one === undefined ? values : [one];
  io.stdout.write(await written(listed, path, options));
  if (listed.length === 1 && listed[0]?.value === undefined && listed[0]?.secret === undefined)
    io.stderr.write(`${listed[0]?.name} is not set\n`);
  const { findings } = session.loaded(env);
  if (hasErrors(findings)) io.stderr.write('there are errors: see validate\n');
  return exitCodes.done;
}

/** The values at and below a path; those of items only where the list or map itself is asked for. */
function within(sections: readonly Section[], path: Path): Value[] {
  const all = sections.flatMap(({ values }) => values);
  return all.filter((value) => path.every((part, index) => value.path[index] === part));
}

async function written(
  values: readonly Value[],
  path: Path,
  { output, origin }: GetOptions,
): Promise<string> {
  const { dig } = await import('../../model/json.ts');
  const { writeYaml } = await import('../../model/yaml-writer.ts');
  if (output === 'text') return textOf(values, path, origin === true);
  const data = origin === true ? values.map(withOrigin) : (dig(await asValue(values), path) ?? null);
  return output === 'json' ? `${JSON.stringify(data, null, 2)}\n` : writeYaml(data as Json);
}

function withOrigin({ name, value, secret, origin, position }: Value): { [key: string]: Json } {
  return {
    path: name,
    ...(value === undefined ? {} : { value }),
    ...(secret === undefined ? {} : { secret: { ...secret } }),
    origin,
    ...(position === undefined ? {} : { setAt: `${position.file}:${position.line}:${position.col}` }),
  };
}

/** The values as one; of a secret where it comes from. */
async function asValue(values: readonly Value[]): Promise<Json> {
  const { withEdit } = await import('../../editor/yaml/intent.ts');
  let all: Json = {};
  for (const { path, value, secret } of values) {
    const shown =
      value ??
      (secret === undefined || secret.state === 'missing' ? undefined : `(hidden) from ${secret.from}`);
    if (shown !== undefined) all = withEdit(all, { path, value: shown })?.value ?? all;
  }
  return all;
}

async function textOf(values: readonly Value[], path: Path, withOrigins: boolean): Promise<string> {
  const { printable } = await import('../../model/characters.ts');
  const { equal } = await import('../../model/json.ts');
  const [only] = values;
  if (only !== undefined && equal([...only.path], [...path]) && !withOrigins) return plain(only);
  const hasItems = (value: Value) =>
    values.some(
      (other) =>
        other.path.length > value.path.length &&
        value.path.every((part, index) => other.path[index] === part),
    );
  const rows = values
    .filter((value) => value.origin !== 'unset' || withOrigins)
    .filter((value) => !hasItems(value))
    .map((value) => [value.name, inWords(value), withOrigins ? originWords(value) : '']);
  const widths = [0, 1].map((column) =>
    Math.min(60, Math.max(0, ...rows.map((row) => row[column]?.length ?? 0))),
  );
  return rows
    .map(
      (row) =>
        `${printable(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).trimEnd()}\n`,
    )
    .join('');
}

async function plain(value: Value): Promise<string> {
  const { printable } = await import('../../model/characters.ts');
  const { writeYaml } = await import('../../model/yaml-writer.ts');
  if (value.value === undefined) return value.secret === undefined ? '' : `${inWords(value)}\n`;
  if (typeof value.value !== 'object') return `${printable(String(value.value))}\n`;
  return writeYaml(value.value);
}

function inWords({ value, secret }: Value): string {
  if (secret !== undefined) return `(hidden) ${secret.state}: ${secret.from}`;
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function originWords({ origin, position }: Value): string {
  return position === undefined ? origin : `${origin} ${position.file}:${position.line}:${position.col}`;
}
