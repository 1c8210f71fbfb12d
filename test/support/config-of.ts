import assert from 'node:assert/strict';
import { loadConfig } from '../../generator/config/load.ts';
import type { Config } from '../../generator/config/schema/resource.ts';
import type { JsonObject } from '../../generator/model/json.ts';

/** The configuration of a `spec`, whatever rules say of it. */
export function configOf(spec: JsonObject): Config {
  const value = {
    apiVersion: 'deploy.glyphoxa.io/v1alpha1',
    kind: 'Glyphoxa',
    metadata: { name: 'g' },
    spec,
  };
  const { config } = loadConfig({ value, findings: [] });
  assert.ok(config !== undefined);
  return config;
}
