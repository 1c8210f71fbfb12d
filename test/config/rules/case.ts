/** What the cases of the rules are made of. */
import type { Severity } from '../../../generator/model/finding.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { Input } from './findings.ts';

/** A configuration that a rule finds one fault in. */
export interface Case extends Input {
  readonly code: string;
  /** Where the finding points to. */
  readonly path: string;
  /** Where it is not the rule's own. */
  readonly severity?: Severity;
  /** The nearest configuration that is fine. */
  readonly fine: Input;
}

/** A configuration file, with a database that needs no secret where a provider asks for one. */
export const file = (config: JsonObject, more: JsonObject = {}): Input => ({ spec: { config, ...more } });
export const providers = (value: JsonObject, more: JsonObject = {}) => file({ providers: value }, more);
export const servers = (...list: JsonObject[]) => file({ mcp: { servers: list } });
export const stdio = { name: 'a', transport: 'stdio', command: '/opt/a' };
export const given = { gateway: { adminKey: { fromEnv: 'A' } }, database: { dsn: { fromEnv: 'D' } } };
export const kubernetes = (more: JsonObject = {}) => ({
  secrets: { provider: 'kubernetes', ...more },
  ...given,
});
export const sealedBoth = { 'admin-key': 'YWJj', 'database-dsn': 'YWJj' };
export const sealed = (keys: JsonObject = {}, more: JsonObject = {}) => ({
  secrets: { provider: 'sealed-secrets', sealed: { ...sealedBoth, ...keys }, ...more },
});
export const mapped = { 'admin-key': { key: 'a' }, 'database-dsn': { key: 'd' } };
export const external = (keys: JsonObject = {}) => ({
  secrets: {
    provider: 'external-secrets',
    external: { storeRef: { name: 's' }, keys: { ...mapped, ...keys } },
  },
});
export const postgresql = (more: JsonObject) => ({ spec: { postgresql: { enabled: true, ...more } } });
