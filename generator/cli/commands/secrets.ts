import type { Client } from '../../lifecycle/api/client.ts';
import { advise, led } from '../../model/command.ts';
import type { SecretEnvironment } from '../../secrets/environment.ts';
import type { SecretRow, SecretState } from '../../secrets/status.ts';
import type { Tree } from '../../tree/disk.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import { say } from '../print/say.ts';
import type { Command } from './shared/command.ts';

interface ClusterOptions {
  readonly dir?: string;
  readonly cluster?: true;
  readonly context?: string;
  readonly kubeconfig?: string;
}

interface StatusOptions extends ClusterOptions {
  readonly output: 'text' | 'json';
}

/** `secrets`: the secret values of an environment. */
export function registerSecrets(program: Command, context: Context): void {
  const secrets = program
    .command('secrets')
    .summary('begin the file of secret values, and see which values are there')
    .description(
      'Secret values stand in Secrets of the cluster and in git-ignored files of this machine, and nowhere else. No command ever prints one.',
    )
    .addHelpText('after', '\nExample:\n  $ glyphoxa-kustomize secrets status production');
  secrets
    .command('init')
    .summary('write secrets.env with every key that an environment needs')
    .description(
      'Writes overlays/<environment>/secrets.env, of a resource alone secrets.env beside it, for its owner alone: values from the sources that the resource names where those are there, a random admin key, the rest empty. A value that is there already is never changed; keys that are missing are added. With --cluster they get the values that the Secret of the cluster has, so that a new machine makes up no other admin key. A resource alone with secrets.provider kubernetes gets the files that it names as sources.',
    )
    .argument('<environment>', 'the name of an environment, or the file of a resource that is deployed alone')
    .folder()
    .option('--cluster', 'take values over that the Secret of the cluster has')
    .option('--context <name>', 'with --cluster: the context of the kubeconfig')
    .option('--kubeconfig <file>', 'with --cluster: the kubeconfig')
    .examples(
      [
        ['glyphoxa-kustomize secrets init production', 'then fill in what is empty'],
        ['glyphoxa-kustomize secrets init glyphoxa.yaml', 'a resource without a repository'],
        ['glyphoxa-kustomize secrets init production --cluster', 'on a machine that has no secrets.env yet'],
      ],
      'the environment has errors, or keeps its values elsewhere',
    )
    .action(
      action(context, (name: string, options: ClusterOptions, command: Command) => {
        demandCluster(options, command);
        return runInit(name, options, context);
      }),
    );
  secrets
    .command('status')
    .summary('list each secret: where it comes from, and whether it is there')
    .description(
      'Lists each key that the pods of an environment need, where its value comes from, and whether it is there. What only the cluster can tell is asked of it with --cluster; of Secrets only the names of their keys are kept.',
    )
    .argument('<environment>', 'the name of an environment, or the file of a resource that is deployed alone')
    .folder()
    .option('--cluster', 'ask the cluster for the keys of its Secrets')
    .option('--context <name>', 'with --cluster: the context of the kubeconfig')
    .option('--kubeconfig <file>', 'with --cluster: the kubeconfig')
    .output()
    .examples(
      [
        ['glyphoxa-kustomize secrets status production', 'what this machine knows'],
        ['glyphoxa-kustomize secrets status production --cluster -o json', 'and what the cluster has'],
      ],
      'a value that is needed is missing',
    )
    .action(
      action(context, (name: string, options: StatusOptions, command: Command) => {
        demandCluster(options, command);
        return runStatus(name, options, context);
      }),
    );
}

function demandCluster({ cluster, context, kubeconfig }: ClusterOptions, command: Command): void {
  if (cluster === true) return;
  if (context !== undefined) command.error('error: --context needs --cluster');
  if (kubeconfig !== undefined) command.error('error: --kubeconfig needs --cluster');
}

