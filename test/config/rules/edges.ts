import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../../generator/config/load.ts';
import { formatFinding } from '../../../generator/model/finding.ts';
import { formatPath, type Json } from '../../../generator/model/json.ts';

/** Of a rule's code: what a `spec` is an example of, the `spec`, and each finding as `SEVERITY PATH`. */
export interface Edges {
  readonly [code: string]: readonly (readonly [what: string, spec: object, ...findings: string[]])[];
}

/** Tests that each rule says what its edges list, and that nothing else is wrong with the values. */
export function edges(all: Edges): void {
  for (const [code, cases] of Object.entries(all)) {
    for (const [what, spec, ...expected] of cases) {
      test(`${code}: ${what}${expected.length === 0 ? ': nothing' : ''}`, () => {
        const value = {
          apiVersion: 'deploy.glyphoxa.io/v1alpha1',
          kind: 'Glyphoxa',
          metadata: { name: 'voice' },
          spec: spec as Json,
        };
        const { findings } = loadConfig({ value, findings: [] });
        const found = findings.filter((finding) => finding.code === code);
        const said = findings.map(formatFinding).join('\n');
        assert.deepEqual(
          found.map(({ severity, path }) => `${severity} ${formatPath(path)}`).sort(),
          [...expected].sort(),
          said,
        );
        const wrong = findings.filter((finding) =>
          /^(?:wrong|unknown|invalid|not-a|out-of)/.test(finding.code),
        );
        assert.deepEqual(wrong.map(formatFinding), []);
      });
    }
  }
}

/** A `networkPolicy` with egress rules of workloads. */
export const policies = (rules: { readonly [workload: string]: object[] }) => ({
  networkPolicy: Object.fromEntries(
    Object.entries(rules).map(([workload, extraEgress]) => [workload, { extraEgress }]),
  ),
});
