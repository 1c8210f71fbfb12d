import type { TenantChange } from '../../editor/tenants.ts';
import type { Generated, GenerateOptions } from '../../tree/generate.ts';
import { action, type Context, exitCodes } from '../context.ts';
import type { FleetStatusOptions } from '../fleet/fleet-status.ts';
import type { Io } from '../io.ts';
import { say } from '../print/say.ts';
import { addConnectionOptions } from './shared/cluster-command.ts';
import type { Command } from './shared/command.ts';
import { recordFile } from './shared/record-file.ts';

interface Folder {
  readonly dir?: string;
}

interface ChangeOptions extends Folder, TenantChange {
  readonly template?: string;
}

interface RemoveOptions extends Folder {
  readonly yes?: true;
}

interface ListOptions extends Folder {
  readonly wave?: string;
  readonly output: 'text' | 'json';
}

/** `tenant`: the tenants of a fleet. */
export function registerTenant(program: Command, context: Context): void {
  const tenant = program
    .command('tenant')
    .summary('add, change, remove, list and look at tenants')
    .description(
      'The tenants stand in tenants.yaml; each has a folder in tenants/ that plain kustomize builds.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ glyphoxa-kustomize tenant add acme --set config.campaign.name=Acme',
    );
  registerAdd(tenant, context);
  registerSet(tenant, context);
  registerRemoveAndList(tenant, context);
  registerStatusOf(tenant, context);
}

function registerAdd(tenant: Command, context: Context): void {
  withChanges(
    tenant
      .command('add')
      .summary('add a tenant to tenants.yaml, and write its folder')
      .description(
        'Adds a tenant and writes its folder. Comments and everything else in the file stay. A tenant that would be wrong changes nothing.',
      ),
    'id',
  )
    .option('--template <environment>', 'what tenants are built on, where there is no tenants.yaml yet')
    .examples(
      [
        ['glyphoxa-kustomize tenant add acme --template dedicated', 'the first tenant'],
        ['glyphoxa-kustomize tenant add big_corp --wave canary --label plan=gold', 'one in a wave'],
        ['glyphoxa-kustomize tenant add moved --release glyphoxa-moved', 'one that comes from Helm'],
      ],
      'the tenant exists or would be wrong; nothing was written',
    )
    .action(
      action(context, (id: string, options: ChangeOptions) =>
        change(options, context, async (tree, generate) => {
          const { addTenant } = await import('../../editor/tenants.ts');
          const { schemaFor } = await import('../../tree/schema-file.ts');
          const { template } = options;
          const schema = schemaFor(tree, 'tenants', 'tenants.yaml');
          return addTenant(tree, id, options, generate, {
            ...(template === undefined ? {} : { template }),
            ...(schema === undefined ? {} : { schema }),
          });
        }),
      ),
    );
}

function registerSet(tenant: Command, context: Context): void {
  withChanges(
    tenant
      .command('set')
      .summary('change a tenant, and write its folder')
      .description(
        'Changes what is named of a tenant and writes its folder. An empty text removes a setting: --wave "". Comments and everything else in the file stay.',
      ),
    'tenant',
  )
    .repeated('--unset <path>', 'a value that the tenant sets no longer; may be repeated')
    .examples(
      [
        ['glyphoxa-kustomize tenant set acme --set gateway.replicaCount=2', 'one value'],
        ['glyphoxa-kustomize tenant set acme --unset gateway.replicaCount', 'as all others have it'],
      ],
      'there is no such tenant, or it would be wrong; nothing was written',
    )
    .action(
      action(context, (id: string, options: ChangeOptions) =>
        change(options, context, async (tree, generate) => {
          const { setTenant } = await import('../../editor/tenants.ts');
          return setTenant(tree, id, options, generate);
        }),
      ),
    );
}

function registerRemoveAndList(tenant: Command, context: Context): void {
  tenant
    .command('remove')
    .summary('take a tenant out of tenants.yaml, with what was written for it')
    .description(
      'Takes a tenant out of the file and removes what was written for it. The cluster is not touched: its deployment, namespace, Secret and database stay.',
    )
    .argument('<tenant>', 'the tenant')
    .option('--yes', 'do it; without this it is only said what would be done')
    .folder('tenants.yaml')
    .examples(
      [['glyphoxa-kustomize tenant remove acme --yes', 'when its deployment was destroyed']],
      'there is no such tenant, or --yes is missing; nothing was written',
    )
    .action(action(context, (id: string, options: RemoveOptions) => runRemove(id, options, context)));
  tenant
    .command('list')
    .summary('list the tenants')
    .description('Lists the tenants with their namespace, wave, release and labels.')
    .option('--wave <wave>', 'those of one wave')
    .folder('tenants.yaml')
    .output()
    .examples([['glyphoxa-kustomize tenant list --wave canary -o json', 'one wave, for programs']])
    .action(action(context, (options: ListOptions) => runList(options, context)));
}

