/**
 * What Flux needs to run a fleet: a Kustomization for each tenant, in the tenant's folder, and one kustomization that names
 * them all. With a registry each tenant has a source of its own, so that a tenant that did not change is not reconciled.
 */
import { createHash } from 'node:crypto';
import type { Fleet, KnownTenant, Tenant } from '../../config/fleet.ts';
import type { Flux } from '../../config/schema/engine.ts';
import type { JsonObject } from '../../model/json.ts';
import { writeYaml } from '../../model/yaml-writer.ts';
import type { Files } from '../base.ts';
import {
  engineHeader,
  engineKustomizationHeader,
  tenantHeader,
  tenantKustomizationHeader,
} from '../headers.ts';
import { engineFolder, kustomizationFile, tenantFolder } from '../layout.ts';
import { writeKustomization } from '../written.ts';
import { waveLabel } from './labels.ts';

/** The folder in a tenant's own that has its objects for Flux. */
const fluxFolder = 'flux';

/** The folder in the engine's that the gates of all waves are built from. */
const gateFolder = 'gate';

const shardLabel = 'sharding.fluxcd.io/key';

/** How soon a tenant is tried again that failed. */
const retryInterval = '2m';

/** The files of a tenant's folder. */
export function fluxTenantFiles(flux: Flux, { waves }: Fleet, tenant: Tenant): Files {
  const objects: { readonly [file: string]: JsonObject } = {
    'sync.yaml': tenantKustomization(flux, waves, tenant),
    ...(flux.registry === undefined ? {} : { 'source.yaml': tenantSource(flux, flux.registry, tenant) }),
  };
  const names = Object.keys(objects).sort();
  return new Map([
    [`${fluxFolder}/${kustomizationFile}`, kustomization(names, tenantKustomizationHeader)],
    ...names.map((file): [string, string] => [
      `${fluxFolder}/${file}`,
      writeYaml(objects[file] as JsonObject, { header: tenantHeader }),
    ]),
  ]);
}

/** The files of the engine's folder: what names all tenants, and what holds a wave back until the one before runs. */
export function fluxFiles(flux: Flux, { waves }: Fleet, tenants: readonly KnownTenant[]): Files {
  const sorted = [...tenants].sort((a, b) => (a.id < b.id ? -1 : 1));
  const gates = flux.registry === undefined ? waves.slice(0, -1) : [];
  const files: Files = new Map();
  for (const [index, wave] of gates.entries()) {
    const members = sorted.filter((tenant) => tenant.wave === wave).map(({ namespace }) => namespace);
    const before = waves[index - 1];
    const gate = gateKustomization(flux, wave, [
      ...(before === undefined ? [] : [gateName(before)]),
      ...members,
    ]);
    files.set(`flux/${gateName(wave)}.yaml`, writeYaml(gate, { header: engineHeader }));
  }
  const resources = [
    ...gates.map((wave) => `${gateName(wave)}.yaml`),
    ...sorted.map(({ id }) => `../../${tenantFolder(id)}/${fluxFolder}`),
  ];
  files.set(`flux/${kustomizationFile}`, kustomization(resources, engineKustomizationHeader));
  if (gates.length > 0) writeGate(files);
  return files;
}

function tenantKustomization(flux: Flux, waves: readonly string[], tenant: Tenant): JsonObject {
  const { namespace, source, interval, timeout, serviceAccountName, registry } = flux;
  const { kind, name } = registry === undefined ? source : { kind: 'OCIRepository', name: tenant.namespace };
  const before = registry === undefined ? waves[waves.indexOf(tenant.wave ?? '') - 1] : undefined;
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: metadataOf(flux, tenant),
    spec: {
      ...(before === undefined ? {} : { dependsOn: [{ name: gateName(before) }] }),
      interval,
      retryInterval,
      timeout,
      sourceRef: { kind, name, namespace },
      path: pathOf(registry === undefined ? flux.path : undefined, tenantFolder(tenant.id)),
      prune: true,
      wait: true,
      // a tenant that is taken out of the fleet keeps what it has in the cluster
      deletionPolicy: 'Orphan',
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    },
  };
}

function tenantSource(
  flux: Flux,
  { url, interval, provider, secretName }: NonNullable<Flux['registry']>,
  tenant: Tenant,
): JsonObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'OCIRepository',
    metadata: metadataOf(flux, tenant),
    spec: {
      interval,
      url,
      ref: { tag: tenant.id },
      provider,
      ...(secretName === undefined ? {} : { secretRef: { name: secretName } }),
    },
  };
}

function metadataOf(
  { namespace, shards = [] }: Flux,
  { id, namespace: own, wave, labels }: Tenant,
): JsonObject {
  const shard = shardOf(id, shards);
  return {
    name: own,
    namespace,
    labels: {
      ...labels,
      ...(wave === undefined ? {} : { [waveLabel]: wave }),
      ...(shard === undefined ? {} : { [shardLabel]: shard }),
    },
  };
}

/** The shard of a tenant: one that comes or goes moves only the tenants that it gets or had. */
function shardOf(id: string, shards: readonly string[]): string | undefined {
  const weight = (shard: string) => createHash('sha256').update(`${shard}\0${id}`).digest('hex');
  return [...shards].sort((a, b) => (weight(a) < weight(b) ? 1 : -1))[0];
}

/** No tenant's namespace has a dot in its name. */
function gateName(wave: string): string {
  return `wave.${wave}`;
}

/**
 * A Kustomization that is ready when all tenants of a wave are, with the very revision that is deployed: Flux compares that
 * where both have the same source. The next wave waits for it alone, so that there is one edge a tenant.
 */
function gateKustomization(flux: Flux, wave: string, members: readonly string[]): JsonObject {
  const { namespace, source, interval } = flux;
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: gateName(wave), namespace, labels: { [waveLabel]: wave } },
    spec: {
      ...(members.length === 0 ? {} : { dependsOn: members.map((name) => ({ name })) }),
      interval,
      retryInterval,
      sourceRef: { ...source, namespace },
      path: pathOf(flux.path, `${engineFolder}/${gateFolder}`),
      prune: true,
      targetNamespace: namespace,
      nameSuffix: `-${wave}`,
    },
  };
}

/** Something to apply, since a Kustomization of nothing is none. */
function writeGate(files: Files): void {
  const mark = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'glyphoxa-wave' },
    data: { about: 'The tenants of this wave run what the source of the fleet has.' },
  };
  files.set(`${gateFolder}/wave.yaml`, writeYaml(mark, { header: engineHeader }));
  files.set(`${gateFolder}/${kustomizationFile}`, kustomization(['wave.yaml'], engineKustomizationHeader));
}

function kustomization(resources: readonly string[], header: string): string {
  const value = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
  return writeKustomization({ ...value, resources: [...resources] }, header);
}

function pathOf(root: string | undefined, folder: string): string {
  return root === undefined ? `./${folder}` : `./${root}/${folder}`;
}
