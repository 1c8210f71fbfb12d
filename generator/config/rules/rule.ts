import type { Severity } from '../../model/finding.ts';
import type { Path } from '../../model/json.ts';
import type { Problem } from '../problem.ts';
import type { Config } from '../schema/resource.ts';

/** What a rule looks at. */
export interface RuleContext {
  /** The complete configuration; what is wrong in the text is left out of it. */
  readonly config: Config;
  /** Whether the user wrote this value, or something inside it, in a layer. */
  readonly isSet: (path: Path) => boolean;
  /** Whether the environment gives this value another content than the resource alone has. */
  readonly isChanged: (path: Path) => boolean;
}

/** What a rule finds. Its messages and hints never hold a secret's value, nor one of free-form options. */
export type Found = Omit<Problem, 'code' | 'severity'> & { severity?: Severity };

/** One thing that must hold for a configuration beyond the types of its values. */
export interface Rule {
  /** Stable name, in kebab-case. */
  readonly code: string;
  /** Severity of what the rule finds; a single finding may state another. */
  readonly severity: Severity;
  /** What the rule asks for and why, in one sentence, for the documentation. */
  readonly about: string;
  /**
   * Values whose meaning decides everything that the rule says: where one of them is wrong in the text, its
   * default stands in its place, and the rule does not run.
   */
  readonly reads?: readonly Path[];
  /** Whether it says no more than that a secret is not given yet, so that giving it goes on all the same. */
  readonly untilGiven?: true;
  /** Says what it finds: one thing, several, or nothing. */
  readonly check: (context: RuleContext) => Found | readonly Found[];
}

/** Indexes of the texts that stand earlier in the list already. */
export function repeats(texts: readonly (string | undefined)[]): Set<number> {
  const seen = new Set<string>();
  const found = new Set<number>();
  for (const [index, text] of texts.entries()) {
    if (text === undefined) continue;
    if (seen.has(text)) found.add(index);
    seen.add(text);
  }
  return found;
}
