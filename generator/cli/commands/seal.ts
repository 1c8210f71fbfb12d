import type { Config } from '../../config/schema/resource.ts';
import { advise } from '../../model/command.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import { say } from '../print/say.ts';
import { type AllowEnv, allowEnvOption } from './shared/allow-env.ts';
import type { Command } from './shared/command.ts';

export interface SealOptions extends AllowEnv {
  readonly dir?: string;
  readonly cert?: string;
  readonly fetch?: true;
  readonly context?: string;
  readonly controllerName?: string;
  readonly key: readonly string[];
  readonly all?: true;
}

/** `seal`: the secret values of an environment, encrypted for the controller in the cluster. */
export function registerSeal(program: Command, context: Context): void {
  program
    .command('seal')
    .summary('encrypt the secret values of an environment into its config.yaml')
    .description(
      "Encrypts the values that the resource's sources and secrets.env give, with the certificate of the sealed-secrets controller, into spec.secrets.sealed of overlays/<environment>/config.yaml. Only what changed since it was sealed on this machine is sealed again. Needs no cluster with --cert.",
    )
    .argument('<environment>', 'the name of an environment')
    .option('--cert <file>', "the controller's certificate; - for standard input; else $SEALED_SECRETS_CERT")
    .option('--fetch', 'get the certificate from the running controller')
    .option('--context <name>', 'with --fetch: the context of the kubeconfig')
    .option('--controller-name <name>', 'with --fetch: the name of the controller')
    .repeated('--key <key>', 'seal this key only; may be repeated')
    .addOption(allowEnvOption())
    .option('--all', 'seal every value again, after the controller got a new key, say')
    .folder()
    .examples(
      [
        ['glyphoxa-kustomize seal production --fetch', 'with the certificate of the cluster'],
        ['glyphoxa-kustomize seal production --cert sealing.pem --key admin-key', 'one value, offline'],
      ],
      'a value or the certificate is missing or not usable; nothing was written',
    )
    .action(
      action(context, (name: string, options: SealOptions, command: Command) => {
        if (options.cert !== undefined && options.fetch)
          command.error('error: use --cert or --fetch, not both');
        if (options.context !== undefined && !options.fetch) command.error('error: --context needs --fetch');
        return runSeal(name, options, context);
      }),
    );
}

async function runSeal(name: string, options: SealOptions, { io, texts }: Context): Promise<number> {
  const { folderWords, openTree } = await import('../../tree/disk.ts');
  const { sealEnvironment } = await import('../../secrets/seal-environment.ts');
  const { sealingKey } = await import('../../secrets/certificate.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const tree = openTree(options.dir, io.cwd);
  const key = async (config: Config) => {
    const { pem, shown } = await certificate(name, options, config, io);
    return sealingKey(pem, shown, new Date());
  };
  const { all, key: keys } = options;
  const settings = {
    key,
    sources: {
      env: io.env,
      folder: tree.root,
      ...(options.allowEnv === undefined ? {} : { allowEnv: options.allowEnv }),
    },
    ...(keys.length === 0 ? {} : { only: keys }),
    ...(all === true ? { all } : {}),
  };
  const { sealed, unchanged, findings } = await sealEnvironment(tree, name, settings, texts);
  printFindings(findings, io, texts);
  for (const each of sealed) io.stdout.write(`sealed ${each}\n`);
  for (const each of unchanged) io.stdout.write(`unchanged ${each}\n`);
  if (sealed.length > 0)
    say(
      io,
      `now run ${advise('sealed')`glyphoxa-kustomize generate ${folderWords(tree)}`} and commit what changed`,
    );
  return exitCodes.done;
}

/** The certificate, from a file, standard input or the cluster. */
export async function certificate(
  name: string,
  { cert, fetch, context, controllerName }: SealOptions,
  { spec }: Config,
  io: Io,
): Promise<{ pem: string; shown: string }> {
  const { failure } = await import('../../model/finding.ts');
  if (fetch) {
    const { fetchCertificate } = await import('../../lifecycle/state/sealing-certificate.ts');
    const { sealingController } = await import('../../objects/infrastructure.ts');
    const controller = { name: controllerName ?? sealingController, namespace: spec.sealedSecrets.namespace };
    const { withCluster } = await import('../../lifecycle/session/open-cluster.ts');
    const choice = { env: io.env, cwd: io.cwd, ...(context === undefined ? {} : { context }) };
    const pinned = { name, context: spec.core.context };
    const pem = await withCluster(choice, pinned, (client) => fetchCertificate(controller, client));
    return { pem, shown: `${controller.namespace}/${controller.name}` };
  }
  const file = cert ?? io.env.SEALED_SECRETS_CERT;
  if (file === undefined || file === '') {
    const hint = 'give it with --cert, or get it from the cluster with --fetch';
    throw failure('no-certificate', "sealing needs the controller's certificate", hint);
  }
  if (file === '-') {
    const { readStream } = await import('./shared/read-text.ts');
    return { pem: await readStream(io.stdin), shown: 'standard input' };
  }
  const { readFile, whyUnreadable } = await import('../../model/read-file.ts');
  const { resolve } = await import('node:path');
  try {
    return { pem: readFile(resolve(io.cwd, file)).toString('utf8'), shown: file };
  } catch (error) {
    throw failure(
      'certificate-unreadable',
      `${file} ${whyUnreadable(error)}`,
      'check the path and its permissions',
    );
  }
}
