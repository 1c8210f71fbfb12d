import type { Edit } from '../../editor/edits.ts';
import type { Session } from '../../editor/session.ts';
import type { Finding } from '../../model/finding.ts';
import type { Path } from '../../model/json.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import type { Command } from './shared/command.ts';

interface EditOptions {
  readonly env?: string;
  readonly dir?: string;
  readonly dryRun?: true;
  readonly force?: true;
  readonly generate: boolean;
  readonly output: 'text' | 'json';
}

interface SetOptions extends EditOptions {
  readonly file?: string;
  readonly cert?: string;
}

function withOptions(command: Command): Command {
  return command
    .option('-e, --env <name>', 'in overlays/<name>/config.yaml; else in glyphoxa.yaml')
    .option('--dry-run', 'print what would change, and write nothing')
    .option('--force', 'write a value that makes errors')
    .option('--no-generate', 'leave the tree as it is')
    .output(['text', 'json'], 'how what changed is written')
    .folder();
}

const refused = 'a value makes errors or has no place; nothing was written';

/** `set`: changes values in the files, and nothing else of them. */
export function registerSet(program: Command, context: Context): void {
  const command = program
    .command('set')
    .summary('change values in glyphoxa.yaml or in an environment')
    .description(
      'Changes values, and nothing else of the file: comments, order and quotes stay. Then it writes the tree, where there is one. A secret is named without "=": its value is asked for without an echo, or read from standard input, and goes where the provider of the environment wants it, never into YAML.',
    )
    .argument('[path=value...]', 'values, and at most one secret by its path alone')
    .option('-f, --file <patch>', 'set what a YAML file says, null to take a value out; - for standard input')
    .option('--cert <file>', "to seal a secret: the controller's certificate; else $SEALED_SECRETS_CERT");
  withOptions(command)
    .examples(
      [
        ['glyphoxa-kustomize set gateway.replicaCount=3 --env staging', 'one value of an environment'],
        ['glyphoxa-kustomize set config.server.log_level=warn --dry-run', 'see what it would change'],
        ['glyphoxa-kustomize set gateway.adminKey --env production < admin.key', 'a secret'],
      ],
      refused,
    )
    .action(
      action(context, (given: string[], options: SetOptions, self: Command) => {
        if (given.length === 0 && options.file === undefined)
          self.error('error: name a value, or a file with -f');
        return runSet(given, options, context, self);
      }),
    );
}

/** `unset`: takes values out of the files. */
export function registerUnset(program: Command, context: Context): void {
  const command = program
    .command('unset')
    .summary('take values out, so that their defaults count again')
    .description(
      'Takes values out of glyphoxa.yaml or out of the config.yaml of an environment, and nothing else: then the value of the resource, the preset or the default counts. Then it writes the tree, where there is one.',
    )
    .argument('<path...>', 'values');
  withOptions(command)
    .examples(
      [['glyphoxa-kustomize unset gateway.replicaCount --env staging', 'as in glyphoxa.yaml again']],
      refused,
    )
    .action(
      action(context, async (given: string[], options: EditOptions) => {
        const found = await findPaths(given, options, context.io);
        const edits = found.map((path) => ({ path, value: undefined }));
        return change(await open(options, context.io), edits, options, context);
      }),
    );
}

async function open({ dir }: EditOptions, io: Io): Promise<Session> {
  const { openTree } = await import('../../tree/disk.ts');
  const { openSession } = await import('../../editor/session.ts');
  return openSession(openTree(dir, io.cwd), io.env);
}

async function findPaths(words: readonly string[], { dir }: EditOptions, io: Io): Promise<Path[]> {
  const { findGivenValue } = await import('./shared/find-value.ts');
  return Promise.all(words.map(async (word) => (await findGivenValue(word, dir, io)).path));
}

async function runSet(
  given: readonly string[],
  options: SetOptions,
  context: Context,
  self: Command,
): Promise<number> {
  const { io } = context;
  const { isAssignment, parseAssignment } = await import('../../config/assignment.ts');
  const secrets = await findPaths(
    given.filter((word) => !isAssignment(word)),
    options,
    io,
  );
  if (secrets.length > 1) self.error('error: name one secret at a time');
  if (secrets.length === 1 && options.file === '-')
    self.error('error: a patch and a secret cannot both come from standard input');
  const edits: Edit[] = given.filter(isAssignment).map((word) => parseAssignment(word, 'write path=value'));
  if (options.file !== undefined) edits.push(...(await patchEdits(options.file, io)));
  const session = await open(options, io);
  const [secret] = secrets;
  if (secret !== undefined) await demandSecret(session, secret, options);
  if (edits.length > 0) {
    const code = await change(session, edits, options, context);
    if (code !== exitCodes.done || secret === undefined) return code;
  }
  return secret === undefined ? exitCodes.done : setSecret(session, secret, options, context);
}

