import type { Severity } from '../model/finding.ts';
import type { Path } from '../model/json.ts';

/** A finding before it has a position. */
export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
  /** Whether it is about the key rather than the value. @default 'value' */
  readonly at?: 'key' | 'value';
  /** The source line may carry a secret and must not be shown. */
  readonly hidden?: boolean;
}
