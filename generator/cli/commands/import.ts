import { Option } from 'commander';
import type { Config } from '../../config/schema/resource.ts';
import { isTenantId } from '../../config/tenant-id.ts';
import { advise } from '../../model/command.ts';
import type { ChartFacts, Converted } from '../../moving/chart-values.ts';
import type { Aim } from '../../moving/draft.ts';
import type { Values } from '../../moving/places.ts';
import type { SecretsWay } from '../../moving/secrets.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';
import type { Command } from './shared/command.ts';

interface ImportFlags {
  readonly dir: string;
  readonly environment: string;
  readonly release?: string;
  readonly namespace?: string;
  readonly image?: string;
  readonly secrets?: SecretsWay;
  readonly cert?: string;
}

interface HelmFlags extends ImportFlags {
  readonly set: readonly string[];
  readonly setString: readonly string[];
  readonly fromRelease?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly tenant?: string;
}

interface ZhiFlags extends ImportFlags {
  readonly components?: string;
}

/** `import`: a resource and an environment of what Helm or zhi deploy now. */
export function registerImport(program: Command, context: Context): void {
  const group = program
    .command('import')
    .summary('begin a repository with what Helm or zhi deploys')
    .description(
      'Writes a resource and an environment that mean the same as what deploys Glyphoxa now, and the tree that follows. What has no counterpart is listed with its place. Nothing is overwritten, and nothing in a cluster is changed. Secret values are not copied: the resource refers to the Secret that is there.',
    )
    .addHelpText('after', '\nExample:\n  $ glyphoxa-kustomize import helm values.yaml --release glyphoxa');
  registerHelm(group, context);
  registerZhi(group, context);
}

const refused = 'the values have errors, or there is a resource already; nothing was written';

function registerHelm(group: Command, context: Context): void {
  const helm = group
    .command('helm')
    .summary('begin a repository with the values of a Helm release')
    .description(
      "Reads files of values in the order in which helm got them, the last one wins, and --set and --set-string in helm's own grammar; or what Helm remembers of a release in the cluster.",
    )
    .argument('[values...]', 'files of values; none for the values of the chart')
    .repeated('--set <assignments>', 'values as for helm: a.b=c,d[0].e=f')
    .repeated('--set-string <assignments>', 'the same, and each value is a text')
    .option('--from-release <name>', 'read the values from the record of this release in the cluster')
    .option('--context <name>', 'with --from-release: the context of the kubeconfig')
    .option('--kubeconfig <file>', 'with --from-release: the kubeconfig')
    .option('--tenant <id>', 'add it as a tenant to the tenants.yaml of --dir');
  addShared(helm)
    .examples(
      [
        [
          'glyphoxa-kustomize import helm values.yaml prod.yaml --set image.tag=1a2b3c4',
          'what helm got, in its order',
        ],
        [
          'glyphoxa-kustomize import helm --from-release acme -n acme --dir acme',
          'what Helm remembers, into a folder of its own',
        ],
        [
          'glyphoxa-kustomize import helm acme.yaml --tenant acme',
          'a dedicated tenant, into the fleet that is there',
        ],
      ],
      refused,
    )
    .action(
      action(context, (files: string[], options: HelmFlags, command: Command) => {
        demandCert(options, command);
        demandSource(files, options, command);
        if (options.tenant !== undefined && !isTenantId(options.tenant))
          command.error(`error: ${JSON.stringify(options.tenant)} is no id of a tenant`);
        if (options.tenant !== undefined && options.secrets !== undefined)
          command.error('error: --secrets does not go with --tenant: its Secret stays where it is');
        return runHelm(files, options, context);
      }),
    );
}

function registerZhi(group: Command, context: Context): void {
  const zhi = group
    .command('zhi')
    .summary('begin a repository with the store of a zhi workspace')
    .description(
      'Reads the store of the Glyphoxa workspace of zhi, as JSON or YAML: slash paths with their values. Which components are on stands in a file beside it.',
    )
    .argument('<file>', 'the file of the store')
    .option(
      '--components <file>',
      'the file that says which components are on: a map of names and true or false',
    );
  addShared(zhi)
    .examples(
      [
        [
          'glyphoxa-kustomize import zhi .zhi/store/glyphoxa.json --dir deployment',
          'the store of a workspace',
        ],
        ['glyphoxa-kustomize import zhi store.yaml --components components.json', 'with its components'],
      ],
      refused,
    )
    .action(
      action(context, (file: string, options: ZhiFlags, command: Command) => {
        demandCert(options, command);
        return runZhi(file, options, context);
      }),
    );
}

function addShared(command: Command): Command {
  return command
    .option('--release <name>', 'the name of the release')
    .option('-n, --namespace <name>', 'the namespace of the release')
    .option('--image <image>', 'the image to run instead of the one in the values, with its tag or digest')
    .option('--dir <folder>', 'the folder that is written; made where it does not exist', '.')
    .option('--environment <name>', 'the environment that is written', 'production')
    .addOption(
      new Option(
        '--secrets <where>',
        'copy secret values: into a file that git ignores, or encrypted into the environment too',
      ).choices(['secrets.env', 'sealed']),
    )
    .option('--cert <file>', "with --secrets sealed: the controller's certificate");
}

function demandCert({ secrets, cert }: ImportFlags, command: Command): void {
  if (secrets === 'sealed' && cert === undefined) command.error('error: --secrets sealed needs --cert');
  if (secrets !== 'sealed' && cert !== undefined) command.error('error: --cert needs --secrets sealed');
}