async function runInit(name: string, options: ClusterOptions, context: Context): Promise<number> {
  const { io, texts } = context;
  const { folderWords } = await import('../../tree/disk.ts');
  const { handMadeCommands } = await import('../../secrets/local-files.ts');
  const { initSecrets } = await import('../../secrets/init.ts');
  const { appFile } = await import('../../objects/app-file.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const { secretValues } = await import('../../lifecycle/state/secret-keys.ts');
  const { tree, environment } = await readNamed(name, options, context);
  const sources = { env: io.env, folder: tree.root };
  const ask = options.cluster ? await asking(environment, options, io, secretValues) : undefined;
  const { changes, empty, findings, random, taken, unset } = await initSecrets(
    tree,
    environment,
    sources,
    ask,
  );
  printFindings(findings, io, texts);
  for (const { path, what } of changes) io.stdout.write(`${what} ${tree.show(path)}\n`);
  const { config, folder } = environment;
  if (changes.length === 0 && unset.length === 0)
    say(io, 'every key is there already; nothing was written', 'success');
  if (taken.length > 0) say(io, `taken over from the cluster: ${taken.join(', ')}`);
  if (random.length > 0) say(io, `made up: ${random.join(', ')}`);
  if (empty.length > 0) say(io, `still empty, fill in: ${empty.join(', ')}`);
  if (unset.length > 0) say(io, `not set, set for "build" and "apply": ${unset.join(', ')}`);
  const { provider } = config.spec.secrets;
  const isInSecret = appFile(config).place === 'secret';
  if (isInSecret && empty.some((key) => appFile(config).keys.includes(key)))
    say(io, 'then run this again: it writes the configuration file, which keys belong into');
  if (provider === 'existing') {
    const { kubeconfig, context } = options;
    const advised = handMadeCommands(tree, folder, config).map((line) =>
      led(advise('initialized-existing')`${{ line }}`, { kubeconfig, context }),
    );
    const when = empty.length > 0 ? 'then' : 'now';
    say(io, `${when}, and after each change, write the Secret: ${advised.join(' and ')}`);
  } else if (provider === 'sealed-secrets') {
    const command = advise(
      'initialized-sealed',
    )`glyphoxa-kustomize seal ${name} ${folderWords(tree, '--dir')}`;
    say(io, `seal the values with ${command}`);
  }
  return exitCodes.done;
}

async function runStatus(name: string, options: StatusOptions, context: Context): Promise<number> {
  const { io, texts } = context;
  const { secretStatus } = await import('../../secrets/status.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const { tree, environment } = await readNamed(name, options, context);
  const sources = { env: io.env, folder: tree.root };
  const { secretKeys } = await import('../../lifecycle/state/secret-keys.ts');
  const ask = options.cluster ? await asking(environment, options, io, secretKeys) : undefined;
  const status = await secretStatus(tree, environment, sources, ask);
  printFindings(status.findings, io, texts);
  const { rows } = status;
  if (options.output === 'json') io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (rows.length === 0) say(io, 'no secret is needed');
  else {
    const { plainTable } = await import('../print/text-table.ts');
    io.stdout.write(plainTable(cellsOf(rows), io.stdout));
  }
  const lacking = rows.filter(({ state, required }) => required && isLacking(state));
  if (lacking.length > 0) {
    const keys = lacking.map(({ secret, key }) => `${secret}/${key}`);
    say(io, `not there: ${keys.join(', ')}`);
  }
  const hasError = status.findings.some(({ severity }) => severity === 'error');
  return lacking.length > 0 || hasError ? exitCodes.wrongInput : exitCodes.done;
}

/** What a word on the command line stands for: an environment of the tree, or the file of a resource that has none. */
async function readNamed(
  word: string,
  { dir }: ClusterOptions,
  { io, texts }: Context,
): Promise<{ tree: Tree; environment: SecretEnvironment }> {
  const { statSync } = await import('node:fs');
  const { basename, dirname, resolve } = await import('node:path');
  const { openTree } = await import('../../tree/disk.ts');
  const { readAlone, readEnvironment } = await import('../../secrets/environment.ts');
  const { environmentsBeside } = await import('../../config/files.ts');
  const isFile =
    !environmentsBeside(dir, io.cwd).includes(word) &&
    statSync(resolve(io.cwd, word), { throwIfNoEntry: false })?.isFile() === true;
  const tree = openTree(isFile ? dirname(word) : dir, io.cwd);
  const environment = isFile
    ? await readAlone(tree, basename(word), texts)
    : await readEnvironment(tree, word, texts);
  return { tree, environment };
}

/** How Secrets of the cluster that an environment is for are read. */
async function asking<T>(
  { config, name }: SecretEnvironment,
  { context, kubeconfig }: ClusterOptions,
  io: Io,
  read: (client: Client, namespace: string, secret: string) => Promise<T>,
): Promise<(namespace: string, secret: string) => Promise<T>> {
  const { withCluster } = await import('../../lifecycle/session/open-cluster.ts');
  const { failure } = await import('../../model/finding.ts');
  const pinned = { name, context: config.spec.core.context };
  const choice = {
    env: io.env,
    cwd: io.cwd,
    ...(context === undefined ? {} : { context }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  };
  return (namespace, secret) =>
    withCluster(choice, pinned, async (client) => {
      try {
        return await read(client, namespace, secret);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        const message = `the cluster does not say what ${secret} has: ${why}`;
        throw failure('cluster-unreachable', message, 'check the kubeconfig, and the right to get Secrets');
      }
    });
}

function isLacking(state: SecretState): boolean {
  return state === 'missing' || state === 'empty' || state === 'stale';
}

function cellsOf(rows: readonly SecretRow[]): string[][] {
  return [
    ['SECRET', 'KEY', 'STATE', 'FROM', 'PATH'],
    ...rows.map(({ secret, key, state, from, path, required }) => [
      secret,
      key,
      required || state === 'there' ? state : `${state} (optional)`,
      from,
      path,
    ]),
  ];
}
