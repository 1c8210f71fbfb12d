import type { Path } from '../model/json.ts';
import type { Problem } from './problem.ts';
import { appConfigRules } from './rules/app-config.ts';
import { nameRules } from './rules/names.ts';
import type { Rule } from './rules/rule.ts';
import { secretRules } from './rules/secrets.ts';
import { workloadRules } from './rules/workloads.ts';
import type { Config } from './schema/resource.ts';

/** Every rule, in the order of the documentation. */
export const rules: readonly Rule[] = [...nameRules, ...workloadRules, ...secretRules, ...appConfigRules];

/** Runs every rule on a complete configuration. */
export function runRules(config: Config, isSet: (path: Path) => boolean): Problem[] {
  return rules.flatMap((rule) =>
    rule.check({ config, isSet }).map((found) => ({ code: rule.code, severity: rule.severity, ...found })),
  );
}
