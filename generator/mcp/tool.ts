/** What a tool is. */
import type { Static, TObject } from 'typebox';
import type { JsonObject } from '../model/json.ts';
import type { Desk } from './desk.ts';

/** What a tool may do: a server has only tools of the kinds that it was started for. */
export type ToolKind = 'reading' | 'editing' | 'looking' | 'running';

/** What the user is asked before something is done. */
export interface Question {
  /** What would be done, with all that is needed to judge it. */
  readonly message: string;
  /** What is agreed to, in a few words. */
  readonly title: string;
  /** What may not be different when the yes comes: words such as how long something has been running may. */
  readonly subject: string;
}

/** One call of a tool. */
export interface Call {
  readonly desk: Desk;
  readonly signal: AbortSignal;
  /** Tells how far it is. */
  tell(message: string): void;
  /**
   * Asks the user. Work continues only after a yes to this very question.
   *
   * @throws Unanswered where the question is still to be asked
   * @throws Failure where the user said no, or the client cannot ask
   */
  confirm(question: Question): Promise<void>;
  /** @throws Failure where the client cannot ask the user */
  demandUser(): void;
}

/** A tool. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  /** For the model: what it does, and when to take it. */
  readonly description: string;
  readonly kind: ToolKind;
  /** Whether the same call twice does no more than once. @default false */
  readonly isIdempotent?: true;
  readonly input: TObject;
  readonly output: TObject;
  run(input: never, call: Call): Promise<JsonObject>;
}

/** A tool whose input and output have their types. */
export function tool<I extends TObject, O extends TObject>(
  definition: Omit<Tool, 'input' | 'output' | 'run'> & {
    readonly input: I;
    readonly output: O;
    run(input: Static<I>, call: Call): Promise<Static<O> & JsonObject>;
  },
): Tool {
  return definition as unknown as Tool;
}
