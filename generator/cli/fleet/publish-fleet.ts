/** `publish` of the tenants of a fleet: some at the same time, wave after wave. */
import type { Outcome } from '../../lifecycle/session/run-waves.ts';
import { Failure } from '../../model/finding.ts';
import type { PreparedFleet } from '../../publish/fleet.ts';
import type { Prepared } from '../../publish/publish.ts';
import { type Context, exitCodes } from '../context.ts';
import type { Io } from '../io.ts';

/** What is asked for. */
export interface PublishFleetOptions {
  readonly tenant?: string;
  readonly wave?: string;
  readonly rendered: boolean;
  readonly dryRun: boolean;
  readonly dir?: string;
  readonly output: 'text' | 'json';
  readonly parallel: number;
}

/** What came of a tenant. */
interface PublishedTenant {
  readonly reference: string;
  readonly digest: string;
  readonly path: string;
  readonly sent: boolean;
  readonly moved: boolean;
}

/** Publishes tenants and tells of each; gives the exit code. */
export async function publishFleet(
  address: string | undefined,
  options: PublishFleetOptions,
  { io, texts }: Context,
): Promise<number> {
  const { prepareFleet } = await import('../../publish/fleet.ts');
  const { runWaves } = await import('../../lifecycle/session/run-waves.ts');
  const { openTree } = await import('../../tree/disk.ts');
  const { createFleetText } = await import('./fleet-text.ts');
  const { listenForInterrupts } = await import('../interrupts.ts');
  const { rendered, dir, parallel, tenant, wave } = options;
  const tree = openTree(dir, io.cwd);
  const selection = { ...(tenant === undefined ? {} : { tenant }), ...(wave === undefined ? {} : { wave }) };
  const request = { tree, rendered, cwd: io.cwd, env: io.env, texts };
  const fleet = await prepareFleet(request, selection, address);
  const summarize = (value: unknown) => saidOf(value as PublishedTenant, options.dryRun);
  const report = createFleetText({
    io,
    lines: io.stderr,
    texts,
    summarize,
    isResumable: true,
    led: (one) => one,
  });
  report.whole.findings(fleet.warnings);
  const controller = new AbortController();
  const interrupts = listenForInterrupts(io, (reason) => {
    controller.abort(reason);
    report.whole.say('interrupted; no other tenant is begun');
  });
  try {
    const push = await pusher(fleet, options, io);
    const work = async (id: string) => {
      const prepared = await fleet.prepare(id);
      report.of(id).findings(prepared.warnings);
      return push(id, prepared);
    };
    const events: typeof report = {
      ...report,
      ends(id, outcome) {
        report.ends(id, outcome);
        // what is wrong with the registry is wrong for all of them, and may take a minute to find out
        if (outcome.state === 'failed' && isOfRegistry(outcome.error)) controller.abort();
      },
    };
    const run = { parallel, signal: controller.signal, stops: true, work, events };
    const outcomes = await runWaves<PublishedTenant>(fleet.waves, run);
    report.end(outcomes);
    io.stdout.write(options.output === 'json' ? await asJson(outcomes, fleet, options) : asText(outcomes));
    const isDone = [...outcomes.values()].every(({ state }) => state === 'done');
    return interrupts.code ?? (isDone ? exitCodes.done : exitCodes.wrongInput);
  } finally {
    report.settle();
    interrupts.ignore();
  }
}

function isOfRegistry(error: unknown): boolean {
  return error instanceof Failure && error.findings.some(({ code }) => code.startsWith('registry-'));
}

/** Pushes the artifact of a tenant by its tag; all of them log in once. */
async function pusher({ reference }: PreparedFleet, { dryRun }: PublishFleetOptions, io: Io) {
  const { formatReference } = await import('../../publish/reference.ts');
  const told = (id: string, { path }: Prepared, digest: string) => ({
    reference: formatReference({ ...reference, tag: id }, digest),
    digest,
    path,
  });
  if (dryRun)
    return async (id: string, prepared: Prepared): Promise<PublishedTenant> => ({
      ...told(id, prepared, prepared.artifact.manifest.digest),
      sent: false,
      moved: false,
    });
  const { credentialsFor } = await import('../../publish/credentials.ts');
  const { pushChanged } = await import('../../publish/push.ts');
  const { openRepository, withTag } = await import('../../publish/registry.ts');
  let credentials: ReturnType<typeof credentialsFor> | undefined;
  const repository = openRepository(reference, () => {
    credentials ??= credentialsFor(reference.host, io.env);
    return credentials;
  });
  return async (id: string, prepared: Prepared): Promise<PublishedTenant> => {
    const { digest, sent, moved } = await pushChanged(withTag(repository, id), prepared.artifact);
    return { ...told(id, prepared, digest), sent, moved };
  };
}

function saidOf({ sent, moved }: PublishedTenant, dryRun: boolean): string {
  if (dryRun) return 'would be published';
  if (sent) return 'published';
  return moved ? 'was there already; the tag was moved' : 'was there already; nothing was sent';
}

/** The addresses of what is there now, one a line. */
function asText(outcomes: ReadonlyMap<string, Outcome<PublishedTenant>>): string {
  const lines = [...outcomes.values()].map((outcome) =>
    outcome.state === 'done' ? `${outcome.value.reference}\n` : '',
  );
  return lines.join('');
}

async function asJson(
  outcomes: ReadonlyMap<string, Outcome<PublishedTenant>>,
  { waves }: PreparedFleet,
  { rendered, dryRun }: PublishFleetOptions,
): Promise<string> {
  const { findingsOf } = await import('../commands/shared/cluster-errors.ts');
  const { findingsAsJson } = await import('../print/print-findings.ts');
  const { countsOf } = await import('./fleet-counts.ts');
  const tenants = waves.flatMap(({ name, tenants: ids }) =>
    ids.map((tenant) => {
      const outcome = outcomes.get(tenant) ?? { state: 'not-begun' as const };
      const failed = outcome.state === 'failed' ? JSON.parse(findingsAsJson(findingsOf(outcome.error))) : {};
      return {
        tenant,
        ...(name === undefined ? {} : { wave: name }),
        state: outcome.state,
        ...(outcome.state === 'done' ? outcome.value : failed),
      };
    }),
  );
  return `${JSON.stringify({ rendered, dryRun, ...countsOf(outcomes), tenants }, null, 2)}\n`;
}
