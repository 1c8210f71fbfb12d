import type { Path } from '../model/json.ts';
import type { Problem } from './problem.ts';
import { appConfigRules } from './rules/app-config.ts';
import { autoscalingRules } from './rules/autoscaling.ts';
import { databaseRules } from './rules/database.ts';
import { ingressRules } from './rules/ingress.ts';
import { mcpServerRules } from './rules/mcp-servers.ts';
import { nameRules } from './rules/names.ts';
import { npcRules } from './rules/npcs.ts';
import { portRules } from './rules/ports.ts';
import { providerRules } from './rules/providers.ts';
import type { Rule, RuleContext } from './rules/rule.ts';
import { sealedFormRules } from './rules/sealed-form.ts';
import { secretProviderRules } from './rules/secret-provider.ts';
import { secretRules } from './rules/secrets.ts';
import { trafficRules } from './rules/traffic.ts';
import { workerRules } from './rules/worker.ts';
import { workloadRules } from './rules/workloads.ts';

/** Every rule, in the order of the documentation. */
export const rules: readonly Rule[] = [
  ...nameRules,
  ...workloadRules,
  ...autoscalingRules,
  ...portRules,
  ...trafficRules,
  ...ingressRules,
  ...workerRules,
  ...secretRules,
  ...secretProviderRules,
  ...sealedFormRules,
  ...databaseRules,
  ...appConfigRules,
  ...providerRules,
  ...npcRules,
  ...mcpServerRules,
];

/** The codes of findings that say no more than that a secret is not given yet. */
export const notGivenYet: readonly string[] = rules.flatMap(({ code, untilGiven }) =>
  untilGiven === true ? [code] : [],
);

/**
 * Runs every rule on a complete configuration.
 *
 * @param wrong paths of the values that were wrong and are left out of it: nothing is said about them again
 */
export function runRules(context: RuleContext, wrong: readonly Path[]): Problem[] {
  const isWrong = (path: Path) => wrong.some((other) => other.length > 0 && isRelated(other, path));
  return rules
    .filter((rule) => !(rule.reads ?? []).some(isWrong))
    .flatMap((rule) =>
      [rule.check(context)].flat().map((found) => ({ code: rule.code, severity: rule.severity, ...found })),
    )
    .filter((problem) => !isWrong(problem.path));
}

/** Whether one path leads through the other. */
function isRelated(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((part, index) => part === b[index]);
}
