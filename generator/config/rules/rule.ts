import type { Severity } from '../../model/finding.ts';
import type { Path } from '../../model/json.ts';
import type { Problem } from '../problem.ts';
import type { Config } from '../schema/resource.ts';

/** What a rule looks at. */
export interface RuleContext {
  readonly config: Config;
  /** Whether the user wrote this value, or something inside it, in a layer. */
  readonly isSet: (path: Path) => boolean;
}

/** One thing that must hold for a configuration beyond the types of its values. */
export interface Rule {
  /** Stable name, in kebab-case. */
  readonly code: string;
  /** Severity of what the rule finds; a single finding may state another. */
  readonly severity: Severity;
  /** What the rule asks for and why, in one sentence, for the documentation. */
  readonly about: string;
  readonly check: (context: RuleContext) => (Omit<Problem, 'code' | 'severity'> & { severity?: Severity })[];
}
