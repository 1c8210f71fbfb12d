/** Publishes the tenants of a fleet: a tag each in one repository, with all that the tenant is built from. */
import { tenantNamed } from '../config/fleet.ts';
import { type Wave, wavesOf, wholeFindings } from '../config/fleet-waves.ts';
import { Failure, type Finding, failure, hasErrors } from '../model/finding.ts';
import { type Contents, contentsOf } from '../tree/contents.ts';
import { sharedTenantFolder, tenantFolder } from '../tree/layout.ts';
import { findTenant, openFleet } from '../tree/tenants/build.ts';
import { fleetStaleness } from '../tree/tenants/stale.ts';
import { commitOf } from './git.ts';
import { type Prepared, pack, type Request, unfit } from './publish.ts';
import { type Reference, readReference } from './reference.ts';

/** Which tenants are published: one, those of a wave, or all. */
export interface Selection {
  readonly tenant?: string;
  readonly wave?: string;
}

/** A fleet, ready to be published tenant by tenant. */
export interface PreparedFleet {
  /** The tenants that were asked for, in the order in which they are published. */
  readonly waves: readonly Wave[];
  /** The repository, as the address or the file says; its tag is to be that of a tenant. */
  readonly reference: Reference;
  readonly warnings: readonly Finding[];
  /** Makes the artifact of a tenant. @throws Failure with everything that keeps it from being published */
  prepare(id: string): Promise<Prepared>;
}

/**
 * Reads a fleet for publishing. Sends nothing.
 *
 * @param address the repository; @default the one that the file names
 * @throws Failure where nothing of it can be published
 */
export async function prepareFleet(
  request: Omit<Request, 'environment'>,
  selection: Selection,
  address: string | undefined,
): Promise<PreparedFleet> {
  const { tree, env, texts } = request;
  const open = await openFleet(tree, texts);
  const { fleet } = open;
  const whole = wholeFindings(fleet);
  if (hasErrors(whole)) throw new Failure(whole);
  const reference = repositoryOf(address ?? addressIn(fleet.engine));
  const staleness = await fleetStaleness(open);
  const shared = contentsOf(tree, sharedTenantFolder);
  const wrong = [...staleness.below, ...unfit(tree, shared)];
  if (wrong.length > 0) throw new Failure(wrong);
  const waves = selected(open.fleet, selection);
  const commit = await commitOf(tree, ['.'], env);
  return {
    waves,
    reference,
    warnings: whole,
    async prepare(id) {
      const found = await findTenant(open, id);
      const { findings } = found.validated;
      if (hasErrors(findings)) throw new Failure(findings);
      const folder = tenantFolder(id);
      const contents = contentsOf(tree, folder, new Map([[sharedTenantFolder, shared]]));
      const faults = [...staleness.of(found), ...unfit(tree, without(contents, shared))];
      if (faults.length > 0) throw new Failure(faults);
      return { ...(await pack(request, folder, folder, contents, commit)), warnings: findings };
    },
  };
}

function selected(fleet: Parameters<typeof wavesOf>[0], { tenant, wave }: Selection): Wave[] {
  if (tenant === undefined) return wavesOf(fleet, wave);
  return [{ name: undefined, tenants: [tenantNamed(fleet, tenant).id] }];
}

function addressIn(engine: Parameters<typeof wavesOf>[0]['engine']): string {
  const registry = typeof engine === 'object' && engine.kind === 'flux' ? engine.flux.registry : undefined;
  if (registry !== undefined) return registry.url;
  const hint = 'write oci://HOST/REPOSITORY, or name it in tenants.yaml as engine.flux.registry.url';
  throw failure('registry-address', 'there is no address to publish to', hint);
}

/** A repository whose tags are the ids of tenants. */
function repositoryOf(address: string): Reference {
  const reference = readReference(address);
  if (!/:[^/]*$/.test(address.replace(/^oci:\/\//, '').replace(/^[^/]*/, ''))) return reference;
  const hint = 'leave the tag out: each tenant has one, which is its id';
  throw failure('registry-address', 'the address of a fleet names a tag', hint);
}

/** What was looked through once, for all tenants, is not looked through again. */
function without({ files, kustomizations, findings }: Contents, known: Contents): Contents {
  const own = <T>(all: Map<string, T>, others: Map<string, unknown>) =>
    new Map([...all].filter(([file]) => !others.has(file)));
  return {
    files: own(files, known.files),
    kustomizations: own(kustomizations, known.kustomizations),
    findings: findings.filter((finding) => !known.findings.includes(finding)),
  };
}