/** The edits that a file of values means. */
async function patchEdits(file: string, io: Io): Promise<Edit[]> {
  const { editsOfPatch } = await import('../../editor/edits.ts');
  const { readText } = await import('./shared/read-text.ts');
  const { readYaml } = await import('../../model/yaml.ts');
  const { Failure, failure } = await import('../../model/finding.ts');
  const { isObject } = await import('../../model/json.ts');
  const shown = file === '-' ? '<stdin>' : file;
  const { value, findings } = readYaml(await readText(file, io), shown);
  if (findings.length > 0) throw new Failure(findings);
  if (!isObject(value))
    throw failure('wrong-patch', `${shown} is not a map of values`, 'write values as in glyphoxa.yaml');
  return editsOfPatch(value);
}

/** Makes edits, says what they change, and saves them. */
async function change(
  session: Session,
  edits: readonly Edit[],
  options: EditOptions,
  { io, texts }: Context,
): Promise<number> {
  const { env, force = false, dryRun = false, generate } = options;
  const { printFindings } = await import('../print/print-findings.ts');
  const { hasErrors } = await import('../../model/finding.ts');
  const { isDone, refused: wrong, made } = await session.set(edits, env);
  for (const [file, text] of session.texts()) texts.set(file, text);
  const told = [...wrong, ...made];
  printFindings(told, io, texts);
  if (wrong.length > 0) return exitCodes.wrongInput;
  if (hasErrors(made) && !force) {
    io.stderr.write('nothing was written; --force writes it all the same\n');
    return exitCodes.wrongInput;
  }
  const preview = session.preview();
  const saved = await session.save({ force, tree: generate, check: dryRun });
  printFindings(
    saved.findings.filter((each) => !told.includes(each)),
    io,
    texts,
  );
  if (saved.diff !== undefined) io.stderr.write(saved.diff);
  const isWritten = saved.isSaved || dryRun;
  const { changes } = saved;
  const listed = changes.map(({ path, what }) => ({ path: session.tree.show(path), what }));
  if (options.output === 'json')
    io.stdout.write(`${JSON.stringify({ changes: listed, ...preview, findings: told }, null, 2)}\n`);
  else if (dryRun) await printPreview(preview, listed, io);
  else for (const { path, what } of listed) io.stdout.write(`${what} ${path}\n`);
  if (!isDone) io.stderr.write('it is so already; nothing was written\n');
  return isWritten ? exitCodes.done : exitCodes.wrongInput;
}

async function printPreview(
  { files, deployments }: ReturnType<Session['preview']>,
  changes: readonly { path: string; what: string }[],
  io: Io,
): Promise<void> {
  const { formatDiffs } = await import('../print/format-diffs.ts');
  for (const { diff } of files) io.stdout.write(diff);
  for (const { environment, objects, isBroken } of deployments) {
    const name = environment === undefined ? 'objects' : `objects of ${environment}`;
    io.stdout.write(
      isBroken
        ? `\n${name}: none, since there are errors\n`
        : `\n${name}:\n${formatDiffs(objects, io.color)}`,
    );
  }
  const tree = changes.filter(({ path }) => !files.some(({ file }) => file === path));
  if (tree.length > 0) io.stdout.write('\nfiles of the tree:\n');
  for (const { path, what } of tree) io.stdout.write(`${what} ${path}\n`);
}

/** That a path alone is a secret of an environment, before its value is asked for. */
async function demandSecret(session: Session, path: Path, { env, dryRun }: SetOptions): Promise<void> {
  const { failure } = await import('../../model/finding.ts');
  const { formatPath } = await import('../../model/json.ts');
  const value = session.value(path, env);
  if (value?.widget !== 'secret' && value?.widget !== 'hidden')
    throw failure('wrong-assignment', `${formatPath(path)} has no value`, 'write path=value');
  if (env === undefined)
    throw failure(
      'no-environment',
      'the value of a secret belongs to an environment',
      'name it with --env, or name a source: path.fromEnv=VARIABLE',
      path,
    );
  if (dryRun)
    throw failure(
      'secret-dry-run',
      'a secret is written at once, and shows nothing before',
      'leave --dry-run away',
      path,
    );
}

async function setSecret(
  session: Session,
  path: Path,
  options: SetOptions,
  { io, texts }: Context,
): Promise<number> {
  const { env = '', cert } = options;
  const { demandKey } = await import('../../secrets/set.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const { formatPath } = await import('../../model/json.ts');
  const { config } = session.loaded(env);
  if (config !== undefined) demandKey(config, path);
  const { readSecretValue } = await import('./shared/read-secret.ts');
  const value = await readSecretValue(formatPath(path), io);
  const { secretOptions } = await import('./shared/secret-options.ts');
  const put = await session.putSecret(path, value, env, secretOptions(session.tree.root, cert, io));
  const saved = await session.save({ tree: options.generate, force: true });
  const findings: Finding[] = [...put.findings, ...saved.findings];
  printFindings(findings, io, texts);
  for (const { path: file, what } of [...put.changes, ...saved.changes])
    io.stdout.write(`${what} ${session.tree.show(file)}\n`);
  for (const note of put.notes) io.stderr.write(`${note}\n`);
  return findings.some(({ severity }) => severity === 'error') ? exitCodes.wrongInput : exitCodes.done;
}
