/**
 * The optional parts of a deployment, each once. What has to follow from an entry does: its objects are built
 * where the part is on, the tree has a component for it and nothing of it in the base, environments list it.
 * To add one: an entry, its builder, and its section of the schema with `enabled`.
 */
import type { Config } from '../config/schema/resource.ts';
import type { KubernetesObject } from '../model/object.ts';
import { autoscaling } from './autoscaling.ts';
import {
  type Infrastructure,
  postgresql,
  postgresqlOperator,
  sealedSecretsController,
} from './infrastructure.ts';
import { ingress, ingressPolicy } from './ingress.ts';
import { mcpGateway } from './mcp-gateway.ts';
import { mcpMonitoring, monitoring } from './monitoring.ts';
import { mcpPolicies, networkPolicies } from './network-policy.ts';
import type { Texts } from './texts.ts';

type Spec = Config['spec'];

/** The sections of `spec` that are switched on and off as a whole. */
export type Section = { [S in keyof Spec]: Spec[S] extends { enabled: boolean } ? S : never }[keyof Spec];

/** A part that is a component of every environment's deployment. */
interface ComponentPart {
  /** Also the name of its component's folder. */
  readonly name: string;
  /** Sections that must be on too; what two parts have between them is a part of its own. */
  readonly with?: readonly Section[];
  readonly objects: (config: Config, texts: Texts) => KubernetesObject[];
}

/** A part that a cluster or a namespace has once, beside the environments. */
interface InfrastructurePart {
  readonly name: string;
  /** Operators come first: the rest needs their CustomResourceDefinitions. */
  readonly stage: 'operators' | 'database';
  /** Of a database's part: the only provider that has it. */
  readonly provider?: Spec['postgresql']['provider'];
  readonly build: (config: Config) => Infrastructure;
}

/**
 * The parts by the section that switches them, in the order in which components are listed. A section with
 * `enabled` that is not here does not compile.
 */
const table = {
  mcpGateway: [{ name: 'mcp-gateway', objects: mcpGateway }],
  networkPolicy: [
    { name: 'network-policy', objects: networkPolicies },
    { name: 'mcp-network-policy', with: ['mcpGateway'], objects: mcpPolicies },
  ],
  autoscaling: [{ name: 'autoscaling', objects: autoscaling }],
  ingress: [
    { name: 'ingress', objects: ingress },
    { name: 'ingress-network-policy', with: ['networkPolicy'], objects: ingressPolicy },
  ],
  monitoring: [
    { name: 'monitoring', objects: monitoring },
    { name: 'mcp-monitoring', with: ['mcpGateway'], objects: mcpMonitoring },
  ],
  postgresql: [
    {
      name: 'postgresql-operator',
      stage: 'operators',
      provider: 'cloudnative-pg',
      build: postgresqlOperator,
    },
    { name: 'postgresql', stage: 'database', build: postgresql },
  ],
  sealedSecrets: [{ name: 'sealed-secrets', stage: 'operators', build: sealedSecretsController }],
  // Changes what is there and adds no object.
  vault: [],
} as const satisfies { readonly [S in Section]: readonly (ComponentPart | InfrastructurePart)[] };

type Row<S extends Section> = (typeof table)[S][number];

/** The name of a component, which is also its folder's. */
export type ComponentName = Extract<Row<Section>, { objects: unknown }>['name'];

/** The name of a part of the infrastructure. */
export type InfrastructureName = Extract<Row<Section>, { stage: unknown }>['name'];

const rows = (Object.keys(table) as Section[]).flatMap((section) =>
  table[section].map((part: ComponentPart | InfrastructurePart) => ({ section, part })),
);

/** The sections of all optional parts. */
export const partSections = Object.keys(table) as readonly Section[];

/** A component, and the sections that must all be on for it to be there. */
export interface Component {
  readonly name: ComponentName;
  readonly sections: readonly Section[];
  readonly objects: ComponentPart['objects'];
}

/** The components, in the order of their lists. */
export const components: readonly Component[] = rows.flatMap(({ section, part }) =>
  'objects' in part
    ? [
        {
          name: part.name as ComponentName,
          sections: [section, ...(part.with ?? [])],
          objects: part.objects,
        },
      ]
    : [],
);

/** A part of the infrastructure, and the section that switches it. */
export interface InfrastructureEntry extends InfrastructurePart {
  readonly name: InfrastructureName;
  readonly section: Section;
}

/** The parts of the infrastructure: operators before what needs them. */
export const infrastructure: readonly InfrastructureEntry[] = rows
  .flatMap(({ section, part }) =>
    'stage' in part ? [{ ...part, name: part.name as InfrastructureName, section }] : [],
  )
  .sort((a, b) => Number(a.stage === 'database') - Number(b.stage === 'database'));

/** The components that a configuration has. */
export function componentsOf({ spec }: Config): Component[] {
  return components.filter(({ sections }) => sections.every((section) => spec[section].enabled));
}

/** A configuration in which, of all sections that switch components, exactly these are on. */
export function withSections(config: Config, on: readonly Section[]): Config {
  const switched = new Set(components.flatMap(({ sections }) => sections));
  const sections = [...switched].map((name) => [name, { ...config.spec[name], enabled: on.includes(name) }]);
  return { ...config, spec: { ...config.spec, ...Object.fromEntries(sections) } };
}

/** Why a configuration does not ask for a part of the infrastructure; undefined where it does. */
export function whyOff({ spec }: Config, { section, provider }: InfrastructureEntry): string | undefined {
  if (!spec[section].enabled) return `spec.${section}.enabled is false`;
  const other = provider !== undefined && provider !== spec.postgresql.provider;
  return other ? `spec.postgresql.provider is ${spec.postgresql.provider}` : undefined;
}
