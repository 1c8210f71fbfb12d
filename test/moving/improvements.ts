/**
 * What an import changes of what Helm rendered, and nothing else: the rows of the table in docs/moving.md. Each says which
 * differences it explains, by object and field, and how both sides have to be for that.
 */
import { dig, isObject, type Json } from '../../generator/model/json.ts';

/** A difference between what Helm renders and what the import makes. */
export interface Difference {
  /** The kind and the name without the release: `Deployment gateway`; of a template `Job`, of the file `config.yaml`. */
  readonly object: string;
  /** The field, as `formatFieldPath` writes it; empty for an object that only one side has. */
  readonly field: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** An improvement, and the differences that it explains. */
export interface Improvement {
  /** The first cell of its row in docs/moving.md. */
  readonly name: string;
  /** @param rolls whether pods restart for it is told by the field: it is in a pod template */
  explains(difference: Difference): boolean;
}

const pod = (field: string) => field.replace(/^spec\.template\.spec\./, '');
const inPod = ({ object, field }: Difference, pattern: RegExp) =>
  /^(?:Deployment |Job)/.test(object) && pattern.test(pod(field));
const container = String.raw`containers\[(?:gateway|mcp-gateway|worker)\]`;
const env = (name: string) => new RegExp(String.raw`^${container}\.env\[(?:${name})\]`);
const isFrom = (value: Json | undefined, secret: RegExp, key: RegExp, optional?: boolean) => {
  const reference = dig(value, ['valueFrom', 'secretKeyRef']) ?? dig(value, ['secretKeyRef']);
  if (!isObject(reference)) return false;
  return (
    secret.test(String(reference.name)) &&
    key.test(String(reference.key)) &&
    (reference.optional ?? false) === (optional ?? false)
  );
};

/** Every improvement, in the order of the documentation. */
export const improvements: readonly Improvement[] = [
  {
    name: 'Labels',
    explains: ({ field, before, after }) =>
      /^(?:spec\.template\.)?metadata\.labels(?:\["(?:app\.kubernetes\.io\/(?:managed-by|name|instance|component)|helm\.sh\/chart)"\])$/.test(
        field,
      ) &&
      (before === undefined || before === 'Helm' || before === 'glyphoxa-0.1.0') &&
      (before === undefined || after === undefined || after === 'glyphoxa-kustomize'),
  },
  {
    name: 'Flux keeps out',
    explains: ({ field, before, after }) =>
      /^metadata\.annotations(?:\["kustomize\.toolkit\.fluxcd\.io\/substitute"\])?$/.test(field) &&
      before === undefined &&
      (after === 'disabled' || dig(after, ['kustomize.toolkit.fluxcd.io/substitute']) === 'disabled'),
  },
  {
    name: 'Checksums',
    explains: ({ object, field }) =>
      /^Deployment /.test(object) &&
      /^spec\.template\.metadata\.annotations(?:\["checksum\/(?:config|job-template)"\])?$/.test(field),
  },
  {
    name: 'The configuration is always there',
    explains: (difference) => {
      const { object, field, before, after } = difference;
      if (object === 'ConfigMap config' || object === 'config.yaml')
        return field === '' && before === undefined;
      if (inPod(difference, new RegExp(`^${container}\\.args(?:\\[1\\])?$`)))
        return after === '--config=/etc/glyphoxa/config.yaml' || (Array.isArray(after) && after.length === 2);
      if (before !== undefined) return false;
      return inPod(
        difference,
        new RegExp(`^(?:volumes|${container}\\.volumeMounts)(?:\\[(?:config|/etc/glyphoxa)\\])?$`),
      );
    },
  },
  {
    name: 'A working directory',
    explains: (difference) =>
      difference.object === 'Deployment gateway' &&
      difference.before === undefined &&
      inPod(
        difference,
        /^(?:containers\[gateway\]\.(?:workingDir|volumeMounts\[\/var\/lib\/glyphoxa\])|volumes\[work\])$/,
      ),
  },
  {
    name: 'The gateway can start workers',
    explains: (difference) => {
      const { object, field, before, after } = difference;
      if (object === 'Role job-manager' && /^rules/.test(field))
        return before === undefined && JSON.stringify(after).includes('worker-job-template');
      if (/^Role(?:Binding)? job-manager$/.test(object)) return field === '' && before === undefined;
      return (
        before === undefined && inPod(difference, env('GLYPHOXA_K8S_NAMESPACE|GLYPHOXA_JOB_TEMPLATE_CM'))
      );
    },
  },
  {
    name: 'The DSN is a secret',
    explains: (difference) =>
      inPod(difference, env('GLYPHOXA_DATABASE_DSN|PGPASSWORD')) &&
      (isFrom(difference.after, /-secrets$/, /^database-dsn$/) ||
        isFrom(difference.after, /-postgresql$/, /^postgres-password$/) ||
        (difference.after === undefined && typeof difference.before === 'string') ||
        (typeof difference.after === 'string' && /^postgres:\/\/postgres@/.test(difference.after))),
  },
  {
    name: 'Keys without a switch',
    explains: (difference) =>
      inPod(difference, env('[A-Z]+_API_KEY|GLYPHOXA_GRPC_MGMT_SECRET')) &&
      (difference.after === undefined
        ? /ELEVENLABS|DEEPGRAM/.test(difference.field)
        : difference.after === true || isFrom(difference.after, /-secrets$/, /-(?:api-key|secret)$/, true)),
  },
  {
    name: 'Required secrets are required',
    explains: (difference) =>
      inPod(difference, env('GLYPHOXA_ADMIN_KEY|VAULT_TOKEN')) &&
      difference.before === true &&
      difference.after === undefined,
  },
  {
    name: 'Least privilege',
    explains: (difference) =>
      difference.before === undefined &&
      inPod(
        difference,
        new RegExp(
          `^(?:automountServiceAccountToken|securityContext|${container}\\.securityContext)(?:\\.|$)`,
        ),
      ),
  },
  {
    name: 'A worker runs once',
    explains: ({ object, field, before, after }) =>
      object === 'Job' && field === 'spec.backoffLimit' && before === undefined && after === 0,
  },
  {
    name: 'Workers find gateway and tools',
    explains: (difference) => {
      const { object, field, before, after } = difference;
      if (object === 'ConfigMap mcp-gateway') return field === '' && before === undefined;
      if (object !== 'Job') return false;
      if (field === 'metadata.namespace') return after === undefined;
      if (inPod(difference, env('GLYPHOXA_GATEWAY_ADDR')))
        return String(before).replace(/\.[a-z0-9-]+\.svc:/, ':') === after;
      return inPod(difference, env('GLYPHOXA_MCP_GATEWAY_URL|GLYPHOXA_AUDIO_BRIDGE_ADDR'));
    },
  },
  {
    name: 'Narrow network policies',
    explains: ({ object, field, before, after }) =>
      (object === 'NetworkPolicy worker-mcp' && field === '' && before === undefined) ||
      (/^NetworkPolicy /.test(object) && /^spec\.(?:ingress|egress)/.test(field) && after !== null),
  },
  {
    name: 'Draining nodes',
    explains: ({ object, field, before }) =>
      object === 'PodDisruptionBudget gateway' && field === '' && before === undefined,
  },
  {
    name: 'Secrets stay yours',
    explains: ({ object, field, after }) =>
      object === 'Secret secrets' && field === '' && after === undefined,
  },
  {
    name: 'Ports reach the configuration',
    explains: ({ object, field, before, after }) =>
      object === 'config.yaml' &&
      before === undefined &&
      /^server(?:\.(?:listen|observe)_addr)?$/.test(field) &&
      (/^:\d+$/.test(String(after)) || Object.keys(after as object).every((key) => key.endsWith('_addr'))),
  },
  {
    name: 'A file with secrets is a Secret',
    explains: (difference) => {
      const { object, field, before, after } = difference;
      if (object === 'ConfigMap config' || object === 'config.yaml')
        return after === undefined && (field === '' || (field.endsWith('.api_key') && before !== undefined));
      return inPod(difference, /^volumes\[config\]\.(?:configMap|secret)$/);
    },
  },
  {
    name: 'One toleration each',
    explains: (difference) => {
      const { before, after } = difference;
      return (
        difference.object === 'Job' &&
        inPod(difference, /^tolerations\[\d+\]$/) &&
        after === undefined &&
        dig(before, ['key']) === 'nvidia.com/gpu'
      );
    },
  },
];