function demandSource(files: readonly string[], options: HelmFlags, command: Command): void {
  const { fromRelease, release, context, kubeconfig } = options;
  if (fromRelease === undefined) {
    if (context !== undefined) command.error('error: --context needs --from-release');
    if (kubeconfig !== undefined) command.error('error: --kubeconfig needs --from-release');
  } else {
    if (files.length > 0) command.error('error: --from-release takes the place of files');
    if (release !== undefined) command.error('error: --from-release names the release already');
  }
}

async function runHelm(files: readonly string[], options: HelmFlags, context: Context): Promise<number> {
  const { io } = context;
  const { readGiven } = await import('../../moving/read.ts');
  const { convertChart } = await import('../../moving/chart-values.ts');
  const { fromRelease, set, setString, environment, image, tenant } = options;
  const { chartNames } = await import('../../moving/tenant.ts');
  const usual = tenant === undefined ? undefined : chartNames(tenant);
  const { release = fromRelease ?? usual?.release ?? 'glyphoxa' } = options;
  const { namespace = usual?.namespace ?? release } = options;
  const known =
    fromRelease === undefined ? undefined : await fromCluster(fromRelease, namespace, options, io);
  const values = readGiven({ files, set, setString }, io.cwd, known?.values);
  const aim = { release, namespace, environment };
  const converted = convertChart(values, aim, { ...known?.chart, image });
  return tenant === undefined
    ? write(converted, options, io)
    : writeTenant(converted, tenant, options.dir, context);
}

/** Adds what was converted to the fleet, and says what is next. */
async function writeTenant(
  converted: Converted,
  id: string,
  dir: string,
  { io, texts }: Context,
): Promise<number> {
  const { prepareImport } = await import('../../moving/import.ts');
  const { demandSame, tenantEntry } = await import('../../moving/tenant.ts');
  const { insertTenant } = await import('../../editor/tenants.ts');
  const { openTree } = await import('../../tree/disk.ts');
  const { tenantFolder } = await import('../../tree/layout.ts');
  const { openFleet } = await import('../../tree/tenants/build.ts');
  const { recordFile } = await import('./shared/record-file.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const prepared = await prepareImport(converted);
  const tree = openTree(dir, io.cwd);
  const entry = tenantEntry(prepared, await openFleet(tree, texts));
  const demand = (config: Config) => demandSame(prepared, id, config);
  const { changes, findings } = await insertTenant(tree, id, entry, {
    texts,
    ...recordFile(tree, io),
    demand,
  });
  for (const { path, what } of changes) io.stdout.write(`${what} ${tree.show(path)}\n`);
  printFindings([...prepared.findings, ...findings], io, texts);
  const next = advise(
    'imported/tenant',
  )`glyphoxa-kustomize apply ${tree.at(tenantFolder(id))} --adopt --dry-run`;
  io.stderr.write(`next, to see what would change: ${next}\n`);
  return exitCodes.done;
}

/** What Helm remembers of a release. */
async function fromCluster(
  name: string,
  namespace: string,
  { context, kubeconfig }: HelmFlags,
  io: Io,
): Promise<{ readonly values: Values; readonly chart: ChartFacts }> {
  const { withCluster } = await import('../../lifecycle/session/open-cluster.ts');
  const { readReleaseValues } = await import('../../lifecycle/state/release-values.ts');
  const { valuesOfRelease } = await import('../../moving/read.ts');
  const choice = {
    env: io.env,
    cwd: io.cwd,
    ...(context === undefined ? {} : { context }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  };
  const pinned = { name, context: undefined };
  const found = await withCluster(choice, pinned, (client) => readReleaseValues(client, name, namespace));
  const { defaults, appVersion, deployments } = found;
  return { values: valuesOfRelease(found.values, name), chart: { defaults, appVersion, deployments } };
}

async function runZhi(file: string, options: ZhiFlags, { io }: Context): Promise<number> {
  const { readGiven } = await import('../../moving/read.ts');
  const { convertZhi, readComponents } = await import('../../moving/zhi.ts');
  const read = (name: string) => readGiven({ files: [name], set: [], setString: [] }, io.cwd);
  const store = read(file);
  const { release, namespace, environment, image, components } = options;
  const workspace = {
    environment,
    release,
    namespace,
    image,
    components: components === undefined ? undefined : readComponents(read(components)),
  };
  return write(convertZhi(store, workspace), options, io);
}

/** Writes what was converted, and says what is next. */
async function write(converted: Converted, options: ImportFlags, io: Io): Promise<number> {
  const { prepareImport, writeImport } = await import('../../moving/import.ts');
  const { folderWords, inMadeTree } = await import('../../tree/disk.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const prepared = await prepareImport(converted, await writerOf(options, io));
  const { tree, created, findings } = await inMadeTree(options.dir, io.cwd, async (made) => ({
    tree: made,
    ...(await writeImport(made, prepared)),
  }));
  for (const path of created) io.stdout.write(`create ${tree.show(path)}\n`);
  printFindings(findings, io);
  const { environment }: Aim = converted.draft.aim;
  io.stderr.write(
    `next, to see what would change: ${advise('imported')`glyphoxa-kustomize apply ${environment} --adopt --dry-run ${folderWords(tree, '--dir')}`}\n`,
  );
  return exitCodes.done;
}

async function writerOf({ secrets, cert = '' }: ImportFlags, io: Io) {
  if (secrets === undefined) return undefined;
  const { envWriter, sealingWriter } = await import('../../moving/secrets.ts');
  if (secrets === 'secrets.env') return envWriter;
  const { sealingKey } = await import('../../secrets/certificate.ts');
  const { textOf } = await import('../../moving/read.ts');
  return sealingWriter(sealingKey(textOf(cert, io.cwd), cert, new Date()));
}