function registerStatusOf(tenant: Command, context: Context): void {
  const kind = { timeoutMs: 60_000, outputs: ['text', 'json', 'yaml'] };
  const command = tenant
    .command('status')
    .summary('show how the tenants are, a line each')
    .description(
      'Shows of each tenant whether its pods run, which version, and why not, by few requests for all of them. "status --tenant" tells more of one: Secrets, voice sessions, warnings, drift. Changes nothing.',
    )
    .option('--wave <wave>', 'those of one wave')
    .folder('tenants.yaml');
  addConnectionOptions(command, kind)
    .examples(
      [['glyphoxa-kustomize tenant status --wave canary', 'the tenants of a wave']],
      'one of them is unhealthy, stopped or not deployed',
      'all are healthy',
      'nobody can tell of one, or the command line is wrong',
    )
    .action(
      action(context, async (options: FleetStatusOptions) => {
        const { showFleetStatus } = await import('../fleet/fleet-status.ts');
        return showFleetStatus(options, context);
      }),
    );
}

function withChanges(command: Command, id: 'id' | 'tenant'): Command {
  return command
    .argument(`<${id}>`, 'the tenant: lower-case letters, digits and _')
    .repeated('--set <path=value>', 'a value that differs; may be repeated')
    .repeated('--label <key=value>', 'a label of its objects; may be repeated')
    .option('--wave <wave>', 'its wave')
    .option('--namespace <name>', 'its namespace, where that is another one')
    .option('--release <name>', 'its own release name, where it comes from Helm')
    .folder('tenants.yaml');
}

/** Changes the file and the tree, tells what was written, and gives the exit code. */
async function change(
  { dir }: Folder,
  { io, texts }: Context,
  work: (tree: Awaited<ReturnType<typeof open>>, options: GenerateOptions) => Promise<Generated>,
): Promise<number> {
  const { hasErrors } = await import('../../model/finding.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const tree = await open(dir, io);
  const { changes, findings } = await work(tree, { texts, ...recordFile(tree, io) });
  printFindings(findings, io, texts);
  for (const { path, what } of changes) io.stdout.write(`${what} ${tree.show(path)}\n`);
  if (changes.length === 0) say(io, 'nothing changed');
  return hasErrors(findings) ? exitCodes.wrongInput : exitCodes.done;
}

/** The tree. @throws Failure where there is neither a fleet nor a resource to begin one on */
async function open(dir: string | undefined, io: Io) {
  const { fleetFile } = await import('../../config/fleet.ts');
  const { kindOf, openTree } = await import('../../tree/disk.ts');
  const { readResource } = await import('../../tree/load.ts');
  const tree = openTree(dir, io.cwd);
  if (kindOf(tree, fleetFile) === undefined) readResource(tree);
  return tree;
}

async function runRemove(id: string, options: RemoveOptions, context: Context): Promise<number> {
  const { io } = context;
  const { tenantNamed } = await import('../../config/fleet.ts');
  const { readFleetOf } = await import('../../tree/tenants/load.ts');
  const { tenantFolder } = await import('../../tree/layout.ts');
  const tree = await open(options.dir, io);
  const fleet = readFleetOf(tree, new Map());
  const stays = fleet === undefined ? '' : tenantNamed(fleet, id).namespace;
  if (stays !== '')
    say(
      io,
      `${tree.show(tenantFolder(id))} goes. In the cluster everything stays: the deployment, the namespace ${stays}, its Secret and its database`,
    );
  if (options.yes !== true && fleet !== undefined) {
    say(io, 'nothing was done: say --yes');
    return exitCodes.wrongInput;
  }
  return change(options, context, async (at, generate) => {
    const { removeTenant } = await import('../../editor/tenants.ts');
    return removeTenant(at, id, generate);
  });
}

async function runList({ dir, wave, output }: ListOptions, { io, texts }: Context): Promise<number> {
  const { readFleetOf } = await import('../../tree/tenants/load.ts');
  const { failure, hasErrors } = await import('../../model/finding.ts');
  const { printFindings } = await import('../print/print-findings.ts');
  const fleet = readFleetOf(await open(dir, io), texts);
  if (fleet !== undefined) printFindings(fleet.findings, io, texts);
  if (wave !== undefined && !fleet?.waves.includes(wave)) {
    const hint = `the waves are ${fleet?.waves.join(', ') || 'none'}`;
    throw failure('unknown-wave', `${JSON.stringify(wave)} is not among the waves`, hint);
  }
  const tenants = (fleet?.tenants ?? []).filter((tenant) => wave === undefined || tenant.wave === wave);
  const listed = tenants.map(({ id, namespace, wave: own, release, labels }) => {
    const { 'glyphoxa.io/tenant': _, ...others } = labels;
    return {
      id,
      namespace,
      ...(own === undefined ? {} : { wave: own }),
      ...(release === undefined ? {} : { release }),
      labels: others,
    };
  });
  const isWrong = fleet !== undefined && hasErrors(fleet.findings);
  if (output === 'json') io.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
  else if (listed.length === 0) {
    if (tenants.length < (fleet?.tenants.length ?? 0)) say(io, `no tenant is in the wave ${wave}`);
    else if (!isWrong) say(io, 'there is no tenant: make one with "tenant add"');
  } else {
    const rows = listed.map(({ id, namespace, wave: own, release, labels }) => {
      const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      return [id, namespace, own ?? '-', release ?? '-', pairs.join(',') || '-'];
    });
    const { plainTable } = await import('../print/text-table.ts');
    io.stdout.write(plainTable([['ID', 'NAMESPACE', 'WAVE', 'RELEASE', 'LABELS'], ...rows], io.stdout));
  }
  return isWrong ? exitCodes.wrongInput : exitCodes.done;
}
