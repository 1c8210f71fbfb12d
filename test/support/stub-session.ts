/** A session on a cluster that is only a table of answers: for what a real one cannot easily be made to say. */
import type { TestContext } from 'node:test';
import type { Client } from '../../generator/lifecycle/api/client.ts';
import { ApiError } from '../../generator/lifecycle/api/errors.ts';
import { apiPath, type ResourceType } from '../../generator/lifecycle/api/resources.ts';
import type { Session } from '../../generator/lifecycle/session/session.ts';
import { loadTarget } from '../../generator/lifecycle/session/target.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { folderOf } from './folder.ts';

/** What the cluster has. */
export interface StubCluster {
  /** Answers to GET, by path. */
  readonly objects?: { readonly [path: string]: JsonObject };
  /** Kinds that it serves beside Kubernetes' own, by group and version. */
  readonly kinds?: { readonly [apiVersion: string]: readonly ResourceType[] };
  /** Whether a right is denied, by the attributes of the question. @default none is */
  readonly denies?: (attributes: JsonObject) => boolean;
}

/** A session of a resource with this `spec`, and what it said. */
export async function stubSession(
  t: TestContext,
  spec: JsonObject,
  { objects = {}, kinds = {}, denies = () => false }: StubCluster,
): Promise<{ readonly session: Session; readonly said: string[] }> {
  const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };
  const metadata = { name: 'glyphoxa', namespace: 'voice' };
  const cwd = folderOf(t, { 'glyphoxa.yaml': writeYaml({ ...head, metadata, spec }) });
  const namespace = { asked: undefined, fallback: undefined };
  const { target } = await loadTarget('glyphoxa.yaml', { cwd, env: {}, namespace, texts: new Map() });
  const said: string[] = [];
  const client: Partial<Client> = {
    get: async (path) => objects[path] as KubernetesObject | undefined,
    list: async (type, place) => {
      const answer = objects[apiPath(type, place)] ?? {};
      return (answer.items ?? []) as KubernetesObject[];
    },
    discover: async (apiVersion) => kinds[apiVersion] ?? [],
    send: async (method, path, { body } = {}) => {
      if (!path.endsWith('/selfsubjectaccessreviews')) {
        throw new ApiError(method, path, { status: 404, text: '{}', retryAfter: undefined });
      }
      const { resourceAttributes } = (body as { spec: { resourceAttributes: JsonObject } }).spec;
      return { status: { allowed: !denies(resourceAttributes) } };
    },
  };
  const report = { say: (message: string) => said.push(message) };
  const session = { target, client, report, dryRun: false, env: {}, cwd, lead: {} } as unknown as Session;
  return { session, said };
}
