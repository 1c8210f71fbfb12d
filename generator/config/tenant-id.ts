/** How the id of a tenant looks: a room of its own, since every start of the command knows it and few need the schema. */

/** `_` becomes `-` in names of Kubernetes. */
export const tenantIdPattern = '^[a-z][a-z0-9_]{0,62}$';

const pattern = new RegExp(tenantIdPattern);

/** Whether a text may be the id of a tenant. */
export function isTenantId(text: string): boolean {
  return pattern.test(text);
}
