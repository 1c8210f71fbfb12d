import type { Fault, Severity } from '../model/finding.ts';
import type { Path } from '../model/json.ts';

/** A finding before it has a position. */
export interface Problem extends Fault {
  readonly code: string;
  readonly severity: Severity;
  readonly path: Path;
  /** Whether it is about the key rather than the value. @default 'value' */
  readonly at?: 'key' | 'value';
  /** The source line may carry a secret and must not be shown. */
  readonly hidden?: boolean;
}

/** What is wrong with a value. */
export interface Wrong extends Fault {
  /** The part of the value that is wrong; absent for the whole. */
  readonly path?: Path;
  /** Whether the value may hold a password, so that its line is not shown. */
  readonly hidden?: true;
}
