/** What a deployment consists of on a test cluster, and what a target said that it did to it. */
import { knownType, shortName } from '../../generator/lifecycle/api/resources.ts';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import type { Deployment } from './lifecycle.ts';

const resources = {
  v1: 'ServiceAccount ConfigMap Secret Service',
  'apps/v1': 'Deployment StatefulSet',
  'rbac.authorization.k8s.io/v1': 'Role RoleBinding',
  'networking.k8s.io/v1': 'NetworkPolicy',
  'policy/v1': 'PodDisruptionBudget',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
};

/** Everything of a deployment in its namespace, by kind and name. */
export async function objectsOf(of: Deployment): Promise<Map<string, KubernetesObject>> {
  const types = Object.entries(resources).flatMap(([version, kinds]) =>
    kinds.split(' ').map((kind) => knownType(version, kind)),
  );
  const lists = await Promise.all(
    types.map(async ({ group, version, kind, plural }) => {
      const path = group === '' ? `/${plural}` : `/apis/${group}/${version}/${plural}`;
      const apiVersion = group === '' ? version : `${group}/${version}`;
      const { items } = await of.request('GET', path);
      return (items as KubernetesObject[]).map((item) => ({ ...item, apiVersion, kind }));
    }),
  );
  const own = lists.flat().filter(({ metadata }) => /^glyphoxa-/.test(metadata.name));
  return new Map(own.map((object) => [shortName(object), object]));
}

/** Their versions: the same where nothing was touched. */
export function versions(objects: ReadonlyMap<string, KubernetesObject>): { [key: string]: Json } {
  return Object.fromEntries([...objects].map(([key, object]) => [key, written(object)]));
}

/** An object with everything that people and tools write, down to when, but for what controllers add a moment later. */
export function written({ status: _, metadata, ...rest }: KubernetesObject): JsonObject {
  const { resourceVersion: __, managedFields, annotations, ...kept } = metadata;
  const { 'deployment.kubernetes.io/revision': ___, ...others } = isObject(annotations) ? annotations : {};
  const managers = Array.isArray(managedFields) ? managedFields.filter(isObject) : [];
  return {
    ...rest,
    metadata: {
      ...kept,
      annotations: others,
      managedFields: managers.filter(({ subresource }) => subresource !== 'status'),
    },
  };
}

/** Their uids: the same where nothing was deleted and made again. */
export function uids(objects: ReadonlyMap<string, KubernetesObject>): { [key: string]: Json | undefined } {
  return Object.fromEntries([...objects].map(([key, { metadata }]) => [key, metadata.uid]));
}

/** The verbs of an apply's result lines, by object. */
export function verbs(stdout: string): { [object: string]: string } {
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
}
